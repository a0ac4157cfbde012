"""The round trip is green for any camera, and red for one that was changed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cameras.conventions import CONVENTIONS
from lab.cameras.model import CameraModel, look_at
from lab.cameras.round_trip import TOLERANCE, difference, round_trip
from tests.lab.cameras.cameras_help import cameras


@given(cameras(), st.sampled_from(CONVENTIONS), st.sampled_from(["y", "z"]))
def test_it_is_green(camera, convention, world):
    assert round_trip(camera, convention, world) < TOLERANCE / 100


CAMERA = CameraModel(look_at(np.array([1.0, 1, 2]), np.zeros(3)), 100, 100, 50, 40, 100, 80)


@pytest.mark.parametrize(
    ("other", "size"),
    [
        (CAMERA, 0),
        (replace(CAMERA, fx=101), 0.01),
        (replace(CAMERA, cy=41), 0.01),
        (replace(CAMERA, orthographic=True), 1),
        (CAMERA.moved(CAMERA.c2w + np.array([[0, 0, 0, 0.02], [0] * 4, [0] * 4, [0] * 4])), 0.01),
        (CAMERA.moved(np.diag([1.0, -1, -1, 1]) @ CAMERA.c2w), None),
    ],
)
def test_it_sees_every_change(other, size):
    if size is None:
        assert difference(CAMERA, other) > 0.5
    else:
        assert difference(CAMERA, other) == pytest.approx(size)
