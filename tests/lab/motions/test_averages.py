"""Averages of rotations: what each minimises, where they agree, and how the naive ones fail."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.motions import averages, euler, so3

MEANS = [averages.chordal, averages.quaternion_eigenvector, averages.geodesic, averages.median]


def cloud(seed: int, count: int = 25, spread: float = 0.4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return so3.random(rng) @ so3.exp(spread * rng.normal(size=(count, 3)))


def nearby(R: np.ndarray, seed: int = 9) -> np.ndarray:
    return R @ so3.exp(0.02 * np.random.default_rng(seed).normal(size=(100, 3)))


@pytest.mark.parametrize("mean", MEANS)
def test_the_average_of_one_rotation_is_itself(mean: averages.Mean) -> None:
    R = so3.exp([[0.3, -2.0, 1.0]])
    np.testing.assert_allclose(mean(R), R[0], atol=1e-12)


@pytest.mark.parametrize("mean", MEANS[:3])
def test_two_rotations_meet_half_way(mean: averages.Mean) -> None:
    R = so3.exp([[0, 0, 0.2], [0, 0, 1.4]])
    np.testing.assert_allclose(mean(R), so3.exp([0, 0, 0.8]), atol=1e-12)


def test_weights_move_the_geodesic_mean_along_the_way() -> None:
    R = so3.exp([[0, 0, 0.0], [0, 0, 1.0]])
    np.testing.assert_allclose(averages.geodesic(R, np.array([3.0, 1.0])), so3.exp([0, 0, 0.25]), atol=1e-12)


@pytest.mark.parametrize("mean", MEANS)
def test_a_weight_counts_like_copies(mean: averages.Mean) -> None:
    R = cloud(1, 6)
    copies = np.concatenate([R, R[:1], R[:1]])
    weights = np.array([3.0, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(mean(R, weights), mean(copies), atol=1e-8)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_chordal_and_eigenvector_are_one_mean(seed: int) -> None:
    R = cloud(seed)
    weights = np.random.default_rng(seed).uniform(0.1, 1, len(R))
    np.testing.assert_allclose(averages.chordal(R, weights), averages.quaternion_eigenvector(R, weights), atol=1e-10)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(MEANS))
def test_averages_turn_with_the_rotations(seed: int, mean: averages.Mean) -> None:
    R = cloud(seed)
    G, H = so3.random(np.random.default_rng(seed + 1), 2)
    np.testing.assert_allclose(mean(G @ R @ H), G @ mean(R) @ H, atol=1e-6)


def test_the_chordal_mean_has_the_least_squared_chords() -> None:
    R = cloud(2)

    def cost(X: np.ndarray) -> np.ndarray:
        return np.square(R - X[..., None, :, :]).sum(axis=(-1, -2, -3))

    best = averages.chordal(R)
    assert np.all(cost(nearby(best)) > cost(best))


def test_the_geodesic_mean_has_the_least_squared_angles_and_no_mean_rotation_vector() -> None:
    R = cloud(3)
    best = averages.geodesic(R)
    cost = np.square(so3.angle_between(nearby(best)[:, None], R)).sum(axis=1)
    assert np.all(cost > np.square(so3.angle_between(best, R)).sum())
    np.testing.assert_allclose(so3.log(best.T @ R).mean(axis=0), 0, atol=1e-12)


def test_the_median_has_the_least_angles() -> None:
    R = cloud(4)
    best = averages.median(R)
    cost = so3.angle_between(nearby(best)[:, None], R).sum(axis=1)
    assert np.all(cost > so3.angle_between(best, R).sum() - 1e-9)


def test_outliers_pull_the_mean_and_not_the_median() -> None:
    rng = np.random.default_rng(5)
    good = so3.exp(0.03 * rng.normal(size=(20, 3)))
    R = np.concatenate([good, so3.exp([2.0, 0, 0]) @ good[:8]])
    assert so3.angle(averages.geodesic(R)) > 0.4
    assert so3.angle(averages.median(R)) < 0.1


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_the_mean_matrix_of_two_turns_by_hand() -> None:
    R = so3.exp([[0, 0, 1.0], [0, 0, -1.0]])
    np.testing.assert_allclose(averages.matrix_mean(R), np.diag([math.cos(1), math.cos(1), 1]), atol=1e-15)


def test_euler_angles_on_both_sides_of_180_average_to_the_opposite() -> None:
    R = euler.to_matrix(np.radians([[170, 0, 0], [-170, 0, 0]]), "YXZ")
    assert so3.angle_between(averages.euler_mean(R), so3.exp([0, math.pi, 0])) == pytest.approx(math.pi)
    assert so3.angle_between(averages.geodesic(R), so3.exp([0, math.pi, 0])) == pytest.approx(0, abs=1e-12)


def test_rotation_vectors_on_both_sides_of_180_average_to_nothing() -> None:
    R = so3.exp(np.radians([[170, 0, 0], [190, 0, 0]]))
    assert so3.angle(averages.vector_mean(R)) == pytest.approx(0, abs=1e-12)
    assert so3.angle(averages.chordal(R)) == pytest.approx(math.pi)


def test_quaternions_of_either_sign_cancel() -> None:
    q = so3.quaternion_exp([[0.1, 0, 0], [0.3, 0, 0], [0, 1.0, 0]])
    np.testing.assert_allclose(averages.quaternion_naive(q[:2]), so3.exp([0.2, 0, 0]), atol=1e-12)
    mixed = averages.quaternion_naive(q * np.array([[1], [-1], [1]]))
    assert so3.angle_between(mixed, so3.exp([0, 1.0, 0])) < 0.3  # the first two are nearly gone
    with pytest.raises(ValueError, match="length above 0"):
        averages.quaternion_naive(np.stack([q[0], -q[0]]))


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 2.0], [0.0, 0.0]])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 2 weights"):
        averages.chordal(cloud(0, 2), np.array(weights))


def test_nothing_has_no_average() -> None:
    with pytest.raises(ValueError, match="at least one rotation"):
        averages.chordal(np.zeros((0, 3, 3)))
