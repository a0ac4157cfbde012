"""Normals, areas, edges and figures of meshes, in numpy alone: every function is vectorised and loops over no face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array, Mesh, Points, extremes

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, odd: the usual multiplier of integer hashes


@dataclass(frozen=True, eq=False)
class Stats:
    """Figures of a mesh or point cloud, for the scene tree and for warnings.

    edges: distinct undirected edges. watertight: there are faces, and every edge belongs to exactly two of them.
    boundary_edges belong to one face, nonmanifold_edges to three or more. components: connected parts of the
    surface; None for a point cloud. bounds_lower, bounds_upper: (3,) float64, world. area: of the surface, in squared
    units of the coordinates. nbytes: memory held by the entity's arrays.
    """

    verts: int
    faces: int
    edges: int
    watertight: bool
    boundary_edges: int
    nonmanifold_edges: int
    components: int | None
    bounds_lower: Array
    bounds_upper: Array
    area: float
    nbytes: int


def stats(entity: Mesh | Points) -> Stats:
    """The figures of ``entity``; about half a second for 500,000 faces."""
    lower, upper = (corner + entity.origin * bool(len(entity.verts)) for corner in extremes(entity.verts))
    if isinstance(entity, Points):
        return Stats(len(entity.verts), 0, 0, False, 0, 0, None, lower, upper, 0.0, entity.nbytes)
    edges, uses = unique_edges(entity.faces)
    boundary = int(np.count_nonzero(uses == 1))
    nonmanifold = int(np.count_nonzero(uses > 2))
    return Stats(
        verts=len(entity.verts),
        faces=len(entity.faces),
        edges=len(edges),
        watertight=len(edges) > 0 and boundary == 0 and nonmanifold == 0,
        boundary_edges=boundary,
        nonmanifold_edges=nonmanifold,
        components=_count_components(edges, len(entity.verts)),
        bounds_lower=lower,
        bounds_upper=upper,
        area=float(face_areas(entity.verts, entity.faces).sum()),
        nbytes=entity.nbytes,
    )


def unique_edges(faces: Array) -> tuple[Array, Array]:
    """The distinct undirected edges of ``faces`` (F, 3): (E, 2) int64, lower vertex first; (E,) their face counts."""
    if not len(faces):
        return np.zeros((0, 2), np.int64), np.zeros(0, np.int64)
    wide = faces.astype(np.int64)
    start = wide.reshape(-1)
    end = np.roll(wide, -1, axis=1).reshape(-1)
    base = np.int64(start.max() + 1)
    keys = np.sort(np.minimum(start, end) * base + np.maximum(start, end))
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    keys_once = keys[first]
    return np.stack([keys_once // base, keys_once % base], axis=1), np.diff(first, append=len(keys))


def face_cross(verts: Array, faces: Array) -> Array:
    """(F, 3) float64: the outward normal of each counter-clockwise face, as long as twice its area."""
    corners = verts.astype(np.float64)
    a, b, c = corners[faces[:, 0]], corners[faces[:, 1]], corners[faces[:, 2]]
    return np.cross(b - a, c - a)


def face_areas(verts: Array, faces: Array) -> Array:
    """(F,) float64 areas, in squared units of ``verts``."""
    return 0.5 * np.linalg.norm(face_cross(verts, faces), axis=1)


def face_normals(verts: Array, faces: Array) -> Array:
    """(F, 3) float32 unit normals, outward for counter-clockwise faces; zero for faces without area."""
    return unit(face_cross(verts, faces)).astype(np.float32)


def vertex_normals(verts: Array, faces: Array) -> Array:
    """(V, 3) float32 unit normals: the area-weighted mean of the faces around each vertex; zero without any."""
    cross = face_cross(verts, faces)
    corners = faces.reshape(-1)
    total = np.empty((len(verts), 3))
    for axis in range(3):
        total[:, axis] = np.bincount(corners, weights=np.repeat(cross[:, axis], 3), minlength=len(verts))
    return unit(total).astype(np.float32)


def unit(vectors: Array) -> Array:
    """``vectors`` (N, 3) at length one; zero vectors stay zero."""
    peak = np.abs(vectors).max(
        axis=1, keepdims=True, initial=0.0
    )  # first to about one: no under- or overflow of squares
    scaled = vectors / np.where(peak > 0, peak, 1)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return scaled / np.where(length > 0, length, 1)


def merge_equal(rows: Array) -> tuple[Array, Array]:
    """Find equal rows of ``rows`` (N, C), bit for bit.

    Returns first (K,), the index of each distinct row's first occurrence, ascending, and inverse (N,), so that
    ``rows[first][inverse]`` equals ``rows``.
    """
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    words = np.ascontiguousarray(rows).view(np.uint32).reshape(len(rows), -1)
    keys = _hash(words)
    order = np.argsort(keys, kind="stable")
    changed = (words[order[1:]] != words[order[:-1]]).any(axis=1)
    if np.any(
        changed & (keys[order[1:]] == keys[order[:-1]])
    ):  # different rows under one key: sort by the rows instead
        order = np.lexsort(words.T)
        changed = (words[order[1:]] != words[order[:-1]]).any(axis=1)
    group = np.empty(len(rows), np.int64)
    group[order] = np.concatenate([[0], np.cumsum(changed)])
    first = order[np.flatnonzero(np.concatenate([[True], changed]))]
    rank = np.empty(len(first), np.int64)
    ascending = np.argsort(first)
    rank[ascending] = np.arange(len(first))
    return first[ascending], rank[group]


def _hash(words: Array) -> Array:
    """(N,) uint64: a hash of the (N, C) uint32 words of each row."""
    key = np.zeros(len(words), np.uint64)
    for column in range(words.shape[1]):
        key = (key ^ words[:, column]) * _GOLDEN
        key ^= key >> np.uint64(29)
    return key


def _count_components(edges: Array, count: int) -> int:
    """Connected parts of the graph of ``edges`` (E, 2), by hooking trees together and flattening them."""
    parent = np.arange(count)
    used = np.zeros(count, bool)
    used[edges.reshape(-1)] = True
    start, end = edges[:, 0], edges[:, 1]
    while len(start):
        low, high = np.minimum(parent[start], parent[end]), np.maximum(parent[start], parent[end])
        np.minimum.at(parent, high, low)
        while True:
            flat = parent[parent]
            if np.array_equal(flat, parent):
                break
            parent = flat
        apart = parent[start] != parent[end]
        start, end = parent[start[apart]], parent[end[apart]]
    return int(np.count_nonzero((parent == np.arange(count)) & used))
