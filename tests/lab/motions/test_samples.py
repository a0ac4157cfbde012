"""Samples scatter as they are told to, and change smoothly with the settings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.motions import so3
from lab.motions.samples import MOST, Source

TRUTH = so3.exp([0.3, -1.0, 2.0])


def source(seed: int = 0) -> Source:
    return Source(np.random.default_rng(seed))


def test_noise_has_the_spread_that_was_asked_for() -> None:
    samples = source().draw(TRUTH, MOST, 0.1, 0.0, signs=False)
    noise = so3.log(TRUTH.T @ samples.rotations)
    np.testing.assert_allclose(noise.std(axis=0), 0.1, rtol=0.1)
    assert not samples.outlier.any()


def test_without_spread_all_are_the_truth() -> None:
    samples = source().draw(TRUTH, 10, 0.0, 0.0, signs=True)
    np.testing.assert_allclose(samples.rotations, np.broadcast_to(TRUTH, (10, 3, 3)), atol=1e-15)


def test_outliers_are_as_many_as_asked_for_and_far_away() -> None:
    samples = source().draw(TRUTH, 100, 0.01, 0.3, signs=False)
    assert samples.outlier.sum() == 30
    apart = so3.angle_between(TRUTH, samples.rotations)
    assert apart[~samples.outlier].max() < 0.1
    assert np.median(apart[samples.outlier]) > math.radians(90)


def test_more_outliers_keep_those_that_were_there() -> None:
    some, more = (source().draw(TRUTH, 100, 0.1, share, signs=True) for share in (0.2, 0.4))
    assert np.all(more.outlier[some.outlier])
    np.testing.assert_array_equal(some.rotations[some.outlier], more.rotations[some.outlier])


def test_signs_change_quaternions_but_not_rotations() -> None:
    samples = source().draw(TRUTH, 200, 0.5, 0.1, signs=True)
    np.testing.assert_allclose(so3.from_quaternion(samples.quaternions), samples.rotations, atol=1e-13)
    share = (samples.quaternions[:, 0] < 0).mean()
    assert 0.3 < share < 0.7


def test_the_same_seed_gives_the_same_samples() -> None:
    first, second, other = (source(seed).draw(TRUTH, 5, 0.2, 0.2, signs=True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.quaternions, second.quaternions)
    assert np.abs(first.quaternions - other.quaternions).max() > 1e-3


@pytest.mark.parametrize(("weight", "expected"), [(0.0, {0.0, 1.0}), (0.25, {0.25, 1.0})])
def test_weights_of_outliers(weight: float, expected: set[float]) -> None:
    samples = source().draw(TRUTH, 10, 0.1, 0.3, signs=False)
    assert set(samples.weights(weight)) == expected


def test_when_all_would_weigh_nothing_all_weigh_the_same() -> None:
    samples = source().draw(TRUTH, 1, 0.1, 0.6, signs=False)
    assert samples.outlier.all()
    np.testing.assert_array_equal(samples.weights(0.0), [1.0])
