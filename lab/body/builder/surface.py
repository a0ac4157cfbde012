"""The body's surface: which of the base mesh's faces, as triangles, symmetric and presentable in a classroom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags, eye
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from lab.body.builder.source import BaseMesh, Source, SourceError
from lab.scene import Array

GROUPS = ("body", "helper-l-eye", "helper-r-eye")
TIPS = "breast/nipple-size-incr"  # the target that moves just what is to be smoothed
RINGS = 3  # of vertices around the tips that are smoothed with them
CROTCH = 0.055  # metres


@dataclass(frozen=True)
class Surface:
    """The chosen part of the base mesh. V vertices, F triangles, T texture places.

    ids: (V,) int64 into the base mesh. faces: (F, 3) int32, uv_faces: (F, 3) int64 into uvs (T, 2).
    mirror: (V,) int64, the vertex of the other side; the middle ones are their own. left: (F,) bool.
    """

    ids: Array
    faces: Array
    uv_faces: Array
    uvs: Array
    mirror: Array
    left: Array


def mirror_map(verts: Array, tolerance: float = 1e-6) -> Array:
    """(V,) int64: the vertex at the mirror image of each (x negated). Raises SourceError when one has none."""
    distance, index = cKDTree(verts).query(verts * (-1.0, 1.0, 1.0))
    if len(verts) == 0 or distance.max() > tolerance or not np.array_equal(index[index], np.arange(len(verts))):
        raise SourceError("The base mesh is not symmetric: it is not the one this builder knows.")
    return index.astype(np.int64)


def choose(mesh: BaseMesh) -> Surface:
    """The skin and the two eyeballs of the base mesh. Raises SourceError when they are not there or not symmetric.

    Quads are cut along their shorter diagonal on the left side, and the right side is its mirror image.
    """
    wanted = np.isin(mesh.groups, GROUPS)
    if set(GROUPS) - set(mesh.groups[wanted].tolist()):
        raise SourceError("The base mesh has no body or no eyes: it is not the one this builder knows.")
    quads, places = mesh.quads[wanted], mesh.quad_uvs[wanted]
    ids, quads = np.unique(quads, return_inverse=True)
    quads = quads.reshape(-1, 4)
    verts = mesh.verts[ids]
    mirror = mirror_map(verts)
    left = verts[quads, 0].mean(axis=1) > 0.0
    one, one_places = _triangles(verts, quads[left], places[left])
    pairs = _mirrored_places(quads, places, mirror, left)
    other, other_places = mirror[one][:, ::-1], _look_up(pairs, one, one_places)[:, ::-1]
    faces = np.concatenate([one, other]).astype(np.int32)
    used, uv_faces = np.unique(np.concatenate([one_places, other_places]), return_inverse=True)
    return Surface(ids, faces, uv_faces.reshape(-1, 3), mesh.uvs[used], mirror, np.arange(len(faces)) < len(one))


def _triangles(verts: Array, quads: Array, places: Array) -> tuple[Array, Array]:
    """Each quad as two triangles, (2Q, 3), cut along its shorter diagonal; ``places`` is cut the same way."""
    corner = verts[quads]
    first = np.linalg.norm(corner[:, 0] - corner[:, 2], axis=1)
    second = np.linalg.norm(corner[:, 1] - corner[:, 3], axis=1)
    cut = np.where((first <= second)[:, None], [[0, 1, 2, 0, 2, 3]], [[1, 2, 3, 1, 3, 0]])
    return (
        np.take_along_axis(quads, cut, axis=1).reshape(-1, 3),
        np.take_along_axis(places, cut, axis=1).reshape(-1, 3),
    )


def _mirrored_places(quads: Array, places: Array, mirror: Array, left: Array) -> dict[tuple[int, int], int]:
    """(vertex, texture place) of the left side -> the texture place of the same corner on the right side."""
    right = {tuple(sorted(quad)): row for row, quad in enumerate(quads.tolist()) if not left[row]}
    result: dict[tuple[int, int], int] = {}
    for row in np.flatnonzero(left).tolist():
        other = right.get(tuple(sorted(mirror[quads[row]].tolist())))
        if other is None:
            raise SourceError("The base mesh has a face without a mirror image: it is not the one this builder knows.")
        there = dict(zip(quads[other].tolist(), places[other].tolist(), strict=True))
        for vertex, place in zip(quads[row].tolist(), places[row].tolist(), strict=True):
            result[vertex, place] = there[int(mirror[vertex])]
    return result


def _look_up(pairs: dict[tuple[int, int], int], faces: Array, places: Array) -> Array:
    flat = zip(faces.reshape(-1).tolist(), places.reshape(-1).tolist(), strict=True)
    return np.array([pairs[pair] for pair in flat], np.int64).reshape(faces.shape)


def adjacency(faces: Array, count: int) -> csr_matrix:
    """(V, V) sparse float64 of ones where an edge is."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    both = np.concatenate([edges, edges[:, ::-1]])
    matrix = coo_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), (count, count)).tocsr()
    matrix.data[:] = 1.0
    return matrix


