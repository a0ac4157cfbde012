"""The stage of a study: its panes in the middle of the window, brought in line with one board after another."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from lab.chapter import StudyActivity
from lab.params import Param, declared
from lab.render.messages import Drawn
from lab.study import Board, Content, Pane, Picture, Plot, Table, Text, View3D
from ui.look.theme import ThemeManager
from ui.studies.arrangement import Arrangement
from ui.studies.framing import Box, union, wants_fit
from ui.studies.panes.body import PaneBody
from ui.studies.panes.frame import PaneFrame
from ui.studies.panes.picture import PicturePane
from ui.studies.panes.plot import PlotPane
from ui.studies.panes.table import TablePane
from ui.studies.panes.text import TextPane
from ui.studies.panes.view import MakeViewport, ViewPane
from ui.viewport.links import CameraLink

_WAITING = "Working on the first picture…"
_LINKED = ""
_BODIES = {"picture": PicturePane, "table": TablePane, "text": TextPane, "plot": PlotPane}
_SLOW = ("table", "text", "plot")
_TURN_MS = 8  # Qt paints together what changes within 5 ms; these are painted one by one
_CONTENTS: dict[str, type[Content]] = {
    "view": View3D,
    "picture": Picture,
    "table": Table,
    "text": Text,
    "plot": Plot,
}


class StudyStage(QWidget):
    """Shows the boards of one study. Before the first it says what it waits for."""

    valuesWanted = Signal(dict)
    """{parameter: value} that the person chose in a pane, within the parameters' limits."""
    released = Signal()
    """The person let go of what they dragged."""
    pictured = Signal(float)
    """A view shows a draft; how many seconds it took to draw."""
    openRequested = Signal()
    """The person wants to open a file."""
    saveRequested = Signal(object, str)
    """(pixels (H, W, 3) uint8, a name): a picture that the person wants as a file."""

    def __init__(self, activity: StudyActivity, themes: ThemeManager, make_viewport: MakeViewport) -> None:
        super().__init__()
        self.activity = activity
        self._params = {param.name: param for param in declared(activity.params)}
        self._board: Board | None = None
        self._later: deque[str] = deque()  # panes that have yet to show the board
        self._turns = QTimer(self, interval=_TURN_MS)
        self._turns.timeout.connect(self._take_turn)
        self._bodies: dict[str, PaneBody] = {}
        self._link = CameraLink(self)
        self._fitted: dict[str, Box] = {}  # pane, or _LINKED for all linked ones -> what it was fitted to
        rows = [[self._frame(pane, themes, make_viewport) for pane in row] for row in activity.panes]
        self._frames = {frame.pane.key: frame for row in rows for frame in row}
        self._arrangement = Arrangement(rows)
        self._title = QLabel()
        self._words = QLabel()
        self._open = QPushButton("Open a file…")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._calm_page())
        self._stack.addWidget(self._arrangement)
        self.setProperty("role", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(activity.title)
        self.show_waiting()

    def _frame(self, pane: Pane, themes: ThemeManager, make_viewport: MakeViewport) -> PaneFrame:
        if pane.kind == "view":
            view = ViewPane(pane, themes, make_viewport)
            view.viewport.frameShown.connect(self._on_picture)
            body: PaneBody = view
        else:
            body = _BODIES[pane.kind](pane, themes)
        body.valuesWanted.connect(self._want)
        body.released.connect(self.released)
        frame = PaneFrame(pane, body, themes)
        frame.maximiseToggled.connect(self.maximise)
        frame.saveWanted.connect(self.saveRequested)
        self._bodies[pane.key] = body
        return frame

    def _on_picture(self, drawn: Drawn) -> None:
        if drawn.draft:
            self.pictured.emit(drawn.seconds)

    def _calm_page(self) -> QWidget:
        page = QWidget()
        self._title.setProperty("role", "heading")
        self._words.setProperty("role", "muted")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(48, 48, 48, 48)
        layout.setSpacing(8)
        layout.addStretch(2)
        for label in (self._title, self._words):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        self._open.clicked.connect(self.openRequested)
        self._open.hide()
        layout.addSpacing(8)
        layout.addWidget(self._open, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_board(self, board: Board, *, in_turns: bool = False) -> None:
        """Show a board; the same object again costs nothing. Raises TypeError for content of the wrong kind.

        in_turns: what is slow to lay out and paint gets a turn of the event loop for each pane, so that mouse and keys
        are heard in between.
        """
        for key, content in board.panes.items():
            expected = _CONTENTS[self._frames[key].pane.kind]
            if not isinstance(content, expected):
                raise TypeError(f"pane {key!r}: expected a {expected.__name__}, found a {type(content).__name__}")
        self._board = board
        self._arrangement.show_only(board.panes.keys())
        self._stack.setCurrentWidget(self._arrangement)
        slow = [key for key in board.panes if in_turns and self._frames[key].pane.kind in _SLOW]
        for key, content in board.panes.items():
            if key not in slow:
                self._bodies[key].show_content(content)
        self._later = deque(slow)
        if slow:
            self._turns.start()
        self._frame_views(board)

    def _take_turn(self) -> None:
        if self._later and self._board is not None:
            key = self._later.popleft()
            self._bodies[key].show_content(self._board.panes[key])
        if not self._later:
            self._turns.stop()

    def show_waiting(self, words: str = _WAITING) -> None:
        """Say that the first board is on its way; does nothing once there is a board."""
        if self._board is None:
            self._say(self.activity.title, words)

    def show_need(self, label: str) -> None:
        """Say that the geometry parameter called ``label`` must be chosen first."""
        self._board = None
        self._later.clear()
        self._say(
            f"{label}: nothing chosen yet", "Choose an object in the panel at the right, or open a file.", may_open=True
        )

    def show_problem(self, sentence: str) -> None:
        """Say why there is no board. The last board stays, if there was one: the panel tells as well."""
        if self._board is None:
            self._say("Nothing to show", sentence)

    @property
    def board(self) -> Board | None:
        """What is shown."""
        return self._board

    @property
    def words(self) -> str:
        """What is said in the place of the panes; "" while they are shown."""
        calm = self._stack.currentWidget() is not self._arrangement
        return f"{self._title.text()}\n{self._words.text()}" if calm else ""

    def body(self, key: str) -> PaneBody:
        """The body of a pane. Raises KeyError."""
        return self._bodies[key]

    def frame(self, key: str) -> PaneFrame:
        """The frame of a pane. Raises KeyError."""
        return self._frames[key]

    def _say(self, title: str, words: str, *, may_open: bool = False) -> None:
        self._open.setVisible(may_open)
        self._title.setText(title)
        self._words.setText(words)
        self._stack.setCurrentIndex(0)

    # --- layout ---------------------------------------------------------------------------------------------------

    def maximise(self, key: str) -> None:
        """Give a pane the whole stage, or give it back to all."""
        self._arrangement.maximise(key)

    @property
    def maximised(self) -> str:
        """The key of the pane that has the whole stage, or ""."""
        return self._arrangement.maximised

    def state(self) -> dict[str, Any]:
        """Sizes and the maximised pane, as plain data that JSON can hold."""
        return self._arrangement.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a ``state`` of the same study."""
        self._arrangement.restore(state)

    def shutdown(self) -> None:
        """End what draws the views."""
        for body in self._bodies.values():
            body.shutdown()

    # --- views ----------------------------------------------------------------------------------------------------

    def _frame_views(self, board: Board) -> None:
        """Link the views that are shown and free to turn, and fit those with something new, linked ones together."""
        views = [body for body in self._bodies.values() if isinstance(body, ViewPane)]
        free = [view for view in views if view.pane.key in board.panes and view.content.camera is None]
        linked = [view for view in free if view.pane.linked]
        for view in views:
            if view in linked:
                self._link.add(view.viewport)
            else:
                self._link.remove(view.viewport)
        if linked:
            self._fit(_LINKED, linked)
        for view in free:
            if not view.pane.linked:
                self._fit(view.pane.key, [view])

    def _fit(self, name: str, group: list[ViewPane]) -> None:
        now = union([view.extent for view in group if view.extent is not None])
        touched = any(view.viewport.touched for view in group)
        if wants_fit(self._fitted.get(name), now, touched=touched) and now is not None:
            self._fitted[name] = now
            group[0].viewport.fit()

    @property
    def holding(self) -> str:
        """The name of the handle that the person drags, "" for none."""
        return next((body.holding for body in self._bodies.values() if body.holding), "")

    # --- what the person does in the panes --------------------------------------------------------------------------

    def _want(self, values: dict[str, Any]) -> None:
        allowed = {
            name: within(param, value) for name, value in values.items() if (param := self._params.get(_whole(name)))
        }
        if allowed:
            self.valuesWanted.emit(allowed)


def _whole(name: str) -> str:
    """The parameter that a component such as "pose[5]" belongs to."""
    return name.partition("[")[0]


def within(param: Param, value: Any) -> Any:
    """The allowed number of a parameter that is nearest to ``value``; pixel 12.7 lies in column 12. Words stay."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return value
    if param.minimum is not None:
        value = max(param.minimum, value)
    if param.maximum is not None:
        value = min(param.maximum, value)
    return math.floor(value) if param.kind == "integer" else float(value)
