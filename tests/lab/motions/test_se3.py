"""Rigid motions against the reference, PyTorch3D, SciPy's matrix exponential, and the laws of a group."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.transforms import se3_exp_map, se3_log_map
from scipy.linalg import expm

from lab.motions import se3, so3

shifts = st.floats(-5, 5, allow_nan=False)
turns = st.floats(-1.8, 1.8, allow_nan=False)  # the longest rotation vector is 3.12 long, below pi
twists = st.tuples(shifts, shifts, shifts, turns, turns, turns).map(np.array)


def random_twists(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1.7, 1.7, (count, 6))


def test_the_quarter_turn_of_the_reference() -> None:
    T = se3.exp([1, 2, 3, 0, 0, math.pi / 2])
    np.testing.assert_allclose(T[:3, 3], [-0.6366, 1.9099, 3], atol=5e-5)
    np.testing.assert_allclose(T[:3, 3], [-2 / math.pi, 6 / math.pi, 3], atol=1e-15)  # J rho, by hand
    np.testing.assert_allclose(T[:3, :3], [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-15)


def test_exp_and_log_are_pytorch3ds_transposed() -> None:
    xi = random_twists(100)
    theirs = se3_exp_map(torch.tensor(xi))
    np.testing.assert_allclose(se3.row_vectors(se3.exp(xi)), theirs.numpy(), atol=1e-12)
    np.testing.assert_allclose(se3.log(se3.exp(xi)), se3_log_map(theirs).numpy(), atol=1e-6)
    np.testing.assert_allclose(se3.log(se3.row_vectors(theirs.numpy())), xi, atol=1e-11)


@settings(max_examples=50)
@given(twists)
def test_exp_is_the_matrix_exponential(xi: np.ndarray) -> None:
    np.testing.assert_allclose(se3.exp(xi), expm(se3.hat(xi)), atol=1e-12)


@pytest.mark.parametrize("theta", [0.0, 1e-12, 1e-6, 1e-3])
def test_tiny_turns_are_exact_where_pytorch3d_clamps(theta: float) -> None:
    xi = np.array([1.0, 2.0, 3.0, theta, 0, 0])
    np.testing.assert_allclose(se3.exp(xi), expm(se3.hat(xi)), atol=1e-15)
    np.testing.assert_allclose(se3.log(se3.exp(xi)), xi, atol=1e-15)


@given(twists)
def test_log_undoes_exp(xi: np.ndarray) -> None:
    np.testing.assert_allclose(se3.log(se3.exp(xi)), xi, atol=1e-10)


@given(twists, twists, twists)
def test_motions_are_a_group(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    A, B, C = se3.exp(a), se3.exp(b), se3.exp(c)
    np.testing.assert_allclose((A @ B) @ C, A @ (B @ C), atol=1e-12)
    np.testing.assert_allclose(A @ se3.inverse(A), np.eye(4), atol=1e-13)
    np.testing.assert_allclose(se3.exp(-a), se3.inverse(A), atol=1e-12)
    np.testing.assert_allclose(se3.inverse(A @ B), se3.inverse(B) @ se3.inverse(A), atol=1e-12)
    np.testing.assert_array_equal(se3.exp(np.zeros(6)), np.eye(4))


@given(twists, twists)
def test_the_adjoint_moves_twists(a: np.ndarray, b: np.ndarray) -> None:
    T = se3.exp(a)
    np.testing.assert_allclose(T @ se3.exp(b) @ se3.inverse(T), se3.exp(se3.adjoint(T) @ b), atol=1e-10)


def test_a_gradient_through_exp_is_finite_without_a_turn() -> None:
    step = 1e-6
    for index, axis in enumerate(np.eye(6)):
        slope = (se3.exp(step * axis) - se3.exp(-step * axis)) / (2 * step)
        np.testing.assert_allclose(slope, se3.hat(np.eye(6)[index]), atol=1e-10)


@given(twists)
def test_points_move_like_homogeneous_coordinates(xi: np.ndarray) -> None:
    T, points = se3.exp(xi), np.arange(12.0).reshape(4, 3)
    homogeneous = np.concatenate([points, np.ones((4, 1))], axis=1)
    np.testing.assert_allclose(se3.apply(T, points), (T @ homogeneous.T).T[:, :3], atol=1e-12)
    np.testing.assert_allclose(se3.apply(T, points), (homogeneous @ se3.row_vectors(T))[:, :3], atol=1e-12)


def test_many_motions_move_many_points() -> None:
    T = se3.exp(random_twists(5))
    moved = se3.apply(T, np.eye(3))
    assert moved.shape == (5, 3, 3)
    np.testing.assert_allclose(moved[3], se3.apply(T[3], np.eye(3)))


# --- screws -----------------------------------------------------------------------------------------------------------


def test_the_screw_of_a_quarter_turn_about_an_axis_off_the_origin() -> None:
    # a turn about the line x = 2, y = 0 along z: the origin moves with omega × (0 - p) = (0, -2, 0) a radian
    screw = se3.screw(np.array([0, -2, 0.5, 0, 0, 1]) * math.pi / 2)
    np.testing.assert_allclose(screw.direction, [0, 0, 1])
    np.testing.assert_allclose(screw.point, [2, 0, 0], atol=1e-15)
    assert screw.angle == pytest.approx(math.pi / 2)
    assert screw.shift == pytest.approx(math.pi / 4)
    assert screw.pitch == pytest.approx(0.5)


@given(twists.filter(lambda xi: np.linalg.norm(xi[3:]) > 1e-2))
def test_points_of_the_axis_only_shift_along_it(xi: np.ndarray) -> None:
    screw = se3.screw(xi)
    on_axis = screw.point + np.array([[-1.0], [0.0], [2.0]]) * screw.direction
    moved = se3.apply(se3.exp(xi), on_axis)
    np.testing.assert_allclose(moved, on_axis + screw.shift * screw.direction, atol=1e-9)
    assert screw.point @ screw.direction == pytest.approx(0, abs=1e-9)  # the nearest point to the origin


def test_screws_without_a_turn() -> None:
    shift = se3.screw([0, 3, 4, 0, 0, 0])
    np.testing.assert_allclose(shift.direction, [0, 0.6, 0.8])
    assert (shift.angle, shift.shift, shift.pitch) == (0.0, 5.0, math.inf)
    still = se3.screw(np.zeros(6))
    assert (still.angle, still.shift, still.pitch) == (0.0, 0.0, 0.0)
    np.testing.assert_array_equal(still.direction, np.zeros(3))


def test_shapes_broadcast() -> None:
    assert se3.matrix(np.eye(3), np.zeros((4, 3))).shape == (4, 4, 4)
    assert se3.twist(np.zeros(3), np.zeros((2, 3))).shape == (2, 6)
    assert se3.adjoint(se3.exp(random_twists(3))).shape == (3, 6, 6)
    np.testing.assert_array_equal(se3.hat(se3.twist([1, 2, 3], [4, 5, 6]))[:3, 3], [1, 2, 3])
    np.testing.assert_array_equal(so3.vee(se3.hat(se3.twist([1, 2, 3], [4, 5, 6]))[:3, :3]), [4, 5, 6])
