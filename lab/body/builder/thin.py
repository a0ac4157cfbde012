"""The light mesh: one half decimated and mirrored, with everything of the full mesh carried over to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, vstack
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lab.body.builder.surface import Surface
from lab.body.skeleton import joint
from lab.open3d_core import o3d
from lab.scene import Array

_NEAR = 32  # triangles that are looked at for the nearest one
_SEAM = 1e-5  # m

IMPORTANT: Final = {
    "head": 2.2,
    "left_wrist": 1.5,
    "right_wrist": 1.5,
    "left_hand": 1.5,
    "right_hand": 1.5,
    "left_foot": 1.3,
    "right_foot": 1.3,
}
"""How many times larger a part is for the decimation."""


@dataclass(frozen=True, eq=False)
class Thin:
    """The light mesh. faces: (F, 3) int32. carry: (v, V) sparse, rows sum to 1: its vertices from the full mesh's.

    mirror: (v,) int64. uvs: (F, 3, 2) float32.
    """

    faces: Array
    carry: csr_matrix
    mirror: Array
    uvs: Array


def enlarged(verts: Array, weights: Array, joints: Array) -> Array:
    """(V, 3): the surface with its head, hands and feet as large as they are important to who looks at it.

    Decimation there keeps as much more detail. verts: (V, 3), weights: (V, 24), joints: (24, 3). The middle stays.
    """
    result = verts.copy()
    for name, factor in IMPORTANT.items():
        index = joint(name)
        centre = joints[index].copy()
        if name == "head":  # it grows upwards only: its chin would sink into the neck
            centre[1] = verts[weights[:, index] > 0.1, 1].min()
        result += (factor - 1.0) * weights[:, index, None] * (verts - centre)
    return result


def thin(verts: Array, surface: Surface, count: int) -> Thin:
    """A closed mesh of about ``count`` vertices. verts: (V, 3), exactly symmetric, such as ``enlarged`` gives."""
    left = surface.faces[surface.left]
    uv_left = surface.uvs[surface.uv_faces[surface.left]]
    share = count / len(verts)
    half, faces = _decimated(verts, left, round(share * len(left)))
    on_seam = _boundary(faces, len(half))
    carry = _onto_triangles(half, verts, left)
    carry = _with_rows(carry, np.flatnonzero(on_seam), _onto_seam(half[on_seam], verts, left))
    return _mirrored(faces, carry, on_seam, surface.mirror, _uvs(half, faces, verts, left, uv_left))


def _decimated(verts: Array, faces: Array, triangles: int) -> tuple[Array, Array]:
    """Quadric decimation (Garland and Heckbert 1997) that keeps the open border at the body's middle."""
    used, small = np.unique(faces, return_inverse=True)
    mesh = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(verts[used]), o3d.utility.Vector3iVector(small.reshape(-1, 3).astype(np.int32))
    )
    mesh = mesh.simplify_quadric_decimation(triangles, boundary_weight=1e4)
    mesh.remove_duplicated_vertices()
    mesh.remove_degenerate_triangles()
    mesh.remove_unreferenced_vertices()
    return np.asarray(mesh.vertices).copy(), np.asarray(mesh.triangles).astype(np.int64)


