"""How rays cross a radiance field: the kernels that draw one."""

from __future__ import annotations

import math

import numpy as np

from lab.kernels.jit import inlined, kernel
from lab.scene import Array

BLOCK = 4
"""Cells along the edge of a block; empty blocks are crossed in one step."""

_SOFT = np.float32(15.0)  # from here on softplus is the identity, in float32
_ONE = np.float32(1.0)


@inlined
def softplus(raw: np.float32) -> np.float32:
    """log(1 + exp(raw)), for float32 without overflow."""
    return raw if raw > _SOFT else np.float32(math.log(_ONE + np.float32(math.exp(raw))))


@inlined
def sigmoid(raw: np.float32) -> np.float32:
    """1 / (1 + exp(-raw)), float32."""
    return np.float32(_ONE / (_ONE + np.float32(math.exp(-raw))))


@inlined
def harmonics(x: float, y: float, z: float, basis: Array) -> None:
    """The spherical harmonics of a unit direction, as lab.scene.Field has them: basis (K,) float32 is filled."""
    count = basis.shape[0]
    basis[0] = 1.0
    if count > 1:
        basis[1] = x
        basis[2] = y
        basis[3] = z
    if count > 4:
        basis[4] = x * y
        basis[5] = y * z
        basis[6] = 3.0 * z * z - 1.0
        basis[7] = x * z
        basis[8] = x * x - y * y


