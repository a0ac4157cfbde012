"""Weights that were painted on: what a dab of the brush does to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from lab.body.data import BodyData
from lab.body.skinning.dabs import Brush, Dab
from lab.chapters.body.skinning import ADD, ERASE, SKIN
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class _Done:
    """A dab that was carried out, and what was there before. rows: (N,) vertices; before: (N, J) their weights."""

    dab: Dab
    rows: Array
    before: Array


class Painting:
    """A model's weights under any number of dabs. What the last question had in common with this one is kept."""

    def __init__(self, data: BodyData) -> None:
        self._data = data
        self._verts = data.v_template.astype(np.float64)
        self._next = _neighbours(data)
        self._degrees = np.maximum(np.diff(self._next.indptr), 1)
        self._ways = _ways(self._next, self._verts)
        self._weights = data.weights.astype(np.float32)
        self._done: list[_Done] = []
        self._given: Array | None = None

    def weights(self, dabs: tuple[Dab, ...]) -> Array:
        """The weights after these dabs: (V, J) float32, rows sum to 1; the same object as long as the dabs are."""
        same = 0
        while same < min(len(dabs), len(self._done)) and dabs[same] == self._done[same].dab:
            same += 1
        if self._given is not None and same == len(dabs) == len(self._done):
            return self._given
        while len(self._done) > same:
            last = self._done.pop()
            self._weights[last.rows] = last.before
        for dab in dabs[same:]:
            self._done.append(self._dab(dab))
        self._given = self._weights.copy()
        self._given.flags.writeable = False
        return self._given

    def nearest(self, place: tuple[int, int, int]) -> int:
        """The vertex of the template nearest to a place in mm."""
        return int(np.square(self._verts - np.array(place) / 1000).sum(axis=1).argmin())

    def reached(self, vertex: int, radius: float, reach: str) -> tuple[Array, Array]:
        """The vertices closer than ``radius`` to one in the template, and how far each is: (N,) int64, (N,) metres.

        reach: SKIN measures along the skin, in straight steps to neighbours and to theirs (Dijkstra): at most an
        eighth more than the shortest way over the faces.
        """
        far = np.linalg.norm(self._verts - self._verts[vertex], axis=1)
        rows = np.flatnonzero(far < radius)
        if reach != SKIN:
            return rows, far[rows]
        part = self._ways[rows][:, rows]  # no way along the skin is shorter than through the air
        along = dijkstra(part, indices=int(np.searchsorted(rows, vertex)), limit=radius)
        near = along < radius
        return rows[near], along[near]

    def _dab(self, dab: Dab) -> _Done:
        brush = dab.brush
        joint = self._data.joint_names.index(brush.joint)
        radius = brush.radius / 1000
        rows, far = self.reached(self.nearest(dab.place), radius, brush.reach)
        before = self._weights[rows]
        share = brush.strength * (1.0 - np.square(far / radius)) ** 2
        wanted = self._wanted(brush, rows, before[:, joint], joint)
        new = before[:, joint] + share * (wanted - before[:, joint])
        self._weights[rows] = with_weight(before, joint, new, int(self._data.parents[joint]))
        return _Done(dab, rows, before)

    def _wanted(self, brush: Brush, rows: Array, now: Array, joint: int) -> Array:
        """(N,) where a full dab would bring the joint's weights."""
        if brush.mode == ADD:
            return np.ones_like(now)
        if brush.mode == ERASE:
            return np.zeros_like(now)
        around = self._next[rows] @ self._weights[:, joint]
        return np.asarray(around / self._degrees[rows])


def with_weight(weights: Array, joint: int, new: Array, parent: int) -> Array:
    """``weights`` (N, J) with those of one joint set to ``new`` (N,), and the others scaled so that rows sum to 1.

    Where no other joint has a weight, the rest goes to the parent, the root's to its first child. A root that is alone
    keeps all.
    """
    count = weights.shape[1]
    if count == 1:
        return np.ones_like(weights)
    new = np.clip(new, 0.0, 1.0)
    changed = weights.astype(np.float64)
    changed[:, joint] = 0.0
    others = changed.sum(axis=1)
    alone = others < 1e-9
    changed[alone] = 0.0
    changed[alone, parent if parent >= 0 else (joint + 1) % count] = 1.0
    others[alone] = 1.0
    changed *= ((1.0 - new) / others)[:, None]
    changed[:, joint] = new
    return changed.astype(np.float32)


def _neighbours(data: BodyData) -> csr_matrix:
    """(V, V) float32: 1 where an edge of the template joins two vertices, both ways."""
    count, faces = len(data.v_template), data.faces
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    a, b = np.concatenate([pairs, pairs[:, ::-1]]).T
    return csr_matrix((np.ones(len(a), np.float32), (a, b)), shape=(count, count))


def _ways(neighbours: csr_matrix, verts: Array) -> csr_matrix:
    """(V, V) float64: how far it is to each neighbour and to its neighbours, metres.

    With edges alone a circle on a grid of quads would come out as a diamond.
    """
    near = (neighbours + neighbours @ neighbours).tocoo()
    apart = near.row != near.col
    a, b = near.row[apart], near.col[apart]
    lengths = np.linalg.norm(verts[a] - verts[b], axis=1)
    return csr_matrix((np.maximum(lengths, 1e-9), (a, b)), shape=near.shape)  # a graph takes 0 for no way
