"""Rotations against hand-worked numbers, PyTorch3D's own functions, finite differences and the laws of a group."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.transforms import (
    matrix_to_quaternion,
    quaternion_to_matrix,
    so3_exp_map,
    so3_log_map,
    so3_relative_angle,
)
from pytorch3d.transforms import so3 as torch_so3

from lab.motions import so3

ROOT = Path(__file__).resolve().parents[3]

BOOK = np.array([[1e-3, 1e-4, 2e-4], [1e-3, 2e-3, 3e-3], [-2e-3, 1e-4, 1e-4], [0.0, 0.0, 4e-3]])
"""Tiny log-rotations; the first two are the book's own."""

numbers = st.floats(-1, 1, allow_nan=False, width=64)
directions = st.tuples(numbers, numbers, numbers).filter(lambda v: np.linalg.norm(v) > 1e-3)
angles = st.floats(0, math.pi)


@st.composite
def vectors(draw: st.DrawFn, most: float = math.pi) -> np.ndarray:
    """Rotation vectors, also of length 0 and ``most``."""
    direction = np.array(draw(directions))
    return direction / np.linalg.norm(direction) * draw(st.floats(0, most))


def random_vectors(count: int, most: float = math.pi, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(count, 3))
    return direction / np.linalg.norm(direction, axis=1, keepdims=True) * rng.uniform(0, most, (count, 1))


# --- hat and vee ------------------------------------------------------------------------------------------------------


def test_hat_is_the_matrix_of_the_reference() -> None:
    np.testing.assert_array_equal(so3.hat([1.0, 2.0, 3.0]), [[0, -3, 2], [3, 0, -1], [-2, 1, 0]])


def test_hat_and_vee_agree_with_pytorch3d() -> None:
    omega = random_vectors(20)
    np.testing.assert_array_equal(so3.hat(omega), torch_so3.hat(torch.tensor(omega)).numpy())
    np.testing.assert_array_equal(so3.vee(so3.hat(omega)), torch_so3.hat_inv(torch.tensor(so3.hat(omega))).numpy())


def test_vee_refuses_what_is_not_skew() -> None:
    with pytest.raises(ValueError, match=r"skew matrix.*0\.002"):
        so3.vee(so3.hat([1.0, 2.0, 3.0]) + 1e-3 * np.eye(3))
    so3.vee(so3.hat([1.0, 2.0, 3.0]) + 1e-6 * np.eye(3))  # rounding is no reason


