"""The curves of the runs: the loss and each of its terms in its own hue, earlier runs dimmed behind the newest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.chapter import Term
from lab.run.messages import Metrics
from lab.scene import Array
from ui.look.theme import Theme, ThemeManager, figures
from ui.runs.series import Series, thinned
from ui.throttle import Throttle

if TYPE_CHECKING:
    import pyqtgraph

_REDRAW_MS = 125
_POINTS = 600
_KEPT_RUNS = 6  # curves of older runs only crowd the picture
_LOSS = "loss"


@dataclass(eq=False)
class _RunCurves:
    label: str
    series: Series
    items: dict[str, Any]
    changed: bool = True


@dataclass(frozen=True)
class _Row:
    """One line of the legend."""

    key: str
    title: str
    metric: str
    weighted_metric: str
    term: Term | None
    button: QToolButton
    value: QLabel


class CurvesPanel(QWidget):
    """Plots the metrics of all runs, reads them out at the cursor, and lets one click on a step."""

    stepClicked = Signal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._groups: dict[str, dict[int, _RunCurves]] = {}
        self._runs: dict[int, _RunCurves] = self._groups.setdefault("", {})  # of the open activity
        self._rows: dict[str, _Row] = {}
        self._cursor: int | None = None
        self._pointed: float | None = None
        self._lit: str | None = None
        self._plot: pyqtgraph.PlotItem | None = None
        self._line: pyqtgraph.InfiniteLine | None = None
        self._redraw = Throttle(_REDRAW_MS, self._draw, self)
        self.setAccessibleName("Curves")

        self._weighted = _toggle(
            "Weighted", "Each term times its weight: what the optimiser sees, adding up to the loss."
        )
        self._log = _toggle("Log", "Logarithmic scale: equal factors take equal heights. Zero cannot be shown.")
        self._log.setChecked(True)
        self._timed = _toggle("Seconds", "Draw the curves over the seconds that each run took, not over its steps.")
        for button in (self._weighted, self._log, self._timed):
            button.toggled.connect(self._draw_all)
        self._timed.toggled.connect(self._rescale)

        self._legend = QGridLayout()
        self._legend.setContentsMargins(12, 0, 8, 0)
        self._legend.setHorizontalSpacing(8)
        self._legend.setVerticalSpacing(0)
        self._legend.setColumnStretch(0, 1)

        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 4, 8, 4)
        buttons.addWidget(self._weighted)
        buttons.addWidget(self._log)
        buttons.addWidget(self._timed)
        buttons.addStretch(1)
        self._step = QLabel("")
        self._step.setProperty("role", "muted")
        self._step.setFont(figures(self._step.font()))
        self._step.setAccessibleName("Step of the values")
        buttons.addWidget(self._step)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._legend)
        column.addStretch(1)
        rows = QScrollArea()
        rows.setWidget(inner)
        rows.setWidgetResizable(True)
        rows.setFrameShape(QScrollArea.Shape.NoFrame)
        rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side = QWidget()
        side.setFixedWidth(308)
        side_column = QVBoxLayout(side)
        side_column.setContentsMargins(0, 0, 0, 0)
        side_column.setSpacing(0)
        side_column.addLayout(buttons)
        side_column.addWidget(rows, 1)

        self._empty = QLabel("Press Run: the loss and each of its terms are drawn here, step by step.")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setEnabled(False)
        picture = QWidget()
        picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._stack = QStackedLayout(picture)
        self._stack.addWidget(self._empty)

        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(picture, 1)
        layout.addWidget(side)
        themes.changed.connect(self._dress)

    def minimumSizeHint(self) -> QSize:
        return QSize(480, 120)

    # --- what the window asks -------------------------------------------------------------------------------------

    def set_terms(self, terms: Sequence[Term], group: str = "") -> None:
        """The terms of an activity: a row of the legend and a curve each, below the loss itself.

        group: only the runs that began in it are drawn; those of another activity have other terms.
        """
        for run in self._runs.values():
            self._take_away(run)
        self._runs = self._groups.setdefault(group, {})
        for row in self._rows.values():
            row.button.deleteLater()
            row.value.deleteLater()
        self._rows = {}
        self._add_row(_LOSS, "Loss", _LOSS, _LOSS, None)
        for term in terms:
            self._add_row(term.key, term.title, term.metric, term.weighted_metric, term)
        self._dress(self._themes.theme)
        self._show_plot()
        self._draw_all()

    def begin_run(self, run_id: int, label: str, group: str = "") -> None:
        """A run starts; the ones before are dimmed."""
        self._ensure_plot()
        runs = self._groups.setdefault(group, {})
        runs[run_id] = _RunCurves(label, Series(), {})
        for old in sorted(runs)[:-_KEPT_RUNS]:
            self.remove_run(old)
        self._dress(self._themes.theme)

    def append(self, run_id: int, metrics: Metrics) -> None:
        """More steps of a run."""
        run = next((runs[run_id] for runs in self._groups.values() if run_id in runs), None)
        if run is not None:
            run.series.append(metrics)
            run.changed = True
            self._show_plot()
            self._redraw.ask()

    def remove_run(self, run_id: int) -> None:
        """Forget a run."""
        for runs in self._groups.values():
            run = runs.pop(run_id, None)
            if run is not None:
                self._take_away(run)
        self._show_plot()
        self._dress(self._themes.theme)

    def _take_away(self, run: _RunCurves) -> None:
        """Draw a run no more."""
        if self._plot is not None:
            for item in run.items.values():
                self._plot.removeItem(item)
        run.items.clear()

    def _show_plot(self) -> None:
        """The plot once there is something in it, what to do before."""
        drawn = self._plot is not None and any(len(run.series.steps) for run in self._runs.values())
        self._stack.setCurrentIndex(1 if drawn else self._stack.indexOf(self._empty))

    def set_cursor(self, step: int | None) -> None:
        """Mark a step and read the values there; None follows the newest step."""
        self._cursor = step
        self._place_line()
        self._read_out()

    def highlight(self, term: str | None) -> None:
        """Let the curve of a term stand out; None for none."""
        if term != self._lit:
            self._lit = term
            self._pens()

    def prepare(self) -> None:
        """Build the plot now rather than at the first run, when the window has nothing better to do."""
        self._ensure_plot()

    # --- the legend -----------------------------------------------------------------------------------------------

    def _add_row(self, key: str, title: str, metric: str, weighted: str, term: Term | None) -> None:
        button = QToolButton()
        button.setText(title)
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setToolTip(f"Show or hide the curve of {title}.")
        button.setAccessibleName(f"Curve of {title}")
        button.toggled.connect(self._draw_all)
        value = QLabel("")
        value.setFont(figures(value.font()))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setMinimumWidth(72)
        value.setAccessibleName(f"Value of {title}")
        line = len(self._rows)
        self._legend.addWidget(button, line, 0, Qt.AlignmentFlag.AlignLeft)
        self._legend.addWidget(value, line, 1)
        self._rows[key] = _Row(key, title, metric, weighted, term, button, value)

    def _read_out(self) -> None:
        run = self._runs[max(self._runs)] if self._runs else None
        at = self._cursor if self._pointed is None else self._pointed
        step = math.nan if run is None else run.series.step_at(at)
        self._step.setText("" if math.isnan(step) else f"step {step:,.0f}")
        for row in self._rows.values():
            value = math.nan if run is None else run.series.value(self._metric(row), at)
            row.value.setText("" if math.isnan(value) else f"{value:.3e}" if abs(value) < 1e-3 else f"{value:.4f}")
            row.button.setVisible(bool(row.term) or step != step or not math.isnan(value))

    def _metric(self, row: _Row) -> str:
        return row.weighted_metric if self._weighted.isChecked() else row.metric

    # --- the picture ----------------------------------------------------------------------------------------------

    def _ensure_plot(self) -> None:
        if self._plot is not None:
            return
        import pyqtgraph  # here, as it takes a while and the window opens without it

        widget = pyqtgraph.PlotWidget()
        widget.setMenuEnabled(False)
        widget.setAccessibleName("Plot of the curves")
        widget.setFrameShape(QScrollArea.Shape.NoFrame)
        self._plot = widget.getPlotItem()
        self._plot.hideButtons()
        self._plot.getAxis("bottom").setHeight(22)
        self._plot.getAxis("left").setWidth(56)
        self._plot.setMouseEnabled(x=True, y=False)
        self._line = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._plot.addItem(self._line, ignoreBounds=True)
        self._place_line()
        self._plot.scene().sigMouseClicked.connect(self._clicked)
        self._plot.scene().sigMouseMoved.connect(self._moved)
        widget.installEventFilter(self)
        self._stack.addWidget(widget)
        self._dress(self._themes.theme)

    def _place_line(self) -> None:
        if self._line is not None:
            self._line.setVisible(self._cursor is not None)
            if self._cursor is not None:
                self._line.setPos(self._place_of(self._cursor))

    def _places(self, series: Series) -> Array:
        """(n,) where the steps of a run are drawn."""
        return series.seconds if self._timed.isChecked() else series.steps

    def _place_of(self, step: int) -> float:
        if not self._timed.isChecked() or not self._runs:
            return step
        series = self._runs[max(self._runs)].series
        return float(np.interp(step, series.steps, series.seconds)) if len(series.steps) else 0.0

    def _step_at(self, place: float) -> float:
        """The last step of the newest run that is drawn not right of ``place``."""
        if not self._runs:
            return place
        series = self._runs[max(self._runs)].series
        index = int(np.searchsorted(self._places(series), place, side="right"))
        return float(series.steps[index - 1]) if index else place if not self._timed.isChecked() else -1.0

    def _rescale(self) -> None:
        self._place_line()
        if self._plot is not None:
            self._plot.enableAutoRange()

    def _clicked(self, event: Any) -> None:
        if self._plot is None or event.button() != Qt.MouseButton.LeftButton or not self._runs:
            return
        if event.double():
            self._plot.enableAutoRange()
            return
        position: QPointF = self._plot.vb.mapSceneToView(event.scenePos())
        series = self._runs[max(self._runs)].series
        if len(series.steps):
            nearest = np.abs(self._places(series) - position.x()).argmin()
            self.stepClicked.emit(int(series.steps[nearest]))

    def _moved(self, position: QPointF) -> None:
        """Read the values under the pointer, as long as it is over the curves."""
        if self._plot is None:
            return
        view = self._plot.vb
        over = view.sceneBoundingRect().contains(position)
        self._pointed = self._step_at(view.mapSceneToView(position).x()) if over else None
        self._read_out()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointed = None
            self._read_out()
        return False

    def _draw_all(self) -> None:
        for run in self._runs.values():
            run.changed = True
        self._draw()

    def _draw(self) -> None:
        if self._plot is None:
            return
        log = self._log.isChecked()
        if self._plot.getAxis("left").logMode != log:
            self._plot.setLogMode(y=log)
        for run in self._runs.values():
            if run.changed:
                run.changed = False
                self._draw_run(run, log)
        self._read_out()

    def _draw_run(self, run: _RunCurves, log: bool) -> None:
        for row in self._rows.values():
            item = run.items.get(row.key)
            if not row.button.isChecked():
                if item is not None:
                    item.setVisible(False)
                continue
            places, values = thinned(self._places(run.series), run.series.column(self._metric(row)), _POINTS)
            if log:
                values = np.where(values > 0, values, np.nan)
            shown = bool(np.isfinite(values).any())
            if item is None:
                if not shown:
                    continue
                item = run.items[row.key] = self._new_item(run, row)
            item.setVisible(shown)
            if shown:
                item.setData(places, values, connect="finite")

    def _new_item(self, run: _RunCurves, row: _Row) -> Any:
        assert self._plot is not None
        newest = bool(self._runs) and run is self._runs[max(self._runs)]
        item = self._plot.plot(pen=self._pen(row, newest), antialias=False)
        item.setZValue(1 if newest else 0)
        return item

    def _pen(self, row: _Row, newest: bool) -> QPen:
        color = QColor(self._themes.term_color(row.term) if row.term else self._themes.theme.text)
        if not newest:
            color.setAlpha(80)
        elif self._lit is not None and self._lit != row.key:
            color.setAlpha(110)
        pen = QPen(color, 2 if newest and self._lit == row.key else 1)
        pen.setCosmetic(True)
        return pen

    def _pens(self) -> None:
        newest = max(self._runs, default=None)
        for run_id, run in self._runs.items():
            for key, item in run.items.items():
                item.setPen(self._pen(self._rows[key], run_id == newest))
                item.setZValue(1 if run_id == newest else 0)

    def _dress(self, theme: Theme) -> None:
        for row in self._rows.values():
            color = self._themes.term_color(row.term) if row.term else theme.text
            row.button.setStyleSheet(
                f"QToolButton {{ color: {theme.muted}; border: none; border-left: 3px solid {theme.border};"
                " border-radius: 0; padding: 2px 8px; }"
                f"QToolButton:checked {{ color: {color}; border-left-color: {color}; background: transparent; }}"
                f"QToolButton:hover {{ background: {theme.field}; }}"
                f"QToolButton:focus {{ background: {theme.field}; }}"
            )
        if self._plot is not None and self._line is not None:
            view = self._plot.getViewWidget()
            view.setBackground(theme.panel)
            for name in ("left", "bottom"):
                axis = self._plot.getAxis(name)
                axis.setPen(QPen(QColor(theme.border)))
                axis.setTextPen(QPen(QColor(theme.muted)))
            pen = QPen(QColor(theme.accent), 1)
            pen.setCosmetic(True)  # otherwise it is as wide as a step, and vanishes in a long run
            self._line.setPen(pen)
            self._pens()
        QTimer.singleShot(0, self._redraw.ask)


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    return button
