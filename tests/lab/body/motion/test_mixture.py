"""Expectation and maximisation, and the everyday poses that the prior is fitted to."""

from __future__ import annotations

import numpy as np
import pytest

from lab.body.motion.build_prior import SHARES, floor
from lab.body.motion.everyday import KINDS, everyday
from lab.body.motion.library import neutral_rest
from lab.body.motion.mixture import Regulariser, fit_mixture
from lab.body.motion.tracks import track
from lab.body.skeleton import joint
from lab.motions import so3

NONE = Regulariser(np.full(2, 1e-9))


def clouds(rng: np.random.Generator) -> np.ndarray:
    """600 samples about (0, 0) with covariance ((1, .5), (.5, 1)), 300 about (10, 0), narrow."""
    wide = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 600)
    return np.concatenate([wide, rng.normal([10, 0], 0.1, (300, 2))])


def test_two_clouds_are_found_again() -> None:
    rng = np.random.default_rng(0)
    mixture = fit_mixture(clouds(rng), np.ones(900), 2, NONE, rng)
    first = int(np.argmax(mixture.weights))
    np.testing.assert_allclose(sorted(mixture.weights), [1 / 3, 2 / 3], atol=1e-6)
    np.testing.assert_allclose(mixture.means[first], [0, 0], atol=0.1)
    np.testing.assert_allclose(mixture.covars[first], [[1, 0.5], [0.5, 1]], atol=0.15)
    np.testing.assert_allclose(mixture.covars[1 - first], 0.01 * np.eye(2), atol=0.003)


def test_one_component_is_the_mean_and_the_covariance() -> None:
    rng = np.random.default_rng(1)
    samples, counts = rng.normal(size=(200, 2)), rng.uniform(0.5, 2, 200)
    mixture = fit_mixture(samples, counts, 1, NONE, rng)
    np.testing.assert_allclose(mixture.means[0], np.average(samples, axis=0, weights=counts))
    np.testing.assert_allclose(mixture.covars[0], np.cov(samples.T, aweights=counts, ddof=0), atol=1e-8)


def test_counts_are_repetitions() -> None:
    samples = np.concatenate([np.zeros((3, 2)), np.ones((1, 2))])
    weighted = fit_mixture(np.array([[0.0, 0], [1, 1]]), np.array([3.0, 1.0]), 1, NONE, np.random.default_rng(0))
    repeated = fit_mixture(samples, np.ones(4), 1, NONE, np.random.default_rng(0))
    np.testing.assert_allclose(weighted.covars, repeated.covars)


def test_each_step_is_likelier() -> None:
    rng = np.random.default_rng(2)
    samples = rng.normal(size=(300, 2)) * [1, 3] + rng.integers(0, 3, (300, 1)) * 4
    values = [
        fit_mixture(samples, np.ones(300), 3, NONE, np.random.default_rng(5), steps=steps, tolerance=0.0).log_likelihood
        for steps in (1, 2, 5, 20)
    ]
    assert values == sorted(values)


def test_the_regulariser_adds_a_floor_and_shrinks_what_is_off_the_diagonal() -> None:
    covars = np.array([[[2.0, 1.0], [1.0, 4.0]]])
    np.testing.assert_allclose(Regulariser(np.array([0.5, 0.25]), 0.2).apply(covars), [[[2.5, 0.8], [0.8, 4.25]]])


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 3 or more"):
        fit_mixture(np.zeros((2, 2)), np.ones(2), 3, NONE, np.random.default_rng(0))


def test_shares_are_a_whole_and_every_number_has_a_floor() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert set(KINDS) < set(SHARES)
    assert floor().shape == (69,)
    assert floor().min() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_everyday_poses_are_what_they_are_called(kind: str) -> None:
    rest = neutral_rest()
    poses = everyday(kind, 60, rest, np.random.default_rng(3))  # type: ignore[arg-type]
    assert poses.shape == (60, 24, 3)
    places = track(so3.quaternion_exp(poses), np.zeros((60, 3)), rest).places
    thigh = places[:, joint("left_knee")] - places[:, joint("left_hip")]
    level = np.abs(thigh[:, 1]) / np.linalg.norm(thigh, axis=1)
    assert (level < 0.6).all() if kind == "sitting" else (level > 0.85).all()
    if kind == "sitting":
        assert (thigh[:, 2] > 0.2).all(), "thighs point forwards"
    wrist = places[:, joint("left_wrist")] - places[:, joint("left_shoulder")]
    if kind == "standing":
        assert (wrist[:, 1] < -0.3).all(), "arms hang"
    if kind == "spread":
        assert (wrist[:, 0] > 0.2).all(), "arms are held out"
