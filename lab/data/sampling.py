"""Points chosen from a surface or a cloud: by area, far from each other, or one a cell."""

from __future__ import annotations

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array

_HALVINGS = 9


class FarthestFirst:
    """Farthest point sampling (Eldar and others 1997): each next point is the one farthest from all before it.

    points: (N, 3) float32, N at least 1. The order does not depend on how many are asked for, so that more points
    only add to those before; what was found is kept.
    """

    def __init__(self, points: Array, first: int = 0) -> None:
        if not len(points):
            raise ValueError("points: expected at least one")
        self._points = np.ascontiguousarray(points, np.float32)
        self._squared = np.full(len(points), np.inf, np.float32)
        self._order = np.full(len(points), first, np.int32)
        self._found = 1

    def take(self, count: int) -> Array:
        """The first ``count`` (at most N) indices of the order, int32."""
        count = min(count, len(self._points))
        if count > self._found:
            _farthest(self._points, self._squared, self._order, self._found, count)
            self._found = count
        return self._order[:count].copy()


@kernel
def _farthest(points: Array, squared: Array, order: Array, found: int, count: int) -> None:
    """Extend ``order`` from ``found`` to ``count``. squared: to the nearest one of those before the last."""
    for place in range(found, count):
        last = order[place - 1]
        x, y, z = points[last, 0], points[last, 1], points[last, 2]
        farthest = 0
        most = np.float32(-1.0)
        for i in range(len(points)):
            dx, dy, dz = points[i, 0] - x, points[i, 1] - y, points[i, 2] - z
            distance = min(squared[i], dx * dx + dy * dy + dz * dz)
            squared[i] = distance
            if distance > most:
                most = distance
                farthest = i
        order[place] = farthest


def voxel_downsample(points: Array, cell: float) -> tuple[Array, Array]:
    """One point for each filled cell of a grid, the mean of those in it: (K, 3) float32, and their cell of each (N,).

    points: (N, 3). cell: its side, metres, more than 0; the grid begins at the lowest coordinates.
    """
    keys = _cells(points, cell)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    sums = [np.bincount(inverse, weights=points[:, k], minlength=len(counts)) for k in range(3)]
    return (np.stack(sums, axis=1) / counts[:, None]).astype(np.float32), inverse


def cell_for(points: Array, count: int) -> float:
    """The side of the cells with which ``voxel_downsample`` gives about ``count`` points, not more."""
    extent = float(np.ptp(points, axis=0).max())
    if not extent > 0.0:
        return 1.0
    low, high = extent / (2 * count + 2), 2.0 * extent  # from points along a line to a single cell
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        if len(np.unique(_cells(points, middle))) > count:
            low = middle
        else:
            high = middle
    return float(high)


def _cells(points: Array, cell: float) -> Array:
    """The number (N,) int64 of the cell of each point; at most 2^21 cells a side."""
    index = np.floor((points - points.min(axis=0)) / cell).astype(np.int64)
    numbers: Array = (index[:, 0] << 42) | (index[:, 1] << 21) | index[:, 2]
    return numbers
