"""Which cells of the grid a field needs: what masks leave, what rays found, and finer grids from coarse ones."""

from __future__ import annotations

import math

import numpy as np

from lab.fields import march_kernels
from lab.fields.march_kernels import BLOCK, block_end, ray_span
from lab.kernels.jit import kernel, kernel_with
from lab.scene import Array


@kernel
def carve(first: int, last: int, cells: Array, lower: Array, edge: Array, views: Array, masks: Array) -> None:
    """Remove cells of the planes ``first`` to ``last`` whose middle some picture shows beside the object.

    cells: (X, Y, Z) uint8. lower, edge: (3,), metres. views: (N, 16), as for training. masks: (N, H, W) uint8, 0 where
    nothing of the object is, widened by what a cell covers.
    """
    height, width = masks.shape[1], masks.shape[2]
    for i in range(first, last):
        x = lower[0] + (i + 0.5) * edge[0]
        for j in range(cells.shape[1]):
            y = lower[1] + (j + 0.5) * edge[1]
            for k in range(cells.shape[2]):
                z = lower[2] + (k + 0.5) * edge[2]
                for number in range(views.shape[0]):
                    if cells[i, j, k] == 0:
                        break
                    view = views[number]
                    dx, dy, dz = x - view[9], y - view[10], z - view[11]
                    away = -(view[2] * dx + view[5] * dy + view[8] * dz)
                    if away <= 0:
                        continue
                    right = (view[0] * dx + view[3] * dy + view[6] * dz) / away
                    up = (view[1] * dx + view[4] * dy + view[7] * dz) / away
                    column = math.floor(view[14] + view[12] * right)
                    line = math.floor(view[15] - view[13] * up)
                    if 0 <= column < width and 0 <= line < height and masks[number, line, column] == 0:
                        cells[i, j, k] = 0


@kernel
def widen(first: int, last: int, cells: Array, wide: Array) -> None:
    """Fill ``wide`` in the planes ``first`` to ``last`` where ``cells`` or one of its 26 neighbours is not 0."""
    for i in range(first, last):
        for j in range(cells.shape[1]):
            for k in range(cells.shape[2]):
                found = 0
                for a in range(max(i - 1, 0), min(i + 2, cells.shape[0])):
                    for b in range(max(j - 1, 0), min(j + 2, cells.shape[1])):
                        for c in range(max(k - 1, 0), min(k + 2, cells.shape[2])):
                            found |= cells[a, b, c]
                wide[i, j, k] = found


@kernel
def need(cells: Array, rows: Array) -> int:
    """Number the vertices that the cells need, in order; -1 elsewhere. Returns how many there are.

    cells: (X, Y, Z) uint8; rows: (X + 1, Y + 1, Z + 1) int32, is filled.
    """
    rows[:] = -1
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            for k in range(cells.shape[2]):
                if cells[i, j, k]:
                    for corner in range(8):
                        rows[i + (corner >> 2), j + ((corner >> 1) & 1), k + (corner & 1)] = 0
    count = 0
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            for k in range(rows.shape[2]):
                if rows[i, j, k] == 0:
                    rows[i, j, k] = count
                    count += 1
    return count


@kernel
def fill(rows: Array, places: Array, old_rows: Array, old: Array, factor: int, usual: Array, new: Array) -> None:
    """Take the values of a grid over into another, ``factor`` (1 or 2) times as fine, by trilinear interpolation.

    places: (N, 3) int16 of the new rows, is filled. old, new: (., C). usual: (C,), for vertices that were not there.
    """
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            for k in range(rows.shape[2]):
                row = rows[i, j, k]
                if row < 0:
                    continue
                places[row, 0], places[row, 1], places[row, 2] = i, j, k
                new[row] = 0.0
                total = 0.0
                for corner in range(8):
                    a = (i + (corner >> 2)) // factor if factor > 1 else i
                    b = (j + ((corner >> 1) & 1)) // factor if factor > 1 else j
                    c = (k + (corner & 1)) // factor if factor > 1 else k
                    if a < old_rows.shape[0] and b < old_rows.shape[1] and c < old_rows.shape[2]:
                        before = old_rows[a, b, c]
                        if before >= 0:
                            total += 1.0
                            for channel in range(old.shape[1]):
                                new[row, channel] += old[before, channel]
                for channel in range(old.shape[1]):
                    new[row, channel] = new[row, channel] / total if total > 0 else usual[channel]


@kernel_with(march_kernels)
def meets(
    first: int, last: int, views: Array, width: int, height: int, cells: Array, blocks: Array, lower: Array,
    inverse: Array, step: float, found: Array,
) -> None:  # fmt: skip
    """Mark the pixels ``first`` to ``last``, counted through all pictures, whose rays cross a cell. found: uint8."""
    along, origin, far = np.empty(3), np.empty(3), np.empty(3)
    for axis in range(3):
        far[axis] = cells.shape[axis]
    for pixel in range(first, last):
        view = views[pixel // (height * width)]
        rest = pixel % (height * width)
        x = (rest % width + 0.5 - view[14]) / view[12]
        y = -(rest // width + 0.5 - view[15]) / view[13]
        length = 1.0 / math.sqrt(x * x + y * y + 1.0)
        for axis in range(3):
            along[axis] = (view[3 * axis] * x + view[3 * axis + 1] * y - view[3 * axis + 2]) * length * inverse[axis]
            origin[axis] = (view[9 + axis] - lower[axis]) * inverse[axis]
        at, leave = ray_span(origin, along, far)
        found[pixel] = 0
        while at < leave:
            i = min(max(int(origin[0] + at * along[0]), 0), cells.shape[0] - 1)
            j = min(max(int(origin[1] + at * along[1]), 0), cells.shape[1] - 1)
            k = min(max(int(origin[2] + at * along[2]), 0), cells.shape[2] - 1)
            if cells[i, j, k]:
                found[pixel] = 1
                break
            if blocks[i // BLOCK, j // BLOCK, k // BLOCK] == 0:
                at = max(at, block_end(i, j, k, origin, along, leave))
            at += step
