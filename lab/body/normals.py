"""Normals of a mesh that moves."""

from __future__ import annotations

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array


def vertex_normals(verts: Array, faces: Array) -> Array:
    """(V, 3) float32 unit normals, each the mean of its faces' by area; 0 where a vertex has no area around it.

    verts: (V, 3) float32. faces: (F, 3) int32, counter-clockwise seen from outside.
    """
    normals = np.zeros((len(verts), 3), np.float32)
    _add_faces(verts, faces, normals)
    _normalise(normals)
    return normals


@kernel
def _add_faces(verts: Array, faces: Array, normals: Array) -> None:
    for face in range(len(faces)):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        ux, uy, uz = verts[b, 0] - verts[a, 0], verts[b, 1] - verts[a, 1], verts[b, 2] - verts[a, 2]
        wx, wy, wz = verts[c, 0] - verts[a, 0], verts[c, 1] - verts[a, 1], verts[c, 2] - verts[a, 2]
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for vertex in (a, b, c):
            normals[vertex, 0] += nx
            normals[vertex, 1] += ny
            normals[vertex, 2] += nz


@kernel
def _normalise(normals: Array) -> None:
    for vertex in range(len(normals)):
        x, y, z = normals[vertex, 0], normals[vertex, 1], normals[vertex, 2]
        length = np.sqrt(x * x + y * y + z * z)
        if length > 0.0:
            normals[vertex, 0] = x / length
            normals[vertex, 1] = y / length
            normals[vertex, 2] = z / length
