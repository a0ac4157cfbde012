"""Which faces can touch which tile of the image: each tile's kernel then looks at few faces.

Entries are (tile, face) pairs, sorted by tile and within a tile by face. What kernels find for an entry they write to
a place of its own, and it is summed up in the order of the entries: results do not depend on the threads.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lab.kernels.crew import Crew
from lab.kernels.jit import kernel, kernel_with
from lab.raster import triangle
from lab.raster.triangle import EPSILON, edge, pixel_box
from lab.scene import Array

TILE = 16
"""Pixels a side of a tile."""
_CHUNKS = 6  # tasks a thread: enough that none waits long for the last one


@dataclass(frozen=True, eq=False)
class Tiles:
    """The binned faces of one picture.

    corners: (F, 9) x, y, z of each face's three vertices. starts: (T + 1,) int32, where each tile's entries begin;
    faces: (N,) int32, the face of each entry. columns: tiles in a row of the image. boxes: (F, 4) int32, first and last
    row, first and last column that a face can touch; a face that is left out has its last row before its first.
    """

    corners: Array
    starts: Array
    faces: Array
    columns: int
    boxes: Array

    @property
    def count(self) -> int:
        """How many tiles there are."""
        return len(self.starts) - 1

    def share(self, crew: Crew | None, work: Callable[[int, int], None]) -> None:
        """Call ``work(first, last)`` for ranges of tiles of about equal load, on the threads of ``crew``."""
        if crew is None or crew.threads == 1 or self.count < 2:
            work(0, self.count)
            return
        load = self.starts.astype(np.int64) + 4 * np.arange(self.count + 1)  # an empty tile costs a little, too
        goals = np.linspace(0, load[-1], crew.threads * _CHUNKS + 1)[1:-1]
        cuts = np.unique([0, *np.searchsorted(load, goals), self.count])
        crew.share([functools.partial(work, int(a), int(b)) for a, b in pairwise(cuts)])


def bin_faces(
    ndc: Array, faces: Array, size: tuple[int, int], blur_radius: float, *, cull_backfaces: bool = False
) -> Tiles:
    """Bin the faces (F, 3) of ``ndc`` (V, 3) for an image of ``size`` (H, W); blur_radius: squared NDC.

    Left out are faces without area, those with a vertex at or behind the camera, as PyTorch3D leaves them out, and
    those beside the image.
    """
    height, width = size
    columns, rows = -(-width // TILE), -(-height // TILE)
    corners = np.empty((len(faces), 9), ndc.dtype)
    boxes = np.empty((len(faces), 4), np.int32)
    counts = np.zeros(rows * columns + 1, np.int32)
    _measure(ndc, faces, height, width, math.sqrt(blur_radius), cull_backfaces, corners, boxes, counts, columns)
    return Tiles(corners, *fill_tiles(boxes, counts, columns), columns, boxes)


def fill_tiles(boxes: Array, counts: Array, columns: int) -> tuple[Array, Array]:
    """(starts (T + 1,), entries (N,)) int32 of a counting sort. counts[t + 1]: how many boxes touch tile t."""
    starts = np.cumsum(counts, dtype=np.int32)
    found = np.empty(int(starts[-1]), np.int32)
    _fill(boxes, starts[:-1].copy(), found, columns)
    return starts, found


def sum_of_entries(tiles: Tiles, values: Array, faces: Array, count: int) -> Array:
    """(V, C) sums over vertices. values: (N, 3, C) of each entry's three corners; faces: (F, 3); count: V."""
    result = np.zeros((count, values.shape[2]), values.dtype)
    _scatter(tiles.faces, values, faces, result)
    return result


@kernel_with(triangle)
def _measure(
    ndc: Any,
    faces: Any,
    height: int,
    width: int,
    margin: float,
    cull_backfaces: bool,
    corners: Any,
    boxes: Any,
    counts: Any,
    columns: int,
) -> None:
    """Corners and boxes of all faces; counts[t + 1]: the entries of tile t."""
    for f in range(faces.shape[0]):
        for corner in range(3):
            for axis in range(3):
                corners[f, 3 * corner + axis] = ndc[faces[f, corner], axis]
        ax, ay, az, bx, by, bz, cx, cy, cz = corners[f]
        boxes[f, 0], boxes[f, 1], boxes[f, 2], boxes[f, 3] = 0, -1, 0, -1
        area = edge(cx, cy, ax, ay, bx, by)
        if not (abs(area) > EPSILON and min(az, bz, cz) >= EPSILON) or (cull_backfaces and area < 0.0):
            continue
        r0, r1, c0, c1 = pixel_box(
            max(ax, bx, cx) + margin, min(ax, bx, cx) - margin, max(ay, by, cy) + margin, min(ay, by, cy) - margin,
            width, height,
        )  # fmt: skip
        if r1 < r0:
            continue
        boxes[f, 0], boxes[f, 1], boxes[f, 2], boxes[f, 3] = r0, r1, c0, c1
        for row in range(r0 // TILE, r1 // TILE + 1):
            for column in range(c0 // TILE, c1 // TILE + 1):
                counts[row * columns + column + 1] += 1


@kernel
def _fill(boxes: Any, places: Any, found: Any, columns: int) -> None:
    for f in range(boxes.shape[0]):
        if boxes[f, 1] < boxes[f, 0]:
            continue
        for row in range(boxes[f, 0] // TILE, boxes[f, 1] // TILE + 1):
            for column in range(boxes[f, 2] // TILE, boxes[f, 3] // TILE + 1):
                tile = row * columns + column
                found[places[tile]] = f
                places[tile] += 1


@kernel
def _scatter(entries: Any, values: Any, faces: Any, result: Any) -> None:
    for i in range(entries.shape[0]):
        for corner in range(3):
            vertex = faces[entries[i], corner]
            for channel in range(values.shape[2]):
                result[vertex, channel] += values[i, corner, channel]
