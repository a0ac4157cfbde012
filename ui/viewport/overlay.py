"""What is painted over the picture: axes, colour bar, what lies under the mouse, and notes. All in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen

from lab.render import colormaps
from lab.render.camera import Camera, StandardView
from lab.render.messages import Hit
from lab.scene import Array
from ui.look.theme import Theme, figures

MARGIN = 16.0
_AXIS_RADIUS, _BALL = 34.0, 8.5
_BAR_WIDTH, _BAR_HEIGHT, _BAR_SHORTEST, _BAR_PAD = 12.0, 148.0, 60.0, 10.0
_LOOKED_AT = 200_000  # vertices
_LABEL_PAD_X, _LABEL_PAD_Y = 10.0, 5.0
_DARK_AXES = {"X": "#ef6a6a", "Y": "#7cc36a", "Z": "#6a9cf2"}
_LIGHT_AXES = {"X": "#c22f36", "Y": "#2f7d24", "Z": "#2758c8"}
_SIDES: dict[tuple[str, int], StandardView] = {
    ("X", 1): "right",
    ("X", -1): "left",
    ("Y", 1): "top",
    ("Y", -1): "bottom",
    ("Z", 1): "front",
    ("Z", -1): "back",
}


@dataclass(frozen=True)
class _End:
    """One end of an axis in the gizmo."""

    axis: str
    sign: int
    at: QPointF
    depth: float


class AxisGizmo:
    """The world's axes at the top right, smaller in a narrow view. A click on an end looks from there."""

    @staticmethod
    def scale(width: float) -> float:
        """How large it is in a view of that width, 1 for its full size."""
        return min(1.0, max(0.6, width / 480))

    def rect(self, width: float) -> QRectF:
        """Where it is, in a view of that width."""
        side = 2 * (_AXIS_RADIUS + _BALL) * self.scale(width)
        return QRectF(width - MARGIN - side, MARGIN, side, side)

    def paint(self, painter: QPainter, theme: Theme, camera: Camera, width: float) -> None:
        """Draw the axes as the camera sees them, the farthest first."""
        colors = axis_colors(theme)
        centre = self.rect(width).center()
        font = QFont(painter.font())
        ball = _BALL * self.scale(width)
        font.setPixelSize(11 if ball > 0.8 * _BALL else 9)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        for end in self._ends(camera, width):
            color = QColor(colors[end.axis])
            if end.sign < 0:
                painter.setPen(QPen(color, 1.5))
                painter.setBrush(QColor(theme.viewport))
                painter.drawEllipse(end.at, ball * 0.55, ball * 0.55)
                continue
            painter.setPen(QPen(color, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(centre, end.at)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(end.at, ball, ball)
            painter.setPen(QColor("#101214") if theme.dark else QColor("#ffffff"))
            painter.drawText(_around(end.at, ball), Qt.AlignmentFlag.AlignCenter, end.axis)

    def side_at(self, at: QPointF, camera: Camera, width: float) -> StandardView | None:
        """The standard view behind a point of the widget, the nearest end first."""
        for end in reversed(self._ends(camera, width)):
            if (end.at - at).manhattanLength() <= 1.5 * _BALL * self.scale(width):
                return _SIDES[end.axis, end.sign]
        return None

    def _ends(self, camera: Camera, width: float) -> list[_End]:
        """All six, the farthest first."""
        centre = self.rect(width).center()
        ends = []
        for number, axis in enumerate("XYZ"):
            right, up, near = (float(value) for value in camera.axes[number])
            for sign in (1, -1):
                at = centre + QPointF(right, -up) * (sign * _AXIS_RADIUS * self.scale(width))
                ends.append(_End(axis, sign, at, -sign * near))
        return sorted(ends, key=lambda end: end.depth, reverse=True)


@dataclass(frozen=True)
class ColorBar:
    """The scale of the entity that is coloured by a scalar. limits: of its colours."""

    path: str
    field: str
    colormap: str
    limits: tuple[float, float]

    def rect(self, font: QFont, width: float, height: float) -> QRectF:
        """Where it is, at the right of a view of that size."""
        metrics = QFontMetricsF(figures(font))
        texts = max(metrics.horizontalAdvance(text) for _, text in self._ticks())
        wide = max(_BAR_WIDTH + 8 + texts, metrics.horizontalAdvance(self.field)) + 2 * _BAR_PAD
        high = self._length(height) + metrics.height() + 8 + 2 * _BAR_PAD
        return QRectF(width - MARGIN - wide, height - MARGIN - high, wide, high)

    def paint(self, painter: QPainter, theme: Theme, font: QFont, width: float, height: float) -> None:
        """Draw the bar with the field's name and three values."""
        painter.setFont(figures(font))
        metrics = painter.fontMetrics()
        frame = self.rect(font, width, height)
        panel(painter, theme, frame)
        inner = frame.adjusted(_BAR_PAD, _BAR_PAD, -_BAR_PAD, -_BAR_PAD)
        painter.setPen(QColor(theme.text))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self.field)
        length = self._length(height)
        bar = QRectF(inner.left(), inner.bottom() - length, _BAR_WIDTH, length)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(self._gradient(bar)))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QColor(theme.muted))
        for share, text in self._ticks():
            baseline = bar.bottom() - share * (length - metrics.ascent()) - metrics.descent() / 2
            painter.drawText(QPointF(bar.right() + 8, baseline), text)

    @staticmethod
    def _length(height: float) -> float:
        """Of the bar, in a view of that height: it leaves room for the axes above it."""
        return max(_BAR_SHORTEST, min(_BAR_HEIGHT, 0.3 * height))

    def _ticks(self) -> list[tuple[float, str]]:
        low, high = self.limits
        return [(share, number(low + share * (high - low))) for share in (0.0, 0.5, 1.0)]

    def _gradient(self, bar: QRectF) -> QLinearGradient:
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        table = colormaps.table(self.colormap)
        for index in range(0, 256, 15):
            gradient.setColorAt(index / 255, QColor(*(int(value) for value in table[index])))
        return gradient


