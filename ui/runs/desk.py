"""The run in the window: what it tells goes to curves, timeline, panel and log, what the person does goes back."""

from __future__ import annotations

from collections import deque
from typing import Any

from PySide6.QtCore import QObject, Signal

from lab.chapter import ExperimentActivity
from lab.params import ParamError, declared
from lab.run.messages import Failed, Finished, Metrics, Progress, WorkerDied, WorkerReady
from ui.runs.controller import RunController
from ui.runs.curves import CurvesPanel
from ui.runs.looks import RunLooks
from ui.runs.run import Run
from ui.runs.timeline import Timeline
from ui.scene.model import SceneModel
from ui.throttle import Throttle
from ui.window.activity_panel import ActivityPanel
from ui.window.log import LogView

_SHOW_MS = 100  # how often numbers that change are shown anew
_RATE_SECONDS = 2.0  # the speed is the mean over the last ones
_ENDINGS = {"done": "is done", "stopped": "was stopped", "early": "ended early"}


class RunDesk(QObject):
    """Knows which run is looked at, and keeps everything that shows it up to date."""

    troubled = Signal(str, str, str)
    """(a sentence, details, "run" where running again may help, else "")"""
    statusChanged = Signal()
    """``status`` is another."""
    shownChanged = Signal()
    """Another run is looked at."""

    def __init__(
        self,
        controller: RunController,
        scene: SceneModel,
        looks: RunLooks,
        curves: CurvesPanel,
        timeline: Timeline,
        log: LogView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._scene = scene
        self._looks = looks
        self._curves = curves
        self._timeline = timeline
        self._log = log
        self._panel: ActivityPanel | None = None
        self._shown: int | None = None
        self._sent: dict[str, Any] = {}
        self._work = ""
        self._pace: deque[tuple[int, float]] = deque()
        self._refresh = Throttle(_SHOW_MS, self._show_numbers, self)
        self._follow_controller()
        timeline.scrubbed.connect(self._scrub)
        timeline.branchRequested.connect(self._branch)
        curves.stepClicked.connect(self._scrub)
        scene.selectionChanged.connect(self._on_selection)

    def _follow_controller(self) -> None:
        controller = self._controller
        controller.stateChanged.connect(self._on_state)
        controller.runStarted.connect(self._on_started)
        controller.runRemoved.connect(self._on_removed)
        controller.progress.connect(self._on_progress)
        controller.metrics.connect(self._on_metrics)
        controller.keyframe.connect(lambda *_: self._refresh.ask())
        controller.noticed.connect(self._on_notice)
        controller.finished.connect(self._on_finished)
        controller.failed.connect(self._on_failed)
        controller.scrubbed.connect(self._on_scrubbed)
        controller.workerReady.connect(self._on_ready)
        controller.workerDied.connect(self._on_death)

    def set_panel(self, panel: ActivityPanel) -> None:
        """The panel of the activity that runs are started from."""
        self._panel = panel
        self._curves.set_terms(panel.activity.terms, panel.activity.key)
        panel.form.valuesChanged.connect(self._send_values)
        panel.form.arrowsToggled.connect(self._looks.set_arrows)
        panel.termHovered.connect(self._curves.highlight)

    # --- what the person does ---------------------------------------------------------------------------------------

    def start(
        self, activity: ExperimentActivity, values: dict[str, Any], *, seed: int, device: str, paused: bool = False
    ) -> bool:
        """Start a run; False when something keeps it from starting, which is then said."""
        self._sent = dict(values)
        try:
            self._controller.run(activity, values, seed=seed, device=device, paused=paused)
        except ParamError as error:
            self.troubled.emit(f"The run cannot start. {error}.", "", "")
            return False
        return True

    def _scrub(self, step: int | None) -> None:
        if self._shown in self._controller.runs:
            self._controller.scrub(self._shown, step)

    def branch_here(self) -> None:
        """Go on from the step that is looked at as a new run; from the last keyframe while the newest is shown."""
        run = self.shown
        steps = run.recording.keyframe_steps if run is not None else ()
        position = self._timeline.position
        if len(steps):
            self._branch(position if position is not None else int(steps[-1]))

    def _branch(self, step: int) -> None:
        if self._shown is None or self._panel is None:
            return
        values = self._panel.form.values()
        self._sent = dict(values)
        try:
            self._controller.resume_from(self._shown, step, values)
        except ParamError as error:
            self.troubled.emit(f"The run cannot go on from step {step}. {error}.", "", "")

    def _send_values(self, values: dict[str, Any]) -> None:
        """Live parameters go to the run at work, as far as they are others than before."""
        if self._panel is None:
            return
        live = {param.name for param in declared(self._panel.activity.params) if param.live}
        changed = {name: value for name, value in values.items() if name in live and self._sent.get(name) != value}
        self._sent = dict(values)
        if changed:
            self._controller.set_values(changed)

    # --- which run is looked at -------------------------------------------------------------------------------------

    @property
    def shown(self) -> Run | None:
        """The run that timeline, results and exports are about."""
        return self._controller.runs.get(self._shown) if self._shown is not None else None

    def show_run(self, run_id: int) -> None:
        """Look at a run."""
        if run_id == self._shown or run_id not in self._controller.runs:
            return
        self._shown = run_id
        run = self._controller.runs[run_id]
        self._timeline.stop_playing()
        self._timeline.set_position(run.scrubbed)
        self._curves.set_cursor(run.scrubbed)
        self._show_numbers()
        self.shownChanged.emit()

    def paths_of(self, key: str) -> dict[str, str] | None:
        """The paths in the scene of the run that is looked at, by those in its snapshots; None if it is not of that
        activity.
        """
        run = self.shown
        if run is None or run.recording.header.activity != key:
            return None
        return self._controller.scene_paths(run.run_id)

    def _on_selection(self, path: str) -> None:
        for run_id in self._controller.runs:
            if path in self._controller.scene_paths(run_id).values():
                self.show_run(run_id)

    # --- what the controller tells ----------------------------------------------------------------------------------

    def _on_started(self, run_id: int) -> None:
        run = self._controller.runs[run_id]
        self._pace.clear()
        self._work = ""
        selected = self._scene.selected
        if selected is not None and self._scene.entry(selected).owner == "run":
            self._scene.select(None)  # selecting it again is then a way back to its run
        self._curves.begin_run(run_id, run.label, run.recording.header.activity)
        if run.ended:
            self._take_recording(run)
        if self._panel is not None:
            self._panel.notices.clear()
            self._panel.set_badge(False)
        self.show_run(run_id)
        self._log.add(f"{run.label} {'was opened' if run.ended else 'starts'}, seed {run.seed}, on {run.device}.")

    def _take_recording(self, run: Run) -> None:
        """A recording from a file: its curves and results come at once."""
        recording = run.recording
        columns = {name: tuple(column.tolist()) for name, column in recording.metrics.items()}
        steps, seconds = tuple(recording.steps.tolist()), tuple(recording.seconds.tolist())
        if steps:
            self._curves.append(run.run_id, Metrics(run.run_id, steps, seconds, columns))
        if recording.outcome is not None and self._panel is not None:
            self._panel.results.show_outcome(recording.outcome, run.label)

    def _on_removed(self, run_id: int) -> None:
        self._curves.remove_run(run_id)
        if run_id == self._shown:
            self._shown = None
            self._timeline.clear()
            current = self._controller.current
            if current is not None:
                self.show_run(current.run_id)
            self.shownChanged.emit()

    def _on_state(self, state: str) -> None:
        if state in ("running", "idle", "paused"):
            self._work = ""
            if self._panel is not None:
                self._panel.results.show_progress(1.0, "")
        if self._panel is not None:
            self._panel.form.set_running(state in ("preparing", "running", "paused", "evaluating"))
        self.statusChanged.emit()

    def _on_progress(self, event: Progress) -> None:
        share = f" {event.fraction:.0%}" if event.fraction is not None else ""
        self._work = f"{event.text}{share}"
        if self._panel is not None:
            self._panel.results.show_progress(event.fraction, event.text)
        self._refresh.ask()

    def _on_metrics(self, run_id: int, metrics: Metrics) -> None:
        self._curves.append(run_id, metrics)
        if metrics.steps:
            self._pace.append((metrics.steps[-1], metrics.seconds[-1]))
            while self._pace[-1][1] - self._pace[0][1] > _RATE_SECONDS and len(self._pace) > 2:
                self._pace.popleft()
        self._refresh.ask()

    def _on_notice(self, run_id: int, notice: Any) -> None:
        if self._panel is not None:
            self._panel.notices.show_notice(notice)
        self._log.add(f"Step {notice.step}: {notice.text} {notice.advice}".strip(), notice.level)

    def _on_finished(self, run_id: int, event: Finished) -> None:
        run = self._controller.runs[run_id]
        if event.outcome.figures and self._panel is not None:
            self._panel.results.show_outcome(event.outcome, run.label)
            self._panel.set_badge(True)
        path = self._looks.result_path(run)
        if path is not None and run_id == self._shown:
            self._scene.select(path)
        self._log.add(f"{run.label} {_ENDINGS[event.reason]}, at step {max(run.step, 0):,}.")
        self._refresh.ask()

    def _on_failed(self, run_id: int, event: Failed) -> None:
        label = self._controller.runs[run_id].label
        where = f" at step {event.step}" if event.step >= 0 else ""
        self._log.add(f"{label} failed{where}: {event.sentence}", "error")
        self.troubled.emit(f"{label} failed{where}. {event.sentence}", event.details, "run")

    def _on_ready(self, event: WorkerReady) -> None:
        self._log.add(f"The worker is ready after {event.seconds:.1f} s, on {', '.join(event.devices)}.")
        self.statusChanged.emit()

    def _on_death(self, event: WorkerDied) -> None:
        self._log.add(event.sentence, "error")
        if event.run_id is None:  # with a run, its failure says the same
            self.troubled.emit(event.sentence, event.details, "")

    def _on_scrubbed(self, run_id: int, step: int | None) -> None:
        if run_id == self._shown:
            self._timeline.set_position(step)
            self._curves.set_cursor(step)
            self.statusChanged.emit()

    # --- numbers ------------------------------------------------------------------------------------------------------

    def _show_numbers(self) -> None:
        run = self.shown
        if run is not None:
            recording = run.recording
            first = int(recording.steps[0]) if len(recording.steps) else 0
            self._timeline.set_range(first, run.step, self.total_steps(run), recording.keyframe_steps)
        self._timeline.set_usage(self._controller.used, self._controller.budget)
        self.statusChanged.emit()

    @staticmethod
    def total_steps(run: Run) -> int:
        """How many steps the run was to make; 0 when that is not known."""
        total = run.values.get(run.activity.steps) if run.activity is not None else None
        wanted = int(total) if isinstance(total, int | float) else 0
        return max(run.planned or wanted, run.step)

    @property
    def work(self) -> str:
        """What preparation or evaluation is doing, "" for nothing."""
        return self._work

    @property
    def steps_per_second(self) -> float | None:
        """Over the last seconds of the run at work; None when it does not move."""
        if self._controller.state != "running" or len(self._pace) < 2:
            return None
        (first, began), (last, ended) = self._pace[0], self._pace[-1]
        return (last - first) / (ended - began) if ended > began else None
