"""The grips of a frame in the world: arrows, squares, rings and a middle, of the same size on the screen at any depth.

A grip knows where it is seen, whether the mouse is on it, how it is painted and which drag it begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from lab.scene import Array
from ui.viewport.drags import Drag, Glide, Pixel, Sight, Slide, Stretch, Turn
from ui.viewport.layers import Ink

GripKind = Literal["arrow", "square", "ring", "middle", "size"]

ARROW, RING, MIDDLE = 78.0, 58.0, 6.0  # pixels
_SQUARE = (0.32, 0.52)  # of the arrow
_HEAD, _HEAD_WIDTH = 12.0, 4.5
_NEAR = 7.0  # pixels within which the mouse is on a line
_SHORT = 0.16  # share of its length, below which an arrow that points at the eye is left out
_FLAT = 0.14  # |cos|, below which a square seen from its edge is left out
_CIRCLE = np.array([(math.cos(angle), math.sin(angle)) for angle in np.linspace(0, math.tau, 55)])


@dataclass(frozen=True)
class Grip:
    """One grip. index: of the axis that it moves along, turns about, or (a square) stays across; -1 for none."""

    kind: GripKind
    index: int = -1


@dataclass(frozen=True)
class Tripod:
    """The grips at a place. position: (3,) world; axes: (3, 3), its unit axes as columns."""

    position: Array
    axes: Array
    grips: tuple[Grip, ...]
    color: QColor | None = None

    def grip_at(self, at: Pixel, sight: Sight) -> Grip | None:
        """The grip under the mouse: the middle first, then squares, then the nearest line."""
        found: list[tuple[float, Grip]] = []
        for grip in self.grips:
            distance = self._distance(grip, at, sight)
            if distance is not None:
                first = {"middle": -200.0, "square": -100.0}.get(grip.kind, 0.0)
                found.append((distance + first, grip))
        return min(found, key=lambda item: item[0])[1] if found else None

    def drag(self, grip: Grip, at: Pixel, sight: Sight) -> Drag:
        """The drag that begins with a grip."""
        axis = self.axes[:, grip.index]
        match grip.kind:
            case "arrow":
                return Slide(sight, at, self.position, axis)
            case "square":
                return Glide(sight, at, self.position, axis)
            case "ring":
                return Turn(sight, at, self.position, axis)
            case "size":
                return Stretch(sight, at, self.position)
        return Glide(sight, at, self.position)

    def paint(self, painter: QPainter, sight: Sight, ink: Ink, hot: Grip | None = None) -> None:
        """Draw all grips; ``hot`` is the one under the mouse or held."""
        for grip in sorted(self.grips, key=lambda grip: grip == hot):
            self.paint_one(grip, painter, sight, ink, self._color(grip, ink, grip == hot), grip == hot)

    # --- where things are ---------------------------------------------------------------------------------------------

    def tip(self, index: int, sight: Sight) -> Array:
        """(3,): the end of an arrow."""
        return self.position + self.axes[:, index] * (ARROW * sight.metres_per_pixel(self.position))

    def _arrow(self, index: int, sight: Sight) -> tuple[Pixel, Pixel] | None:
        """Both ends on the screen; None when it points at the eye."""
        start, end = sight.pixel(self.position), sight.pixel(self.tip(index, sight))
        if start is None or end is None or math.dist(start, end) < _SHORT * ARROW:
            return None
        return start, end

    def _square(self, index: int, sight: Sight) -> list[Pixel] | None:
        """Its corners on the screen; None when it is seen from its edge."""
        if abs(float(sight.towards(self.position) @ self.axes[:, index])) < _FLAT:
            return None
        length = ARROW * sight.metres_per_pixel(self.position)
        first, second = (self.axes[:, (index + step) % 3] * length for step in (1, 2))
        low, high = _SQUARE
        corners = [
            self.position + first * a + second * b for a, b in ((low, low), (high, low), (high, high), (low, high))
        ]
        return _pixels(corners, sight)

    def ring(self, index: int, sight: Sight, radius: float = RING) -> tuple[Array, Array]:
        """(N, 2) pixels of the ring about an axis, and (N,) whether each lies on its near side."""
        sides = self.axes[:, [(index + 1) % 3, (index + 2) % 3]].T
        arms = _CIRCLE @ sides * (radius * sight.metres_per_pixel(self.position))
        pixels, depths = sight.project(self.position + arms)
        facing = abs(float(sight.towards(self.position) @ self.axes[:, index])) > 0.97  # then all of it is seen
        return pixels, (depths <= float(sight.camera.depth(self.position))) | facing

    def _distance(self, grip: Grip, at: Pixel, sight: Sight) -> float | None:
        """Pixels between the mouse and a grip; None where that is too far."""
        centre = sight.pixel(self.position)
        if centre is None:
            return None
        if grip.kind == "middle":
            return _within(math.dist(at, centre), MIDDLE + 3)
        if grip.kind == "size":
            return _within(abs(math.dist(at, centre) - ARROW), _NEAR)
        if grip.kind == "arrow":
            ends = self._arrow(grip.index, sight)
            return None if ends is None else _within(_to_segment(at, *ends), _NEAR)
        if grip.kind == "square":
            corners = self._square(grip.index, sight)
            return 0.0 if corners is not None and _inside(at, corners) else None
        pixels, near = self.ring(grip.index, sight)
        return _to_ring(at, pixels, near)

    # --- painting -----------------------------------------------------------------------------------------------------

    def _color(self, grip: Grip, ink: Ink, hot: bool) -> QColor:
        if hot:
            return ink.hot
        return ink.axis(grip.index) if grip.index >= 0 else self.color or QColor(ink.theme.text)

    def paint_one(
        self, grip: Grip, painter: QPainter, sight: Sight, ink: Ink, color: QColor, hot: bool = False
    ) -> None:
        """Draw one grip in a colour; hot: it is under the mouse or held."""
        centre = sight.pixel(self.position)
        if centre is None:
            return
        if grip.kind == "middle":
            painter.setPen(QPen(QColor(ink.theme.viewport), 1.5))
            painter.setBrush(color)
            painter.drawEllipse(QPointF(*centre), MIDDLE, MIDDLE)
        elif grip.kind == "size":
            painter.setPen(QPen(color, 3.5 if hot else 2.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*centre), ARROW, ARROW)
        elif grip.kind == "arrow":
            ends = self._arrow(grip.index, sight)
            if ends is not None:
                paint_arrow(painter, *ends, color, 3.5 if hot else 2.5)
        elif grip.kind == "square":
            corners = self._square(grip.index, sight)
            if corners is not None:
                fill = QColor(color)
                fill.setAlphaF(0.6 if hot else 0.3)
                painter.setPen(QPen(color, 1.5))
                painter.setBrush(fill)
                painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        else:
            self._paint_ring(grip.index, painter, sight, color, hot)

    def _paint_ring(self, index: int, painter: QPainter, sight: Sight, color: QColor, hot: bool) -> None:
        pixels, near = self.ring(index, sight)
        if not np.isfinite(pixels).all():
            return
        faint = QColor(color)
        faint.setAlphaF(0.28)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shown, pen in ((~near, _flat(faint, 1.2)), (near, _flat(color, 3.5 if hot else 2.2))):
            painter.setPen(pen)
            for piece in _runs(pixels, shown):  # line by line: Qt takes ten times as long to stroke a whole path
                painter.drawLines([QLineF(*a, *b) for a, b in pairwise(piece)])


def paint_arrow(painter: QPainter, start: Pixel, end: Pixel, color: QColor, width: float = 2.5) -> None:
    """A line with a head at its end."""
    length = math.dist(start, end)
    if length < 1e-6:
        return
    x, y = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    head = min(_HEAD, length)
    base = QPointF(end[0] - x * head, end[1] - y * head)
    painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(*start), base)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    side = QPointF(-y, x) * _HEAD_WIDTH
    painter.drawPolygon(QPolygonF([QPointF(*end), base + side, base - side]))


def grips(kinds: Iterable[GripKind], indices: Sequence[int] = (0, 1, 2)) -> tuple[Grip, ...]:
    """One grip of each kind for each axis; "middle" and "size" once."""
    found: list[Grip] = []
    for kind in kinds:
        found += [Grip(kind)] if kind in ("middle", "size") else [Grip(kind, index) for index in indices]
    return tuple(found)


def _pixels(points: Sequence[Array], sight: Sight) -> list[Pixel] | None:
    pixels, _ = sight.project(np.array(points))
    return [(float(x), float(y)) for x, y in pixels] if np.isfinite(pixels).all() else None


def _within(distance: float, most: float) -> float | None:
    return distance if distance <= most else None


def _to_segment(at: Pixel, start: Pixel, end: Pixel) -> float:
    """Pixels between a point and a line segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    squared = dx * dx + dy * dy
    share = 0.0 if squared == 0 else ((at[0] - start[0]) * dx + (at[1] - start[1]) * dy) / squared
    share = min(1.0, max(0.0, share))
    return math.dist(at, (start[0] + share * dx, start[1] + share * dy))


