"""The sparse grid of an instant field: its cells, the rows of its vertices, and how it becomes finer and emptier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.fields.instant.grid_kernels import carve, fill, meets, need, widen
from lab.fields.march_kernels import BLOCK, find_cells
from lab.kernels.crew import Crew
from lab.scene import Array

_PLANES = 8  # of cells that a thread takes at a time
_PIXELS = 1 << 15


@dataclass(frozen=True, eq=False)
class Grid:
    """cells (X, Y, Z) uint8 and blocks of them: what rays look into. rows (X + 1, Y + 1, Z + 1) int32 and places (N, 3)
    int16: the vertices that the cells need. lower: (3,) float64, metres; edge: of a cell, metres.
    """

    cells: Array
    blocks: Array
    rows: Array
    places: Array
    lower: Array
    edge: float

    @property
    def upper(self) -> Array:
        """(3,) float64, metres: the corner of the last cell."""
        return self.lower + self.edge * np.array(self.cells.shape)

    @property
    def vertices(self) -> int:
        """How many vertices there are."""
        return len(self.places)


def first_cells(lower: Array, upper: Array, most: int) -> tuple[Array, Array, float]:
    """Cells (X, Y, Z) uint8, all of them there, ``most`` along the longest side; their lower corner and edge, metres.

    The box grows a little so that whole cells fit, and on all sides alike.
    """
    size = np.asarray(upper, float) - lower
    edge = float(size.max()) / most
    shape = np.maximum(np.ceil(size / edge - 1e-6).astype(int), 1)
    return np.ones(shape, np.uint8), lower - (shape * edge - size) / 2, edge


def grid_of(cells: Array, lower: Array, edge: float) -> Grid:
    """The grid that has these cells."""
    rows = np.empty(np.array(cells.shape) + 1, np.int32)
    places = np.empty((need(cells, rows), 3), np.int16)
    blocks = np.zeros(-(-np.array(cells.shape) // BLOCK), np.uint8)
    there = np.zeros_like(cells)
    find_cells(rows, there, blocks)
    return Grid(there, blocks, rows, places, np.asarray(lower, float), edge)


def carved(cells: Array, lower: Array, edge: float, views: Array, masks: Array, crew: Crew) -> Array:
    """The cells that lie within every mask that sees them (the visual hull), as new uint8.

    views: (N, 16), as for training; masks: (N, H, W) uint8, not 0 where the object may be.
    """
    left = cells.copy()
    edges = np.full(3, edge)
    planes = range(0, len(cells), _PLANES)
    crew.share([lambda a=a: carve(a, min(a + _PLANES, len(left)), left, lower, edges, views, masks) for a in planes])
    return left


def widened(cells: Array, crew: Crew) -> Array:
    """The cells and their 26 neighbours, as new uint8."""
    wide = np.zeros_like(cells)
    planes = range(0, len(cells), _PLANES)
    crew.share([lambda a=a: widen(a, min(a + _PLANES, len(cells)), cells, wide) for a in planes])
    return wide


def doubled(cells: Array) -> Array:
    """Each cell as eight of half the edge."""
    return cells.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)


def taken_over(grid: Grid, values: Array, old: Grid, factor: int, usual: Array) -> Array:
    """(N, C): values (., C) of an older grid at the vertices of another, ``factor`` times as fine; fills its places."""
    new = np.empty((grid.vertices, values.shape[1]), values.dtype)
    fill(grid.rows, grid.places, old.rows, values, factor, usual, new)
    return new


def pixels_that_meet(grid: Grid, views: Array, width: int, height: int, crew: Crew) -> Array:
    """(M,) int64: the pixels, counted through all pictures, whose rays cross a cell."""
    count = len(views) * width * height
    found = np.empty(count, np.uint8)
    inverse = np.full(3, 1.0 / grid.edge)

    def part(first: int) -> None:
        last = min(first + _PIXELS, count)
        meets(
            first, last, views, width, height, grid.cells, grid.blocks, grid.lower, inverse, 0.5 * grid.edge, found
        )  # fmt: skip

    crew.share([lambda a=a: part(a) for a in range(0, count, _PIXELS)])
    return np.flatnonzero(found)
