"""The panel beside the photo: tools, their sizes, and what changes the whole mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.params import Param
from lab.photo.colors import TOLERANCE
from ui.forms.rows import NumberRow
from ui.look.icon_binding import IconBook
from ui.look.theme import ThemeManager, figures
from ui.masks.canvas import Tool

_WIDTH = 312  # px
_GROWTH = 1.25  # of the brush, with [ and ]


@dataclass(frozen=True)
class _Button:
    """key: of the tool or command. words, icon, tip, shortcut: as they are shown."""

    key: str
    words: str
    icon: str
    tip: str
    shortcut: str


_TOOLS = (
    _Button("brush", "Brush", "brush", "Paint what belongs to the object.", "B"),
    _Button("eraser", "Eraser", "eraser", "Take away what does not belong to it.", "E"),
    _Button("fill", "Fill", "fill", "Click: add what is joined to the pixel and looks like it.", "F"),
    _Button("unfill", "Unfill", "clip", "Click: take away what is joined to the pixel and looks like it.", "G"),
)
_COMMANDS = (
    _Button("background", "By background", "search", "Everything that has not the colour of the border.", "K"),
    _Button("invert", "Invert", "flip", "What was the background becomes the object.", "I"),
    _Button("clear", "Clear", "trash", "Begin with an empty mask.", "Ctrl+Backspace"),
    _Button("whole", "Whole photo", "fit", "Zoom out until all of the photo is seen.", "0"),
    _Button("undo", "Undo", "undo", "Take the last change back.", "Ctrl+Z"),
    _Button("redo", "Redo", "redo", "Make it again.", "Ctrl+Shift+Z"),
)


class ToolPanel(QWidget):
    """What one paints with. Every button has a key, which works in the whole window."""

    toolChosen = Signal(str)
    commanded = Signal(str)
    """background, invert, clear, whole, undo or redo."""
    radiusChanged = Signal(float)
    """Of the brush, pixels of the photo."""
    toleranceChanged = Signal(float)
    veiledChanged = Signal(bool)

    def __init__(self, themes: ThemeManager, longest: int) -> None:
        """longest: side of the photo, pixels."""
        super().__init__()
        self._icons = IconBook(themes)
        self._buttons: dict[str, QToolButton] = {}
        self.setFixedWidth(_WIDTH)
        self.brush = NumberRow(_size_param(longest), themes)
        self.brush.changed.connect(lambda: self.radiusChanged.emit(self.radius))
        self.tolerance = NumberRow(_TOLERANCE_PARAM, themes)
        self.tolerance.changed.connect(lambda: self.toleranceChanged.emit(self.tolerance.value))
        self.veiled = QCheckBox("Show the mask  (M)")
        self.veiled.setChecked(True)
        self.veiled.setToolTip("Show the mask over the photo, or the photo alone.")
        self.veiled.toggled.connect(self.veiledChanged)
        self.share = QLabel()
        self.share.setFont(figures(self.share.font()))
        self.share.setAccessibleName("Share of the photo")
        self.problem = QLabel()
        self.problem.setProperty("role", "warning")
        self.problem.setWordWrap(True)
        self._build()
        self._add_keys()

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(_heading("Tool"))
        column.addLayout(self._grid(_TOOLS, checkable=True))
        column.addWidget(self.brush)
        column.addWidget(self.tolerance)
        column.addSpacing(8)
        column.addWidget(_heading("Whole mask"))
        column.addLayout(self._grid(_COMMANDS, checkable=False))
        column.addWidget(self.veiled)
        column.addStretch(1)
        column.addWidget(self.problem)
        column.addWidget(self.share)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _grid(self, buttons: tuple[_Button, ...], *, checkable: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        group = QButtonGroup(self)
        for number, one in enumerate(buttons):
            button = QToolButton()
            button.setText(one.words)
            keys = QKeySequence(one.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"<p>{one.tip} Key: {keys}</p>")
            button.setAccessibleDescription(one.tip)
            button.setCheckable(checkable)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(18, 18))
            button.setMinimumWidth((_WIDTH - 28) // 2)
            self._icons.bind(button, one.icon)
            if checkable:
                group.addButton(button)
                button.toggled.connect(lambda on, key=one.key: self._choose(key, on))
            else:
                button.clicked.connect(lambda *_, key=one.key: self.commanded.emit(key))
            self._shortcut(one.shortcut, button.click)
            self._buttons[one.key] = button
            grid.addWidget(button, number // 2, number % 2)
        return grid

    def _add_keys(self) -> None:
        self._shortcut("[", lambda: self.grow(1 / _GROWTH))
        self._shortcut("]", lambda: self.grow(_GROWTH))
        self._shortcut("M", self.veiled.toggle)
        self._shortcut("Ctrl+Y", self._buttons["redo"].click)

    def _shortcut(self, keys: str, do: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(do)

    # --- what is chosen ---------------------------------------------------------------------------------------------

    @property
    def radius(self) -> float:
        """Of the brush, pixels of the photo."""
        return float(self.brush.value) / 2

    def button(self, key: str) -> QToolButton:
        """The button of a tool or command. Raises KeyError."""
        return self._buttons[key]

    def choose(self, tool: Tool) -> None:
        """Paint with this tool."""
        self._buttons[tool].setChecked(True)

    def _choose(self, tool: str, on: bool) -> None:
        if on:
            self.toolChosen.emit(tool)

    def grow(self, factor: float) -> None:
        """A larger brush, or a smaller one."""
        param = self.brush.param
        assert param.minimum is not None
        assert param.maximum is not None
        self.brush.edit(min(max(self.brush.value * factor, param.minimum), param.maximum))

    def show_state(self, share: float, problem: str) -> None:
        """What the mask covers of the photo, and what is wrong with it."""
        self.share.setText(f"The mask covers {100 * share:.1f} % of the photo.")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def show_undo(self, can_undo: bool, can_redo: bool) -> None:
        """What can be undone and made again."""
        self._buttons["undo"].setEnabled(can_undo)
        self._buttons["redo"].setEnabled(can_redo)


_TOLERANCE_PARAM = Param(
    name="tolerance",
    kind="number",
    default=TOLERANCE,
    doc="How different colours may be that Fill, Unfill and By background take together (CIE 1976 colour difference; "
    "2.3 can just be seen). Moved right after one of them, it makes that anew.",
    label="Tolerance",
    minimum=0.5,
    maximum=80.0,
)


def _size_param(longest: int) -> Param:
    return Param(
        name="size",
        kind="number",
        default=float(max(2, round(longest / 25))),
        doc="Diameter of brush and eraser, in pixels of the photo. Keys: [ and ].",
        label="Brush size",
        unit="px",
        minimum=1.0,
        maximum=float(max(4, longest // 2)),
        log=True,
    )


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label
