"""The Chamfer distance and its normal term: numbers by hand, PyTorch3D on the same samples, finite differences."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from pytorch3d.loss import chamfer_distance

from lab.fitting.chamfer import Chamfer, TargetPoints, chamfer
from lab.fitting.neighbours import PointTree
from lab.fitting.sampling import Samples, SurfaceSampler
from lab.fitting.target import Target
from lab.kernels.crew import Crew
from lab.scene import Array
from tests.lab.fitting.fitting_help import bumpy_mesh, noisy_sphere, odd_mesh

CORNER = np.array([[1.0, 0.0, 0.0]])
ONE_FACE = np.array([[0, 1, 2]], np.int32)


def at_corner() -> Samples:
    """One sample, at the first corner of the first face."""
    return Samples(np.zeros(1, np.int32), CORNER)


def by_pytorch3d(verts: Array, faces: Array, samples: Samples, points: Array, normals: Array) -> tuple[float, ...]:
    """Both losses and both gradients of PyTorch3D, for the same samples."""
    moving = torch.tensor(verts, requires_grad=True)
    corners = moving[torch.tensor(faces[samples.face_ids]).long()]
    own = (torch.tensor(samples.bary)[..., None] * corners).sum(dim=1)
    face_normals = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
    face_normals = face_normals / face_normals.norm(dim=1, keepdim=True).clamp(min=sys.float_info.epsilon)
    value, turned = chamfer_distance(
        own[None], torch.tensor(points)[None], x_normals=face_normals[None], y_normals=torch.tensor(normals)[None]
    )
    gradients = [torch.autograd.grad(loss, moving, retain_graph=True)[0].numpy() for loss in (value, turned)]
    return value.item(), turned.item(), *gradients


@pytest.mark.parametrize(("offset", "expected"), [((3.0, 4.0, 0.0), 50.0), ((1e-3, 0.0, 0.0), 2e-6), ((0, 0, 0), 0.0)])
def test_one_point_each(offset: tuple[float, ...], expected: float) -> None:
    verts = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], float)
    target = TargetPoints(PointTree(np.array([offset], float)))
    result = chamfer(verts, ONE_FACE, at_corner(), target)
    assert result.value == pytest.approx(expected, rel=1e-12)
    assert np.allclose(result.gradient[0], -4.0 * np.array(offset))  # 2 d from either side
    assert not result.gradient[1:].any()
    assert result.normals_value is None
    assert result.normals_gradient is None


def test_a_turned_normal_by_hand() -> None:
    verts = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], float)  # normal +z
    for normal, expected in (((0, 0, 1), 0.0), ((0, 0, -2), 0.0), ((1, 0, 0), 2.0), ((0, 3, 4), 2 * (1 - 0.8))):
        target = TargetPoints(PointTree(np.zeros((1, 3))), np.array([normal], float))
        assert chamfer(verts, ONE_FACE, at_corner(), target).normals_value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("count", [50, 2000])
def test_values_and_gradients_are_pytorch3ds(count: int) -> None:
    rng = np.random.default_rng(count)
    target = Target(bumpy_mesh(3))
    points, normals = target.points(target.pick(count, rng))
    assert normals is not None
    for verts, topology in (noisy_sphere(3), odd_mesh()):
        samples = SurfaceSampler(verts, topology.faces).draw(700, rng)
        ours = chamfer(verts, topology.faces, samples, TargetPoints(PointTree(points), normals))
        value, turned, gradient, turned_gradient = by_pytorch3d(verts, topology.faces, samples, points, normals)
        assert ours.value == pytest.approx(value, rel=1e-5)
        assert ours.normals_value == pytest.approx(turned, rel=1e-5)
        assert np.allclose(ours.gradient, gradient, atol=1e-5 * np.abs(gradient).max())
        assert np.allclose(ours.normals_gradient, turned_gradient, atol=1e-5 * np.abs(turned_gradient).max())


def evaluate64(verts: Array, faces: Array, samples: Samples) -> Chamfer:
    rng = np.random.default_rng(9)
    points = rng.normal(size=(80, 3))
    return chamfer(verts, faces, samples, TargetPoints(PointTree(points), rng.normal(size=(80, 3))))


def test_gradients_are_the_slopes() -> None:
    verts, topology = noisy_sphere(1)
    points = verts.astype(np.float64)
    samples = SurfaceSampler(points, topology.faces).draw(60, np.random.default_rng(0), np.float64)
    here = evaluate64(points, topology.faces, samples)
    assert here.gradient.dtype == np.float64
    assert here.normals_gradient is not None
    for seed in range(3):
        direction = np.random.default_rng(seed).normal(size=points.shape)
        ahead, behind = (evaluate64(points + s * direction, topology.faces, samples) for s in (1e-6, -1e-6))
        slope = (ahead.value - behind.value) / 2e-6
        assert (here.gradient * direction).sum() == pytest.approx(slope, rel=1e-6)
        assert ahead.normals_value is not None
        assert behind.normals_value is not None
        turned = (ahead.normals_value - behind.normals_value) / 2e-6
        assert (here.normals_gradient * direction).sum() == pytest.approx(turned, rel=1e-5)


def test_distance_and_scale() -> None:
    verts, topology = noisy_sphere(2)
    points = verts.astype(np.float64)
    samples = SurfaceSampler(points, topology.faces).draw(200, np.random.default_rng(0), np.float64)
    own = samples.points(points, topology.faces)
    assert chamfer(points, topology.faces, samples, TargetPoints(PointTree(own))).value == 0.0
    goal = np.random.default_rng(1).normal(size=(100, 3))
    value = chamfer(points, topology.faces, samples, TargetPoints(PointTree(goal))).value
    larger = chamfer(3.0 * points, topology.faces, samples, TargetPoints(PointTree(3.0 * goal))).value
    assert larger == pytest.approx(9.0 * value, rel=1e-12)
    moved = chamfer(points + 5.0, topology.faces, samples, TargetPoints(PointTree(goal + 5.0))).value
    assert moved == pytest.approx(value, rel=1e-9)


def test_threads_do_not_change_a_bit() -> None:
    verts, topology = noisy_sphere(3)
    samples = SurfaceSampler(verts, topology.faces).draw(3000, np.random.default_rng(0))
    target = Target(bumpy_mesh(3)).tree(Target(bumpy_mesh(3)).pick(3000, np.random.default_rng(1)))
    alone = chamfer(verts, topology.faces, samples, target)
    with Crew(3) as crew:
        together = chamfer(verts, topology.faces, samples, target, crew)
    assert alone.value == together.value
    assert np.array_equal(alone.gradient, together.gradient)


def test_degenerate_faces_and_normals_give_numbers() -> None:
    verts = np.zeros((3, 3))
    target = TargetPoints(PointTree(np.ones((2, 3))), np.zeros((2, 3)))
    result = chamfer(verts, ONE_FACE, at_corner(), target)
    assert result.value == pytest.approx(6.0)
    assert result.normals_value == pytest.approx(2.0)
    assert result.normals_gradient is not None
    assert np.isfinite(result.gradient).all()
    assert not result.normals_gradient.any()
