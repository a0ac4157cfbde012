"""The multiresolution hash encoding: features of a point, from tables that are read at grid corners.

T. Mueller, A. Evans, C. Schied, A. Keller: Instant Neural Graphics Primitives with a Multiresolution Hash Encoding,
2022. Each level is a grid over the unit cube, whose vertices have F numbers, a multiple of 2, interpolated trilinearly.
A level with more vertices than its table has entries shares them: an entry is found by a spatial hash (equation 4), and
those that collide are told apart by the other levels and the network. Smaller levels are indexed directly.
"""

from __future__ import annotations

import math

import numpy as np

from lab.fields.hashed.options import HashOptions
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

PRIMES = (1, 2654435761, 805459861)

_SECOND, _THIRD = np.uint32(PRIMES[1]), np.uint32(PRIMES[2])


def resolutions_of(options: HashOptions) -> Array:
    """(L,) int64: cells along the unit cube at each level there is; see ``HashOptions.kept``."""
    growth = (options.finest / options.base) ** (1 / max(options.levels - 1, 1))
    found = [math.floor(options.base * growth**level + 1e-6) for level in range(options.levels)]
    match options.kept:
        case "finest":
            found = found[-1:]
        case "dense":
            found = [cells for cells in found if (cells + 1) ** 3 <= 1 << options.table_bits] or found[:1]
    return np.array(found, np.int64)


def offsets_of(resolutions: Array, table_bits: int) -> Array:
    """(L + 1,) int64: the first entry of each level, and the number of entries: (resolution + 1)³ at most."""
    sizes = [min(int(resolution + 1) ** 3, 1 << table_bits) for resolution in resolutions]
    return np.cumsum([0, *sizes]).astype(np.int64)


@inlined
def entry(i: int, j: int, k: int, side: int, size: int) -> np.int64:
    """The entry of the vertex (i, j, k), counted from the level's first. side: vertices along the cube.

    size: entries of the level; less than side³ only for a power of two.
    """
    if side * side * side <= size:
        return np.int64((i * side + j) * side + k)
    mixed = np.uint32(i) ^ (np.uint32(j) * _SECOND) ^ (np.uint32(k) * _THIRD)
    return np.int64(mixed & np.uint32(size - 1))


@kernel
def encode(points: Array, count: int, table: Array, resolutions: Array, offsets: Array, used: int, out: Array) -> None:
    """The features of the first ``count`` points. points: (3, M) in [0, 1]. table: (E, F). out: (F L or more, M).

    Those of the levels from ``used`` on are 0. All in the dtype of ``table``.
    """
    one = table.dtype.type(1)
    features = table.shape[1]
    for level in range(resolutions.shape[0]):
        if level >= used:
            for row in range(level * features, (level + 1) * features):
                out[row, :count] = 0
            continue
        cells = resolutions[level]
        first, size, side = offsets[level], offsets[level + 1] - offsets[level], cells + 1
        for feature in range(0, features, 2):
            low, high = out[level * features + feature], out[level * features + feature + 1]
            for point in range(count):
                x, y, z = points[0, point] * cells, points[1, point] * cells, points[2, point] * cells
                i, j, k = min(int(x), cells - 1), min(int(y), cells - 1), min(int(z), cells - 1)
                u, v, w = table.dtype.type(x - i), table.dtype.type(y - j), table.dtype.type(z - k)
                a = b = one - one
                for corner in range(8):
                    right, up, near = corner >> 2, (corner >> 1) & 1, corner & 1
                    part = (u if right else one - u) * (v if up else one - v) * (w if near else one - w)
                    row = first + entry(i + right, j + up, k + near, side, size)
                    a += part * table[row, feature]
                    b += part * table[row, feature + 1]
                low[point], high[point] = a, b


@kernel
def encode_back(
    points: Array, count: int, change: Array, resolutions: Array, offsets: Array, used: int, gradient: Array,
    touched: Array,
) -> None:  # fmt: skip
    """Add what the gradients of the features, ``change`` (F L or more, M), are for the table: gradient (E, F).

    touched: (E,) uint8, becomes 1 where something was added.
    """
    one = gradient.dtype.type(1)
    features = gradient.shape[1]
    for level in range(min(used, resolutions.shape[0])):
        cells = resolutions[level]
        first, size, side = offsets[level], offsets[level + 1] - offsets[level], cells + 1
        for feature in range(0, features, 2):
            low, high = change[level * features + feature], change[level * features + feature + 1]
            for point in range(count):
                x, y, z = points[0, point] * cells, points[1, point] * cells, points[2, point] * cells
                i, j, k = min(int(x), cells - 1), min(int(y), cells - 1), min(int(z), cells - 1)
                u, v, w = gradient.dtype.type(x - i), gradient.dtype.type(y - j), gradient.dtype.type(z - k)
                a, b = low[point], high[point]
                for corner in range(8):
                    right, up, near = corner >> 2, (corner >> 1) & 1, corner & 1
                    part = (u if right else one - u) * (v if up else one - v) * (w if near else one - w)
                    row = first + entry(i + right, j + up, k + near, side, size)
                    gradient[row, feature] += part * a
                    gradient[row, feature + 1] += part * b
                    touched[row] = 1
