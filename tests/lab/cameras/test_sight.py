"""What a camera makes of an object, in numbers and words."""

import numpy as np
import pytest

from lab.cameras.model import CameraModel, look_at, pose
from lab.cameras.sight import look
from lab.motions import so3

CUBE = np.array([[x, y, z] for x in (-0.2, 0.2) for y in (-0.2, 0.2) for z in (-0.2, 0.2)])


def camera(c2w):
    return CameraModel(c2w, 100, 100, 50, 50, 100, 100)


def rolled(degrees):
    """A camera in front of the object, turned about its own axis, counter-clockwise for who stands behind it."""
    return camera(pose(so3.exp([0, 0, np.radians(degrees)]), np.array([0, 0, 3.0])))


@pytest.mark.parametrize(
    ("degrees", "words"), [(0, "upright"), (90, "tilted by 90"), (180, "upside down"), (-120, "tilted by 120")]
)
def test_roll(degrees, words):
    found = look(rolled(degrees), CUBE)
    assert abs(found.roll_deg) == pytest.approx(abs(degrees))
    assert np.sign(np.round(found.roll_deg)) in (-np.sign(degrees), np.sign(degrees) * (abs(degrees) == 180))
    assert found.upright == pytest.approx((1 + np.cos(np.radians(degrees))) / 2)
    assert words in found.words()
    assert found.fits == (abs(degrees) <= 90)


def test_behind_beside_and_within():
    away = look(camera(pose(np.eye(3), np.array([0, 0, -3.0]))), CUBE)
    assert (away.in_front, away.in_image) == (0, 0)
    assert "behind" in away.words()
    beside = look(camera(pose(np.eye(3), np.array([9.0, 0, 3]))), CUBE)
    assert (beside.in_front, beside.in_image) == (1, 0)
    assert "beside" in beside.words()
    within = look(camera(np.eye(4)), CUBE)
    assert within.in_front == 0.5
    assert "50%" in within.words()
    half = look(camera(pose(np.eye(3), np.array([1.5, 0, 3.0]))), CUBE)
    assert 0 < half.in_image < 1
    assert "in the image" in half.words()


def test_from_straight_above_no_side_is_up():
    found = look(camera(look_at(np.array([0, 3.0, 0]), np.zeros(3))), CUBE)
    assert found.roll_deg is None
    assert found.upright == 0.5
    assert found.fits


def test_the_score_falls_with_each_thing_that_is_odd():
    scores = [look(c, CUBE).score for c in (rolled(0), rolled(90), rolled(180))]
    scores.append(look(camera(pose(np.eye(3), np.array([0, 0, -3.0]))), CUBE).score)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1)
    assert scores[-1] == 0
