"""Measuring: distances between points that the person picks on surfaces and in clouds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from lab.render.messages import Hit
from lab.scene import Array, Field, Image
from ui.scene.model import SceneModel
from ui.viewport.drags import Pixel, Sight
from ui.viewport.layers import Ink, Layer
from ui.viewport.viewport import Viewport

_DOT = 4.5


@dataclass(frozen=True)
class Unit:
    """A unit of length: its short name, and how many metres it has."""

    name: str
    metres: float


METRE = Unit("m", 1.0)


class Measurement(QObject):
    """The picked points and what lies between them, for all viewports of a scene."""

    changed = Signal()

    def __init__(self, scene: SceneModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._points: list[Array] = []
        self._ended = False
        self._active = False
        self.unit_of: Callable[[str], Unit] = lambda path: METRE
        self.unit = METRE

    @property
    def active(self) -> bool:
        """Whether a click picks a point."""
        return self._active

    def set_active(self, on: bool) -> None:
        """Begin or end measuring; what was measured stays until it is cleared."""
        if on != self._active:
            self._active = on
            self._ended = not on
            self.changed.emit()

    @property
    def open(self) -> bool:
        """Whether the next point goes on with the line."""
        return self._active and bool(self._points) and not self._ended

    @property
    def points(self) -> tuple[Array, ...]:
        """The picked points, (3,) float64 each, metres, world."""
        return tuple(self._points)

    def add(self, hit: Hit, *, snap: bool = False) -> None:
        """Another point, or with ``snap`` the vertex nearest to it; after an end the first of a new line."""
        entity = self._scene.entity(hit.path) if hit.path in self._scene else None
        at = np.asarray(hit.position, float)
        if snap and entity is not None and not isinstance(entity, Image | Field):
            at = entity.origin + entity.verts[hit.vertex]
        if self._ended:
            self._points.clear()
            self._ended = False
        self.unit = self.unit_of(hit.path)
        self._points.append(at)
        self.changed.emit()

    def end(self) -> bool:
        """The line is complete; the next point begins another. Returns whether there was one."""
        had = bool(self._points) and not self._ended
        self._ended = True
        self.changed.emit()
        return had

    def clear(self) -> bool:
        """Forget all points. Returns whether there were any."""
        had = bool(self._points)
        self._points.clear()
        self.changed.emit()
        return had

    @property
    def lengths(self) -> tuple[float, ...]:
        """Of each stretch, metres."""
        return tuple(float(np.linalg.norm(b - a)) for a, b in pairwise(self._points))

    @property
    def difference(self) -> Array:
        """(3,): from the last point but one to the last, metres; zeros for fewer than two points."""
        return self._points[-1] - self._points[-2] if len(self._points) > 1 else np.zeros(3)

    def length_text(self, metres: float) -> str:
        """A length in metres, and in the unit of the file where that is another."""
        text = f"{digits(metres)} m"
        if self.unit.metres != 1.0:
            text += f" ({digits(metres / self.unit.metres)} {self.unit.name})"
        return text

    def summary(self) -> str:
        """The result in a line."""
        if len(self._points) < 2:
            wanted = "first" if not self._points else "next"
            return f"Click the {wanted} point. Ctrl: on a vertex."
        x, y, z = (digits(value) for value in self.difference)
        stretches = len(self.lengths)
        whole = f"  ·  {stretches} stretches, {self.length_text(sum(self.lengths))}" if stretches > 1 else ""
        return f"{self.length_text(self.lengths[-1])}  ·  dx {x}  dy {y}  dz {z} m{whole}"

    def table(self) -> str:
        """All points and stretches as tab-separated lines, metres, for the clipboard."""
        rows = ["point\tx\ty\tz\tdx\tdy\tdz\tdistance"]
        for number, point in enumerate(self._points):
            step = point - self._points[number - 1] if number else None
            numbers = [*point.tolist(), *(step.tolist() if step is not None else ())]
            if step is not None:
                numbers.append(float(np.linalg.norm(step)))
            rows.append("\t".join([str(number + 1), *(f"{value:.9g}" for value in numbers)]))
        rows.append(f"length\t{sum(self.lengths):.9g}\tm")
        return "\n".join(rows) + "\n"


class MeasureLayer(Layer):
    """The measurement in one viewport."""

    def __init__(self, viewport: Viewport, measurement: Measurement) -> None:
        self._viewport = viewport
        self._measurement = measurement
        self._mouse: Pixel | None = None
        self._asked = 0  # points that are still being looked up
        self._end_then = False
        measurement.changed.connect(self._on_changed)

    def close(self) -> None:
        """The viewport goes."""
        self._measurement.changed.disconnect(self._on_changed)

    def _on_changed(self) -> None:
        self.repaint()

    def hover(self, at: Pixel | None, sight: Sight) -> Qt.CursorShape | None:
        if not self._measurement.active:
            return None
        self._mouse = at
        self.repaint()
        return None if at is None else Qt.CursorShape.CrossCursor

    def click(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        if not self._measurement.active:
            return False
        snap = bool(modifiers & Qt.KeyboardModifier.ControlModifier)

        def add(hit: Hit | None) -> None:
            self._asked -= 1
            if hit is not None and self._measurement.active:
                self._measurement.add(hit, snap=snap)
            if self._end_then and not self._asked:
                self._end_then = False
                self._measurement.end()

        self._asked += 1
        self._viewport.find_hit(QPointF(*at), add)
        return True

    def double_click(self, at: Pixel, sight: Sight) -> bool:
        if self._measurement.active and self._asked:
            self._end_then = True  # after the point of the first of the two clicks
        elif self._measurement.active:
            self._measurement.end()
        return self._measurement.active

    def cancel(self) -> bool:
        if not self._measurement.active:
            return False
        if not self._measurement.end():
            self._measurement.set_active(False)
        return True

    def delete(self) -> bool:
        return self._measurement.clear()

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        points = self._measurement.points
        places = [sight.pixel(point) for point in points]
        color = QColor(ink.theme.accent)
        for first, second in pairwise(places):
            if first is not None and second is not None:
                _line(painter, first, second, ink, color)
        self._paint_open_end(places, painter, ink, color)
        for place in places:
            if place is not None:
                painter.setPen(QPen(QColor(ink.theme.viewport), 1.5))
                painter.setBrush(color)
                painter.drawEllipse(QPointF(*place), _DOT, _DOT)
        for (first, second), metres in zip(pairwise(places), self._measurement.lengths, strict=True):
            if first is not None and second is not None:
                middle = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2 - 16)
                ink.plate(painter, middle, self._measurement.length_text(metres))

    def _paint_open_end(self, places: list[Pixel | None], painter: QPainter, ink: Ink, color: QColor) -> None:
        """From the last point to the mouse, while the line goes on."""
        last = places[-1] if places else None
        if last is None or self._mouse is None or not self._measurement.open:
            return
        faint = QColor(color)
        faint.setAlphaF(0.7)
        painter.setPen(QPen(faint, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(*last), QPointF(*self._mouse))


def _line(painter: QPainter, first: Pixel, second: Pixel, ink: Ink, color: QColor) -> None:
    halo = QColor(ink.theme.viewport)
    halo.setAlphaF(0.8)
    for pen in (QPen(halo, 4.5), QPen(color, 2.0)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(*first), QPointF(*second))


def digits(value: float) -> str:
    """A length in four significant digits, with a minus sign and without an exponent where that is readable."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    size = abs(value)
    if size < 1e-4 or size >= 1e7:
        return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    decimals = max(0, 3 - math.floor(math.log10(size)))
    return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
