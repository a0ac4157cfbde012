"""Vertex normals of a mesh that moves."""

from __future__ import annotations

import numpy as np

from lab.body.normals import vertex_normals
from lab.motions import so3

TETRAHEDRON = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [5, 5, 5]], np.float32)
FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)


def test_a_corner_has_the_mean_of_its_faces_by_area() -> None:
    normals = vertex_normals(TETRAHEDRON, FACES)
    np.testing.assert_allclose(normals[0], -np.ones(3) / np.sqrt(3), atol=1e-6)
    np.testing.assert_allclose(normals[1], (1, 0, 0), atol=1e-6)  # (0, 0, -1) + (0, -1, 0) + (1, 1, 1)
    np.testing.assert_array_equal(normals[4], 0)  # no face has it
    assert normals.dtype == np.float32


def test_normals_turn_with_the_mesh() -> None:
    R = so3.exp([0.3, -1.0, 0.4])
    turned = vertex_normals((TETRAHEDRON @ R.T + (1, 2, 3)).astype(np.float32), FACES)
    np.testing.assert_allclose(turned[:4], vertex_normals(TETRAHEDRON, FACES)[:4] @ R.T, atol=1e-5)
