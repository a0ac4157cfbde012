"""Runs, as the window sees them: what is asked of the worker, what comes of it, and what of that is in the scene.

One run at a time is at work ("active"); at most one more waits for it to end, or for the worker to be warm ("queued").
Every run is announced once, by ``runStarted``, and ends with exactly one of ``finished`` and ``failed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance

from lab.chapter import ExperimentActivity
from lab.run.messages import (
    Command,
    Credit,
    Event,
    Failed,
    Finished,
    Frame,
    Keyframe,
    KeyframeEvery,
    Metrics,
    Noticed,
    Pause,
    Planned,
    Progress,
    Resume,
    SetValues,
    StateChanged,
    StepOnce,
    Stop,
    WorkerDied,
    WorkerReady,
)
from lab.run.recorder import Recording
from lab.run.source import Source
from ui.runs.book import RunBook
from ui.runs.pacing import FramePacing, StopLadder
from ui.runs.run import Run, final_snapshot
from ui.runs.stage import RunScene
from ui.runs.thread import RunThread
from ui.scene.model import SceneModel


class RunController(QObject):
    """Starts, steers and records runs. All of it happens on the UI thread, and takes no time there."""

    stateChanged = Signal(str)
    """What the lab does: "starting", "idle", "preparing", "running", "paused" or "evaluating"."""
    runStarted = Signal(int)
    progress = Signal(object)
    metrics = Signal(int, object)
    frame = Signal(int, object)
    keyframe = Signal(int, int)
    noticed = Signal(int, object)
    finished = Signal(int, object)
    failed = Signal(int, object)
    strideChanged = Signal(int, int)
    scrubbed = Signal(int, object)
    """The run, and the step of the keyframe that is shown; None for the newest state."""
    runRemoved = Signal(int)
    workerReady = Signal(object)
    workerDied = Signal(object)

    def __init__(self, source: Source, scene: SceneModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ready: WorkerReady | None = None
        """What the worker is; None while there is none, or it is not warm yet."""
        self._source = source
        self._book = RunBook(scene)
        self._shown = RunScene(scene)
        self._active: Run | None = None
        self._queued: Run | None = None
        self._state = "starting"
        self._given_up = False  # the source waits for another start
        self._killing = False  # the worker's death is awaited
        self._closed = False
        self._pacing = FramePacing(self)
        self._pacing.wanted.connect(self._ask_for_frame)
        self._stopping = StopLadder(self)
        self._stopping.asked.connect(self._ask_to_stop)
        self._stopping.forced.connect(self._force)
        self._thread = RunThread(source, self)
        self._thread.received.connect(self._receive)
        self._thread.start()
        source.start()

    # --- what there is --------------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """As in ``stateChanged``."""
        return self._state

    @property
    def runs(self) -> dict[int, Run]:
        """All runs by number, in their order."""
        return self._book.runs

    @property
    def current(self) -> Run | None:
        """The newest run."""
        return self.runs[max(self.runs)] if self.runs else None

    @property
    def budget(self) -> int:
        """Bytes for the keyframes of all runs."""
        return self._book.budget

    @property
    def used(self) -> int:
        """Bytes that they take."""
        return self._book.used

    def scene_paths(self, run_id: int) -> dict[str, str]:
        """The run's paths in the scene, by their paths in its snapshots."""
        return self._shown.paths(run_id)

    # --- starting -------------------------------------------------------------------------------------------------

    def run(
        self,
        activity: ExperimentActivity,
        values: Mapping[str, Any],
        *,
        seed: int = 0,
        device: str = "cpu",
        paused: bool = False,
    ) -> int:
        """Start a run; one at work is stopped first. Returns its number. Raises ParamError for a wrong value."""
        return self._launch(self._book.new(activity, values, seed=seed, device=device, paused=paused))

    def restart(self) -> int | None:
        """The current run again: its values (the live ones as they are now), data and seed."""
        run = self._book.again(self.current) if self.current is not None else None
        return self._launch(run) if run is not None else None

    def resume_from(self, run_id: int, step: int, values: Mapping[str, Any] | None = None) -> int:
        """Go on from a keyframe (the nearest at or before ``step``) as a new run beside the first. Returns its number.

        values: what is to be different. Raises ParamError for a wrong value, or if there is nothing to go on from.
        """
        return self._launch(self._book.branch(run_id, step, values or {}))

    def adopt(self, recording: Recording, name: str, label: str = "") -> int:
        """Show a recording from a file called ``name`` as a run, beside what it ran on. Returns its number."""
        run = self._book.adopt(recording, name, label)
        self._shown.hide_all()
        self._share()
        self.runStarted.emit(run.run_id)
        self._show_latest(run)
        return run.run_id

    def _launch(self, run: Run) -> int:
        self._shown.hide_all()
        self.runStarted.emit(run.run_id)
        waiting, self._queued = self._queued, run
        if waiting is not None:
            self._end(waiting, Finished(waiting.run_id, "stopped"))
        if self._active is not None and self._active.state != "evaluating" and not self._stopping.pressed:
            self._stopping.press()
        if self._given_up:
            self._given_up = False
            self._source.start()
        self._dispatch()
        return run.run_id

    def _dispatch(self) -> None:
        """Give the queued run to the worker, if it can take it."""
        if self._queued is not None and self._active is None and self.ready is not None:
            run, self._queued = self._queued, None
            self._active = run
            self._stopping.reset()
            self._pacing.reset()
            run.recording.header = replace(run.recording.header, versions=dict(self.ready.versions))
            self._share()
            run.state = "starting"
            self._source.send(run.request())
        self._tell_state()

    # --- steering -------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Let the run stand still after its step."""
        self._steer(Pause(), paused=True)

    def resume(self) -> None:
        """Let it go on."""
        self._steer(Resume(), paused=False)

    def step(self) -> None:
        """One step of a paused run; one at work pauses."""
        self._steer(StepOnce(), paused=True)

    def _steer(self, command: Command, *, paused: bool) -> None:
        if self._queued is not None:
            self._queued.start_paused = paused
        elif self._active is not None:
            self._source.send(command)

    def stop(self) -> None:
        """End the run after its step and evaluate it. A second time: without evaluation, and by force if need be."""
        if self._queued is not None:
            run, self._queued = self._queued, None
            self._end(run, Finished(run.run_id, "stopped"))
        elif self._active is not None:
            self._stopping.press()

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Other values: live ones for the run at work (the rest is refused with a notice), any for a queued one."""
        run = self._queued or self._active
        if run is not None:
            run.note_values(values)
            if run is self._active:
                self._source.send(SetValues(dict(values)))

    def _ask_to_stop(self) -> None:
        self._source.send(Stop())

    def _force(self) -> None:
        if self._source.stop_now():
            self._killing = True
            self.ready = None  # nothing more for this worker

    def _ask_for_frame(self) -> None:
        if self._active is not None and self._active.scrubbed is None:
            self._source.send(Credit())

    # --- looking --------------------------------------------------------------------------------------------------

    def scrub(self, run_id: int, step: int | None) -> None:
        """Look at a run at an earlier step (its nearest keyframe), or as it is now (None). The run itself goes on."""
        run = self.runs[run_id]
        keyframe = run.recording.keyframe_at(step) if step is not None else None
        run.scrubbed = keyframe.step if keyframe is not None else None
        if keyframe is not None:
            self._shown.show(run_id, keyframe.snapshot)
        else:
            self._show_latest(run)
            if run is self._active:
                self._pacing.ask()
        self.scrubbed.emit(run_id, run.scrubbed)

    def pace_by(self, shown: SignalInstance) -> None:
        """Ask for a frame only when ``shown`` told that the last one is on the screen: the display sets the pace."""
        self._pacing.waits_for_display = True
        shown.connect(self._pacing.on_displayed)

    def set_budget(self, budget_bytes: int) -> None:
        """Another memory budget for the keyframes of all runs; thins them at once."""
        self._book.budget = budget_bytes
        self._share()

    def remove(self, run_id: int) -> None:
        """Forget a run: its recording and its place in the scene. Raises ValueError for one that has not ended."""
        run = self.runs[run_id]
        if not run.ended:
            raise ValueError(f"{run.label} has not ended")
        del self.runs[run_id]
        self._shown.remove(run_id)
        self.runRemoved.emit(run_id)

    def shutdown(self) -> None:
        """End the worker and the thread; waits a moment for them, so call it when the window is gone."""
        if self._closed:
            return
        self._closed = True
        self._stopping.reset()
        self._pacing.reset()
        self._thread.received.disconnect(self._receive)
        self._source.close()
        self._thread.wait()

    # --- what comes -----------------------------------------------------------------------------------------------

    def _receive(self, event: Event) -> None:
        if isinstance(event, WorkerReady):
            self.ready = event
            self.workerReady.emit(event)
            self._dispatch()
        elif isinstance(event, WorkerDied):
            self._on_death(event)
        else:
            self._stopping.on_event()
            run = self.runs.get(event.run_id)
            if run is not None and not run.ended:
                self._take(run, event)

    def _take(self, run: Run, event: Event) -> None:
        self._tell_stride(run, run.recording.take(event))
        match event:
            case Metrics():
                self.metrics.emit(run.run_id, event)
            case Frame():
                self._on_frame(run, event)
            case Keyframe():
                run.note_snapshot(event.step, event.snapshot)
                self.keyframe.emit(run.run_id, event.step)
            case Progress():
                self.progress.emit(event)
            case Noticed(_, notice):
                self.noticed.emit(run.run_id, notice)
            case Planned(_, steps):
                run.planned = steps
            case StateChanged(_, state):
                run.state = state
                self._tell_state()
            case Finished() | Failed():
                self._end(run, event)
            case _:
                raise TypeError(f"not an event of a run: {event!r}")

    def _on_frame(self, run: Run, frame: Frame) -> None:
        run.note_snapshot(frame.step, frame.snapshot)
        live = run.scrubbed is None
        if live:
            self._show_latest(run)
        self.frame.emit(run.run_id, frame)
        self._pacing.on_frame(seen=live)

    def _on_death(self, event: WorkerDied) -> None:
        self.ready = None
        self._given_up = event.final
        killed, self._killing = self._killing, False
        active = self._active
        if active is not None and killed:
            self._end(active, Finished(active.run_id, "stopped"))
        elif active is not None:
            self._end(active, Failed(active.run_id, active.step, event.sentence, event.details))
        if event.final and self._queued is not None:
            run, self._queued = self._queued, None
            self._end(run, Failed(run.run_id, -1, event.sentence, event.details))
        if not killed:
            self.workerDied.emit(event)
        self._tell_state()

    def _end(self, run: Run, event: Finished | Failed) -> None:
        """A run is over, whether it was at work or still waited."""
        if run is self._active:
            self._active = None
            self._stopping.reset()
            self._pacing.reset()
        if isinstance(event, Finished):
            run.state = event.reason
            run.latest = final_snapshot(run.latest, event.outcome.entities)
        else:
            run.state = "failed"
        run.recording.take(event)  # also where the worker had no chance to say so
        if run.scrubbed is None:
            self._show_latest(run)
        signal = self.finished if isinstance(event, Finished) else self.failed
        signal.emit(run.run_id, event)
        self._dispatch()

    # --- helpers --------------------------------------------------------------------------------------------------

    def _show_latest(self, run: Run) -> None:
        if run.latest is not None:
            self._shown.show(run.run_id, run.latest)

    def _share(self) -> None:
        stride = self._book.share(self._active)
        if self._active is not None:
            self._tell_stride(self._active, stride)

    def _tell_stride(self, run: Run, stride: int | None) -> None:
        if stride is not None:
            self.strideChanged.emit(run.run_id, stride)
            if run is self._active:
                self._source.send(KeyframeEvery(stride))

    def _tell_state(self) -> None:
        state = self._state_now()
        if state != self._state:
            self._state = state
            self.stateChanged.emit(state)

    def _state_now(self) -> str:
        if self._active is not None:
            return self._active.state
        if self._queued is not None or (self.ready is None and not self._given_up):
            return "starting"
        return "idle"
