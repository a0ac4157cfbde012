"""Limits of joints: mirrored, met by the neutral pose, and clamped to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.limits import HIGH, LOW, at_limit, clamp, excess
from lab.body.motion.mirror import mirrored
from lab.body.skeleton import JOINTS, joint

poses = st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).uniform(-3.2, 3.2, (24, 3)))


def test_the_t_pose_is_within_all_limits() -> None:
    assert (LOW <= 0).all()
    assert (HIGH >= 0).all()
    assert at_limit(np.zeros((24, 3))) == ()


def test_limits_are_those_of_anatomy_with_the_signs_of_smpl() -> None:
    knee, elbow, hip = joint("left_knee"), joint("left_elbow"), joint("right_elbow")
    assert np.degrees([LOW[knee, 0], HIGH[knee, 0]]) == pytest.approx([0, 150], abs=1e-9)  # a knee bends backwards only
    assert np.degrees([LOW[elbow, 1], HIGH[elbow, 1]]) == pytest.approx([-150, 3], abs=1e-9)  # a left elbow bends by -y
    assert np.degrees([LOW[hip, 1], HIGH[hip, 1]]) == pytest.approx([-3, 150], abs=1e-9)  # a right one by +y


@given(poses)
def test_left_and_right_have_the_same_limits(pose: np.ndarray) -> None:
    assert np.allclose(clamp(mirrored(pose)), mirrored(clamp(pose)), atol=1e-12)


@given(poses)
def test_clamping_ends_within_and_changes_nothing_twice(pose: np.ndarray) -> None:
    within = clamp(pose)
    assert not excess(within).any()
    assert np.array_equal(clamp(within), within)
    assert np.allclose(within + excess(pose), pose)


def test_a_joint_at_its_limit_is_named() -> None:
    pose = np.zeros((24, 3))
    pose[joint("left_knee"), 0] = HIGH[joint("left_knee"), 0]
    pose[joint("neck"), 1] = HIGH[joint("neck"), 1] - 0.05
    pose[0] = 3.0  # the pelvis carries the body and is never at a limit
    assert at_limit(pose) == ("left_knee",)
    assert len(LOW) == len(JOINTS)
