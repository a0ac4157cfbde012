"""The pictures of a run, in a strip by the viewport: they follow it live, and the timeline when that is scrubbed."""

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
_ALONE_MS, _WITH_VIEW_MS = 33, 125  # the viewport sets the pace of a run, where it is there and draws
_COLUMN = 3  # pictures that stand one above another beside the viewport; more of them stand two by two


class RunPictures(QWidget):
    """Shows the Images that an activity names, of the run that is looked at."""

    saveRequested = Signal(object, str)
    """(pixels (H, W, 3) uint8, a name): a picture that the person wants as a file."""
    maximisedChanged = Signal(bool)
    """A picture takes the room of the viewport, or gives it back."""
    shown = Signal()
    """New pictures have been on the screen for a moment: others may come, even if the viewport has nothing to draw."""

    def __init__(self, scene: SceneModel, themes: ThemeManager) -> None:
        super().__init__()
        self._scene, self._themes = scene, themes
        self._key = ""
        self._of_run: Callable[[str], Mapping[str, str] | None] = lambda key: None
        self._beside = False
        self._frames: dict[str, PaneFrame] = {}
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
        self.setMinimumSize(_LEAST, _LEAST)
        self.setProperty("role", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Pictures of the run")
        self._soon = QTimer(self, interval=0, singleShot=True)  # a new entity's path is known to its run only then
        self._soon.timeout.connect(self.refresh)
        self._rest = QTimer(self, interval=_WITH_VIEW_MS, singleShot=True)
        self._rest.timeout.connect(self.shown)
        scene.added.connect(lambda _: self._soon.start())
        scene.removed.connect(lambda _: self._soon.start())
        scene.changed.connect(self._on_changed)

    def set_activity(self, activity: ExperimentActivity | None) -> None:
        """Make room for the pictures of an activity; None for none. A picture that was maximised is not any more."""
        key = activity.key if activity is not None and activity.pictures else ""
        if key == self._key:
            return
        if self.maximised:
            self.maximise("")
        self._put_away()
        self._key, self._frames, self._bodies, self._paths = key, {}, {}, {}
        if activity is None or not key:
            return
        for pane in activity.pictures:
            self._add(pane)
        names = ", ".join(pane.title.lower() for pane in activity.pictures)
        self._words.setText(_NOTHING.format(names))
        self._arrange()
        self.refresh()

    def _add(self, pane: Pane) -> None:
        body = self._bodies[pane.key] = PicturePane(pane, self._themes)
        frame = self._frames[pane.key] = PaneFrame(pane, body, self._themes)
        frame.maximiseToggled.connect(self.maximise)
        frame.saveWanted.connect(self.saveRequested)

    def stand(self, *, beside: bool) -> None:
        """Arrange the pictures for a place beside the viewport, or for one below it. Both remember their sizes."""
        if beside == self._beside:
            return
        maximised = self._arrangement.maximised if self._arrangement is not None else ""
        self._put_away()
        self._beside = beside
        if self._frames:
            self._arrange()  # takes the frames over
            self.refresh()
            if maximised:
                self.maximise(maximised)

    def _arrange(self) -> None:
        """The frames in the places that suit where the strip stands."""
        frames = list(self._frames.values())
        columns = len(frames) if not self._beside else 1 if len(frames) <= _COLUMN else 2
        rows = [frames[first : first + columns] for first in range(0, len(frames), columns)]
        self._arrangement = Arrangement(rows)
        self._arrangement.restore(self._states.get(self._place, {}))
        self._stack.addWidget(self._arrangement)
        self._stack.setCurrentWidget(self._words)

    def _put_away(self) -> None:
        """Without an arrangement, until another comes."""
        self._remember()
        if self._arrangement is not None:
            self._stack.removeWidget(self._arrangement)
            self._arrangement.deleteLater()
        self._arrangement = None

    def _remember(self) -> None:
        if self._arrangement is not None:
            self._states[self._place] = {**self._arrangement.state(), "maximised": ""}  # the viewport is always back

    @property
    def _place(self) -> str:
        """The name under which the sizes are remembered."""
        return f"{self._key} beside" if self._beside else self._key

    @property
    def wanted(self) -> bool:
        """Whether the activity has pictures."""
        return bool(self._key)

    def body(self, key: str) -> PicturePane:
        """The pane of a picture. Raises KeyError."""
        return self._bodies[key]

    # --- what is shown ----------------------------------------------------------------------------------------------

    def follow(self, of_run: Callable[[str], Mapping[str, str] | None]) -> None:
        """of_run: tells the paths in the scene, by those in the snapshots, of the run that is looked at; None if it is
        not of the activity with this key.
        """
        self._of_run = of_run

    def refresh(self) -> None:
        """Show the run that is looked at now. A picture that it does not have takes no room."""
        if self._arrangement is None:
            return
        paths = self._of_run(self._key)
        self._paths = {
            path: name for name, path in (paths or {}).items() if name in self._bodies and path in self._scene
        }
        there = set(self._paths.values())
        self._arrangement.show_only(there)
        gone = self._arrangement.maximised not in there if there else paths is None  # a new run has none as yet
        if self.maximised and gone:
            self.maximise("")
        if not self._paths:
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
            if not self._rest.isActive():
                self._rest.start(_ALONE_MS if self.maximised else _WITH_VIEW_MS)
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
        """The sizes of the pictures of each activity, as plain data that JSON can hold."""
        self._remember()
        return dict(self._states)

    def restore(self, states: Mapping[str, Any]) -> None:
        """Take up a ``state``."""
        self._states = {key: state for key, state in states.items() if isinstance(state, Mapping)}
        if self._arrangement is not None:
            self._arrangement.restore(self._states.get(self._place, {}))
            self.refresh()
