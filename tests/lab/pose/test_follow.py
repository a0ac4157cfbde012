"""Following a picture: from a little off to the pose, also where something covers the object."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.motions import se3
from lab.pose import paths
from lab.pose.camera_view import Lens, view_of
from lab.pose.follow import Follower, Following
from lab.pose.model import Model
from lab.pose.sequences import Frame, MadeSequence, Trouble
from tests.lab.pose.runs_help import example

SPOT = Model.of(example("spot"))
LENS = Lens.of(45.0, (64, 64))
FOLLOWER = Follower(SPOT, SPOT.shape, LENS)
TRUTH = paths.view_from(2.6, 20.0, 50.0, 10.0)
OFF = se3.exp([0.03, -0.03, 0.08, 0.05, -0.06, 0.05])


def seen(**trouble) -> Frame:
    return MadeSequence(SPOT, LENS, TRUTH[None], Trouble(**trouble), 0).frame(0)


def errors(frame: Frame, how: Following, *, colors: bool) -> tuple[float, float]:
    found = FOLLOWER.follow(LENS.pose(TRUTH @ OFF, SPOT), frame, how, colors=colors)
    return paths.errors(view_of(found.pose, SPOT), TRUTH)


@pytest.mark.parametrize("colors", [False, True])
def test_a_pose_that_is_a_little_off_is_corrected(colors: bool) -> None:
    turn, apart = errors(seen(), Following(steps=16), colors=colors)
    assert turn < 1.2
    assert apart < 0.6


def test_it_fits_then() -> None:
    found = FOLLOWER.follow(LENS.pose(TRUTH, SPOT), seen(), Following(), colors=True)
    assert found.iou > 0.93
    assert found.color is not None
    assert found.color < 0.03
    assert found.outline < 0.2
    assert found.covered == 0.0


def test_what_covers_the_object_does_not_count() -> None:
    frame = seen()
    mask, rgb = frame.mask.copy(), frame.rgb.copy()
    mask[:, 28:37], rgb[:, 28:37] = 0.0, (0.1, 0.9, 0.1)
    covered = Frame(rgb, mask)
    minded = FOLLOWER.follow(LENS.pose(TRUTH @ OFF, SPOT), covered, Following(steps=16), colors=True)
    assert 0.1 < minded.covered < 0.5
    assert minded.iou > 0.9
    assert paths.errors(view_of(minded.pose, SPOT), TRUTH)[0] < 2.5
    naive = replace(Following(steps=16), robust=False)
    assert errors(covered, naive, colors=True)[0] > paths.errors(view_of(minded.pose, SPOT), TRUTH)[0]


def test_more_noise_is_less_exact_but_near() -> None:
    turn, apart = errors(seen(noise=0.08), Following(steps=16), colors=True)
    assert turn < 6.0
    assert apart < 3.0
