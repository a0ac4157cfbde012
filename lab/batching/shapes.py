"""The meshes of the course's batch: a cube, a diamond and a dodecahedron. Made here, with the same counts and quirks.

Source: REFERENCE I.1 and its trap 2: the cube and the diamond of the course are wound inwards, the dodecahedron
outwards, and the diamond is not manifold.
"""

from __future__ import annotations

import itertools

import numpy as np

from lab.scene import Array, Mesh

CUBE_FACES = (
    *((0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)),
    *((2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)),
)
DIAMOND_AXES = (45.0, 78.0, 78.75)
_GOLDEN = (1.0 + 5.0**0.5) / 2.0


def course_batch() -> dict[str, Mesh]:
    """The three meshes by name: 8 + 6 + 20 = 34 vertices and 12 + 9 + 36 = 57 faces."""
    return {"cube": cube(), "diamond": diamond(), "dodecahedron": dodecahedron()}


def cube() -> Mesh:
    """The cube [-1, 1]³ of 8 vertices and 12 faces, wound inwards: signed volume -8."""
    verts = np.array(list(itertools.product((-1.0, 1.0), repeat=3)), np.float32)
    return Mesh(verts, np.array(CUBE_FACES, np.int32)[:, ::-1])


def diamond() -> Mesh:
    """An octahedron with one face too many, wound inwards: 6 vertices, 9 faces, signed volume -368,550.

    The ninth face is inside, across two opposite corners: two edges have three faces, and one has a single face.
    """
    a, b, c = DIAMOND_AXES
    verts = np.array([(a, 0, 0), (-a, 0, 0), (0, b, 0), (0, -b, 0), (0, 0, c), (0, 0, -c)], np.float32)
    faces = [(2, 0, 4), (2, 4, 1), (2, 1, 5), (2, 5, 0), (3, 4, 0), (3, 1, 4), (3, 5, 1), (3, 0, 5), (0, 2, 1)]
    return Mesh(verts, np.array(faces, np.int32))


def dodecahedron() -> Mesh:
    """The regular dodecahedron about [-1, 1]³: 20 vertices; each of its 12 pentagons is 3 triangles, wound outwards."""
    corners = list(itertools.product((-1.0, 1.0), repeat=3))
    signs = list(itertools.product((-1.0, 1.0), repeat=2))
    ring = [(0.0, p / _GOLDEN, q * _GOLDEN) for p, q in signs]
    verts = np.array(corners + [tuple(np.roll(v, turn)) for turn in range(3) for v in ring])
    normals = [np.roll((0.0, p * _GOLDEN, q), turn) for turn in range(3) for p, q in signs]
    faces = [triangle for normal in normals for triangle in _pentagon(verts, normal)]
    return Mesh(verts.astype(np.float32), np.array(faces, np.int32))


def _pentagon(verts: Array, normal: Array) -> list[tuple[int, int, int]]:
    """The five vertices farthest along ``normal``, counter-clockwise seen from outside, as a fan of triangles."""
    height = verts @ normal
    ids = np.flatnonzero(height > height.max() - 1e-6)
    middle = verts[ids].mean(axis=0)
    right = verts[ids[0]] - middle
    up = np.cross(normal, right)
    angles = np.arctan2((verts[ids] - middle) @ up / np.linalg.norm(up), (verts[ids] - middle) @ right)
    order = [int(i) for i in ids[np.argsort(angles)]]
    return [(order[0], order[k], order[k + 1]) for k in (1, 2, 3)]
