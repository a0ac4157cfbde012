"""Ways of a camera: through their keyframes, smoothly, with true rotations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cameras.model import CameraError, look_at
from lab.fields.out.path import Course, fitting_distance, lengths, orbit, spiral
from lab.motions import so3
from lab.scene import Array

EYES = np.array([[3, 1, 0], [1, 2, 3], [-3, 0, 1], [-1, 1, -2]], float)
TARGETS = np.array([[0, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0.3, 0, 0]], float)
KEYS = np.stack([look_at(eye, target) for eye, target in zip(EYES, TARGETS, strict=True)])
AIMED = pytest.mark.parametrize("aimed", [True, False])


def course(*which: int, loop: bool = False, aimed: bool = False) -> Course:
    """Through some of the keyframes, all of them by default."""
    chosen = list(which or range(4))
    return Course(EYES[chosen], TARGETS[chosen], loop=loop, aimed=aimed)


def check_rotations(poses: Array) -> None:
    turns = poses[:, :3, :3]
    np.testing.assert_allclose(turns @ np.swapaxes(turns, 1, 2), np.tile(np.eye(3), (len(poses), 1, 1)), atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(turns), 1.0, atol=1e-9)


@AIMED
@pytest.mark.parametrize("loop", [False, True])
def test_it_passes_through_its_keyframes(loop: bool, aimed: bool) -> None:
    way = course(loop=loop, aimed=aimed)
    np.testing.assert_allclose(way.at(np.arange(4.0)), KEYS, atol=1e-9)
    assert way.segments == (4 if loop else 3)
    if loop:
        np.testing.assert_allclose(way.at(np.array([4.0])), KEYS[:1], atol=1e-9)


@AIMED
@given(us=st.lists(st.floats(0, 3), min_size=1, max_size=20))
def test_it_has_true_rotations(aimed: bool, us: list[float]) -> None:
    check_rotations(course(aimed=aimed).at(np.array(us)))


@AIMED
def test_neither_place_nor_rotation_has_a_jump_in_speed(aimed: bool) -> None:
    way, h = course(loop=True, aimed=aimed), 1e-5
    at = np.array([1.0, 2.0, 3.0])
    before, here, after = way.at(at - h), way.at(at), way.at(at + h)
    np.testing.assert_allclose((after - here)[:, :3, 3] / h, (here - before)[:, :3, 3] / h, atol=1e-3, rtol=1e-3)
    spin = [so3.log(np.swapaxes(a[:, :3, :3], 1, 2) @ b[:, :3, :3]) / h for a, b in ((before, here), (here, after))]
    np.testing.assert_allclose(spin[0], spin[1], atol=1e-3)


def test_the_speed_at_a_keyframe_is_the_mean_of_the_steps_beside_it() -> None:
    h = 1e-6
    speed = (course().at(np.array([1 + h])) - KEYS[1])[0, :3, 3] / h
    np.testing.assert_allclose(speed, (EYES[2] - EYES[0]) / 2, atol=1e-4)


def test_an_aimed_camera_looks_at_its_target_upright() -> None:
    us = np.linspace(0, 3, 13)
    way = course(aimed=True)
    poses, targets = way.at(us), way.targets_at(us)
    assert targets is not None
    ahead = targets - poses[:, :3, 3]
    np.testing.assert_allclose(-poses[:, :3, 2], ahead / np.linalg.norm(ahead, axis=1, keepdims=True), atol=1e-9)
    np.testing.assert_allclose(poses[:, 1, 0], 0.0, atol=1e-9)  # its right is level
    assert course().targets_at(us) is None


def test_between_two_keyframes_alone_the_turn_is_a_slerp() -> None:
    a, b = KEYS[0, :3, :3], KEYS[1, :3, :3]
    half = course(0, 1).at(np.array([0.5]))[0, :3, :3]
    np.testing.assert_allclose(half, a @ so3.exp(so3.log(a.T @ b) / 2), atol=1e-9)


@AIMED
def test_equal_keyframes_are_one_place(aimed: bool) -> None:
    us = np.linspace(0, 2, 9)
    for way in (course(0, 0, 0, aimed=aimed), course(0, loop=True, aimed=aimed)):
        np.testing.assert_allclose(way.at(us), np.tile(KEYS[0], (9, 1, 1)), atol=1e-12)


@AIMED
def test_a_keyframe_twice_in_a_row_is_held(aimed: bool) -> None:
    poses = course(0, 1, 1, 2, aimed=aimed).at(np.linspace(1, 2, 7))
    np.testing.assert_allclose(poses, np.tile(KEYS[1], (7, 1, 1)), atol=1e-9)


def test_an_even_pace_goes_equal_ways_in_equal_times() -> None:
    way, shares = course(0, 1, 3), np.linspace(0, 1, 41)
    us = way.even(shares, 1.0)
    assert us[0] == 0
    assert us[-1] == way.segments
    even, uneven = lengths(way.at(us), 1.0), lengths(way.at(shares * way.segments), 1.0)
    assert even.max() / even.min() < 1.02 < uneven.max() / uneven.min()


def test_a_way_without_length_has_a_pace() -> None:
    np.testing.assert_allclose(course(0, 0).even(np.array([0.0, 0.5, 1.0]), 1.0), [0, 0.5, 1])


def test_a_camera_does_not_stand_on_what_it_looks_at() -> None:
    with pytest.raises(CameraError):
        Course(EYES[:2], EYES[:2])


def test_an_orbit_goes_around_its_middle_at_one_height() -> None:
    center = np.array([1.0, 2.0, 3.0])
    poses = orbit(center, 4.0, 30.0, np.array([0.0, 0.25, 1.0]), start=90.0)
    check_rotations(poses)
    away = poses[:, :3, 3] - center
    np.testing.assert_allclose(np.linalg.norm(away, axis=1), 4.0)
    np.testing.assert_allclose(away[:, 1], 2.0)
    np.testing.assert_allclose(away[0], [4 * np.cos(np.pi / 6), 2.0, 0.0], atol=1e-12)  # from +X
    np.testing.assert_allclose(away[1, 2], -4 * np.cos(np.pi / 6))  # then behind
    np.testing.assert_allclose(-poses[:, :3, 2] * 4.0, -away, atol=1e-12)  # and looks at it
    np.testing.assert_allclose(poses[2], poses[0], atol=1e-12)


def test_a_spiral_goes_from_below_to_above() -> None:
    heights = spiral(np.zeros(3), 2.0, 30.0, np.array([0.0, 0.5, 1.0]))[:, 1, 3]
    np.testing.assert_allclose(heights, [-1.0, 0.0, 1.0], atol=1e-12)


def test_a_ball_just_fits() -> None:
    assert fitting_distance(1.0, 60.0) == pytest.approx(2.0)
