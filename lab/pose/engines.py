"""The two ways to a pose, step by step: the search from anywhere, and Adam from one start as in the course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from lab.chapters.pose.estimate import FREE, PoseParams
from lab.fitting.optimiser import Optimiser
from lab.kernels.crew import Crew
from lab.pose.descent import pose_of, state_of
from lab.pose.given import Given
from lab.pose.model import Model
from lab.pose.objective import Evaluation, Objective
from lab.pose.search import Candidate, Search
from lab.pose.variables import FreePose, LookAt, Pose, Variables
from lab.scene import Array

COLOR_GAIN = 40.0
"""Of colours in the search for a weight of 1: squared pixels of the outlines against squared colours."""
EXPLOSION = 30.0
"""How many times its usual length a gradient is no guide any more."""
_BETA = 0.9
_MEMORY = 10


class Engine(Protocol):
    """Makes one step after another."""

    @property
    def pose(self) -> Pose:
        """Where it stands: the best so far of a search, the moving one of a single run."""
        ...

    @property
    def done(self) -> bool: ...

    @property
    def level(self) -> int:
        """The level of the target's pyramid at which it looks."""
        ...

    def candidates(self) -> list[Candidate]:
        """What is on trial, best first."""
        ...

    def advance(self, params: PoseParams, evaluation: Evaluation) -> None:
        """One step from where it stands; ``evaluation`` is of that pose at its level."""
        ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: Mapping[str, Any]) -> None: ...


class Anywhere:
    """The search as an engine."""

    level = 0

    def __init__(self, params: PoseParams, model: Model, given: Given, crew: Crew) -> None:
        self._given, self._model = given, model
        self.search = Search(
            model, given.target, given.intrinsics, zoom=params.focal == "unknown", color=self._color(params), crew=crew
        )

    def _color(self, params: PoseParams) -> float:
        weight = params.rgb_weight / max(params.silhouette_weight, 1e-3)
        return COLOR_GAIN * weight if self._given.colored else 0.0

    @property
    def pose(self) -> Pose:
        best = self.search.best
        if best is not None:
            return best.pose
        away = 1.5 * self._model.radius * max(1.0, float(self._given.intrinsics.focal.mean()))
        pose = Pose.looking_at(self._model.center + np.array([0.0, 0.0, away]), self._model.center, 1.0)
        return Pose(pose.R, pose.T, self._given.intrinsics.focal, self._given.intrinsics.principal)

    @property
    def done(self) -> bool:
        return self.search.done

    def candidates(self) -> list[Candidate]:
        return self.search.candidates()

    def advance(self, params: PoseParams, evaluation: Evaluation) -> None:
        self.search.color = self._color(params)
        self.search.advance()

    def state(self) -> dict[str, Any]:
        return self.search.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self.search.restore(state)


class OneStart:
    """Adam on the pose's numbers. A gradient that is not finite, or far too long, is not followed.

    skipped: how many steps were left out for that.
    """

    def __init__(self, params: PoseParams, model: Model, given: Given, objective: Objective) -> None:
        at = np.zeros(3) if params.looks_at == "origin" else model.center
        position = np.array([params.start_x, params.start_y, params.start_z])
        if float(np.linalg.norm(position - at)) < 1e-6:
            position = position + 2.0 * model.radius * np.array([0.0, 0.0, 1.0])
        focal, zoom = given.intrinsics.focal, params.focal == "unknown"
        start = Pose.looking_at(position, at, float(focal.mean()))
        self._variables: Variables = LookAt(position, at, float(focal.mean()))
        if params.variables == FREE or zoom or abs(focal[0] - focal[1]) > 1e-6:
            free = Pose(start.R, start.T, focal, given.intrinsics.principal)
            self._variables = FreePose(free, model.center, model.radius, zoom)
        self._optimiser = Optimiser("Adam", np.zeros(self._variables.count), np.zeros(self._variables.count))
        self._lengths: list[float] = []
        self._objective, self._coarse, self._steps, self._all = objective, params.coarse_to_fine, 0, params.steps
        self.skipped = 0
        self.done = False

    @property
    def pose(self) -> Pose:
        return self._variables.pose

    @property
    def level(self) -> int:
        """Two levels coarser in the first third, one in the second."""
        if not self._coarse:
            return 0
        return max(0, min(self._objective.levels - 1, 2 - 3 * self._steps // max(self._all, 1)))

    def candidates(self) -> list[Candidate]:
        return []

    def advance(self, params: PoseParams, evaluation: Evaluation) -> None:
        self._coarse = params.coarse_to_fine
        self._steps += 1
        if self.level == 0 and evaluation.value < params.stop_below:
            self.done = True
            return
        pull = self._variables.pull(evaluation.gradient)
        length = float(np.linalg.norm(pull))
        usual = float(np.median(self._lengths)) if len(self._lengths) == _MEMORY else np.inf
        if not (evaluation.finite and length <= EXPLOSION * usual):
            self.skipped += 1
            self._lengths = self._lengths[1:]  # a change that stays is believed after some steps
            return
        self._lengths = [*self._lengths, length][-_MEMORY:]
        delta: Array = np.zeros(self._variables.count)
        self._optimiser.step(delta, pull, params.learning_rate, _BETA)
        self._variables = self._variables.moved(delta)

    def state(self) -> dict[str, Any]:
        optimiser = self._optimiser
        place = (
            {"position": self._variables.position.copy()}
            if isinstance(self._variables, LookAt)
            else state_of(self._variables.pose)
        )
        return {
            "place": place,
            "first": optimiser.first.copy(),
            "second": optimiser.second.copy(),
            "updates": optimiser.updates,
            "lengths": np.array(self._lengths),
            "steps": self._steps,
            "skipped": self.skipped,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        place = state["place"]
        if isinstance(self._variables, LookAt):
            self._variables = LookAt(np.array(place["position"]), self._variables.at, self._variables.focal)
        elif isinstance(self._variables, FreePose):
            old = self._variables
            self._variables = FreePose(pose_of(place), old.pivot, old.unit, old.zoom)
        self._optimiser = Optimiser("Adam", np.array(state["first"]), np.array(state["second"]), int(state["updates"]))
        self._lengths = [float(length) for length in state["lengths"]]
        self._steps, self.skipped = int(state["steps"]), int(state["skipped"])
