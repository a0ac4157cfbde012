"""What was lost: distances and angles by hand, and Chamfer as PyTorch3D has it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pytorch3d.loss import chamfer_distance

from lab.data.compare import SAMPLES, Loss, Reference, lost, share_within
from lab.fitting.templates import ico_sphere
from lab.scene import Array, Geometry, Mesh, Points
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS, moved


def reference(shape: Geometry) -> Reference:
    return Reference(shape, np.random.default_rng(0))


def test_the_same_mesh_loses_nothing() -> None:
    mesh = Mesh(*ico_sphere(3))
    loss = lost(reference(mesh), reference(mesh))
    assert loss.largest < 1e-6
    assert loss.normal_error_deg is not None
    assert loss.normal_error_deg < 5.0  # the nearest sample may lie on the next face, and those are 9° apart


def test_parallel_squares() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    loss = lost(reference(Mesh(square, faces)), reference(Mesh(moved(square, (0.0, 0.0, 0.2)), faces[:, ::-1])))
    assert loss.chamfer == pytest.approx(0.08, rel=1e-5)  # 0.2² each way: squared, and added
    assert loss.mean == pytest.approx(0.2)
    assert loss.largest == pytest.approx(0.2)
    assert loss.normal_error_deg == pytest.approx(0.0, abs=0.1)  # the side does not count


def test_a_turned_square_is_wrong_by_its_angle() -> None:
    square = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    angle = np.radians(30.0)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    loss = lost(reference(Mesh(square, faces)), reference(Mesh((square @ turn.T).astype(np.float32), faces)))
    assert loss.normal_error_deg == pytest.approx(30.0, abs=0.01)


def test_clouds_as_pytorch3d() -> None:
    a, b = some_cloud(0), some_cloud(1)
    expected, _ = chamfer_distance(torch.tensor(a)[None], torch.tensor(b)[None])
    loss = lost(reference(Points(a)), reference(Points(b)))
    assert loss.chamfer == pytest.approx(float(expected), rel=1e-5)
    assert loss.normal_error_deg is None


def some_cloud(seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=(700, 3)).astype(np.float32)


def test_a_mesh_is_a_surface_and_not_its_vertices() -> None:
    cube = reference(Mesh(CUBE_VERTS, CUBE_FACES))
    points = np.array([[0, 0, 1.5], [0, 0, 0.25], [2, 2, 1]], np.float32)
    assert cube.distances(points) == pytest.approx([0.5, 0.75, np.sqrt(2.0)])
    assert reference(Points(CUBE_VERTS)).distances(points[:1]) == pytest.approx([1.5])


def test_a_large_cloud_is_compared_by_some_of_its_points() -> None:
    cloud = Points(np.random.default_rng(0).normal(size=(2 * SAMPLES, 3)))
    points, normals = reference(cloud).samples
    assert len(points) == SAMPLES
    assert normals is None
    assert reference(cloud).distances(cloud.verts).max() == 0.0  # but distances are to all of them


def test_the_share_that_is_near() -> None:
    at, share = share_within(np.array([0.0, 0.1, 0.2, 0.4], np.float32), points=5)
    assert at == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert share.tolist() == [25.0, 50.0, 75.0, 75.0, 100.0]


def test_means_do_not_overflow_far_from_zero() -> None:
    far = np.full(100_000, 1e4, np.float32)
    assert Loss(far, far).chamfer == pytest.approx(2e8, rel=1e-9)
    assert Loss(far, far).mean == pytest.approx(1e4, rel=1e-9)