def paint_label(painter: QPainter, theme: Theme, font: QFont, text: str, width: float, height: float) -> None:
    """One line at the bottom left, shortened in its middle where the view is narrow."""
    painter.setFont(figures(font))
    metrics = painter.fontMetrics()
    room = int(width - 2 * MARGIN - 2 * _LABEL_PAD_X)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
    wide = metrics.horizontalAdvance(text) + 2 * _LABEL_PAD_X
    high = metrics.height() + 2 * _LABEL_PAD_Y
    frame = QRectF(MARGIN, height - MARGIN - high, wide, high)
    panel(painter, theme, frame)
    painter.setPen(QColor(theme.text))
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)


def paint_note(painter: QPainter, theme: Theme, font: QFont, text: str, width: float, height: float) -> None:
    """Dim the whole picture and say why, in its middle."""
    veil = QColor(theme.viewport)
    veil.setAlphaF(0.66)
    painter.fillRect(QRectF(0, 0, width, height), veil)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    wide = metrics.horizontalAdvance(text) + 4 * _LABEL_PAD_X
    high = metrics.height() + 4 * _LABEL_PAD_Y
    frame = QRectF((width - wide) / 2, (height - high) / 2, wide, high)
    panel(painter, theme, frame)
    painter.setPen(QColor(theme.text))
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)


def hit_text(hit: Hit) -> str:
    """ "spot · face 1234 · vertex 567 · (x, y, z) m · bary (a, b, c)"."""
    place = f"({', '.join(coordinate(value) for value in hit.position)}) m"
    if hit.kind == "field":
        return f"{hit.path} · {place}"
    if hit.barycentric is None:
        return f"{hit.path} · point {hit.index} · {place}"
    bary = ", ".join(f"{value:.2f}" for value in hit.barycentric)
    return f"{hit.path} · face {hit.index} · vertex {hit.vertex} · {place} · bary ({bary})"


def coordinate(value: float) -> str:
    """A coordinate with a minus sign: millimetres where it is large, four digits after the point where it is not."""
    digits = 4 if abs(value) < 100 else 3
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def number(value: float) -> str:
    """A number of a scale in three digits, with a minus sign."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else str(value)
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def axis_colors(theme: Theme) -> dict[str, str]:
    """The colours of X, Y and Z."""
    return _DARK_AXES if theme.dark else _LIGHT_AXES


def panel(painter: QPainter, theme: Theme, frame: QRectF) -> None:
    """The ground that text stands on, so that it can be read over any picture."""
    ground = QColor(theme.panel)
    ground.setAlphaF(0.86)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(frame, 6, 6)


def _around(at: QPointF, radius: float) -> QRectF:
    return QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)


def placed_image(image_width: int, image_height: int, width: float, height: float) -> QRectF:
    """Where an older picture goes in a view that was resized: as high as the view, and centred.

    The field of view is a vertical angle, so this is where things will be in the next picture, too.
    """
    scaled = image_width * height / image_height
    return QRectF((width - scaled) / 2, 0, scaled, height)


def world_points(verts: Array, origin: Array, most: int) -> Array:
    """(N, 3) float64 world positions of at most about ``most`` of the vertices, and of those that bound them.

    Of a very large cloud only a part is looked at for its bounds: this runs on the UI thread.
    """
    if not len(verts):
        return np.zeros((0, 3))
    many = verts[:: max(1, len(verts) // _LOOKED_AT)]
    extremes = many[np.concatenate([many.argmin(axis=0), many.argmax(axis=0)])]
    return np.concatenate([verts[:: max(1, len(verts) // most)], extremes]) + origin
