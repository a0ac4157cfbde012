"""The pose prior: its energy by hand, its residuals by differences, its file, and what it thinks of common poses."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from lab.body.motion.library import load_clip
from lab.body.prior import SIZE, PosePrior
from lab.formats.base import FormatError


@pytest.fixture(scope="module")
def prior() -> PosePrior:
    return PosePrior.load()


def simple(*scales: float, weights: tuple[float, ...] | None = None) -> PosePrior:
    """Round components at 0, 10, 20, ... in every number, with these standard deviations."""
    means = np.arange(len(scales))[:, None] * 10.0 + np.zeros(SIZE)
    covars = np.stack([scale**2 * np.eye(SIZE) for scale in scales])
    return PosePrior(means, covars, weights or (1 / len(scales),) * len(scales))


def test_the_energy_of_a_round_gaussian_is_worked_by_hand() -> None:
    pose = np.zeros(SIZE)
    pose[5] = 3.0
    expected = 0.5 * 9 / 4 + SIZE / 2 * math.log(2 * math.pi)
    assert simple(2.0).energy(pose) == pytest.approx(expected, rel=1e-12)


def test_a_wider_component_costs_its_determinant() -> None:
    mixture = simple(1.0, 2.0, weights=(0.25, 0.75))
    base = SIZE / 2 * math.log(2 * math.pi)
    assert mixture.energy(mixture.means[0]) == pytest.approx(base - math.log(0.25))
    assert mixture.energy(mixture.means[1]) == pytest.approx(base - math.log(0.75) + SIZE * math.log(2))


def test_at_a_mean_only_the_weight_is_left(prior: PosePrior) -> None:
    """REFERENCE IV.2: E at a mean is -log g~ of its component."""
    for component, mean in enumerate(prior.means):
        assert prior.nearest(mean) == component
        assert prior.energy(mean) == pytest.approx(-prior.log_weights[component], rel=1e-12)


def test_residuals_are_the_energy_and_have_its_slope(prior: PosePrior) -> None:
    rng = np.random.default_rng(3)
    pose = prior.means[0] + 0.1 * rng.normal(size=SIZE)
    residuals, jacobian = prior.residuals(pose)
    assert residuals.shape == (SIZE + 1,)
    assert jacobian.shape == (SIZE + 1, SIZE)
    assert residuals @ residuals == pytest.approx(prior.energy(pose), rel=1e-12)
    direction, step = rng.normal(size=SIZE), 1e-6
    component = prior.nearest(pose)
    ahead, behind = (prior.residuals(pose + sign * step * direction, component)[0] for sign in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * step), jacobian @ direction, rtol=1e-6, atol=1e-7)


def test_many_poses_at_once_have_the_energies_of_each(prior: PosePrior) -> None:
    poses = np.random.default_rng(4).normal(0, 0.3, (5, SIZE))
    np.testing.assert_allclose(prior.energies(poses), [prior.energies(pose.reshape(23, 3)) for pose in poses])


def test_the_density_of_a_mixture_is_the_sum_of_its_parts() -> None:
    mixture = simple(1.0, 1.0, weights=(0.5, 0.5))
    middle = np.full(SIZE, 5.0)
    one = math.log(0.5) - SIZE / 2 * math.log(2 * math.pi) - 0.5 * 25 * SIZE
    assert mixture.log_density(middle) == pytest.approx(one + math.log(2), rel=1e-12)


def test_samples_have_the_mean_and_the_spread() -> None:
    mixture, rng = simple(0.5), np.random.default_rng(0)
    samples = np.array([mixture.sample(rng) for _ in range(2000)])
    np.testing.assert_allclose(samples.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(samples.std(axis=0), 0.5, atol=0.04)


def test_the_same_generator_gives_the_same_samples(prior: PosePrior) -> None:
    first, second = (prior.sample(np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_standing_is_the_commonest_and_athletes_are_rare(prior: PosePrior) -> None:
    assert len(prior) == 8
    typical = {name: np.median([prior.energy(pose[1:]) for pose in load_clip(name).poses]) for name in ("walk", "kick")}
    standing = prior.energy(prior.means[np.argmax(prior.weights)])
    assert standing == min(prior.energy(mean) for mean in prior.means)
    assert standing < typical["walk"] < typical["kick"]
    knees = prior.means[np.argmax(prior.weights)].reshape(23, 3)[[3, 4], 0]
    assert np.all(np.abs(knees) < 0.3), "in the commonest pose the knees are nearly straight"


def test_the_knee_of_a_raised_thigh_bends_back_and_not_forwards(prior: PosePrior) -> None:
    energies = {}
    for knee in (-1.2, 1.2):
        pose = prior.means[0].reshape(23, 3).copy()
        pose[0, 0], pose[3, 0] = -1.2, knee  # the left hip lifts the thigh
        energies[knee] = prior.energy(pose)
    assert energies[-1.2] > energies[1.2] + 5


def test_left_and_right_are_alike(prior: PosePrior) -> None:
    from lab.body.motion.mirror import mirrored

    for pose in load_clip("kick").poses[::10]:
        assert prior.energy(mirrored(pose)[1:]) == pytest.approx(prior.energy(pose[1:]), abs=6.0)


def test_saved_and_loaded_it_is_the_same(tmp_path: Path, prior: PosePrior) -> None:
    prior.save(tmp_path / "prior.npz")
    again = PosePrior.load(tmp_path / "prior.npz")
    np.testing.assert_array_equal(again.means, prior.means)
    np.testing.assert_allclose(again.energies(np.zeros(SIZE)), prior.energies(np.zeros(SIZE)), rtol=1e-12)


def test_smplifys_own_pickle_is_read(tmp_path: Path, prior: PosePrior) -> None:
    content = {"means": prior.means, "covars": prior.covars, "weights": prior.weights}
    (tmp_path / "gmm_08.pkl").write_bytes(pickle.dumps(content, protocol=2))
    loaded = PosePrior.load(tmp_path / "gmm_08.pkl")
    np.testing.assert_allclose(loaded.energies(prior.means[2]), prior.energies(prior.means[2]))


class Runs:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.marker,))


def test_a_pickle_that_runs_something_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps({"means": Runs(marker)}, protocol=2))
    with pytest.raises(FormatError, match=r"bad\.pkl cannot be read"):
        PosePrior.load(tmp_path / "bad.pkl")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": np.array([0.5, 0.2])}, "sum to 1"),
        ({"means": np.zeros((2, 60))}, "expected means"),
        ({"means": np.full((2, SIZE), np.nan)}, "not finite"),
        ({"covars": np.tile(-np.eye(SIZE), (2, 1, 1))}, "positive definite"),
    ],
)
def test_what_is_no_mixture_is_refused(tmp_path: Path, change: dict[str, np.ndarray], said: str) -> None:
    good = {"means": np.zeros((2, SIZE)), "covars": np.tile(np.eye(SIZE), (2, 1, 1)), "weights": np.full(2, 0.5)}
    np.savez(tmp_path / "mixture.npz", **(good | change))
    with pytest.raises(FormatError, match=said):
        PosePrior.load(tmp_path / "mixture.npz")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.npz cannot be read"):
        PosePrior.load(tmp_path / "none.npz")
    np.savez(tmp_path / "half.npz", means=np.zeros((1, SIZE)))
    with pytest.raises(FormatError, match="it has no covars"):
        PosePrior.load(tmp_path / "half.npz")
