"""Closest points: each point of the moved source with its nearest one of the target, and how much the pair counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.fitting.neighbours import PointTree, curve_order
from lab.kernels.crew import Crew
from lab.scene import Array

HUBER = 1.345
"""Huber's constant: 95 % as good as least squares where the noise is Gaussian."""
_TO_SIGMA = 1.4826
"""The standard deviation of Gaussian noise over its median absolute value."""
NEAR = 0.02
"""A pair this near, in units of the target's diagonal, counts as overlap."""


@dataclass(frozen=True)
class Rules:
    """Which pairs count. reach: the largest distance of a pair; robust: "none", "Huber" or "trimmed"; keep: the share
    of the pairs, the nearest ones, that "trimmed" keeps.
    """

    reach: float = np.inf
    robust: str = "none"
    keep: float = 1.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """moved (N, 3) float64; nearest (N,): the target's point of each; distances (N,) float64."""

    moved: Array
    nearest: Array
    distances: Array

    def rmse(self, rules: Rules) -> float:
        """The root mean square distance, the same measure for every method.

        What is farther than the reach counts as the reach, so that a method gains nothing by losing its pairs. With
        the rule "trimmed", of the nearest share alone.
        """
        distances = np.minimum(self.distances, rules.reach)
        if rules.robust == "trimmed":
            kept = _kept(rules, len(distances))
            distances = np.partition(distances, kept - 1)[:kept]
        return float(np.sqrt((distances**2).mean()))

    def overlap(self) -> float:
        """The share of the source that lies on the target."""
        return float((self.distances < NEAR).mean())


class Neighbourhood:
    """Finds the pairs of any number of motions. source (N, 3), target (M, 3), float64."""

    def __init__(self, source: Array, target: Array, crew: Crew | None = None) -> None:
        self._crew = crew
        self._tree = PointTree(np.ascontiguousarray(target, np.float32))
        self._target = target
        self._order = curve_order(source.astype(np.float32))  # moved rigidly, neighbours still follow each other

    def pairs(self, moved: Array) -> Pairs:
        """The nearest point of the target for each moved point (N, 3) of the source."""
        nearest, _ = self._tree.query(moved.astype(np.float32), self._order, self._crew)
        return Pairs(moved, nearest, np.linalg.norm(moved - self._target[nearest], axis=1))


def pair_weights(distances: Array, rules: Rules) -> Array:
    """The weight (N,) float64 of each pair by its distance (N,): 0 beyond the reach, then by the robust rule.

    Huber: 1 up to k = 1.345 sigma and k / distance beyond, with sigma from the median of the distances within reach.
    Trimmed: 1 for the nearest share of all pairs, 0 for the others (Chetverikov and others 2002).
    """
    within = distances <= rules.reach
    weights = within.astype(np.float64)
    if rules.robust == "Huber" and within.any():
        limit = HUBER * _TO_SIGMA * float(np.median(distances[within]))
        weights *= np.divide(limit, distances, out=np.ones_like(distances), where=distances > limit)
    elif rules.robust == "trimmed":
        kept = _kept(rules, len(distances))
        weights *= distances <= np.partition(distances, kept - 1)[kept - 1]
    return weights


def _kept(rules: Rules, count: int) -> int:
    """How many of ``count`` pairs are kept by "trimmed": three, a motion's least, if there are as many."""
    return min(max(round(rules.keep * count), 3), count)
