"""Made sequences: the same pictures each time, and each trouble does what it says."""

from __future__ import annotations

import numpy as np
import pytest

from lab.pose import paths
from lab.pose.camera_view import NEAR, Lens
from lab.pose.model import Model
from lab.pose.sequences import COVER, MadeSequence, Trouble
from tests.lab.pose.runs_help import example

MODEL = Model.of(example("bob"))
LENS = Lens.of(50.0, (48, 48))
VIEWS = paths.orbit(40, 5.0, 3.0)


def made(**trouble) -> MadeSequence:
    return MadeSequence(MODEL, LENS, VIEWS, Trouble(**trouble), 3)


def test_the_mask_is_the_covered_share_of_each_pixel() -> None:
    frame = made().frame(4)
    hard = LENS.draw(MODEL.shape, LENS.pose(VIEWS[4], MODEL), NEAR * MODEL.radius).seen
    assert set(np.unique(frame.mask)) <= {0.0, 0.25, 0.5, 0.75, 1.0}
    assert np.abs(frame.mask - hard).mean() < 0.02
    assert frame.truth is not None
    assert np.array_equal(frame.truth, VIEWS[4])


def test_pictures_are_the_same_whenever_they_are_asked_for() -> None:
    one, other = made(noise=0.1, blur=1.0, occlusion=0.2), made(noise=0.1, blur=1.0, occlusion=0.2)
    _ = other.frame(9)
    assert np.array_equal(one.frame(5).rgb, other.frame(5).rgb)
    assert np.array_equal(one.frame(5).mask, other.frame(5).mask)
    assert not np.array_equal(one.frame(5).rgb, one.frame(6).rgb)


def test_noise_has_its_deviation() -> None:
    clean, noisy = made().frame(0), made(noise=0.05).frame(0)
    background = clean.mask == 0
    assert (noisy.rgb - clean.rgb)[background].std() == pytest.approx(0.05, rel=0.05)
    assert np.array_equal(noisy.mask[background], clean.mask[background])  # ragged at the edge alone


def test_blur_spreads_and_keeps_the_area() -> None:
    clean, soft = made().frame(0).mask, made(blur=2.0).frame(0).mask
    assert soft.sum() == pytest.approx(clean.sum(), rel=1e-3)
    assert (soft > 0).sum() > 1.3 * (clean > 0).sum()


def test_a_bar_of_its_width_crosses_the_picture() -> None:
    sequence = made(occlusion=0.25)
    middles = []
    for number in range(10, 40):
        columns = np.flatnonzero((sequence.frame(number).rgb == COVER).all(axis=(0, 2)))
        assert (np.diff(columns) == 1).all()
        assert sequence.frame(number).mask[:, columns].max(initial=0.0) == 0.0
        middles.append(columns.mean())
        assert abs(len(columns) - 12) <= 1
    assert (np.diff(middles) > 0).all()


def test_hidden_pictures_are_in_the_middle() -> None:
    sequence = made(hidden=6)
    seen = [bool(sequence.frame(number).mask.any()) for number in range(40)]
    assert seen == [number not in range(17, 23) for number in range(40)]
