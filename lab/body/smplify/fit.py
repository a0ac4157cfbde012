"""One fit, step by step: what the experiment shows, and what trials and films use without looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lab.body.data import BodyData
from lab.body.joint_model import JointModel
from lab.body.prior import PosePrior
from lab.body.smplify.capsules import Spheres
from lab.body.smplify.objective import Look, Objective
from lab.body.smplify.observed import HIPS, Lens, observe
from lab.body.smplify.solver import Iterate, step
from lab.body.smplify.stages import Stage
from lab.scene import Array

MOST_A_STAGE = 25
_TOLERANCE = 1e-4
_BETTER = 1e-3


@dataclass(frozen=True, eq=False)
class Body:
    """What of a body model a fit needs; made once a model."""

    data: BodyData
    model: JointModel
    spheres: Spheres

    @classmethod
    def of(cls, data: BodyData) -> Body:
        """With all of the model's landmarks and at most 10 betas. Raises ValueError unless it has SMPL's joints."""
        model = JointModel(data, tuple(data.landmarks))
        return cls(data, model, Spheres(data, model))

    def objective(
        self,
        prior: PosePrior,
        names: tuple[str, ...],
        xy: Array,
        confidence: Array,
        lens: Lens,
        *,
        scale: float = 0.0,
        hips: float = HIPS,
    ) -> Objective:
        """For one person's 2D joints; see ``lab.body.smplify.observed.observe``."""
        seen = observe(self.model, names, xy, confidence, scale=scale, hips=hips)
        return Objective(self.model, prior, self.spheres, seen, lens)


@lru_cache(maxsize=2)
def load_prior(path: str) -> PosePrior:
    """The prior of a file, or the lab's own for "". Raises FormatError."""
    return PosePrior.load(Path(path) if path else None)


class Descent:
    """From one start through the stages, a step at a time.

    ``better``: an x that is known to be lower, such as one with a flipped limb; it is taken up where the last stage
    ends higher.
    """

    def __init__(
        self, objective: Objective, start: Array, stages: tuple[Stage, ...], better: Array | None = None
    ) -> None:
        self._objective, self._stages, self._better = objective, stages, better
        self.number, self._steps = 0, 0
        self.jumped, self.done = False, False
        self._now = Iterate(start, objective.evaluate(start, stages[0].weights({})))

    @property
    def x(self) -> Array:
        return self._now.x

    @property
    def stage(self) -> Stage:
        return self._stages[self.number]

    def look(self, scale: Mapping[str, float]) -> Look:
        """The objective where it stands, with the weights as they are now."""
        self._now = replace(self._now, look=self._objective.evaluate(self._now.x, self.stage.weights(scale)))
        return self._now.look

    def advance(self, scale: Mapping[str, float], stride: float = np.inf) -> None:
        """One step, in which no unknown changes by more than ``stride``; call ``look`` before."""
        weights = self.stage.weights(scale)
        self._now = step(self._now, lambda x: self._objective.evaluate(x, weights), tolerance=_TOLERANCE, stride=stride)
        self._steps += 1
        if not self._now.done and self._steps < MOST_A_STAGE:
            return
        if self.number + 1 < len(self._stages):
            self.number, self._steps = self.number + 1, 0
            self._now = replace(self._now, done=False)
        elif not self._jump(weights):
            self.done = True

    def _jump(self, weights: Mapping[str, float]) -> bool:
        """To the better place, once, if it is one with these weights."""
        if self.jumped or self._better is None:
            return False
        self.jumped = True
        look = self._objective.evaluate(self._better, weights)
        if not look.value < self._now.look.value * (1.0 - _BETTER):
            return False
        self._now, self._steps = Iterate(self._better, look), 0
        return True

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "x": self._now.x.copy(), "damping": float(self._now.damping), "stage": self.number, "steps": self._steps,
            "jumped": self.jumped, "done": self.done,
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """As it was."""
        self.number, self._steps = int(state["stage"]), int(state["steps"])
        self.jumped, self.done = bool(state["jumped"]), bool(state["done"])
        x = np.array(state["x"], np.float64)
        look = self._objective.evaluate(x, self.stage.weights({}))
        self._now = Iterate(x, look, float(state["damping"]))
