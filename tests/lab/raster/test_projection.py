"""The differentiable camera."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.renderer import OrthographicCameras, PerspectiveCameras

from lab.cameras.conventions import to_pytorch3d
from lab.cameras.model import CameraModel, look_at
from lab.motions import so3
from lab.raster.projection import NEAREST, Projection, to_ndc

POINTS = np.array([[0.2, -0.3, 0.4], [-0.5, 0.1, -0.2], [0.0, 0.7, 0.3], [0.4, 0.4, -0.6]])


def camera(orthographic=False, width=64, height=48):
    there = look_at(np.array([1.0, 1.5, 2.5]), np.array([0.1, 0.0, 0.0]))
    return CameraModel(there, 50.0, 55.0, 30.0, 26.0, width, height, orthographic=orthographic)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("size", [(64, 48), (40, 90)])
def test_ndc_is_pytorch3ds(orthographic, size):
    model = camera(orthographic, *size)
    there = to_pytorch3d(model)
    kind = OrthographicCameras if orthographic else PerspectiveCameras
    batch = {
        name: torch.tensor(getattr(there, name), dtype=torch.float32)[None]  # its transforms know no other
        for name in ("R", "T", "focal_length", "principal_point")
    }
    theirs = kind(**batch)
    points = torch.tensor(POINTS, dtype=torch.float32)
    ndc = to_ndc(POINTS, model, np.float64)
    np.testing.assert_allclose(ndc[:, :2], theirs.transform_points(points).numpy()[:, :2], atol=1e-6)
    depth = theirs.get_world_to_view_transform().transform_points(points).numpy()[:, 2]
    np.testing.assert_allclose(ndc[:, 2], depth, atol=1e-6)


def test_by_hand():
    """f = (2, 3), p = (0.1, -0.2): a point 4 m ahead and 1 m to the left and 2 m up, seen from the world's origin."""
    ndc = Projection(np.eye(3), [0, 0, 0], [2, 3], [0.1, -0.2]).forward(np.array([[1.0, 2.0, 4.0]]))
    np.testing.assert_allclose(ndc, [[2 / 4 + 0.1, 6 / 4 - 0.2, 4]])
    flat = Projection(np.eye(3), [0, 0, 1], 0.5, orthographic=True).forward(np.array([[1.0, 2.0, 4.0]]))
    np.testing.assert_allclose(flat, [[0.5, 1.0, 5.0]])


def test_to_ndc_is_ready_for_kernels():
    ndc = to_ndc(POINTS.astype(np.float32), camera())
    assert ndc.dtype == np.float32
    assert ndc.flags.c_contiguous


@settings(max_examples=25)
@given(
    turn=st.lists(st.floats(-2, 2), min_size=3, max_size=3),
    shift=st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=2),
    focal=st.tuples(st.floats(0.3, 4), st.floats(0.3, 4)),
    orthographic=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_gradients_are_those_of_finite_differences(turn, shift, focal, orthographic, seed):
    rng = np.random.default_rng(seed)
    pull = rng.normal(size=POINTS.shape)
    start = {
        "R": so3.exp(np.array(turn)),
        "T": np.array([*shift, 3.0]),
        "focal": np.array(focal),
        "principal": np.array([0.1, -0.1]),
    }

    def value(verts=POINTS, **changed):
        return float((pull * Projection(**{**start, **changed}, orthographic=orthographic).forward(verts)).sum())

    projection = Projection(**start, orthographic=orthographic)
    projection.forward(POINTS)
    gradient = projection.backward(pull, to_verts=True)
    for name, at in (*start.items(), ("verts", POINTS)):
        expected = np.zeros_like(at)
        for index in np.ndindex(at.shape):
            step = np.zeros_like(at)
            step[index] = 1e-6
            expected[index] = (value(**{name: at + step}) - value(**{name: at - step})) / 2e-6
        np.testing.assert_allclose(getattr(gradient, name), expected, rtol=1e-5, atol=1e-6, err_msg=name)


def test_vertices_are_left_out_of_the_gradient_unless_asked_for():
    projection = Projection(np.eye(3), [0, 0, 3], 1)
    projection.forward(POINTS)
    assert projection.backward(np.ones_like(POINTS)).verts is None


def test_a_vertex_in_the_cameras_plane_stays_finite():
    ndc = Projection(np.eye(3), [0, 0, 0], 1).forward(np.array([[0.5, 0.0, 0.0], [0.5, 0.0, 1.0]]))
    assert np.isfinite(ndc).all()
    assert ndc[0, 2] == NEAREST
    assert ndc[0, 0] * ndc[0, 2] == pytest.approx(0.5)  # so that clipping finds where it was


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.eye(4), [0, 0, 0], 1), r"R: expected shape \(3, 3\), found \(4, 4\)"),
        ((np.eye(3), [0, 0], 1), r"T: expected shape \(3,\)"),
        ((np.eye(3), [0, 0, 0], [1, 2, 3]), "focal: expected two numbers"),
    ],
)
def test_shapes_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        Projection(*arguments)


def test_use_is_checked():
    projection = Projection(np.eye(3), [0, 0, 3], 1)
    with pytest.raises(RuntimeError, match="forward first"):
        projection.backward(POINTS)
    with pytest.raises(ValueError, match="verts: expected"):
        projection.forward(np.zeros(3))
    projection.forward(POINTS)
    with pytest.raises(ValueError, match="grad_ndc: expected"):
        projection.backward(POINTS[:2])
