"""All runs by number: how a new one comes about, and the memory that they share. No signals, no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from lab.chapter import ExperimentActivity, activities
from lab.params import ParamError, build, declared
from lab.params import values as values_of
from lab.run.recorder import BUDGET_BYTES, Header, Recording
from lab.scene import Geometry
from ui.runs.run import Run, final_snapshot
from ui.scene.model import SceneModel

KEYFRAME_EVERY = 5
KEYFRAMES_PER_SECOND = 10
"""More of them would slow a quick run down for a replay that nobody could see."""


class RunBook:
    """The runs. budget: bytes for the keyframes of all of them."""

    def __init__(self, scene: SceneModel) -> None:
        self.runs: dict[int, Run] = {}
        self.budget = BUDGET_BYTES
        self._scene = scene
        self._last = 0

    @property
    def used(self) -> int:
        """Bytes that the keyframes take."""
        return sum(run.recording.nbytes for run in self.runs.values())

    def new(
        self, activity: ExperimentActivity, values: Mapping[str, Any], *, seed: int, device: str, paused: bool
    ) -> Run:
        """A run of an activity, on what stands in the scene. Raises ParamError for a wrong value."""
        checked = values_of(build(activity.params, values))
        run = self._enter(activity, checked, self._inputs(activity, checked, {}), seed=seed, device=device)
        run.start_paused = paused
        return run

    def again(self, run: Run) -> Run | None:
        """The same once more: values (the live ones as they are now), data, seed. None without its activity."""
        if run.activity is None:
            return None
        return self._enter(run.activity, run.values, run.inputs, seed=run.seed, device=run.device)

    def branch(self, run_id: int, step: int, values: Mapping[str, Any]) -> Run:
        """A run that goes on from a keyframe of another, the nearest at or before ``step``, with some other values.

        Raises ParamError for a wrong value, or if there is nothing to go on from.
        """
        parent = self.runs[run_id]
        keyframe = parent.recording.keyframe_at(step)
        if parent.activity is None or keyframe is None:
            raise ParamError(
                f"{parent.label}: it has no keyframe to go on from, or this program does not have its activity"
            )
        base = {**parent.values, **keyframe.values}
        changed = {name for name, value in values.items() if base.get(name) != value}
        checked = values_of(build(parent.activity.params, {**base, **values}))
        geometry = {param.name for param in declared(parent.activity.params) if param.kind == "geometry"} & changed
        kept = {name: entity for name, entity in parent.inputs.items() if name not in geometry}
        inputs = self._inputs(parent.activity, checked, kept) if geometry else kept
        run = self._enter(parent.activity, checked, inputs, seed=parent.seed, device=parent.device)
        self._name(run, f"Run {run.run_id} (from run {run_id}, step {keyframe.step})")
        run.resume = keyframe.state
        return run

    def adopt(self, recording: Recording, name: str, label: str = "") -> Run:
        """A run from a file called ``name``; what it ran on is put into the scene, unless it stands there already."""
        header = recording.header
        values, inputs = dict(header.values), dict(recording.inputs)
        for parameter, geometry in inputs.items():
            there = next((e.path for e in self._scene if getattr(e.entity, "verts", None) is geometry.verts), None)
            path = PurePath(str(values.get(parameter) or parameter)).stem
            values[parameter] = there or self._scene.add(path, geometry, source=name)
        activity = _known(header.activity)
        run = Run(self._number(), "", activity, values, inputs, header.seed, header.device, recording, "loaded")
        self._name(run, label or f"Run {run.run_id} ({name})")
        if recording.keyframes:
            last = recording.keyframes[-1]
            run.note_snapshot(last.step, last.snapshot)
        run.latest = final_snapshot(run.latest, recording.outcome.entities if recording.outcome else {})
        self.runs[run.run_id] = run
        return run

    def share(self, growing: Run | None) -> int | None:
        """Divide the memory: finished runs keep what they have, within half of it while one is growing.

        Where that is too much, the largest give way. Returns the new stride of the growing run if it was thinned.
        """
        finished = [run.recording for run in self.runs.values() if run is not growing]
        left = self.budget // 2 if growing is not None else self.budget
        for i, recording in enumerate(sorted(finished, key=lambda recording: recording.nbytes)):
            recording.set_budget(left // (len(finished) - i))
            left = max(left - recording.nbytes, 0)
        if growing is None:
            return None
        return growing.recording.set_budget(max(self.budget - sum(recording.nbytes for recording in finished), 0))

    def _enter(
        self,
        activity: ExperimentActivity,
        values: Mapping[str, Any],
        inputs: Mapping[str, Geometry],
        *,
        seed: int,
        device: str,
    ) -> Run:
        number = self._number()
        header = Header(activity.key, dict(values), seed, device)
        recording = Recording(header, dict(inputs), keyframe_every=KEYFRAME_EVERY, most_per_second=KEYFRAMES_PER_SECOND)
        run = Run(number, "", activity, dict(values), dict(inputs), seed, device, recording)
        self._name(run, f"Run {number}")
        self.runs[number] = run
        return run

    def _number(self) -> int:
        self._last += 1
        return self._last

    @staticmethod
    def _name(run: Run, label: str) -> None:
        run.label = label
        run.recording.header = replace(run.recording.header, label=label)

    def _inputs(
        self, activity: ExperimentActivity, values: Mapping[str, Any], kept: Mapping[str, Geometry]
    ) -> dict[str, Geometry]:
        """The geometry that the parameters name, from the scene but for those kept. Raises ParamError."""
        found = dict(kept)
        for param in declared(activity.params):
            if param.kind != "geometry" or param.name in found:
                continue
            path = values[param.name]
            geometry = self._scene.geometry(path) if path else None
            if geometry is not None:
                found[param.name] = geometry
            elif path:
                raise ParamError(f"{param.label}: there is no mesh or point cloud named {path!r} in the scene")
            elif not param.may_be_empty(values):
                raise ParamError(f"{param.label}: choose a {param.accepted}")
        return found


def _known(key: str) -> ExperimentActivity | None:
    """The activity of this program with that key. One outside of it is never imported because a file names it."""
    activity = activities().get(key)
    return activity if isinstance(activity, ExperimentActivity) else None