@given(vectors(), vectors())
def test_hat_is_the_cross_product(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(so3.hat(a) @ b, np.cross(a, b), atol=1e-14)


# --- exp and log ------------------------------------------------------------------------------------------------------


def test_a_quarter_turn_about_x() -> None:
    expected = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    np.testing.assert_allclose(so3.exp([math.pi / 2, 0, 0]), expected, atol=1e-15)


def test_the_books_tiny_rotations_come_back_and_are_nearly_the_identity_plus_hat() -> None:
    R = so3.exp(BOOK)
    np.testing.assert_allclose(R, np.eye(3) + so3.hat(BOOK), atol=1e-5)
    np.testing.assert_allclose(so3.log(R), BOOK, atol=1e-15)
    np.testing.assert_allclose(so3.vee(so3.hat(BOOK)), BOOK, atol=0)


def test_exp_and_log_agree_with_pytorch3d() -> None:
    omega = random_vectors(200, 3.1)
    R = so3.exp(omega)
    np.testing.assert_allclose(R, so3_exp_map(torch.tensor(omega)).numpy(), atol=1e-12)
    np.testing.assert_allclose(so3.log(R), so3_log_map(torch.tensor(R)).numpy(), atol=1e-7)


@given(vectors())
def test_log_undoes_exp_up_to_half_a_turn(omega: np.ndarray) -> None:
    back = so3.log(so3.exp(omega))
    nearest = min(np.linalg.norm(back - omega), np.linalg.norm(so3.long_way(back) - omega))  # both are right at pi
    assert nearest < 1e-12


@pytest.mark.parametrize("theta", [1e-300, 1e-12, 1e-8, 1e-4, math.pi - 1e-4, math.pi - 1e-8, math.pi])
def test_log_keeps_its_digits_next_to_the_singular_places(theta: float) -> None:
    direction = np.array([2.0, -3.0, 6.0]) / 7
    back = so3.log(so3.exp(theta * direction))
    assert abs(np.linalg.norm(back) - theta) <= 1e-15 * max(1, theta)
    np.testing.assert_allclose(np.abs(back @ direction), theta, rtol=1e-12)


def test_beyond_half_a_turn_log_comes_back_the_short_way() -> None:
    omega = np.array([0.0, 1.5 * math.pi, 0.0])
    np.testing.assert_allclose(so3.log(so3.exp(omega)), [0, -0.5 * math.pi, 0], atol=1e-15)
    np.testing.assert_allclose(so3.long_way(omega), [0, -0.5 * math.pi, 0], atol=1e-15)


@given(vectors(2 * math.pi))
def test_the_long_way_ends_at_the_same_rotation(omega: np.ndarray) -> None:
    np.testing.assert_allclose(so3.exp(so3.long_way(omega)), so3.exp(omega), atol=1e-13)


def test_the_long_way_of_no_turn_is_no_turn() -> None:
    np.testing.assert_array_equal(so3.long_way(np.zeros(3)), np.zeros(3))


# --- the group --------------------------------------------------------------------------------------------------------


@given(vectors(), vectors(), vectors())
def test_rotations_are_a_group(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    A, B, C = so3.exp(a), so3.exp(b), so3.exp(c)
    assert so3.orthogonality_error(A @ B) < 1e-13
    np.testing.assert_allclose((A @ B) @ C, A @ (B @ C), atol=1e-13)
    np.testing.assert_allclose(A @ so3.exp(np.zeros(3)), A, atol=0)
    np.testing.assert_allclose(A @ so3.exp(-a), np.eye(3), atol=1e-14)


@given(vectors(), st.floats(-1, 1), st.floats(-1, 1))
def test_turns_about_one_axis_add(omega: np.ndarray, s: float, t: float) -> None:
    np.testing.assert_allclose(so3.exp(s * omega) @ so3.exp(t * omega), so3.exp((s + t) * omega), atol=1e-13)


@given(vectors(), vectors())
def test_a_turned_axis_turns_like_the_turned_rotation(a: np.ndarray, b: np.ndarray) -> None:
    A = so3.exp(a)
    np.testing.assert_allclose(A @ so3.exp(b) @ A.T, so3.exp(A @ b), atol=1e-13)


@given(vectors(), vectors(), vectors())
def test_the_angle_is_a_distance(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    A, B, C = so3.exp(a), so3.exp(b), so3.exp(c)
    assert so3.angle_between(A, C) <= so3.angle_between(A, B) + so3.angle_between(B, C) + 1e-12
    assert so3.angle_between(A, B) == pytest.approx(float(so3.angle_between(B, A)), abs=1e-13)
    assert so3.angle_between(C @ A, C @ B) == pytest.approx(float(so3.angle_between(A, B)), abs=1e-12)


@given(vectors())
def test_the_angle_is_the_length_of_the_rotation_vector(omega: np.ndarray) -> None:
    assert so3.angle(so3.exp(omega)) == pytest.approx(float(np.linalg.norm(omega)), abs=1e-13)


def test_the_angle_agrees_with_pytorch3d() -> None:
    A, B = so3.exp(random_vectors(50, seed=1)), so3.exp(random_vectors(50, seed=2))
    theirs = so3_relative_angle(torch.tensor(A), torch.tensor(B)).numpy()
    inside = theirs < 3.1  # it continues arccos by straight lines at its ends
    np.testing.assert_allclose(so3.angle_between(A, B)[inside], theirs[inside], atol=1e-6)


# --- J ----------------------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(vectors(2 * math.pi))
def test_j_is_the_derivative_of_exp(omega: np.ndarray) -> None:
    step = 1e-6
    columns = [
        (so3.log(so3.exp(omega + step * e) @ so3.exp(omega).T) - so3.log(so3.exp(omega - step * e) @ so3.exp(omega).T))
        / (2 * step)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(np.stack(columns, axis=1), so3.left_jacobian(omega), atol=1e-8)


def test_j_is_the_identity_without_a_turn_and_finite_next_to_it() -> None:
    np.testing.assert_array_equal(so3.left_jacobian(np.zeros(3)), np.eye(3))
    np.testing.assert_allclose(so3.left_jacobian([1e-200, 0, 0]), np.eye(3), atol=1e-199)
    np.testing.assert_array_equal(so3.left_jacobian_inverse(np.zeros(3)), np.eye(3))


@pytest.mark.parametrize("theta", [0.299999, 0.300001])
def test_series_and_closed_form_meet(theta: float) -> None:
    J, inverse = so3.left_jacobian([0, 0, theta]), so3.left_jacobian_inverse([0, 0, theta])
    assert J[0, 0] == pytest.approx(math.sin(theta) / theta, abs=1e-15)
    assert J[1, 0] == pytest.approx((1 - math.cos(theta)) / theta, abs=1e-15)
    assert inverse[0, 0] == pytest.approx(theta / 2 / math.tan(theta / 2), abs=1e-15)


@given(vectors(6.0))
def test_j_times_its_inverse_is_the_identity(omega: np.ndarray) -> None:
    np.testing.assert_allclose(so3.left_jacobian(omega) @ so3.left_jacobian_inverse(omega), np.eye(3), atol=1e-12)


def test_j_is_singular_after_a_full_turn() -> None:
    J = so3.left_jacobian([0, 0, 2 * math.pi])
    np.testing.assert_allclose(J, np.diag([0, 0, 1]), atol=1e-15)


# --- quaternions ------------------------------------------------------------------------------------------------------


def test_quaternions_agree_with_pytorch3d() -> None:
    R = so3.exp(random_vectors(200))
    ours, theirs = so3.to_quaternion(R), matrix_to_quaternion(torch.tensor(R)).numpy()
    np.testing.assert_allclose(ours, theirs * np.sign(np.sum(ours * theirs, axis=1, keepdims=True)), atol=1e-12)
    np.testing.assert_allclose(so3.from_quaternion(ours), quaternion_to_matrix(torch.tensor(ours)).numpy(), atol=1e-14)


@pytest.mark.parametrize(
    ("omega", "q"),
    [
        ([0, 0, 0], [1, 0, 0, 0]),
        ([math.pi / 2, 0, 0], [math.sqrt(0.5), math.sqrt(0.5), 0, 0]),
        ([0, math.pi, 0], [0, 0, 1, 0]),
        ([0, 0, 2 * math.pi / 3], [0.5, 0, 0, math.sqrt(0.75)]),
    ],
)
def test_quaternions_by_hand(omega: list[float], q: list[float]) -> None:
    np.testing.assert_allclose(so3.quaternion_exp(omega), q, atol=1e-15)
    np.testing.assert_allclose(so3.to_quaternion(so3.exp(omega)), q, atol=1e-15)
    np.testing.assert_allclose(so3.quaternion_log(q), omega, atol=1e-15)
    np.testing.assert_allclose(so3.from_quaternion(7 * np.array(q)), so3.exp(omega), atol=1e-15)


@given(vectors(), vectors())
def test_the_product_of_quaternions_is_that_of_rotations(a: np.ndarray, b: np.ndarray) -> None:
    product = so3.multiply(so3.quaternion_exp(a), so3.quaternion_exp(b))
    np.testing.assert_allclose(so3.from_quaternion(product), so3.exp(a) @ so3.exp(b), atol=1e-13)
    np.testing.assert_allclose(so3.from_quaternion(-product), so3.exp(a) @ so3.exp(b), atol=1e-13)


@given(vectors(2 * math.pi - 1e-3))
def test_a_quaternion_tells_one_turn_from_another_up_to_a_full_one(omega: np.ndarray) -> None:
    np.testing.assert_allclose(so3.quaternion_log(so3.quaternion_exp(omega)), omega, atol=1e-11)


def test_no_quaternion_of_length_0() -> None:
    with pytest.raises(ValueError, match="length above 0"):
        so3.from_quaternion(np.zeros(4))


# --- projection, shapes, imports --------------------------------------------------------------------------------------


@given(vectors(), st.floats(0.1, 10))
def test_projection_finds_the_scaled_rotation(omega: np.ndarray, scale: float) -> None:
    np.testing.assert_allclose(so3.project(scale * so3.exp(omega)), so3.exp(omega), atol=1e-13)


def test_projection_of_a_mirror_is_a_rotation() -> None:
    found = so3.project(np.diag([3.0, 2.0, -1.0]))
    np.testing.assert_allclose(found, np.eye(3), atol=1e-15)


def test_no_rotation_is_nearer_than_the_projection() -> None:
    rng = np.random.default_rng(3)
    M = np.eye(3) + 0.4 * rng.normal(size=(3, 3))
    best = np.linalg.norm(M - so3.project(M))
    others = so3.project(M) @ so3.exp(0.05 * rng.normal(size=(200, 3)))
    assert np.all(np.linalg.norm(M - others, axis=(1, 2)) >= best)


def test_random_rotations_are_even() -> None:
    R = so3.random(np.random.default_rng(0), 20_000)
    assert np.abs(R.mean(axis=0)).max() < 0.02
    # evenly drawn rotations have angles of density (1 - cos t) / pi, whose mean is pi / 2 + 2 / pi
    assert so3.angle(R).mean() == pytest.approx(math.pi / 2 + 2 / math.pi, abs=0.02)


def test_leading_axes_stay() -> None:
    omega = random_vectors(6).reshape(2, 3, 3)
    assert so3.exp(omega).shape == so3.left_jacobian(omega).shape == (2, 3, 3, 3)
    assert so3.log(so3.exp(omega)).shape == (2, 3, 3)
    assert so3.to_quaternion(so3.exp(omega)).shape == (2, 3, 4)
    assert so3.angle(so3.exp(omega)).shape == (2, 3)
    np.testing.assert_array_equal(so3.exp(omega)[1, 2], so3.exp(omega[1, 2]))


def test_the_window_can_import_it() -> None:
    code = "import sys, lab.motions.so3; print(*sorted({'torch', 'scipy', 'numba', 'open3d'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