def neighbour_mean(faces: Array, count: int) -> csr_matrix:
    """(V, V) sparse: the mean over the neighbours of each vertex. Rows sum to 1."""
    links = adjacency(faces, count)
    return csr_matrix(diags(1.0 / np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1.0)) @ links)


def tips(source: Source, surface: Surface, base_count: int) -> Array:
    """(V,) bool: the small details of the chest that are to be smoothed away, and a margin."""
    moved = np.any(source.target(TIPS, base_count) != 0.0, axis=1)[surface.ids]
    moved |= moved[surface.mirror]
    links = adjacency(surface.faces, len(surface.ids))
    for _ in range(RINGS):
        moved = moved | (links @ moved.astype(float) > 0.0)
    return moved


def between_legs(verts: Array, surface: Surface) -> Array:
    """(V,) bool: the vertices around the lowest point of the trunk's middle line, to be smoothed. verts: (V, 3)."""
    middle = np.flatnonzero(surface.mirror == np.arange(len(verts)))
    lowest = verts[middle[np.argmin(verts[middle, 1])]]
    return np.linalg.norm(verts - lowest, axis=1) < CROTCH


def fairing(faces: Array, region: Array, verts: Array) -> csr_matrix:
    """(V, V) sparse: moves the vertices of ``region`` (V,) bool onto a smooth patch that continues its surroundings.

    The patch has a vanishing bi-Laplacian (Botsch and Kobbelt 2004), with cotangent weights of a soap film over the
    hole in ``verts`` (V, 3). Linear: to be applied to any verts. Rows sum to 1; other vertices keep their places.
    """
    count = len(region)
    film = _fill(eye(count, format="csr") - neighbour_mean(faces, count), region)
    laplacian, areas = cotangents(film @ verts, faces)
    return _fill((laplacian @ diags(1.0 / areas) @ laplacian).tocsr(), region)


def _fill(operator: csr_matrix, region: Array) -> csr_matrix:
    """(V, V) sparse: replaces the values in ``region`` by those for which ``operator`` vanishes there."""
    inside, outside = np.flatnonzero(region), np.flatnonzero(~region)
    rows = operator[inside]
    rim = outside[np.diff(rows[:, outside].tocsc().indptr) > 0]
    patch = -splu(rows[:, inside].tocsc()).solve(rows[:, rim].toarray()) if len(inside) else np.zeros((0, len(rim)))
    row = np.concatenate([np.repeat(inside, len(rim)), outside])
    column = np.concatenate([np.tile(rim, len(inside)), outside])
    values = np.concatenate([patch.ravel(), np.ones(len(outside))])
    return coo_matrix((values, (row, column)), operator.shape).tocsr()


def cotangents(verts: Array, faces: Array) -> tuple[csr_matrix, Array]:
    """The positive semidefinite cotangent Laplacian (V, V), its weights clamped at 0, and areas (V,) of vertices."""
    count = len(verts)
    weights = csr_matrix((count, count))
    areas = np.zeros(count)
    for corner in range(3):
        apex, one, two = (faces[:, (corner + step) % 3] for step in range(3))
        a, b = verts[one] - verts[apex], verts[two] - verts[apex]
        twice = np.maximum(np.linalg.norm(np.cross(a, b), axis=1), 1e-12)
        cotangent = np.maximum(0.5 * np.einsum("fa,fa->f", a, b) / twice, 0.0)
        weights = weights + coo_matrix((cotangent, (one, two)), (count, count)).tocsr()
        np.add.at(areas, apex, twice / 6.0)
    weights = weights + weights.T
    return csr_matrix(diags(np.asarray(weights.sum(axis=1)).ravel()) - weights), areas
