"""A motion along a twist agrees with the exponential, at one time and at many."""

from __future__ import annotations

import numpy as np
import pytest

from lab.motions import se3, so3
from lab.motions.motion import Motion

XI = (1.0, -2.0, 0.5, 0.3, 1.2, -0.7)
MOTION = Motion(XI, 0.4, "ZYX")


def test_the_pose_is_the_exponential_of_a_share_of_the_twist() -> None:
    np.testing.assert_allclose(MOTION.pose, se3.exp(0.4 * np.array(XI)), atol=1e-15)
    np.testing.assert_allclose(MOTION.rotation, so3.exp(MOTION.omega), atol=1e-15)
    np.testing.assert_allclose(MOTION.log, MOTION.omega, atol=1e-14)
    assert MOTION.theta == pytest.approx(0.4 * np.linalg.norm(XI[3:]))


def test_the_poses_along_the_way_pass_through_the_pose() -> None:
    ts, poses = MOTION.along(6)
    np.testing.assert_allclose(ts, [0, 0.2, 0.4, 0.6, 0.8, 1.0])
    np.testing.assert_allclose(poses[2], MOTION.pose, atol=1e-15)
    np.testing.assert_array_equal(poses[0], np.eye(4))


def test_the_screw_is_that_of_the_whole_twist() -> None:
    assert MOTION.screw.angle == pytest.approx(np.linalg.norm(XI[3:]))
