"""Runs of registration that the tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.chapters.cameras.registration import METHODS, RegistrationParams
from lab.examples import example_path
from lab.experiment import Notice, Outcome, RunContext, Step
from lab.formats import read
from lab.motions import se3, so3
from lab.params import build
from lab.registration.experiment import Registration
from lab.run.state import freeze, thaw
from lab.scene import Geometry, Mesh


def spot() -> Mesh:
    entity = read(example_path("spot")).entity
    assert isinstance(entity, Mesh)
    return entity


def only(*keys: str) -> dict[str, bool]:
    """The values that choose these methods."""
    return {key: key in keys for key in METHODS}


@dataclass
class Run:
    """A run of the experiment, and what it said."""

    values: Mapping[str, Any]
    inputs: Mapping[str, Geometry]
    resume: Any = None
    seed: int = 0
    stop_at: int | None = None
    change: Mapping[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    states: dict[int, Any] = field(default_factory=dict)
    snapshots: dict[int, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def make(self, keep: tuple[int, ...] = ()) -> Run:
        """To its end; states and snapshots of the steps in ``keep`` are kept. ``change`` comes at step 3."""
        values = {"target": "target", **({"source": "source"} if "source" in self.inputs else {}), **self.values}
        params = build(RegistrationParams, values)
        self.ctx = RunContext(
            self.inputs, "cpu", self.seed, params, self.resume, lambda *_: None, lambda: None, self.notices.append,
            self.outcomes.append,
        )  # fmt: skip
        for step in Registration().run(params, self.ctx):
            self.steps.append(step)
            if step.index in keep:
                self.states[step.index] = thaw(freeze(step.state()))
                self.snapshots[step.index] = step.snapshot()
            if step.index == 3:
                self.ctx.params = build(RegistrationParams, {**values, **self.change})
            self.ctx.stop_requested = step.index == self.stop_at
        return self

    def metric(self, name: str) -> list[float]:
        return [step.metrics[name] for step in self.steps]

    @property
    def figures(self) -> Mapping[str, Any]:
        return self.outcomes[-1].figures


def matrix_of(figures: Mapping[str, Any]) -> np.ndarray:
    """The best motion, from its figures."""
    omega = [figures[f"Rotation vector {axis}"] for axis in "xyz"]
    return se3.matrix(so3.exp(omega), [figures[f"t, {axis} (m)"] for axis in "xyz"])
