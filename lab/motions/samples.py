"""Noisy rotations to average: about a truth, with outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.motions import so3
from lab.scene import Array

MOST = 500
_ASIDE = np.array([0.6, 2.0, -0.7])  # where the outliers sit, radians from the truth: 126°
_CAP = 0.5  # radians, standard deviation of the outliers


@dataclass(frozen=True, eq=False)
class Samples:
    """rotations: (N, 3, 3). quaternions: (N, 4) wxyz of the same, with the signs as they come. outlier: (N,) bool."""

    rotations: Array
    quaternions: Array
    outlier: Array

    def weights(self, of_outliers: float) -> Array:
        """(N,): 1, and ``of_outliers`` for outliers. All equal when everything would weigh nothing."""
        weights = np.where(self.outlier, of_outliers, 1.0)
        return weights if weights.sum() > 0 else np.ones(len(weights))


class Source:
    """Draws the samples. The same seed gives the same noise, which only scales and turns as the settings change."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._noise = rng.normal(size=(MOST, 3))
        self._aside = so3.exp(_ASIDE) @ so3.exp(rng.normal(size=(MOST, 3)) * _CAP)
        self._signs = np.where(rng.uniform(size=MOST) < 0.5, -1.0, 1.0)
        self._turns = rng.permutation(MOST) / MOST

    def draw(self, truth: Array, count: int, spread: float, outliers: float, *, signs: bool) -> Samples:
        """``count`` <= 500 rotations about ``truth`` (3, 3).

        spread: standard deviation of each component of the noise, radians, on the body's side: truth exp(noise).
        outliers: the share that scatters about another rotation; which ones is random. signs: the quaternions' too.
        """
        outlier = np.zeros(count, bool)
        outlier[np.argsort(self._turns[:count])[: round(outliers * count)]] = True
        own = so3.exp(self._noise[:count] * spread)
        rotations = truth @ np.where(outlier[:, None, None], self._aside[:count], own)
        quaternions = so3.to_quaternion(rotations)
        return Samples(rotations, quaternions * self._signs[:count, None] if signs else quaternions, outlier)
