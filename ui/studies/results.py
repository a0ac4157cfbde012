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

from lab.scene import Array, Entity, Field, Image, Lines, Mesh, Points
from lab.study import Animation, Board, Data, Film, Picture, Result
from ui.look.theme import ThemeManager, figures
from ui.look.units import count
from ui.runs.results import readable
from ui.studies.preview import Preview

_NOTHING = "Figures of what you see, and what you can keep of it, are listed here."

_MOST_NAMES = 6


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
        self._cards: dict[str, _Card] = {}
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
        if list(board.results) != list(self._cards):
            self._make_results(list(board.results))
        for name, result in board.results.items():
            self._cards[name].show_result(result)
        self._heading.setVisible(bool(board.results))
        self._stack.setCurrentIndex(1 if board.figures or board.results else 0)

    def figure(self, name: str) -> str:
        """A figure as it is shown. Raises KeyError."""
        return self._values[name].text()

    def names(self) -> tuple[str, ...]:
        """The results that can be kept."""
        return tuple(self._cards)

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
        self._cards = {}
        for name in names:
            card = self._cards[name] = _Card(name)
            card.addPressed.connect(lambda n=name: self.addRequested.emit(n))
            card.savePressed.connect(lambda n=name: self.saveRequested.emit(n))
            self._results.addWidget(card)


class _Card(QFrame):
    """One result: its name, what it is, what it looks like, and what can be done with it."""

    addPressed = Signal()
    savePressed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        title, self._kind = QLabel(name), QLabel()
        title.setStyleSheet("font-weight: 600;")
        title.setWordWrap(True)
        self._kind.setProperty("role", "muted")
        self._kind.setFont(figures(self._kind.font()))
        self._kind.setWordWrap(True)
        self._preview = Preview(name)
        line = QHBoxLayout()
        line.setSpacing(8)
        self._add, self._save = QPushButton("Add to scene"), QPushButton("Save as…")
        self._add.setToolTip("Put it into the scene, where runs and other studies can use it.")
        for button, signal in ((self._add, self.addPressed), (self._save, self.savePressed)):
            button.setAccessibleName(f"{name}: {button.text().rstrip('…').lower()}")
            button.clicked.connect(lambda *_, s=signal: s.emit())
            line.addWidget(button)
        line.addStretch(1)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(12, 8, 12, 10)
        inner.setSpacing(4)
        inner.addWidget(title)
        inner.addWidget(self._kind)
        inner.addWidget(self._preview)
        inner.addSpacing(4)
        inner.addLayout(line)

    def show_result(self, result: Result) -> None:
        """Only entities can be put into the scene, and no file format keeps lines."""
        _set(self._kind, describe(result))
        self._preview.show_result(result)
        self._add.setVisible(isinstance(result, Entity))
        self._save.setVisible(not isinstance(result, Lines))
        self._save.setToolTip(_save_tip(result))


def describe(result: Result) -> str:
    """What kind of thing a result is, and how large."""
    match result:
        case Mesh():
            return f"Mesh, {count(len(result.verts))} vertices, {count(len(result.faces))} faces"
        case Points():
            return f"Point cloud, {count(len(result.verts))} points"
        case Lines():
            return f"Lines, {count(len(result.edges))} segments"
        case Image():
            return f"Picture, {_pixels(result.pixels)}"
        case Field():
            return f"Radiance field, {count(len(result.density))} vertices"
        case Picture():
            values = (
                "" if result.values is None else f", with values in {result.unit}" if result.unit else ", with values"
            )
            return f"Picture, {_pixels(result.pixels)}{values}"
        case Film():
            seconds = len(result.frames) / max(result.fps, 1e-6)
            return f"Film, {count(len(result.frames))} frames of {_pixels(result.frames)}, {seconds:.1f} s"
        case Data():
            names = list(result.values)
            return f"Numbers: {', '.join(names[:_MOST_NAMES])}{'…' if len(names) > _MOST_NAMES else ''}"
        case Animation():
            frames, joints = len(result.rotations), len(result.names)
            seconds = frames / max(result.fps, 1e-6)
            return f"Animation of {count(joints)} joints, {count(frames)} frames, {seconds:.1f} s"


def _pixels(pixels: Array) -> str:
    return f"{pixels.shape[-2]} × {pixels.shape[-3]} pixels"


def _save_tip(result: Result) -> str:
    match result:
        case Film():
            return "Save it as an MP4 film, an animated GIF, or a PNG picture for each frame."
        case Data():
            return "Save it as .npz for NumPy, or as JSON."
        case Animation():
            return "Save it as a binary glTF file (.glb): the mesh with its skeleton and its motion."
        case Picture() if result.values is not None:
            return "Save it as a PNG or JPEG picture, or its values as OpenEXR, in full precision."
        case Picture() | Image():
            return "Save it as a PNG or JPEG picture, at its own size."
    return "Save it as a file, at full detail."


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
