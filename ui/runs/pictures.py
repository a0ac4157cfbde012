"""The pictures of a run, in a strip below the viewport: they follow it live, and the timeline when that is scrubbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from lab.chapter import ExperimentActivity
from lab.scene import Image
from lab.study import Pane, Picture
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel
from ui.studies.arrangement import Arrangement
from ui.studies.panes.frame import PaneFrame
from ui.studies.panes.picture import PicturePane

_NOTHING = "The pictures of the run come here: {}."
_LEAST = 120  # px


class RunPictures(QWidget):
    """Shows the Images that an activity names, of the run that is looked at."""

    saveRequested = Signal(object, str)
    """(pixels (H, W, 3) uint8, a name): a picture that the person wants as a file."""
    maximisedChanged = Signal(bool)
    """A picture takes the room of the viewport, or gives it back."""

    def __init__(self, scene: SceneModel, themes: ThemeManager) -> None:
        super().__init__()
        self._scene, self._themes = scene, themes
        self._key = ""
        self._of_run: Callable[[str], Mapping[str, str]] = lambda key: {}
        self._bodies: dict[str, PicturePane] = {}
        self._paths: dict[str, str] = {}  # path in the scene -> key of the pane
        self._arrangement: Arrangement | None = None
        self._states: dict[str, Mapping[str, Any]] = {}
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._words)
        self.setMinimumHeight(_LEAST)
        self.setProperty("role", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Pictures of the run")
        self._soon = QTimer(self, interval=0, singleShot=True)  # a new entity's path is known to its run only then
        self._soon.timeout.connect(self.refresh)
        scene.added.connect(lambda _: self._soon.start())
        scene.changed.connect(self._on_changed)

    def set_activity(self, activity: ExperimentActivity | None) -> None:
        """Make room for the pictures of an activity; None for none. A picture that was maximised is not any more."""
        key = activity.key if activity is not None and activity.pictures else ""
        if key == self._key:
            return
        if self.maximised:
            self.maximise("")
        if self._arrangement is not None:
            self._states[self._key] = self._arrangement.state()
            self._stack.removeWidget(self._arrangement)
            self._arrangement.deleteLater()
        self._key, self._bodies, self._paths, self._arrangement = key, {}, {}, None
        if activity is None or not key:
            return
        self._arrangement = Arrangement([[self._frame(pane) for pane in activity.pictures]])
        self._arrangement.restore(self._states.get(key, {}))
        self._stack.addWidget(self._arrangement)
        names = ", ".join(pane.title.lower() for pane in activity.pictures)
        self._words.setText(_NOTHING.format(names))
        self._stack.setCurrentWidget(self._words)
        self.refresh()

    def _frame(self, pane: Pane) -> PaneFrame:
        body = self._bodies[pane.key] = PicturePane(pane, self._themes)
        frame = PaneFrame(pane, body, self._themes)
        frame.maximiseToggled.connect(self.maximise)
        frame.saveWanted.connect(self.saveRequested)
        return frame

    @property
    def wanted(self) -> bool:
        """Whether the activity has pictures."""
        return bool(self._key)

    def body(self, key: str) -> PicturePane:
        """The pane of a picture. Raises KeyError."""
        return self._bodies[key]

    # --- what is shown ----------------------------------------------------------------------------------------------

    def follow(self, of_run: Callable[[str], Mapping[str, str]]) -> None:
        """of_run: tells the paths in the scene, by those in the snapshots, of the run that is looked at, if it is of
        the activity with this key.
        """
        self._of_run = of_run

    def refresh(self) -> None:
        """Show the run that is looked at now."""
        paths = self._of_run(self._key) if self._key else {}
        self._paths = {paths[name]: name for name in self._bodies if name in paths}
        if not self._paths and self._arrangement is not None:
            self._stack.setCurrentWidget(self._words)
        for path in self._paths:
            self._on_changed(path)

    def _on_changed(self, path: str) -> None:
        name = self._paths.get(path)
        entity = self._scene.entity(path) if name is not None and path in self._scene else None
        if name is None or not isinstance(entity, Image) or self._arrangement is None:
            return
        body = self._bodies[name]
        if body.content is None or body.content.pixels is not entity.pixels:
            body.show_content(Picture(entity.pixels))
        self._stack.setCurrentWidget(self._arrangement)

    # --- layout -----------------------------------------------------------------------------------------------------

    def maximise(self, key: str) -> None:
        """Give a picture the room of all and of the viewport, or give it back."""
        if self._arrangement is not None:
            self._arrangement.maximise(key)
            self.maximisedChanged.emit(self.maximised)

    @property
    def maximised(self) -> bool:
        """Whether a picture has all the room."""
        return self._arrangement is not None and bool(self._arrangement.maximised)

    def state(self) -> dict[str, Any]:
        """The widths of the pictures of each activity, as plain data that JSON can hold."""
        states = dict(self._states)
        if self._arrangement is not None:
            states[self._key] = self._arrangement.state()
        return states

    def restore(self, states: Mapping[str, Any]) -> None:
        """Take up a ``state``."""
        self._states = {key: state for key, state in states.items() if isinstance(state, Mapping)}
        if self._arrangement is not None:
            self._arrangement.restore(self._states.get(self._key, {}))
