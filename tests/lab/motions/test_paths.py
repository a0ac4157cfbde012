"""Interpolation: both ends are met, the right ways are even and shortest, the wrong ones wrong as computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.motions import euler, paths, se3, so3

TS = np.linspace(0, 1, 101)

parts = st.floats(-1.7, 1.7, allow_nan=False)
poses = st.tuples(parts, parts, parts, parts, parts, parts).map(lambda xi: se3.exp(np.array(xi)))


def about_z(degrees: float, x: float = 0.0) -> np.ndarray:
    return se3.matrix(so3.exp([0, 0, math.radians(degrees)]), [x, 0, 0])


@settings(max_examples=30)
@given(poses, poses, st.sampled_from(paths.METHODS), st.booleans(), st.sampled_from(euler.ORDERS))
def test_every_method_meets_both_ends(
    A: np.ndarray, B: np.ndarray, method: str, other_sign: bool, order: euler.Order
) -> None:
    choices = paths.Choices(order, other_sign)
    ends = paths.path(method, A, B, np.array([0.0, 1.0]), choices)
    np.testing.assert_allclose(ends[0], A, atol=1e-8)
    np.testing.assert_allclose(ends[1], B, atol=1e-8)


@settings(max_examples=30)
@given(poses, poses, st.sampled_from(["slerp", "screw"]))
def test_slerp_and_screw_turn_evenly_and_no_further_than_needed(A: np.ndarray, B: np.ndarray, method: str) -> None:
    course = paths.course(paths.path(method, A, B, TS), TS)
    apart = so3.angle_between(A[:3, :3], B[:3, :3])
    assert course.turned == pytest.approx(float(apart), abs=1e-9)
    np.testing.assert_allclose(course.speed, apart, atol=1e-6)
    assert course.determinant_error < 1e-12


@settings(max_examples=30)
@given(poses, poses, st.sampled_from(paths.METHODS))
def test_no_method_turns_less_than_the_shortest_way(A: np.ndarray, B: np.ndarray, method: str) -> None:
    course = paths.course(paths.path(method, A, B, TS), TS)
    assert course.turned >= so3.angle_between(A[:3, :3], B[:3, :3]) - 1e-7


@settings(max_examples=30)
@given(poses, poses, poses)
def test_the_screw_does_not_depend_on_the_world_frame(A: np.ndarray, B: np.ndarray, G: np.ndarray) -> None:
    np.testing.assert_allclose(paths.screw(G @ A, G @ B, TS[::20]), G @ paths.screw(A, B, TS[::20]), atol=1e-9)


def test_half_way_by_hand() -> None:
    half = np.array([0.5])
    A, B = about_z(0), about_z(120)
    assert so3.angle(paths.path("slerp", A, B, half)[0, :3, :3]) == pytest.approx(math.radians(60))
    assert so3.angle(paths.path("nlerp", A, B, half)[0, :3, :3]) == pytest.approx(math.radians(60))
    assert so3.angle(paths.path("projected", A, B, half)[0, :3, :3]) == pytest.approx(math.radians(60))
    # (I + R) / 2 scales the plane of the turn by cos(60°) = 1/2, and keeps the axis
    np.testing.assert_allclose(np.linalg.svd(paths.path("matrix", A, B, half)[0, :3, :3])[1], [1, 0.5, 0.5])
    # the line between the quaternions is cos(30°) long in its middle, and q x q* scales by the square of it
    np.testing.assert_allclose(np.linalg.svd(paths.path("quaternion", A, B, half)[0, :3, :3])[1], [0.75, 0.75, 0.75])


def test_a_quarter_of_the_way_by_hand() -> None:
    quarter, theta = np.array([0.25]), math.radians(120)
    A, B = about_z(0), about_z(120)

    def angle(method: str) -> float:
        return float(so3.angle(paths.path(method, A, B, quarter)[0, :3, :3]))

    assert angle("slerp") == pytest.approx(math.radians(30))
    line = math.atan2(0.25 * math.sin(theta / 2), 0.75 + 0.25 * math.cos(theta / 2))  # half the angle
    assert angle("nlerp") == pytest.approx(2 * line)
    assert angle("projected") == pytest.approx(math.atan2(0.25 * math.sin(theta), 0.75 + 0.25 * math.cos(theta)))


def test_mixed_matrices_go_flat_half_way_through_a_half_turn() -> None:
    course = paths.course(paths.path("matrix", about_z(0), about_z(180), TS), TS)
    assert course.determinant.min() == pytest.approx(0.0, abs=1e-15)
    assert course.determinant_error == pytest.approx(1.0)
    assert math.isnan(course.turned)  # nothing to turn, where it is flat


def test_the_other_sign_goes_the_long_way_round() -> None:
    choices = paths.Choices(other_sign=True)
    for method in ("slerp", "nlerp"):
        course = paths.course(paths.path(method, about_z(0), about_z(100), TS, choices), TS)
        assert course.turned == pytest.approx(math.radians(260), abs=1e-6), method


def test_opposite_quaternions_leave_nothing_half_way() -> None:
    half = paths.path("nlerp", np.eye(4), np.eye(4), np.array([0.5]), paths.Choices(other_sign=True))
    assert np.isnan(half[0, :3, :3]).all()
    gone = paths.path("quaternion", np.eye(4), np.eye(4), np.array([0.5]), paths.Choices(other_sign=True))
    np.testing.assert_array_equal(gone[0, :3, :3], np.zeros((3, 3)))


def test_an_euler_angle_goes_back_through_0_to_cross_180() -> None:
    A, B = (se3.matrix(euler.to_matrix([math.radians(yaw), 0, 0], "YXZ"), np.zeros(3)) for yaw in (170, 190))
    course = paths.course(paths.path("euler", A, B, TS), TS)
    assert course.turned == pytest.approx(math.radians(340))


def test_the_lessons_detour_next_to_gimbal_lock() -> None:
    A, B = np.eye(4), se3.matrix(so3.exp(np.radians([-90, 15, 15])), np.zeros(3))
    course = paths.course(paths.path("euler", A, B, np.linspace(0, 1, 2001)), np.linspace(0, 1, 2001))
    assert math.degrees(so3.angle(B[:3, :3])) == pytest.approx(92.47, abs=0.01)
    assert math.degrees(course.turned) == pytest.approx(319.4, abs=0.1)


def test_origins_go_straight_or_along_the_arc_of_the_screw() -> None:
    A, B = about_z(0, 1.0), se3.matrix(so3.exp([0, 0, math.pi / 2]), [0, 1, 0])  # a quarter turn about the origin
    slerp, screw = (paths.course(paths.path(method, A, B, TS), TS) for method in ("slerp", "screw"))
    assert slerp.travelled == pytest.approx(math.sqrt(2))
    assert screw.travelled == pytest.approx(math.pi / 2, abs=1e-4)


def test_an_unknown_method_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        paths.path("spline", np.eye(4), np.eye(4), TS)
