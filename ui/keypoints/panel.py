"""The panel beside the photo: its people, and what can be done with their joints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.keypoints.layouts import LAYOUTS
from lab.keypoints.people import Person2D
from ui.keypoints.drawing import LEFT, RIGHT
from ui.look.icon_binding import IconBook
from ui.look.theme import ThemeManager

_WIDTH = 312  # px
_LIST_HEIGHT = 112
_BY_HAND = "LSP"  # the layout with the fewest clicks


@dataclass(frozen=True)
class _Button:
    """key: of the command. words, icon, tip, shortcut: as they are shown."""

    key: str
    words: str
    icon: str
    tip: str
    shortcut: str


_PEOPLE = (
    _Button("find", "Find people", "search", "Let the networks look for people and their joints.", "F"),
    _Button("open", "Open…", "open", "Read the joints from a JSON file of OpenPose, COCO or the lab.", "Ctrl+O"),
    _Button("new", "New person", "plus", "Begin a person and place each joint by a click.", "N"),
    _Button("drop", "Remove person", "trash", "Remove the chosen person.", "Ctrl+Backspace"),
)
_JOINTS = (
    _Button("place", "Place missing", "target", "Each click places the joint that is asked for.", "P"),
    _Button("skip", "Skip joint", "step", "Leave the joint out that is asked for.", "S"),
    _Button("swap", "Swap sides", "flip", "What was left becomes right.", "X"),
    _Button("clear", "Clear", "eraser", "Remove all joints of this person.", "C"),
    _Button("undo", "Undo", "undo", "Take the last change back.", "Ctrl+Z"),
    _Button("redo", "Redo", "redo", "Make it again.", "Ctrl+Shift+Z"),
    _Button("whole", "Whole photo", "fit", "Zoom out until all of the photo is seen.", "0"),
    _Button("zoom", "Zoom to person", "maximise", "Zoom until the chosen person fills the view.", "1"),
)
_LEGEND = (
    f'<p><span style="color:{LEFT}">●</span> left side &nbsp; <span style="color:{RIGHT}">●</span> right side &nbsp; '
    "○ middle, white</p><p>Sides are the person's own. Paler joints are less certain: they count less in a fit. A "
    "joint that you move is certain.</p>"
)


class JointPanel(QWidget):
    """People and commands. Every button has a key, which works in the whole window."""

    commanded = Signal(str)
    """find, open, new, drop, place, skip, swap, clear, undo, redo, whole or zoom."""
    chosen = Signal(int)
    """Another person of the list."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._icons = IconBook(themes)
        self._buttons: dict[str, QToolButton] = {}
        self.setFixedWidth(_WIDTH)
        self.list = QListWidget()
        self.list.setFixedHeight(_LIST_HEIGHT)
        self.list.setAccessibleName("People")
        self.list.currentRowChanged.connect(self._choose)
        self.layouts = QComboBox()
        self.layouts.addItems([f"{len(joints)} joints ({name})" for name, joints in LAYOUTS.items()])
        self.layouts.setCurrentIndex(list(LAYOUTS).index(_BY_HAND))
        self.layouts.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layouts.setMinimumContentsLength(8)
        self.layouts.setToolTip("Which joints a new person has")
        self.layouts.setAccessibleName("Joints of a new person")
        self._build()
        self._shortcut("Ctrl+Y", self._buttons["redo"].click)

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(_heading("People"))
        column.addWidget(self.list)
        column.addLayout(self._grid(_PEOPLE))
        row = QHBoxLayout()
        label = QLabel("New person has")
        label.setBuddy(self.layouts)
        row.addWidget(label)
        row.addWidget(self.layouts, 1)
        column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(_heading("Joints"))
        column.addLayout(self._grid(_JOINTS))
        self._buttons["place"].setCheckable(True)
        legend = QLabel(_LEGEND)
        legend.setProperty("role", "muted")
        legend.setWordWrap(True)
        column.addWidget(legend)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _grid(self, buttons: tuple[_Button, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        for number, one in enumerate(buttons):
            button = QToolButton()
            button.setText(one.words)
            keys = QKeySequence(one.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"<p>{one.tip} Key: {keys}</p>")
            button.setAccessibleDescription(one.tip)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(18, 18))
            button.setMinimumWidth((_WIDTH - 32) // 2)
            self._icons.bind(button, one.icon)
            button.clicked.connect(lambda *_, key=one.key: self.commanded.emit(key))
            self._shortcut(one.shortcut, button.click)
            self._buttons[one.key] = button
            grid.addWidget(button, number // 2, number % 2)
        return grid

    def _shortcut(self, keys: str, do: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(do)

    @property
    def names(self) -> tuple[str, ...]:
        """The joints of a new person."""
        return tuple(LAYOUTS.values())[self.layouts.currentIndex()]

    def button(self, key: str) -> QToolButton:
        """The button of a command. Raises KeyError."""
        return self._buttons[key]

    def _choose(self, number: int) -> None:
        if number >= 0:
            self.chosen.emit(number)

    def show_people(self, people: tuple[Person2D, ...], chosen: int) -> None:
        """List the people; ``chosen``: the number of the one that is changed, -1 for none."""
        words = [
            f"Person {number}:  {int((one.confidence > 0.0).sum())} of {len(one.names)} joints"
            for number, one in enumerate(people, 1)
        ]
        self.list.blockSignals(True)  # what is shown is no choice of the person's
        while self.list.count() > len(words):
            self.list.takeItem(self.list.count() - 1)
        for number, text in enumerate(words):
            if number == self.list.count():
                self.list.addItem(text)
            elif self.list.item(number).text() != text:
                self.list.item(number).setText(text)
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        for key in ("drop", "place", "swap", "clear", "zoom"):
            self._buttons[key].setEnabled(chosen >= 0)

    def show_placing(self, on: bool) -> None:
        """Whether clicks place joints."""
        self._buttons["place"].setChecked(on)
        self._buttons["skip"].setEnabled(on)

    def show_undo(self, can_undo: bool, can_redo: bool) -> None:
        """What can be undone and made again."""
        self._buttons["undo"].setEnabled(can_undo)
        self._buttons["redo"].setEnabled(can_redo)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label
