"""Runs of the pose experiments that the tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.chapter import ExperimentActivity
from lab.examples import example_path
from lab.experiment import Notice, Outcome, RunContext, Step
from lab.formats import read
from lab.params import build
from lab.run.state import freeze, thaw
from lab.scene import Geometry, Mesh


def example(name: str) -> Mesh:
    entity = read(example_path(name)).entity
    assert isinstance(entity, Mesh)
    return entity


@dataclass
class Made:
    """A run of an activity, and what it said. stop_at: the step after which the person presses Stop."""

    activity: ExperimentActivity
    inputs: Mapping[str, Geometry]
    values: Mapping[str, Any]
    seed: int = 0
    resume: Any = None
    stop_at: int | None = None
    keep: tuple[int, ...] = ()
    steps: list[Step] = field(default_factory=list)
    states: dict[int, Any] = field(default_factory=dict)
    snapshots: dict[int, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def make(self) -> Made:
        """To its end; states and snapshots of the steps in ``keep`` are kept."""
        params = build(self.activity.params, self.values)
        ctx = RunContext(
            self.inputs, "cpu", self.seed, params, self.resume, lambda *_: None, lambda: None, self.notices.append,
            self.outcomes.append,
        )  # fmt: skip
        for step in self.activity.load().run(params, ctx):
            self.steps.append(step)
            if step.index in self.keep:
                self.states[step.index] = thaw(freeze(step.state()))
                self.snapshots[step.index] = step.snapshot()
            ctx.stop_requested = step.index == self.stop_at
        return self

    def metric(self, name: str) -> list[float]:
        return [step.metrics[name] for step in self.steps]

    @property
    def figures(self) -> Mapping[str, Any]:
        return self.outcomes[-1].figures

    @property
    def document(self) -> Mapping[str, Any]:
        return self.outcomes[-1].document

    @property
    def texts(self) -> str:
        return "\n".join(notice.text for notice in self.notices)
