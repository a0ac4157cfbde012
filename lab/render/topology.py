"""What follows from a triangle list alone, worked out once for as long as the list is the same object.

During a run the vertices move at every step and the faces stay, so this is where most of the work is saved.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import numpy as np

from lab.geometry import unique_edges
from lab.scene import Array

Result = TypeVar("Result")

_KEPT = 64
_SOME = 100_000  # vertices among which a few are chosen


class Memory:
    """Results by name and by the identity of the array that they follow from; the latest ``kept`` of them."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._results: OrderedDict[tuple[Hashable, int], tuple[Array, Any]] = OrderedDict()

    def of(self, array: Array, name: Hashable, make: Callable[[], Result]) -> Result:
        """What ``make()`` returned when it was first asked for under this name and this very array."""
        key = (name, id(array))
        if key in self._results:
            self._results.move_to_end(key)
            return self._results[key][1]
        result = make()
        self._results[key] = (array, result)  # holding the array keeps its identity from being reused
        if len(self._results) > self._kept:
            self._results.popitem(last=False)
        return result

    def forget(self, arrays: Iterable[Array]) -> None:
        """Drop what followed from these arrays, which are not needed any more."""
        gone = {id(array) for array in arrays}
        for key in [key for key in self._results if key[1] in gone]:
            del self._results[key]


def edge_list(faces: Array) -> Array:
    """(E, 2) int32: the distinct edges of faces (F, 3)."""
    return unique_edges(faces)[0].astype(np.int32)


def refinement(faces: Array, count: int) -> tuple[Array, Array]:
    """Each of the faces (F, 3) of ``count`` vertices cut into four at the middles of its edges.

    Returns edges (E, 2), whose middles are the vertices that follow the old ones, and faces (4 F, 3) int32.
    """
    wide = faces.astype(np.int64)
    ends = np.stack([wide, np.roll(wide, -1, axis=1)], axis=2)
    ends.sort(axis=2)
    keys, inverse = np.unique(ends[..., 0] * count + ends[..., 1], return_inverse=True)
    edges = np.stack([keys // count, keys % count], axis=1)
    a, b, c = wide.T
    ab, bc, ca = (count + inverse.reshape(-1, 3)).T
    finer = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1)
    return edges, finer.reshape(-1, 3).astype(np.int32)


def refined(values: Array, edges: Array) -> Array:
    """(V + E, C): ``values`` (V, C) at the vertices, then their means at the middles of ``edges`` (E, 2)."""
    return np.concatenate([values, (values[edges[:, 0]] + values[edges[:, 1]]) * np.float32(0.5)])


def evenly(verts: Array, most: int) -> Array:
    """Indices of at most ``most`` of verts (V, 3), spread evenly in space: one from each cell of a grid."""
    if len(verts) <= most:
        return np.arange(len(verts))
    if len(verts) > _SOME:
        step = math.ceil(len(verts) / _SOME)
        return evenly(verts[::step], most) * step
    lower = np.array([axis.min() for axis in verts.T])
    size = float((verts.max(axis=0) - lower).max()) or 1.0
    fine, coarse = 1.0, float(most)  # cells a side: so many give too few vertices, and too many
    chosen = np.zeros(1, np.int64)
    for _ in range(14):
        cells = (fine * coarse) ** 0.5
        at = ((verts - lower) * np.float32(cells / size)).astype(np.int64)
        first = np.unique((at[:, 0] * 2_000_003 + at[:, 1]) * 2_000_003 + at[:, 2], return_index=True)[1]
        if len(first) > most:
            coarse = cells
        else:
            fine, chosen = cells, first
    return np.sort(chosen)
