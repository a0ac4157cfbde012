"""The methods: each holds its own estimate of the motion and makes one iteration at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from lab.motions import se3
from lab.registration.exponent import Adam, loss_and_gradient
from lab.registration.fpfh import fpfh
from lab.registration.pairs import Neighbourhood, Pairs, Rules, pair_weights
from lab.registration.ransac import Ransac, match
from lab.registration.rigid import point_to_plane, point_to_point
from lab.registration.scans import Scans
from lab.scene import Array

FEATURE_RADIUS = 0.12
"""Of the neighbourhood of a feature, in units of the target's diagonal."""
_AGREE = 0.03
"""How near a match has to come to agree with a motion, in the same units."""
_REFINE = 0.05
"""The global method is near when it goes on as point to plane; from then on it keeps to pairs within this distance."""
_FEWEST_PAIRS = 3


@dataclass(frozen=True)
class Settings:
    """What an iteration takes: which pairs count, and the learning rate of gradient descent."""

    rules: Rules
    rate: float


class Method:
    """One method. pose: its motion (4, 4) of the normalised frame; at first where the source is to start."""

    def __init__(self, scans: Scans, neighbourhood: Neighbourhood, pose: Array) -> None:
        self.scans = scans
        self.pose = pose
        self._neighbourhood = neighbourhood

    def look(self) -> Pairs:
        """The pairs at the present motion."""
        return self._neighbourhood.pairs(se3.apply(self.pose, self.scans.source))

    def advance(self, pairs: Pairs, settings: Settings) -> None:
        """One iteration from the pairs of the present motion. Without pairs the motion stays."""
        weights = pair_weights(pairs.distances, settings.rules)
        if np.count_nonzero(weights) >= _FEWEST_PAIRS:
            self._move(pairs, weights, settings)

    def _move(self, pairs: Pairs, weights: Array, settings: Settings) -> None:
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"pose": self.pose.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.pose = np.array(state["pose"])


class PointToPoint(Method):
    """ICP of Besl and McKay (1992): the best motion of the pairs, again and again."""

    def _move(self, pairs: Pairs, weights: Array, settings: Settings) -> None:
        self.pose = point_to_point(pairs.moved, self.scans.target[pairs.nearest], weights) @ self.pose


class PointToPlane(Method):
    """ICP of Chen and Medioni (1991): points may slide along the planes at their nearest points."""

    def _move(self, pairs: Pairs, weights: Array, settings: Settings) -> None:
        goals, normals = self.scans.target[pairs.nearest], self.scans.target_normals[pairs.nearest]
        self.pose = point_to_plane(pairs.moved, goals, normals, weights) @ self.pose


class ByFeatures(PointToPlane):
    """Features and RANSAC for some rounds, wherever the scans are; then point to plane."""

    def __init__(
        self, scans: Scans, neighbourhood: Neighbourhood, pose: Array, rounds: int, triples: int, seed: int
    ) -> None:
        super().__init__(scans, neighbourhood, pose)
        self._seed, self._left, self._triples = seed, rounds, triples

    @cached_property
    def _search(self) -> Ransac:
        """Made when it is first needed, as the features of both scans take a moment."""
        scans = self.scans
        count = len(scans.source)
        own = fpfh(scans.source, scans.source_normals, FEATURE_RADIUS)
        others = fpfh(scans.target[:count], scans.target_normals[:count], FEATURE_RADIUS)
        return Ransac(scans.source, scans.target, match(own, others), _AGREE, self._seed, self.pose)

    def prepare(self) -> None:
        """Find the features of both scans."""
        _ = self._search

    def advance(self, pairs: Pairs, settings: Settings) -> None:
        if self._left <= 0:
            rules = replace(settings.rules, reach=min(settings.rules.reach, _REFINE))
            super().advance(pairs, replace(settings, rules=rules))
            return
        self._left -= 1
        self._search.advance(self._triples)
        self.pose = self._search.pose

    def state(self) -> dict[str, Any]:
        return {**super().state(), "left": self._left, "search": self._search.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        super().restore(state)
        self._left = int(state["left"])
        self._search.restore(state["search"])


class ByGradient(Method):
    """Adam on the exponent of SE(3), about the middle of the source."""

    def __init__(self, scans: Scans, neighbourhood: Neighbourhood, pose: Array) -> None:
        super().__init__(scans, neighbourhood, pose)
        self._middle = se3.apply(pose, scans.source).mean(axis=0)
        self._points = se3.apply(pose, scans.source) - self._middle
        self._first = pose
        self._xi = np.zeros(6)
        self._adam = Adam(6)

    def _move(self, pairs: Pairs, weights: Array, settings: Settings) -> None:
        goals = self.scans.target[pairs.nearest] - self._middle
        _, gradient = loss_and_gradient(self._xi, self._points, goals, weights)
        self._xi = self._xi + self._adam.step(gradient, settings.rate)
        there, back = (se3.matrix(np.eye(3), shift) for shift in (self._middle, -self._middle))
        self.pose = there @ se3.exp(self._xi) @ back @ self._first

    def state(self) -> dict[str, Any]:
        return {**super().state(), "xi": self._xi.copy(), "adam": self._adam.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        super().restore(state)
        self._xi = np.array(state["xi"])
        self._adam.restore(state["adam"])
