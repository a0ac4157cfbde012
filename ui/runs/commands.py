"""What the person asks of runs, and which of it can be asked now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from ui.window.activity_panel import ActivityPanel

if TYPE_CHECKING:
    from ui.window.window import MainWindow

AT_WORK = ("preparing", "running", "paused", "evaluating")
"""States in which something would be lost if the window closed."""


class RunCommands(QObject):
    """Run, pause, step and the rest, with the values of the open activity's panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._controller = window.controller
        self._controller.stateChanged.connect(lambda _: self.show_state())

    def run(self) -> None:
        """Start a run with the values of the panel; a paused one goes on."""
        if self._controller.state == "paused":
            self._controller.resume()
        else:
            self._start(paused=False)

    def toggle_pause(self) -> None:
        """Pause the run, or let it go on."""
        if self._controller.state == "paused":
            self._controller.resume()
        elif self._controller.state in AT_WORK:
            self._controller.pause()
        self.show_state()

    def step(self) -> None:
        """One step of the run; without a run, one starts and stands still before its first update."""
        if self._controller.state in AT_WORK:
            self._controller.step()
        else:
            self._start(paused=True)

    def forget(self) -> None:
        """Delete the run that is looked at, after asking, as it cannot be undone."""
        window = self._window
        run = window.desk.shown
        if run is None or not run.ended:
            window.show_message("Only a run that has ended can be forgotten. Stop it first.", level="info")
            return
        question = f"Forget {run.label}? Its recording is deleted, and that cannot be undone."
        if QMessageBox.question(window, "Forget the run", question) == QMessageBox.StandardButton.Yes:
            self._controller.remove(run.run_id)

    def show_state(self) -> None:
        """Which of the actions make sense now."""
        state = self._controller.state
        runs = isinstance(self._window.panel, ActivityPanel)
        actions = self._window.actions_by_name
        queued = state == "starting" and self._controller.current is not None and not self._controller.current.ended
        actions["run"].setEnabled(runs and state not in ("preparing", "running", "evaluating"))
        actions["run"].setText("&Resume" if state == "paused" else "&Run")
        actions["pause"].setEnabled(state in ("preparing", "running", "paused"))
        actions["pause"].setChecked(state == "paused")
        actions["step"].setEnabled(runs and state != "evaluating")
        actions["stop"].setEnabled(state in AT_WORK or queued)
        actions["restart"].setEnabled(self._controller.current is not None)

    def _start(self, *, paused: bool) -> None:
        window = self._window
        panel = window.panel
        if not isinstance(panel, ActivityPanel):
            return
        if panel.needs_target and not self._choose_target():
            window.opening.start_example()
            return
        window.banner.hide()
        window.desk.start(
            panel.activity,
            panel.form.values(),
            seed=window.bar.seed.value(),
            device=window.bar.device.currentText(),
            paused=paused,
        )

    def _choose_target(self) -> bool:
        """Take the selected or the last geometry of the person's own as the target; False if there is none."""
        scene = self._window.scene
        own = [path for path in scene.geometry_paths() if scene.entry(path).owner == "user"]
        if not own:
            return False
        self._window.opening.use_as_target(scene.selected if scene.selected in own else own[-1])
        return True
