"""The page "Results" of a study: its figures as they change, and what can be put into the scene or saved."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from lab.scene import Entity, Image, Lines, Mesh, Points
from lab.study import Board
from ui.look.theme import ThemeManager, figures
from ui.look.units import count
from ui.runs.results import readable

_NOTHING = "Figures of what you see, and what you can keep of it, are listed here."


class StudyResults(QWidget):
    """Figures and results of the newest board. While a slider moves only the words change, never the widgets."""

    addRequested = Signal(str)
    """The name of a result to be put into the scene."""
    saveRequested = Signal(str)
    """The name of a result to be saved."""

    def __init__(self, themes: ThemeManager, explanations: Mapping[str, str]) -> None:
        super().__init__()
        self._themes = themes
        self._explanations = explanations
        self._values: dict[str, QLabel] = {}
        self._kinds: dict[str, QLabel] = {}
        self.setAccessibleName("Results")
        self._figures = QGridLayout()
        self._figures.setColumnStretch(0, 1)
        self._figures.setHorizontalSpacing(16)
        self._figures.setVerticalSpacing(6)
        self._results = QVBoxLayout()
        self._results.setSpacing(8)
        self._heading = QLabel("What you can keep")
        self._heading.setProperty("role", "section")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._figures)
        column.addWidget(self._heading)
        column.addLayout(self._results)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        empty = QLabel(_NOTHING)
        empty.setWordWrap(True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setEnabled(False)
        empty.setContentsMargins(32, 32, 32, 32)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(area)

    def show_board(self, board: Board) -> None:
        """Show the figures and results of a board."""
        if list(board.figures) != list(self._values):
            self._make_figures(list(board.figures))
        for name, value in board.figures.items():
            _set(self._values[name], readable(value))
        if list(board.results) != list(self._kinds):
            self._make_results(list(board.results))
        for name, entity in board.results.items():
            _set(self._kinds[name], describe(entity))
        self._heading.setVisible(bool(board.results))
        self._stack.setCurrentIndex(1 if board.figures or board.results else 0)

    def figure(self, name: str) -> str:
        """A figure as it is shown. Raises KeyError."""
        return self._values[name].text()

    def names(self) -> tuple[str, ...]:
        """The results that can be kept."""
        return tuple(self._kinds)

    def _make_figures(self, names: list[str]) -> None:
        _clear(self._figures)
        self._values = {}
        for row, name in enumerate(names):
            label, value = QLabel(name), QLabel()
            label.setWordWrap(True)
            value.setFont(figures(value.font()))
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(name)
            words = self._explain(name)
            for widget in (label, value):
                widget.setToolTip(f"<p>{words}</p>" if words else "")
                widget.setAccessibleDescription(words)
            self._figures.addWidget(label, 2 * row, 0)
            self._figures.addWidget(value, 2 * row, 1)
            if words:
                self._figures.addWidget(_explanation(words), 2 * row + 1, 0, 1, 2)
            self._values[name] = value

    def _explain(self, name: str) -> str:
        return next((words for start, words in self._explanations.items() if name.startswith(start)), "")

    def _make_results(self, names: list[str]) -> None:
        _clear(self._results)
        self._kinds = {}
        for name in names:
            card = QFrame()
            card.setProperty("role", "card")
            title, kind = QLabel(name), QLabel()
            title.setStyleSheet("font-weight: 600;")
            title.setWordWrap(True)
            kind.setProperty("role", "muted")
            kind.setFont(figures(kind.font()))
            line = QHBoxLayout()
            line.setSpacing(8)
            add, save = QPushButton("Add to scene"), QPushButton("Save as…")
            add.setToolTip("Put it into the scene, where runs and other studies can use it.")
            save.setToolTip("Save it as a file, at full detail.")
            for button, signal in ((add, self.addRequested), (save, self.saveRequested)):
                button.setAccessibleName(f"{name}: {button.text().rstrip('…').lower()}")
                button.clicked.connect(lambda *_, s=signal, n=name: s.emit(n))
                line.addWidget(button)
            line.addStretch(1)
            inner = QVBoxLayout(card)
            inner.setContentsMargins(12, 8, 12, 10)
            inner.setSpacing(4)
            inner.addWidget(title)
            inner.addWidget(kind)
            inner.addSpacing(4)
            inner.addLayout(line)
            self._results.addWidget(card)
            self._kinds[name] = kind


def describe(entity: Entity) -> str:
    """What kind of thing a result is, and how large."""
    match entity:
        case Mesh():
            return f"Mesh, {count(len(entity.verts))} vertices, {count(len(entity.faces))} faces"
        case Points():
            return f"Point cloud, {count(len(entity.verts))} points"
        case Lines():
            return f"Lines, {count(len(entity.edges))} segments"
        case Image():
            return f"Picture, {entity.pixels.shape[1]} × {entity.pixels.shape[0]} pixels"


def _explanation(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    label.setStyleSheet("font-size: 12px;")
    label.setContentsMargins(0, 0, 0, 6)
    return label


def _set(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)


def _clear(layout: QGridLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
