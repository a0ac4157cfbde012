"""What follows from a mesh's faces alone: edges, pairs of adjacent faces, neighbours. Built once for each mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Topology:
    """The connectivity of a triangle mesh; every array is read-only.

    vert_count: V. faces: (F, 3) int32.
    edges: (E, 2) int32, each once with its smaller vertex first, sorted: PyTorch3D's ``edges_packed``.
    face_edges: (F, 3) int32, the edge opposite to each corner: PyTorch3D's ``faces_packed_to_edges_packed``.
    edge_faces: (E,) int32, how many faces have the edge (a face that names a vertex twice may have one twice).
    neighbour_starts (V + 1,), neighbours (2E,), neighbour_edges (2E,) int32: the vertices at the other end of vertex
    i's edges, and those edges, are at ``neighbour_starts[i]:neighbour_starts[i + 1]``.
    """

    vert_count: int
    faces: Array
    edges: Array
    face_edges: Array
    edge_faces: Array
    neighbour_starts: Array
    neighbours: Array
    neighbour_edges: Array
    _corner_order: Array
    """(3F,) the corners, numbered 3 * face + corner, sorted by the edge opposite to them."""

    @cached_property
    def hinges(self) -> Array:
        """(P, 4) int32: the two ends of an edge and the opposite corner of either face, for each pair of its faces.

        An edge of k faces has k(k - 1)/2 pairs, as in PyTorch3D's normal consistency; a boundary edge has none.
        """
        starts = np.concatenate([[0], np.cumsum(self.edge_faces, dtype=np.int64)])
        opposite = self.faces.reshape(-1)[self._corner_order]
        parts = []
        for size in np.unique(self.edge_faces):
            if size < 2:
                continue
            edges = np.flatnonzero(self.edge_faces == size)
            first, second = np.triu_indices(int(size), k=1)
            base = starts[edges][:, None]
            hinge = np.empty((len(edges), len(first), 4), np.int32)
            hinge[..., :2] = self.edges[edges][:, None]
            hinge[..., 2] = opposite[base + first]
            hinge[..., 3] = opposite[base + second]
            parts.append(hinge.reshape(-1, 4))
        return _read_only(np.concatenate(parts) if parts else np.zeros((0, 4), np.int32))

    @cached_property
    def boundary_verts(self) -> Array:
        """(V,) bool: the vertices on an edge that has a single face."""
        mask = np.zeros(self.vert_count, bool)
        mask[self.edges[self.edge_faces == 1]] = True
        return _read_only(mask)

    @cached_property
    def watertight(self) -> bool:
        """Whether every edge has exactly two faces."""
        return bool(len(self.edges)) and bool((self.edge_faces == 2).all())


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array


def build_topology(faces: Array, vert_count: int) -> Topology:
    """The topology of ``faces`` (F, 3), indices into ``vert_count`` vertices.

    A read-only int32 array is kept as it is. Raises ValueError on a wrong shape or an index out of range.
    """
    if faces.ndim != 2 or faces.shape[1] != 3:
        raise ValueError(f"faces: expected shape (F, 3), found {faces.shape}")
    if len(faces) and not (faces.min() >= 0 and faces.max() < vert_count):
        raise ValueError(f"faces: expected indices from 0 to {vert_count - 1}, found {faces.min()} to {faces.max()}")
    if faces.dtype != np.int32 or faces.flags.writeable or not faces.flags.c_contiguous:
        faces = _read_only(np.array(faces, np.int32, order="C"))

    ends = faces[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2).astype(np.int64)  # of corner k: the edge opposite to it
    keys = np.minimum(ends[:, 0], ends[:, 1]) * vert_count + np.maximum(ends[:, 0], ends[:, 1])
    corner_order = np.argsort(keys, kind="stable")
    keys = keys[corner_order]
    is_first = np.ones(len(keys), bool)
    is_first[1:] = keys[1:] != keys[:-1]
    unique = keys[is_first]
    edges = np.stack([unique // max(vert_count, 1), unique % max(vert_count, 1)], axis=1).astype(np.int32)
    edge_of_sorted = np.cumsum(is_first, dtype=np.int32) - 1
    face_edges = np.empty(len(keys), np.int32)
    face_edges[corner_order] = edge_of_sorted

    starts, neighbours, neighbour_edges = _neighbours(edges, vert_count)
    return Topology(
        vert_count=vert_count,
        faces=faces,
        edges=_read_only(edges),
        face_edges=_read_only(face_edges.reshape(-1, 3)),
        edge_faces=_read_only(np.bincount(edge_of_sorted, minlength=len(edges)).astype(np.int32)),
        neighbour_starts=starts,
        neighbours=neighbours,
        neighbour_edges=neighbour_edges,
        _corner_order=_read_only(corner_order),
    )


def _neighbours(edges: Array, vert_count: int) -> tuple[Array, Array, Array]:
    """Rows, columns and edge of the adjacency, in compressed rows. An edge from a vertex to itself is there twice."""
    tails = np.concatenate([edges[:, 0], edges[:, 1]])
    heads = np.concatenate([edges[:, 1], edges[:, 0]])
    order = np.argsort(tails, kind="stable")
    starts = np.zeros(vert_count + 1, np.int32)
    np.cumsum(np.bincount(tails, minlength=vert_count), out=starts[1:])
    number = np.tile(np.arange(len(edges), dtype=np.int32), 2)
    return _read_only(starts), _read_only(heads[order]), _read_only(number[order])


@dataclass(frozen=True, eq=False)
class Subdivision:
    """Each face cut into four at the midpoints of its edges, as PyTorch3D's ``SubdivideMeshes``."""

    coarse: Topology

    @cached_property
    def faces(self) -> Array:
        """(4F, 3) int32, read-only: the three corners' faces of all faces, then the middle ones."""
        corner, middle = self.coarse.faces, self.coarse.face_edges + self.coarse.vert_count
        parts = [
            np.stack([corner[:, 0], middle[:, 2], middle[:, 1]], axis=1),
            np.stack([corner[:, 1], middle[:, 0], middle[:, 2]], axis=1),
            np.stack([corner[:, 2], middle[:, 1], middle[:, 0]], axis=1),
            middle,
        ]
        return _read_only(np.concatenate(parts).astype(np.int32))

    def refine(self, values: Array) -> Array:
        """Per-vertex ``values`` (V, D) of the coarse mesh on the fine one (V + E, D): a midpoint has the mean."""
        ends = self.coarse.edges
        middle = (values[ends[:, 0]] + values[ends[:, 1]]) * values.dtype.type(0.5)
        return np.concatenate([values, middle])
