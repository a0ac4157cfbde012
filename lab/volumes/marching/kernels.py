"""How samples along rays are taken and composited: the kernels behind the pictures of the study."""

from __future__ import annotations

import math

import numpy as np

from lab.fields import march_kernels
from lab.fields.march_kernels import harmonics, sigmoid, softplus
from lab.kernels.jit import kernel, kernel_with
from lab.scene import Array


@kernel
def jitter(first: int, centres: Array, seed: int, lengths: Array) -> None:
    """Move each depth at random within its stratum, which ends half-way to its neighbours, and at the first and last.

    centres: (S,) float64, ascending. lengths: (R, S) float64, filled for the rays ``first``, ``first`` + 1, and so on:
    a ray's depths depend on its number and the seed only. As PyTorch3D's ``stratified_sampling``.
    """
    last = centres.shape[0] - 1
    for ray in range(lengths.shape[0]):
        state = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(first + ray) * np.uint64(0xD1B54A32D192ED03)
        for k in range(last + 1):
            state += np.uint64(0x9E3779B97F4A7C15)  # SplitMix64 (Steele, Lea, Flood 2014)
            mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
            share = float(mixed >> np.uint64(11)) / 9007199254740992.0
            lower = centres[k] if k == 0 else 0.5 * (centres[k - 1] + centres[k])
            upper = centres[k] if k == last else 0.5 * (centres[k] + centres[k + 1])
            lengths[ray, k] = lower + (upper - lower) * share


@kernel
def sample_grid(
    first: int,
    last: int,
    origins: Array,
    directions: Array,
    lengths: Array,
    grid: Array,
    scale: Array,
    offset: Array,
    out: Array,
) -> None:
    """Values of a volume at origin + length * direction, for the rays ``first`` to ``last``; trilinear, 0 outside.

    origins, directions: (R, 3) float64, world. lengths: (R, S) float64. grid: (D, H, W, C) float32; a point's place
    in it is scale * point + offset, both (3,), x, y, z. out: (R, S, C) float32.
    """
    depth, height, width, channels = grid.shape
    total = np.empty(channels)
    for ray in range(first, last):
        for k in range(lengths.shape[1]):
            x = scale[0] * (origins[ray, 0] + lengths[ray, k] * directions[ray, 0]) + offset[0]
            y = scale[1] * (origins[ray, 1] + lengths[ray, k] * directions[ray, 1]) + offset[1]
            z = scale[2] * (origins[ray, 2] + lengths[ray, k] * directions[ray, 2]) + offset[2]
            total[:] = 0.0
            if -1.0 < x < width and -1.0 < y < height and -1.0 < z < depth:
                i, j, m = math.floor(x), math.floor(y), math.floor(z)
                for corner in range(8):
                    a, b, c = corner & 1, (corner >> 1) & 1, corner >> 2
                    if 0 <= i + a < width and 0 <= j + b < height and 0 <= m + c < depth:
                        share = (x - i if a else 1 + i - x) * (y - j if b else 1 + j - y) * (z - m if c else 1 + m - z)
                        for channel in range(channels):
                            total[channel] += share * grid[m + c, j + b, i + a, channel]
            for channel in range(channels):
                out[ray, k, channel] = total[channel]


@kernel_with(march_kernels)
def sample_field(
    first: int,
    last: int,
    origins: Array,
    directions: Array,
    lengths: Array,
    rows: Array,
    packed: Array,
    lower: Array,
    inverse: Array,
    scale: float,
    out: Array,
) -> None:
    """Density per metre and colour of a radiance field (see ``lab.scene.Field``) at origin + length * direction.

    origins, directions: (R, 3) float64, world, of any length. lengths: (R, S) float64. rows: (X, Y, Z) int32. packed:
    (N, 1 + 3 K) float32, raw density and colour. lower: (3,), inverse: (3,), cells per metre. out: (R, S, 4) float32.
    """
    count = (packed.shape[1] - 1) // 3
    basis = np.empty(count, np.float32)
    total = np.empty(packed.shape[1])
    place = np.empty(3)
    cell = np.empty(3, np.int64)
    for ray in range(first, last):
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        norm = math.sqrt(dx * dx + dy * dy + dz * dz)
        harmonics(dx / norm, dy / norm, dz / norm, basis)
        for k in range(lengths.shape[1]):
            there = True
            for axis in range(3):
                place[axis] = (origins[ray, axis] + lengths[ray, k] * directions[ray, axis] - lower[axis]) * inverse[
                    axis
                ]
                there = there and 0.0 <= place[axis] <= rows.shape[axis] - 1
                cell[axis] = min(max(int(place[axis]), 0), rows.shape[axis] - 2)
            total[:] = 0.0
            for corner in range(8):
                a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
                row = rows[cell[0] + a, cell[1] + b, cell[2] + c] if there else -1
                there = there and row >= 0
                if not there:
                    break
                u, v, w = place[0] - cell[0], place[1] - cell[1], place[2] - cell[2]
                share = (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w)
                for channel in range(packed.shape[1]):
                    total[channel] += share * packed[row, channel]
            out[ray, k, :] = 0.0
            if not there:
                continue
            out[ray, k, 0] = scale * softplus(np.float32(total[0]))
            for channel in range(3):
                value = 0.0
                for term in range(count):
                    value += total[1 + channel * count + term] * basis[term]
                out[ray, k, 1 + channel] = sigmoid(np.float32(value))


@kernel
def composite(
    first: int,
    last: int,
    values: Array,
    lengths: Array,
    norms: Array,
    far: float,
    amount: float,
    physical: bool,
    reference: float,
    out: Array,
) -> None:
    """Emission and absorption along the rays ``first`` to ``last``.

    values: (R, S, 4) float32, density and colour. lengths: (R, S) float64, depths. norms: (R,), metres per metre of
    depth. far: where the last step ends. amount: what the densities are multiplied by. physical: the opacity of a
    sample is 1 - exp(-density * step length); else it is the density itself, 1 at the most, or, where ``reference`` is
    not 0, that of a step of so many metres. out: (R, 5) float64: red, green, blue, opacity, sum of weight times depth.
    """
    count = lengths.shape[1]
    for ray in range(first, last):
        left = 1.0
        red = green = blue = depth = 0.0
        for k in range(count):
            density = amount * values[ray, k, 0]
            if density > 0.0:
                opacity = min(density, 1.0)
                if physical:
                    end = lengths[ray, k + 1] if k + 1 < count else far
                    opacity = 1.0 - math.exp(-density * (end - lengths[ray, k]) * norms[ray])
                elif reference > 0.0:
                    opacity = 1.0 - math.exp(-density * reference)
                weight = left * opacity
                red += weight * values[ray, k, 1]
                green += weight * values[ray, k, 2]
                blue += weight * values[ray, k, 3]
                depth += weight * lengths[ray, k]
                left *= 1.0 - opacity
        out[ray, 0], out[ray, 1], out[ray, 2], out[ray, 3], out[ray, 4] = red, green, blue, 1.0 - left, depth