def _boundary(faces: Array, count: int) -> Array:
    """(v,) bool: vertices of edges that have one triangle only."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, times = np.unique(edges, axis=0, return_counts=True)
    found = np.zeros(count, bool)
    found[unique[times == 1]] = True
    return found


def _onto_triangles(points: Array, verts: Array, faces: Array) -> csr_matrix:
    """(P, V) sparse: each point as the mean of the corners of the triangle that it is nearest to."""
    corners = verts[faces]
    _, near = cKDTree(corners.mean(axis=1)).query(points, _NEAR)
    best, where, shares = np.full(len(points), np.inf), np.zeros(len(points), np.int64), np.zeros((len(points), 3))
    for candidate in near.T:
        bary = closest(points, corners[candidate])
        apart = np.linalg.norm(np.einsum("pc,pcd->pd", bary, corners[candidate]) - points, axis=1)
        better = apart < best
        best[better], where[better], shares[better] = apart[better], candidate[better], bary[better]
    rows = np.repeat(np.arange(len(points)), 3)
    return coo_matrix((shares.ravel(), (rows, faces[where].ravel())), (len(points), len(verts))).tocsr()


def closest(points: Array, corners: Array) -> Array:
    """(P, 3) barycentric coordinates of the point of each triangle (P, 3, 3) that is nearest to each point (P, 3)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap = b - a, c - a, points - a
    d00, d01, d11 = ((x * y).sum(axis=1) for x, y in ((ab, ab), (ab, ac), (ac, ac)))
    d20, d21 = (ap * ab).sum(axis=1), (ap * ac).sum(axis=1)
    area = np.maximum(d00 * d11 - d01 * d01, 1e-30)
    v, w = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    found = np.stack([1.0 - v - w, v, w], axis=1)
    outside = (found < 0.0).any(axis=1)
    best = np.full(len(points), np.inf)
    for first, second in ((0, 1), (1, 2), (2, 0)):
        start, along = corners[:, first], corners[:, second] - corners[:, first]
        t = np.clip(((points - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-30), 0.0, 1.0)
        apart = np.linalg.norm(start + t[:, None] * along - points, axis=1)
        better = outside & (apart < best)
        best[better] = apart[better]
        found[better] = 0.0
        found[better, first], found[better, second] = 1.0 - t[better], t[better]
    return found


def _onto_seam(points: Array, verts: Array, faces: Array) -> csr_matrix:
    """The same on the edges in the body's middle, so that x stays exactly 0."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = edges[(np.abs(verts[edges][:, :, 0]) < _SEAM).all(axis=1)]
    return _onto_triangles(points, verts, edges[:, [0, 1, 1]])


def _with_rows(matrix: csr_matrix, rows: Array, others: csr_matrix) -> csr_matrix:
    replaced = matrix.tolil()
    replaced[rows] = others
    return replaced.tocsr()


def _mirrored(faces: Array, carry: csr_matrix, on_seam: Array, mirror: Array, uvs: tuple[Array, Array]) -> Thin:
    """Both halves as one mesh; the seam's vertices are shared."""
    aside = np.flatnonzero(~on_seam)
    other = np.arange(len(on_seam))
    other[aside] = len(on_seam) + np.arange(len(aside))
    image = carry[aside][:, mirror]
    both = vstack([carry, image]).tocsr()
    partner = np.concatenate([other, aside])
    joined = np.concatenate([faces, other[faces][:, ::-1]]).astype(np.int32)
    return Thin(joined, both, partner, np.concatenate([uvs[0], uvs[1][:, ::-1]]).astype(np.float32))


def _uvs(half: Array, faces: Array, verts: Array, left: Array, uv_left: Array) -> tuple[Array, Array]:
    """Texture places of the corners, left and right. A triangle takes those of one island, that of its middle."""
    islands = _islands(left, uv_left)
    corners = verts[left]
    tree = cKDTree(corners.mean(axis=1))
    middle = half[faces].mean(axis=1)
    _, nearest = tree.query(middle)
    wanted = islands[nearest]
    _, near = tree.query(half[faces].reshape(-1, 3), _NEAR)
    wanted = np.repeat(wanted, 3)
    points = half[faces].reshape(-1, 3)
    best, found = np.full(len(points), np.inf), uv_left[np.repeat(nearest, 3), 0].astype(np.float64)
    for candidate in near.T:
        bary = closest(points, corners[candidate])
        apart = np.linalg.norm(np.einsum("pc,pcd->pd", bary, corners[candidate]) - points, axis=1)
        apart[islands[candidate] != wanted] = np.inf
        better = apart < best
        best[better] = apart[better]
        found[better] = np.einsum("pc,pcd->pd", bary, uv_left[candidate])[better]
    places = found.reshape(-1, 3, 2)
    return places, places


def _islands(faces: Array, uvs: Array) -> Array:
    """(F,) the number of the piece of the texture that each face lies on."""
    keys = np.concatenate([faces[:, :, None].astype(np.float64), np.round(uvs, 6)], axis=2).reshape(-1, 3)
    _, place = np.unique(keys, axis=0, return_inverse=True)
    place = place.reshape(-1, 3)
    rows = np.repeat(np.arange(len(faces)), 3)
    touch = coo_matrix((np.ones(len(rows)), (rows, place.ravel()))).tocsr()
    return np.asarray(connected_components(touch @ touch.T, directed=False)[1])
