"""Meshes made smoother and smaller, without opening what is closed."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.csgraph import connected_components

from lab.geometry import unique_edges
from lab.scene import Array

_IN, _OUT = 0.5, -0.53
"""Of the way to the mean of the neighbours: there, and back out again, so that nothing shrinks."""

_MORE = 1.5  # times the faces, where fewer of them would open the surface


def smoothed(verts: Array, faces: Array, rounds: int) -> Array:
    """(V, 3) float64: the vertices after so many rounds of smoothing that keeps the size.

    Source: G. Taubin, "A signal processing approach to fair surface design" (1995).
    """
    places = np.asarray(verts, np.float64)
    if not rounds or not len(faces):
        return places
    mean = _means(faces, len(verts))
    for _ in range(rounds):
        for share in (_IN, _OUT):
            places = places + share * (mean @ places - places)
    return np.asarray(places)


def _means(faces: Array, count: int) -> csr_matrix:
    """(V, V): the mean of each vertex's neighbours; of a vertex alone itself."""
    edges = unique_edges(faces)[0]
    start, end = np.concatenate([edges, edges[:, ::-1]]).T
    alone = np.setdiff1d(np.arange(count), start)
    start, end = np.concatenate([start, alone]), np.concatenate([end, alone])
    links = coo_matrix((np.ones(len(start)), (start, end)), shape=(count, count)).tocsr()
    return diags(1.0 / np.asarray(links.sum(axis=1)).reshape(-1)) @ links


def decimated(verts: Array, faces: Array, wanted: int) -> tuple[Array, Array]:
    """Fewer faces, about ``wanted``, that stay near the surface: verts (V, 3) float64 and faces (F, 3) int32.

    A closed surface stays closed: where that takes more faces, there are more.
    Source: M. Garland, P. Heckbert, "Surface simplification using quadric error metrics" (1997), by Open3D.
    """
    verts, faces = np.asarray(verts, np.float64), np.asarray(faces, np.int32)
    closed = is_closed(faces)
    while wanted < len(faces):
        found = _simplified(verts, faces, wanted)
        if not closed or is_closed(found[1]):
            return found
        wanted = int(wanted * _MORE)
    return verts, faces


def _simplified(verts: Array, faces: Array, wanted: int) -> tuple[Array, Array]:
    from lab.open3d_core import o3d

    mesh = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(np.array(verts)), o3d.utility.Vector3iVector(np.array(faces))
    )
    mesh = mesh.simplify_quadric_decimation(wanted)
    mesh.remove_degenerate_triangles()
    mesh.remove_unreferenced_vertices()
    return np.asarray(mesh.vertices), np.asarray(mesh.triangles)


def is_closed(faces: Array) -> bool:
    """Whether there are faces, and each edge has two of them."""
    uses = unique_edges(faces)[1]
    return len(uses) > 0 and bool((uses == 2).all())


def largest_parts(verts: Array, faces: Array, parts: int) -> tuple[Array, Array]:
    """The connected parts that have the most faces, so many of them, without the vertices of the others."""
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), shape=(len(verts), len(verts)))
    of_face = connected_components(graph, directed=False)[1][faces[:, 0]]
    kept = np.argsort(np.bincount(of_face))[::-1][:parts]
    return only_used(verts, faces[np.isin(of_face, kept)])


def only_used(verts: Array, faces: Array) -> tuple[Array, Array]:
    """The same faces, and of the vertices those that they use."""
    used, again = np.unique(faces, return_inverse=True)
    return verts[used], again.reshape(-1, 3).astype(np.int32)
