"""The results page: the figures of the last runs beside each other, their curves, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lab.experiment import Outcome
from ui.look.theme import Theme, ThemeManager, figures

_MOST_RUNS = 3
_WIDEST = 172  # px, of a run's figures
_NOTHING = "When a run ends, its result is measured and shown here: how close it came, and how sound the mesh is."


class ResultsView(QWidget):
    """The figures of the last runs, a column each, the newest first; buttons to save what came out."""

    saveMeshRequested = Signal()
    exportVideoRequested = Signal()
    saveRecordingRequested = Signal()
    saveDocumentRequested = Signal()
    """What the run found, as JSON; asked for only when the newest outcome has it."""
    saveArraysRequested = Signal()
    """The same as arrays for numpy."""

    onwardRequested = Signal()
    """The person wants to work on what the newest run found, where its activity says that one can."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._outcomes: list[tuple[str, Outcome]] = []
        self._explanations: Mapping[str, str] = {}
        self._plot: Any = None
        self._save: dict[str, QPushButton] = {}
        self.setAccessibleName("Results")

        self._empty = QLabel(_NOTHING)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setEnabled(False)
        self._empty.setContentsMargins(32, 32, 32, 32)

        self._text = QLabel()
        self._text.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._work = QWidget()
        work = QVBoxLayout(self._work)
        work.setContentsMargins(16, 12, 16, 0)
        work.addWidget(self._text)
        work.addWidget(self._bar)
        self._work.hide()

        self._table = QTableWidget()
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self._table.setShowGrid(False)
        self._table.setWordWrap(True)
        self._table.setFont(figures(self._table.font()))
        self._table.setAccessibleName("Figures of the last runs")
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._caption = QLabel()
        self._caption.setContentsMargins(16, 0, 16, 0)
        self._caption.setWordWrap(True)
        self._plot_place = QVBoxLayout()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        inset = QHBoxLayout()
        inset.setContentsMargins(12, 0, 12, 0)
        inset.addWidget(self._table)
        column.addLayout(inset, 3)
        column.addWidget(self._caption)
        column.addLayout(self._plot_place, 2)
        column.addLayout(self._buttons())

        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._work)
        layout.addWidget(body, 1)
        themes.changed.connect(self._dress)

    def _buttons(self) -> QGridLayout:
        """The mesh above, as it is what one came for; the rest below."""
        grid = QGridLayout()
        grid.setContentsMargins(16, 0, 16, 12)
        grid.setSpacing(8)
        for place, text, tip, signal in (
            ((0, 0, 1, 2), "Save mesh…", "Save the fitted mesh as PLY, OBJ, GLB or STL.", self.saveMeshRequested),
            ((1, 0, 1, 1), "Export video…", "Save the run as a film, MP4 or GIF.", self.exportVideoRequested),
            (
                (1, 1, 1, 1),
                "Save recording…",
                "Save the whole run, to open it again later.",
                self.saveRecordingRequested,
            ),
            ((2, 0, 1, 1), "Save JSON…", "Save what the run found, such as cameras.", self.saveDocumentRequested),
            ((2, 1, 1, 1), "Save .npz…", "Save what the run found, as arrays for NumPy.", self.saveArraysRequested),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setProperty("primary", place[0] == 0)
            button.clicked.connect(signal)
            grid.addWidget(button, *place)
            self._save[text] = button
        self._onward = QPushButton()
        self._onward.clicked.connect(self.onwardRequested)
        grid.addWidget(self._onward, 3, 0, 1, 2)
        self._show_ways_out(Outcome())
        return grid

    def _show_ways_out(self, outcome: Outcome) -> None:
        """Offer what the newest run left."""
        found = {"Save JSON…": bool(outcome.document), "Save .npz…": bool(outcome.arrays)}
        for text, there in found.items():
            self._save[text].setVisible(there)
        self._onward.setVisible(bool(outcome.arrays) and bool(self._onward.text()))

    # --- what the window asks -------------------------------------------------------------------------------------

    def set_explanations(self, explanations: Mapping[str, str]) -> None:
        """What the figures mean, by the beginning of their labels; shown when the pointer rests on them."""
        self._explanations = explanations

    def set_onward(self, title: str) -> None:
        """Offer to go on in the study with this title; "" for none."""
        self._onward.setText(f"Continue in “{title}”" if title else "")
        self._onward.setToolTip(f"Open “{title}” with what the run found" if title else "")

    def show_progress(self, fraction: float | None, text: str) -> None:
        """Preparation or evaluation goes on; fraction in [0, 1], or None when unknown. 1 takes the line away."""
        self._work.setVisible(fraction != 1.0)
        self._text.setText(f"{text} …")
        self._bar.setRange(0, 0 if fraction is None else 100)
        self._bar.setValue(round(100 * (fraction or 0.0)))

    def show_outcome(self, outcome: Outcome, label: str = "Result") -> None:
        """Show a run's figures, left of those of the runs before."""
        self._work.hide()
        if not outcome.figures:
            return
        self._outcomes = [(label, outcome), *self._outcomes][:_MOST_RUNS]
        self._show_ways_out(outcome)
        self._fill()
        self._draw()
        self._stack.setCurrentIndex(1)

    def clear(self) -> None:
        """No run has ended."""
        self._outcomes = []
        self._work.hide()
        self._stack.setCurrentIndex(0)

    # --- the page -------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        labels = list(dict.fromkeys(label for _, outcome in self._outcomes for label in outcome.figures))
        table = self._table
        table.clear()
        table.setRowCount(len(labels))
        table.setColumnCount(1 + len(self._outcomes))
        table.setHorizontalHeaderLabels(["", *(label for label, _ in self._outcomes)])
        table.verticalHeader().hide()
        for row, label in enumerate(labels):
            name = QTableWidgetItem(label)
            name.setToolTip(self._explain(label))
            name.setData(Qt.ItemDataRole.AccessibleDescriptionRole, self._explain(label))
            table.setItem(row, 0, name)
            for column, (_, outcome) in enumerate(self._outcomes, 1):
                cell = QTableWidgetItem(readable(outcome.figures.get(label)))
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                cell.setToolTip(self._explain(label))
                table.setItem(row, column, cell)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column in range(1, table.columnCount()):  # words are wrapped, so that the labels keep their room
            wanted = max(table.sizeHintForColumn(column), header.sectionSizeHint(column))
            header.resizeSection(column, min(wanted, _WIDEST))
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.resizeRowsToContents()

    def _explain(self, label: str) -> str:
        return next((text for start, text in self._explanations.items() if label.startswith(start)), label)

    def _draw(self) -> None:
        """The first curve of the outcomes, the newest run in the accent colour."""
        name = next(iter(self._outcomes[0][1].curves), None)
        self._caption.setText(name or "")
        if name is None:
            return
        if self._plot is None:
            import pyqtgraph  # here, as it takes a while and the window opens without it

            self._plot = pyqtgraph.PlotWidget()
            self._plot.setMenuEnabled(False)
            self._plot.hideButtons()
            self._plot.setMouseEnabled(x=False, y=False)
            self._plot.setFrameShape(QTableWidget.Shape.NoFrame)
            self._plot.setMinimumHeight(120)
            self._plot.setAccessibleName("Curve of the result")
            self._plot_place.addWidget(self._plot)
        theme = self._themes.theme
        self._plot.clear()
        self._plot.setBackground(theme.panel)
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(QPen(QColor(theme.border)))
            axis.setTextPen(QPen(QColor(theme.muted)))
        for age, (_, outcome) in reversed(list(enumerate(self._outcomes))):
            if name in outcome.curves:
                color = QColor(theme.muted if age else theme.accent)
                pen = QPen(color, 2 if age == 0 else 1)
                pen.setCosmetic(True)
                self._plot.plot(*outcome.curves[name], pen=pen)

    def _dress(self, _theme: Theme) -> None:
        if self._outcomes:
            self._draw()


def readable(value: float | str | bool | None) -> str:
    """A figure for a person: whole numbers in full, others to four digits, yes or no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    if abs(value) >= 1e4:
        return f"{value:,.0f}"
    return np.format_float_positional(value, 4, fractional=False, trim="-") if abs(value) >= 1e-5 else f"{value:.1e}"
