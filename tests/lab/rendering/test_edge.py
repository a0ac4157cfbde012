"""Alpha along a line: distances worked by hand, the slope of an edge, the faces that matter."""

import numpy as np
import pytest
import torch
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.structures import Meshes

from lab.rendering.edge import alphas, distances, hard, near_line, radius_of

TRIANGLE = np.array([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])


def test_distances_worked_by_hand():
    points = np.array([[0.25, 0.25], [-0.5, 0.5], [2.0, 0.0], [1.0, 1.0], [0.5, 0.0]])
    found = distances(points, TRIANGLE)[:, 0]
    assert found == pytest.approx([-0.0625, 0.25, 1.0, 0.5, 0.0])
    assert np.allclose(distances(points, TRIANGLE[:, ::-1]), found[:, None])  # whichever way it is wound


def test_distances_are_pytorch3ds():
    rng = np.random.default_rng(4)
    corners = rng.uniform(-1, 1, (12, 3, 3)) + np.array([0, 0, 2])
    mesh = Meshes([torch.tensor(corners.reshape(-1, 3), dtype=torch.float32)], [torch.arange(36).reshape(12, 3)])
    faces, _, _, dists = rasterize_meshes(mesh, 8, blur_radius=0.5, faces_per_pixel=12, perspective_correct=False)
    centres = 1 - (2 * np.arange(8) + 1) / 8
    for row in range(8):
        points = np.stack([centres, np.full(8, centres[row])], axis=1)
        ours = distances(points, corners[..., :2])
        for column in range(8):
            for face, dist in zip(faces[0, row, column], dists[0, row, column], strict=True):
                if face >= 0:
                    assert ours[column, face] == pytest.approx(float(dist), abs=1e-5)


def test_the_edge_is_half_and_the_slope_is_that_of_sigma():
    """d alpha / d x at a straight edge, along its normal, is 0: d is squared; a little outside it is a sigmoid."""
    wall = np.array([[[0.0, -50.0], [0.0, 50.0], [80.0, 0.0]]])
    x = np.array([-0.02, 0.0, 0.02])
    found = distances(np.stack([x, 0 * x], axis=1), wall)
    (alpha,) = alphas(found, (1e-4,))
    assert alpha == pytest.approx([1 / (1 + np.exp(4)), 0.5, 1 / (1 + np.exp(-4))], rel=1e-6)
    assert hard(found).tolist() == [0, 0, 1]


def test_beyond_the_blur_radius_there_is_nothing():
    assert radius_of(1e-4) == pytest.approx(9.2102e-4, abs=1e-8)  # REFERENCE III.2
    wall = np.array([[[0.0, -50.0], [0.0, 50.0], [80.0, 0.0]]])
    x = np.array([-0.0304, -0.0303])  # 0.030348 NDC, REFERENCE III.2
    (alpha,) = alphas(distances(np.stack([x, 0 * x], axis=1), wall), (1e-4,))
    assert alpha[0] == 0
    assert alpha[1] == pytest.approx(1e-4, rel=0.05)


def test_faces_that_cannot_matter_are_left_out():
    near = [[0.0, 0.0, 2.0], [0.1, 0.0, 2.0], [0.0, 0.1, 2.0]]
    far = [[0.0, 0.9, 2.0], [0.1, 0.9, 2.0], [0.0, 0.95, 2.0]]
    behind = [[0.0, 0.0, -2.0], [0.1, 0.0, 2.0], [0.0, 0.1, 2.0]]
    flat = [[0.0, 0.0, 2.0], [0.1, 0.1, 2.0], [0.2, 0.2, 2.0]]
    ndc = np.array([near, far, behind, flat]).reshape(-1, 3)
    faces = np.arange(12).reshape(4, 3)
    kept = near_line(ndc, faces, 0.05, (-0.2, 0.2), 1e-3)
    assert len(kept) == 1
    assert np.allclose(kept[0], np.array(near)[:, :2])
