"""The plot pane: curves in the colours of the palette, their names above them, and where the study stands."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from lab.palette import hue
from lab.scene import Array
from lab.study import Pane, Plot
from ui.look.theme import Theme, ThemeManager
from ui.look.units import significant
from ui.studies.panes.body import PaneBody, copy_image, image_pixels

if TYPE_CHECKING:
    import pyqtgraph

_MOST_POINTS = 2000  # of a curve that is drawn; more cannot be told apart


class PlotPane(PaneBody):
    """Shows a Plot. The plot's own widget is made for the first one, as its package takes a while to import."""

    copy_tip = "Copy the plot as a picture"
    save_tip = "Save the plot as a picture"

    def __init__(self, pane: Pane, themes: ThemeManager) -> None:
        super().__init__(pane, themes)
        self._plot: pyqtgraph.PlotItem | None = None
        self._line: pyqtgraph.InfiniteLine | None = None
        self._items: dict[str, Any] = {}
        self._legend = QLabel()
        self._legend.setWordWrap(True)
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setContentsMargins(8, 2, 8, 0)
        self._legend.setAccessibleName(f"{pane.title}: names of the curves")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._legend)
        self._layout.addStretch(1)
        self.setMinimumSize(140, 96)
        themes.changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def apply(self, content: Plot, before: Plot | None) -> None:
        plot = self._plot or self._make_plot()
        if before is None or (content.x_label, content.y_label) != (before.x_label, before.y_label):
            plot.setLabel("bottom", content.x_label or None)
            plot.setLabel("left", content.y_label or None)
        rescaled = before is None or content.log_y != before.log_y
        if rescaled:
            plot.setLogMode(y=content.log_y)
        for gone in [name for name in self._items if name not in content.curves]:
            plot.removeItem(self._items.pop(gone))
        fresh = before is None or list(content.curves) != list(before.curves)
        for name, (x, y) in content.curves.items():
            if name not in self._items:
                self._items[name] = item = plot.plot(antialias=True)
                item.curve.setSegmentedLineMode("on")  # else Qt strokes the whole path, which takes ten times as long
            old = None if rescaled or before is None else before.curves.get(name)
            if old is None or x is not old[0] or y is not old[1]:
                self._items[name].setData(*drawable(x, y, log=content.log_y), connect="finite")
        if self._line is not None:
            self._line.setVisible(content.at is not None)
            if content.at is not None:
                self._line.setPos(content.at)
        if fresh:
            self._dress(self.themes.theme)
        plot.vb.updateAutoRange()  # now: found out while it is painted, the range would have it painted once more

    def curve_names(self) -> tuple[str, ...]:
        """The curves that are drawn."""
        return tuple(self._items)

    def curve_data(self, name: str) -> tuple[Array, Array]:
        """x and y of a curve as drawn."""
        x, y = self._items[name].getOriginalDataset()
        return x, y

    def copy(self) -> None:
        copy_image(image_pixels(self.grab().toImage()))
        self.copied.emit("Picture copied")

    # --- the plot itself ------------------------------------------------------------------------------------------

    def _make_plot(self) -> pyqtgraph.PlotItem:
        import pyqtgraph  # here, as it takes a while and most studies have no plot

        widget = pyqtgraph.PlotWidget()
        widget.setMenuEnabled(False)
        widget.setFrameShape(QFrame.Shape.NoFrame)
        widget.setAccessibleName(self.pane.title)
        self._plot = plot = widget.getPlotItem()
        plot.hideButtons()
        plot.setContentsMargins(0, 4, 10, 6)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)  # "(x0.001)" is one more thing to think about
        self._line = pyqtgraph.InfiniteLine(angle=90, movable=False)
        plot.addItem(self._line, ignoreBounds=True)
        plot.scene().sigMouseMoved.connect(self._moved)
        plot.scene().sigMouseClicked.connect(self._clicked)
        widget.installEventFilter(self)
        self._layout.takeAt(1)
        self._layout.addWidget(widget, 1)
        return plot

    def _dress(self, theme: Theme) -> None:
        if self._plot is None:
            return
        self._plot.getViewWidget().setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(QPen(QColor(theme.border)))
            axis.setTextPen(QPen(QColor(theme.muted)))
        for item, color in zip(self._items.values(), self._colors(), strict=True):
            item.setPen(_pen(color, 2))
        if self._line is not None:
            self._line.setPen(_pen(theme.accent, 1))
        names = zip(self._items, self._colors(), strict=True)
        entries = (f'<span style="color:{color}">▬</span>&nbsp;{_unbroken(name)}' for name, color in names)
        self._legend.setText(" &nbsp; ".join(entries))
        self._legend.setVisible(bool(self._items))

    def _colors(self) -> list[str]:
        return [hue(number, dark=self.themes.theme.dark) for number in range(len(self._items))]

    # --- the pointer ----------------------------------------------------------------------------------------------

    def _moved(self, position: QPointF) -> None:
        if self._plot is None or self.content is None:
            return
        view = self._plot.vb
        if not view.sceneBoundingRect().contains(position):
            self.readout.emit("")
            return
        at = view.mapSceneToView(position).x()
        values = (value_at(x, y, at) for x, y in self.content.curves.values())
        said = "   ".join("–" if value is None else significant(value) for value in values)
        self.readout.emit(f"{significant(at)}   {said}")

    def _clicked(self, event: Any) -> None:
        if self._plot is not None and event.double():
            self._plot.enableAutoRange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.readout.emit("")
        return False


def drawable(x: Array, y: Array, *, log: bool) -> tuple[Array, Array]:
    """A curve as it can be drawn: not too many points, and nothing below zero on a logarithmic scale."""
    step = max(1, -(-len(x) // _MOST_POINTS))
    x, y = np.asarray(x, np.float64)[::step], np.asarray(y, np.float64)[::step]
    return x, np.where(y > 0, y, np.nan) if log else y


def value_at(x: Array, y: Array, at: float) -> float | None:
    """The curve's value at its point nearest to ``at``; None where it has none."""
    if not len(x) or not np.isfinite(x).any():
        return None
    value = float(y[int(np.nanargmin(np.abs(x - at)))])
    return value if np.isfinite(value) else None


def _unbroken(name: str) -> str:
    """A name for the legend, whose lines end between names and not within one."""
    return html.escape(name).replace(" ", "&nbsp;")


def _pen(color: str, width: int) -> QPen:
    pen = QPen(QColor(color), width)
    pen.setCosmetic(True)
    return pen
