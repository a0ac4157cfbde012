"""The shape losses: the reference's numbers, PyTorch3D's values and gradients, finite differences, invariances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytorch3d.loss import mesh_edge_loss, mesh_laplacian_smoothing, mesh_normal_consistency
from pytorch3d.structures import Meshes

from lab.fitting.regularisers import cot_weights, edge_loss, laplacian_smoothing, mean_curvature, normal_consistency
from lab.fitting.templates import ico_sphere
from lab.fitting.topology import Topology, build_topology
from lab.scene import Array
from tests.lab.fitting.fitting_help import cube, grid, noisy_sphere, odd_mesh

Loss = Callable[[Array, Topology], tuple[float, Array]]


def laplacian(kind: str) -> Loss:
    return lambda verts, topology: laplacian_smoothing(verts, topology, kind)


LOSSES: dict[str, tuple[Loss, Callable[[Meshes], torch.Tensor]]] = {
    "edge": (edge_loss, mesh_edge_loss),
    "edge with a length": (lambda v, t: edge_loss(v, t, 0.1), lambda m: mesh_edge_loss(m, target_length=0.1)),
    "normal": (normal_consistency, mesh_normal_consistency),
    "uniform": (laplacian("uniform"), lambda m: mesh_laplacian_smoothing(m, "uniform")),
    "cot": (laplacian("cot"), lambda m: mesh_laplacian_smoothing(m, "cot")),
    "cotcurv": (laplacian("cotcurv"), lambda m: mesh_laplacian_smoothing(m, "cotcurv")),
}
NAMES = pytest.mark.parametrize("name", LOSSES)


def slope(loss: Loss, verts: Array, topology: Topology, direction: Array, step: float = 1e-6) -> float:
    """The derivative along ``direction`` by central differences."""
    ahead, behind = loss(verts + step * direction, topology)[0], loss(verts - step * direction, topology)[0]
    return (ahead - behind) / (2.0 * step)


def test_a_cube_of_side_two() -> None:
    verts, faces = cube()
    topology = build_topology(faces, 8)
    assert edge_loss(verts, topology)[0] == pytest.approx(96 / 18, rel=1e-12)
    assert normal_consistency(verts, topology)[0] == pytest.approx(12 / 18, rel=1e-12)
    assert laplacian_smoothing(verts, topology)[0] == pytest.approx(1.57462, abs=5e-6)


def test_the_sphere_of_level_four() -> None:
    verts, faces = ico_sphere(4)
    topology = build_topology(faces, len(verts))
    assert edge_loss(verts, topology)[0] == pytest.approx(0.005724, abs=5e-7)
    assert normal_consistency(verts, topology)[0] == pytest.approx(0.000978, abs=5e-7)
    assert laplacian_smoothing(verts, topology)[0] == pytest.approx(0.004001, abs=5e-7)


def test_a_single_hinge_by_hand() -> None:
    verts = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)  # two faces at a right angle along x
    topology = build_topology(np.array([[0, 1, 2], [1, 0, 3]], np.int32), 4)
    assert normal_consistency(verts, topology)[0] == pytest.approx(1.0, abs=1e-12)
    verts[3] = (0, -1, 0)  # flat
    assert normal_consistency(verts, topology)[0] == pytest.approx(0.0, abs=1e-12)
    verts[3] = (0, 1, 0)  # folded back
    assert normal_consistency(verts, topology)[0] == pytest.approx(2.0, abs=1e-12)


def test_a_vertex_in_the_plane_of_its_neighbours_still_counts_unless_it_is_their_mean() -> None:
    angles = np.arange(6) * np.pi / 3
    rim = np.stack([np.cos(angles), np.sin(angles), np.zeros(6)], axis=1)
    topology = build_topology(np.array([[6, i, (i + 1) % 6] for i in range(6)], np.int32), 7)
    for offset in (np.zeros(3), np.array([0.3, 0.1, 0.0])):
        verts = np.concatenate([rim, offset[None]])
        of_rim = (np.roll(rim, 1, axis=0) + np.roll(rim, -1, axis=0) + offset) / 3 - rim
        expected = np.linalg.norm(of_rim, axis=1).sum() + np.linalg.norm(offset)  # the middle's own share is its offset
        assert laplacian_smoothing(verts, topology)[0] == pytest.approx(expected / 7, rel=1e-12)


def test_cot_takes_a_jittered_plane_as_flat_and_uniform_does_not() -> None:
    verts, faces = grid(8, jitter=0.25)
    topology = build_topology(faces, len(verts))
    inside = ~topology.boundary_verts
    assert np.abs(mean_curvature(verts, topology)[inside]).max() < 1e-6
    uniform = [
        np.linalg.norm(verts[_ring(topology, vert)].mean(axis=0) - verts[vert]) for vert in np.flatnonzero(inside)
    ]
    assert np.mean(uniform) == pytest.approx(0.16, abs=0.04)  # the reference's figure for a jittered grid


def _ring(topology: Topology, vert: int) -> Array:
    return topology.neighbours[topology.neighbour_starts[vert] : topology.neighbour_starts[vert + 1]]


@NAMES
def test_values_and_gradients_are_pytorch3ds(name: str) -> None:
    loss, peer = LOSSES[name]
    for verts, topology in (noisy_sphere(3), odd_mesh()):
        moving = torch.tensor(verts, requires_grad=True)
        expected = peer(Meshes([moving], [torch.tensor(topology.faces).long()])).reshape(())
        (slope_expected,) = torch.autograd.grad(expected, moving)
        value, gradient = loss(verts, topology)
        assert gradient.dtype == np.float32
        assert value == pytest.approx(expected.item(), rel=1e-5)
        # PyTorch3D's own float32 limits its cotangents
        tolerance = 5e-4 if name.startswith("cot") else 2e-5
        assert np.allclose(gradient, slope_expected.numpy(), atol=tolerance * slope_expected.abs().max().item())


@pytest.mark.parametrize("name", ["edge", "edge with a length", "normal", "uniform"])
def test_gradients_are_the_slopes(name: str) -> None:
    loss, _ = LOSSES[name]
    for verts, topology in (noisy_sphere(2), odd_mesh()):
        points = verts.astype(np.float64)
        gradient = loss(points, topology)[1]
        for seed in range(3):
            direction = np.random.default_rng(seed).normal(size=points.shape)
            expected = slope(loss, points, topology, direction)
            assert (gradient * direction).sum() == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind", ["cot", "cotcurv"])
def test_cotangent_gradients_are_the_slopes_with_the_weights_held(kind: str) -> None:
    verts, topology = noisy_sphere(2)
    points = verts.astype(np.float64)
    weights, areas = cot_weights(points, topology)
    matrix = np.zeros((len(points), len(points)))
    for edge, (a, b) in enumerate(topology.edges):
        matrix[a, b] = matrix[b, a] = weights[edge]
    sums = matrix.sum(axis=1, keepdims=True)
    if kind == "cot":
        matrix = matrix / sums - np.eye(len(points))
    else:
        matrix = (matrix - np.diag(sums[:, 0])) * 0.25 / areas[:, None]
    value, gradient = laplacian_smoothing(points, topology, kind)
    assert value == pytest.approx(np.linalg.norm(matrix @ points, axis=1).mean(), rel=1e-9)
    direction = np.random.default_rng(0).normal(size=points.shape)
    ahead, behind = (np.linalg.norm(matrix @ (points + s * direction), axis=1).mean() for s in (1e-6, -1e-6))
    assert (gradient * direction).sum() == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


@NAMES
def test_a_rigid_motion_changes_nothing_and_turns_the_gradient(name: str) -> None:
    verts, topology = noisy_sphere(2)
    points = verts.astype(np.float64)
    loss, _ = LOSSES[name]
    rotation, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    value, gradient = loss(points, topology)
    moved, turned = loss(points @ rotation.T + (1.0, -2.0, 0.5), topology)
    assert moved == pytest.approx(value, rel=1e-9)
    assert np.allclose(turned, gradient @ rotation.T, atol=1e-9 * np.abs(gradient).max() + 1e-12)


@pytest.mark.parametrize(("name", "power"), [("edge", 2), ("normal", 0), ("uniform", 1), ("cot", 1), ("cotcurv", -1)])
def test_how_a_loss_grows_with_the_mesh(name: str, power: int) -> None:
    verts, topology = noisy_sphere(2)
    loss, _ = LOSSES[name]
    value, larger = loss(verts.astype(np.float64), topology)[0], loss(3.0 * verts.astype(np.float64), topology)[0]
    assert larger == pytest.approx(value * 3.0**power, rel=1e-9)


@NAMES
def test_degenerate_faces_give_numbers(name: str) -> None:
    verts = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 0, 0], [0, 1, 1]], np.float32)
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 4, 3], [1, 1, 3], [3, 5, 1], [2, 2, 2]], np.int32)
    topology = build_topology(faces, len(verts))
    value, gradient = LOSSES[name][0](verts, topology)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() < 1e7
    if name in ("edge", "normal", "uniform"):
        peer = LOSSES[name][1](Meshes([torch.tensor(verts)], [torch.tensor(faces).long()]))
        assert value == pytest.approx(peer.item(), rel=1e-5)


@NAMES
def test_vertices_that_are_not_finite_are_seen_in_the_value(name: str) -> None:
    verts, topology = noisy_sphere(1)
    verts[5] = np.nan
    assert np.isnan(LOSSES[name][0](verts, topology)[0])


@NAMES
def test_no_faces_are_no_loss(name: str) -> None:
    value, gradient = LOSSES[name][0](np.zeros((3, 3), np.float32), build_topology(np.zeros((0, 3), np.int32), 3))
    assert value == 0.0
    assert not gradient.any()


def test_an_unknown_laplacian_is_refused() -> None:
    verts, topology = noisy_sphere(1)
    with pytest.raises(ValueError, match="uniform, cot or cotcurv"):
        laplacian_smoothing(verts, topology, "round")


def test_mean_curvature_of_spheres_and_hollows() -> None:
    sphere, faces = ico_sphere(4)
    topology = build_topology(faces, len(sphere))
    assert np.median(mean_curvature(sphere, topology)) == pytest.approx(1.0, abs=0.01)
    assert np.median(mean_curvature(4.0 * sphere, topology)) == pytest.approx(0.25, abs=0.01)
    inside_out = build_topology(faces[:, ::-1].copy(), len(sphere))
    assert np.median(mean_curvature(sphere, inside_out)) == pytest.approx(-1.0, abs=0.01)
