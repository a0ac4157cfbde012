"""How runs look in the scene: the result solid, the target faint around it, the chosen arrows in their terms' hues."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from lab.chapter import ExperimentActivity
from lab.render.messages import Style
from lab.scene import Field, Mesh, Points
from ui.look.theme import ThemeManager, rgb
from ui.runs.controller import RunController
from ui.runs.run import Run
from ui.scene.model import SceneModel

_RESULT = Style(color=(0.93, 0.76, 0.45))
_FAINT = Style(opacity=0.35)
_FAINT_POINT = 2.0


class RunLooks(QObject):
    """Dresses what a run puts into the scene. What the person chose for one run's result, the next one inherits."""

    widened = Signal()
    """A run began whose cameras stand far from its object: all of the scene should be in view."""

    def __init__(
        self, controller: RunController, scene: SceneModel, themes: ThemeManager, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._scene = scene
        self._themes = themes
        self._arrows: dict[str, None] = {}
        self._last_result: dict[str, str] = {}  # by activity
        self._begun: set[int] = set()  # runs that have had a frame
        scene.added.connect(self._on_added)
        controller.runStarted.connect(self._on_started)
        controller.frame.connect(self._on_frame)
        themes.changed.connect(lambda _: self._dress_arrows())

    def result_path(self, run: Run) -> str | None:
        """Where the run's result stands in the scene, if it does."""
        if run.activity is None:
            return None
        path = self._controller.scene_paths(run.run_id).get(run.activity.result)
        return path if path is not None and path in self._scene else None

    def saved_path(self, run: Run) -> str | None:
        """Where the geometry stands that is saved as the run's result."""
        mesh = run.activity.mesh if run.activity is not None else ""
        path = self._controller.scene_paths(run.run_id).get(mesh) if mesh else self.result_path(run)
        return path if path is not None and path in self._scene else None

    def set_arrows(self, term: str, shown: bool) -> None:
        """Show or hide the arrows of a loss term on the current run's result."""
        if shown:
            self._arrows[term] = None
        else:
            self._arrows.pop(term, None)
        self._dress_arrows()

    def _on_started(self, run_id: int) -> None:
        run = self._controller.runs[run_id]
        for path in run.values.values():
            if isinstance(path, str) and path in self._scene and not run.ended:
                self._make_faint(path)

    def _on_frame(self, run_id: int, frame: object) -> None:
        run = self._controller.runs.get(run_id)
        if run is None or run_id in self._begun:
            return
        self._begun.add(run_id)
        if run.activity is not None and run.activity.pictures and run.resume is None:
            self.widened.emit()

    def _make_faint(self, path: str) -> None:
        """Let the run be seen through its target, unless the person has chosen a look for it."""
        entry = self._scene.entry(path)
        if entry.owner != "user" or replace(entry.style, visible=True) != Style():
            return
        if isinstance(entry.entity, Mesh):
            self._scene.set_style(path, _FAINT)
        elif isinstance(entry.entity, Points):
            self._scene.set_style(path, Style(point_size=_FAINT_POINT))

    def _hide_objects(self, run: Run) -> None:
        """A field stands where the object does that its pictures were made of: hide that, unless it was dressed."""
        for path in run.values.values():
            if isinstance(path, str) and path in self._scene and self._scene.entry(path).style == _FAINT:
                self._scene.set_style(path, Style(visible=False))

    def _on_added(self, path: str) -> None:
        entry = self._scene.entry(path)
        run = self._controller.current
        if entry.owner != "run" or run is None or run.activity is None:
            return
        if run.activity.mesh and path.endswith(f"/{run.activity.mesh}"):
            self._scene.set_style(path, replace(entry.style, visible=False))  # it stands where the result does
        if not path.endswith(f"/{run.activity.result}"):
            return
        last = self._last_result.get(run.activity.key, "")
        own = isinstance(entry.entity, Field) or getattr(entry.entity, "colors", None) is not None
        plain = Style() if own else _RESULT
        look = self._scene.entry(last).style if last in self._scene else plain
        self._last_result[run.activity.key] = path
        if isinstance(entry.entity, Field):
            self._hide_objects(run)
        if entry.style == Style():  # not one that an undo brought back
            self._scene.set_style(path, replace(look, visible=True, arrows=self._colors(run.activity)))

    def _dress_arrows(self) -> None:
        run = self._controller.current
        path = self.result_path(run) if run is not None else None
        if run is not None and run.activity is not None and path is not None:
            self._scene.set_style(path, replace(self._scene.entry(path).style, arrows=self._colors(run.activity)))

    def _colors(self, activity: ExperimentActivity) -> dict[str, tuple[float, float, float]]:
        return {term.key: rgb(self._themes.term_color(term)) for term in activity.terms if term.key in self._arrows}