def _to_ring(at: Pixel, pixels: Array, near: Array) -> float | None:
    """Pixels to the near side of a ring, None when that is too far."""
    if not np.isfinite(pixels).all():
        return None
    starts, ends = pixels[:-1][near[:-1]], pixels[1:][near[:-1]]
    if not len(starts):
        return None
    along = ends - starts
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((np.array(at) - starts) * along).sum(axis=1) / squared, 0, 1)
    distance = np.linalg.norm(starts + along * share[:, None] - np.array(at), axis=1).min()
    return _within(float(distance), _NEAR)


def _inside(at: Pixel, corners: Sequence[Pixel]) -> bool:
    polygon = QPolygonF([QPointF(*corner) for corner in corners])
    return polygon.containsPoint(QPointF(*at), Qt.FillRule.OddEvenFill)


def _flat(color: QColor, width: float) -> QPen:
    """A pen whose lines end where they end, so that they do not overlap."""
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _runs(pixels: Array, shown: Array) -> list[list[tuple[float, float]]]:
    """The polylines of consecutive points that are to be shown."""
    found: list[list[tuple[float, float]]] = []
    joined = False
    for (x, y), wanted in zip(pixels.tolist(), shown.tolist(), strict=True):
        if not wanted:
            joined = False
            continue
        if not joined:
            found.append([])
            joined = True
        found[-1].append((x, y))
    return found
