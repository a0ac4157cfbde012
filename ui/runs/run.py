"""One run, as the window keeps it. No widgets, no signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lab.chapter import ExperimentActivity
from lab.experiment import State
from lab.params import ParamError, declared
from lab.run.messages import RunRequest
from lab.run.recorder import Recording
from lab.scene import Entity, Geometry, Mesh, Points, Snapshot

AtWork = Literal["queued", "starting", "preparing", "running", "paused", "evaluating"]
Ended = Literal["done", "stopped", "early", "failed", "loaded"]


@dataclass(eq=False)
class Run:
    """One run.

    values: its parameters, the live ones as they are now; inputs: the geometry behind them, by parameter name.
    state: "queued" until the worker has it, then "starting", "preparing", "running", "paused", "evaluating", at last
    "done", "stopped", "early" or "failed"; "loaded" when it came from a file. activity: None if there is no such one.
    latest: the newest snapshot, of latest_step. scrubbed: the step that is looked at instead, or None.
    planned: how many steps the run itself has set out to make, None where its parameters say it.
    """

    run_id: int
    label: str
    activity: ExperimentActivity | None
    values: dict[str, Any]
    inputs: dict[str, Geometry]
    seed: int
    device: str
    recording: Recording
    state: AtWork | Ended = "queued"
    start_paused: bool = False
    resume: State | None = None
    latest: Snapshot | None = None
    latest_step: int = -1
    scrubbed: int | None = None
    planned: int | None = None

    @property
    def ended(self) -> bool:
        """Nothing more will come of it."""
        return self.state in ("done", "stopped", "early", "failed", "loaded")

    @property
    def step(self) -> int:
        """The last step that was made; -1 before the first."""
        return int(self.recording.steps[-1]) if len(self.recording.steps) else -1

    def request(self) -> RunRequest:
        """What the worker is asked for."""
        return RunRequest(
            self.run_id,
            self.recording.header.activity,
            dict(self.values),
            dict(self.inputs),
            seed=self.seed,
            device=self.device,
            keyframe_every=self.recording.stride,
            resume=self.resume,
            paused=self.start_paused,
        )

    def note_snapshot(self, step: int, snapshot: Snapshot) -> None:
        """A snapshot came in; the newest counts."""
        if step >= self.latest_step:
            self.latest, self.latest_step = snapshot, step

    def note_values(self, values: Mapping[str, Any]) -> None:
        """Values were changed; of a run at work the live ones count. About invalid ones the run itself complains."""
        for param in declared(self.activity.params) if self.activity is not None else ():
            if param.name not in values or param.kind == "geometry" or not (param.live or self.state == "queued"):
                continue
            try:
                self.values[param.name] = param.check(values[param.name])
            except ParamError:
                continue


def final_snapshot(latest: Snapshot | None, outcome: Mapping[str, Entity]) -> Snapshot | None:
    """What a finished run shows: its outcome, but with the fields (arrows, scalars) of a snapshot of the same shape."""
    if not outcome:
        return latest
    known = latest or {}
    return {path: known[path] if _same_shape(known.get(path), entity) else entity for path, entity in outcome.items()}


def _same_shape(a: Entity | None, b: Entity) -> bool:
    if not isinstance(a, Mesh | Points) or not isinstance(b, Mesh | Points) or type(a) is not type(b):
        return False
    return np.array_equal(a.origin, b.origin) and np.array_equal(a.verts, b.verts)