@kernel
def find_cells(rows: Array, cells: Array, blocks: Array) -> None:
    """Mark the cells whose eight vertices are there, and the blocks that hold any. rows: (X, Y, Z) int32.

    cells: (X - 1, Y - 1, Z - 1) uint8, blocks: as many as are needed, uint8 zeros.
    """
    for i in range(rows.shape[0] - 1):
        for j in range(rows.shape[1] - 1):
            for k in range(rows.shape[2] - 1):
                there = rows[i, j, k] >= 0 and rows[i, j, k + 1] >= 0 and rows[i, j + 1, k] >= 0
                there = there and rows[i, j + 1, k + 1] >= 0 and rows[i + 1, j, k] >= 0
                there = there and rows[i + 1, j, k + 1] >= 0 and rows[i + 1, j + 1, k] >= 0
                there = there and rows[i + 1, j + 1, k + 1] >= 0
                cells[i, j, k] = there
                if there:
                    blocks[i // BLOCK, j // BLOCK, k // BLOCK] = 1


@inlined
def sky_corners(sky: Array, direction: Array, corners: Array, parts: Array) -> None:
    """The four pixels of a sky (H, W, 3) around a unit direction (3,), and how much of each is seen there.

    corners: (4, 2) int64, rows and columns; parts: (4,); both are filled.
    """
    height, width = sky.shape[0], sky.shape[1]
    row = math.acos(min(max(direction[1], -1.0), 1.0)) / math.pi * height - 0.5
    column = (math.atan2(direction[0], direction[2]) / (2 * math.pi) + 0.5) * width - 0.5
    upper, left = math.floor(row), math.floor(column)
    for corner in range(4):
        down, right = corner >> 1, corner & 1
        corners[corner, 0] = min(max(int(upper) + down, 0), height - 1)
        corners[corner, 1] = (int(left) + right) % width
        parts[corner] = (row - upper if down else upper + 1 - row) * (column - left if right else left + 1 - column)


@inlined
def ray_span(origin: Array, direction: Array, far: Array) -> tuple[float, float]:
    """Where a ray in grid coordinates enters and leaves the box from 0 to ``far`` (3,); the second is less if never."""
    near, last = 0.0, math.inf
    for axis in range(3):
        if abs(direction[axis]) < 1e-12:
            if origin[axis] < 0.0 or origin[axis] > far[axis]:
                last = -1.0
            continue
        a, b = -origin[axis] / direction[axis], (far[axis] - origin[axis]) / direction[axis]
        near, last = max(near, min(a, b)), min(last, max(a, b))
    return near, last


@inlined
def block_end(i: int, j: int, k: int, origin: Array, along: Array, leave: float) -> float:
    """Where a ray in grid coordinates leaves the block of the cell (i, j, k), or the box at ``leave``."""
    end = leave
    for axis in range(3):
        cell = i if axis == 0 else (j if axis == 1 else k)
        if along[axis] > 1e-12:
            end = min(end, ((cell // BLOCK + 1) * BLOCK - origin[axis]) / along[axis])
        elif along[axis] < -1e-12:
            end = min(end, (cell // BLOCK * BLOCK - origin[axis]) / along[axis])
    return end


@kernel
def densities(
    points: Array, rows: Array, packed: Array, cells: Array, lower: Array, inverse: Array, scale: float, out: Array
) -> None:
    """The density at points (N, 3) float32, world, per metre: out (N,) float32; the rest is as in ``march``."""
    for n in range(len(points)):
        out[n] = 0.0
        x = (points[n, 0] - lower[0]) * inverse[0]
        y = (points[n, 1] - lower[1]) * inverse[1]
        z = (points[n, 2] - lower[2]) * inverse[2]
        if x < 0 or y < 0 or z < 0 or x > cells.shape[0] or y > cells.shape[1] or z > cells.shape[2]:
            continue
        i = min(int(x), cells.shape[0] - 1)
        j = min(int(y), cells.shape[1] - 1)
        k = min(int(z), cells.shape[2] - 1)
        if cells[i, j, k] == 0:
            continue
        u, v, w = np.float32(x - i), np.float32(y - j), np.float32(z - k)
        raw = np.float32(0.0)
        for corner in range(8):
            a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
            part = (u if a else _ONE - u) * (v if b else _ONE - v) * (w if c else _ONE - w)
            raw += part * packed[rows[i + a, j + b, k + c], 0]
        out[n] = softplus(raw) * np.float32(scale)


@kernel
def march(
    first: int,
    last: int,
    origins: Array,
    directions: Array,
    limits: Array,
    rows: Array,
    packed: Array,
    cells: Array,
    blocks: Array,
    lower: Array,
    inverse: Array,
    step: float,
    scale: float,
    sky: Array,
    stop: float,
    faint: float,
    normals: bool,
    out: Array,
) -> None:
    """Draw the rays ``first`` to ``last``. origins, directions: (R, 3) float32, unit directions, world.

    limits: (R,) float32, metres along each ray where it ends, or of no length.
    packed: (N, 1 + 3 K) float32, raw density and colour of each row. lower: (3,), inverse: (3,) cells per metre.
    step: metres from sample to sample. sky: (H, W, 3) float32, of no rows where there is none. stop: the ray ends where
    less light than this is left. faint: samples of less weight have no colour. out: (R, 8) float32, red, green, blue,
    opacity, the sum of weight times distance, and the sum of weighted gradients of the raw density.
    """
    width = packed.shape[1]
    count = (width - 1) // 3
    basis = np.empty(count, np.float32)
    value = np.empty(3, np.float32)
    weight = np.empty(8, np.float32)
    row = np.empty(8, np.int64)
    sky_pixel, sky_part = np.empty((4, 2), np.int64), np.empty(4, np.float32)
    origin, direction, far = np.empty(3), np.empty(3), np.empty(3)
    for axis in range(3):
        far[axis] = rows.shape[axis] - 1
    for ray in range(first, last):
        for axis in range(3):
            origin[axis] = (origins[ray, axis] - lower[axis]) * inverse[axis]
            direction[axis] = directions[ray, axis] * inverse[axis]
        harmonics(directions[ray, 0], directions[ray, 1], directions[ray, 2], basis)
        enter, leave = ray_span(origin, direction, far)
        if limits.shape[0] > 0:
            leave = min(leave, limits[ray])
        at = enter + 0.5 * step
        left = _ONE
        red = green = blue = depth = np.float32(0.0)
        along_x = along_y = along_z = 0.0
        while at < leave and left > stop:
            x = origin[0] + at * direction[0]
            y = origin[1] + at * direction[1]
            z = origin[2] + at * direction[2]
            i = min(max(int(x), 0), cells.shape[0] - 1)
            j = min(max(int(y), 0), cells.shape[1] - 1)
            k = min(max(int(z), 0), cells.shape[2] - 1)
            if blocks[i // BLOCK, j // BLOCK, k // BLOCK] == 0:
                end = block_end(i, j, k, origin, direction, leave)
                at += step * max(1.0, math.ceil((end - at) / step))
                continue
            if cells[i, j, k] == 0:
                at += step
                continue
            u, v, w = np.float32(x - i), np.float32(y - j), np.float32(z - k)
            raw = np.float32(0.0)
            for corner in range(8):
                a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
                row[corner] = rows[i + a, j + b, k + c]
                weight[corner] = (u if a else _ONE - u) * (v if b else _ONE - v) * (w if c else _ONE - w)
                raw += weight[corner] * packed[row[corner], 0]
            opacity = _ONE - np.float32(math.exp(-softplus(raw) * np.float32(scale * step)))
            seen = left * opacity
            if seen > faint:
                for channel in range(3):
                    value[channel] = 0.0
                for corner in range(8):
                    for channel in range(3):
                        part = np.float32(0.0)
                        for term in range(count):
                            part += packed[row[corner], 1 + channel * count + term] * basis[term]
                        value[channel] += weight[corner] * part
                red += seen * sigmoid(value[0])
                green += seen * sigmoid(value[1])
                blue += seen * sigmoid(value[2])
                depth += seen * np.float32(at)
                if normals:
                    for corner in range(8):
                        a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
                        density = packed[row[corner], 0] * seen
                        wa, wb, wc = (u if a else _ONE - u), (v if b else _ONE - v), (w if c else _ONE - w)
                        along_x += density * (1 if a else -1) * wb * wc * inverse[0]
                        along_y += density * (1 if b else -1) * wa * wc * inverse[1]
                        along_z += density * (1 if c else -1) * wa * wb * inverse[2]
            left *= _ONE - opacity
            at += step
        if sky.shape[0] > 0 and left > 0:
            sky_corners(sky, directions[ray], sky_pixel, sky_part)
            for corner in range(4):
                part = left * sky_part[corner]
                red += part * sky[sky_pixel[corner, 0], sky_pixel[corner, 1], 0]
                green += part * sky[sky_pixel[corner, 0], sky_pixel[corner, 1], 1]
                blue += part * sky[sky_pixel[corner, 0], sky_pixel[corner, 1], 2]
        out[ray, 0], out[ray, 1], out[ray, 2] = red, green, blue
        out[ray, 3], out[ray, 4] = _ONE - left, depth
        out[ray, 5], out[ray, 6], out[ray, 7] = along_x, along_y, along_z
