"""Global registration: motions of random triples of matched features; the one that most matches agree with wins.

Source: Fischler, Bolles (1981); the tests of a triple are those of Open3D's ``registration_ransac_based_on_feature_
matching``: the lengths of its sides, then the distance of its corners.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from lab.motions import se3
from lab.registration.rigid import point_to_point
from lab.scene import Array

SIDES = 0.9
"""How alike the sides of two triangles have to be: the shorter over the longer."""
_MOST_TRIED = 400
"""Triples of a round whose motion is tried."""
_SAMPLE = 200
"""Matches on which it is tried first."""
_FINALISTS = 8
"""Motions of a round that are then tried on all matches."""


def match(source: Array, target: Array) -> Array:
    """(K, 2) int64: the nearest target feature of each source feature, where that holds the other way round, too.

    source: (N, C), target: (M, C). Fewer than a tenth of mutual matches are too few; then all matches count.
    """
    nearest = cKDTree(target).query(source)[1]
    back = cKDTree(source).query(target)[1]
    every = np.arange(len(source))
    mutual = back[nearest] == every
    chosen = every[mutual] if mutual.sum() >= 0.1 * len(source) else every
    return np.stack([chosen, nearest[chosen]], axis=1)


class Ransac:
    """The search over the matches of source (N, 3) and target (M, 3), round by round.

    matches: (K, 2). reach: how near a match has to come to agree. pose: (4, 4) the best motion so far; agreed: the
    number of matches that agree with it.
    """

    def __init__(self, source: Array, target: Array, matches: Array, reach: float, seed: int, pose: Array) -> None:
        self._from, self._to = source[matches[:, 0]], target[matches[:, 1]]
        self._reach = reach
        self._rng = np.random.default_rng(seed)
        step = max(len(matches) // _SAMPLE, 1)
        self._some = slice(None, None, step)
        self.pose = pose
        self.agreed = 0

    def advance(self, triples: int) -> None:
        """Try this many random triples of matches."""
        if len(self._from) < 3:
            return
        draw = self._rng.integers(0, len(self._from), (triples, 3))
        draw = draw[self._alike(draw)][:_MOST_TRIED]
        if not len(draw):
            return
        motions = point_to_point(self._from[draw], self._to[draw])
        corners = np.linalg.norm(se3.apply(motions, self._from[draw]) - self._to[draw], axis=2).max(axis=1)
        motions = motions[corners < self._reach]
        if not len(motions):
            return
        first = self._agreeing(motions, self._some).sum(axis=1)
        motions = motions[np.argsort(-first, kind="stable")[:_FINALISTS]]
        agreed = self._agreeing(motions).sum(axis=1)
        best = int(agreed.argmax())
        if agreed[best] > self.agreed:
            self.pose, self.agreed = self._polished(motions[best])

    def _alike(self, draw: Array) -> Array:
        """Which triples (H, 3) have sides of nearly the same lengths on both ends, and no side of length 0."""
        good = np.ones(len(draw), bool)
        for a, b in ((0, 1), (1, 2), (2, 0)):
            here = np.linalg.norm(self._from[draw[:, a]] - self._from[draw[:, b]], axis=1)
            there = np.linalg.norm(self._to[draw[:, a]] - self._to[draw[:, b]], axis=1)
            good &= (np.minimum(here, there) > SIDES * np.maximum(here, there)) & (here > 0.0)
        return good

    def _agreeing(self, motions: Array, part: slice = slice(None)) -> Array:
        """(H, K) bool: which matches, or a part of them, come near under each of the motions (H, 4, 4)."""
        squared = ((se3.apply(motions, self._from[part]) - self._to[part]) ** 2).sum(axis=-1)
        return squared < self._reach**2

    def _polished(self, motion: Array) -> tuple[Array, int]:
        """The motion of all matches that agree with one, if no fewer agree with it then."""
        agreeing = self._agreeing(motion[None])[0]
        better = point_to_point(self._from[agreeing], self._to[agreeing])
        count = int(self._agreeing(better[None]).sum())
        return (better, count) if count >= agreeing.sum() else (motion, int(agreeing.sum()))

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"pose": self.pose.copy(), "agreed": self.agreed, "random": self._rng.bit_generator.state}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.pose, self.agreed = np.array(state["pose"]), int(state["agreed"])
        self._rng.bit_generator.state = state["random"]
