"""The track: constant velocity on SE(3), and its checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

from lab.motions import se3
from lab.pose import paths
from lab.pose.track import Entry, Track

SCREW = np.array([0.1, -0.2, 0.05, 0.0, 0.3, 0.1])


def entry(view: np.ndarray, *, lost: bool = False, seen: bool = True) -> Entry:
    return Entry(view, 0.9, 1.5, 0.02, lost, seen)


def moving(count: int) -> Track:
    track = Track()
    for number in range(count):
        track.add(entry(se3.exp(number * SCREW) @ paths.view_from(3.0, 20.0, 10.0)))
    return track


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_screw_is_predicted_exactly(share: float) -> None:
    expected = se3.exp((3 + share) * SCREW) @ paths.view_from(3.0, 20.0, 10.0)
    assert moving(4).predicted(share) == pytest.approx(expected, abs=1e-12)


def test_a_spinning_object_is_predicted_too() -> None:
    """A turn about the object's own axis is a constant motion in the camera's frame, as well."""
    views = paths.orbit(3, 5.0, 3.0)
    spin = views[1] @ se3.inverse(views[0])
    track = Track((entry(views[0]), entry(spin @ views[0])))
    assert track.predicted(1.0) == pytest.approx(spin @ spin @ views[0], abs=1e-12)


def test_one_picture_or_a_jump_predicts_no_motion() -> None:
    assert np.array_equal(moving(1).predicted(1.0), moving(1).last.view)
    found = moving(3)
    found.add(entry(paths.view_from(3.0, -40.0, 170.0), lost=True))
    assert np.array_equal(found.predicted(1.0), found.last.view)


def test_what_is_hidden_slows_down() -> None:
    hidden = Track((entry(np.eye(4), lost=True), entry(se3.exp(SCREW), lost=True, seen=False)))
    assert se3.log(hidden.predicted(1.0)) == pytest.approx(1.95 * SCREW)


def test_a_checkpoint_comes_back() -> None:
    track = moving(3)
    track.add(entry(np.eye(4), lost=True, seen=False))
    other = Track()
    other.restore(track.state())
    assert np.array_equal(other.views, track.views)
    assert other.lost.tolist() == [False, False, False, True]
    assert [e.seen for e in other] == [True, True, True, False]
    assert other.last.outline == 1.5
