"""How a person's joints are drawn over a photo: dots and limbs, the left side in one colour, the right in another."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from lab.keypoints.layouts import LIMBS
from lab.keypoints.people import Person2D

LEFT, RIGHT, MIDDLE = "#ff9a3d", "#3fb4ff", "#f2f2f2"
"""Of the person's own sides; told apart with every kind of colour blindness, and on photos of any colour."""

_UNDER: Final = QColor(0, 0, 0, 170)
_DOT, _SMALL_DOT = 5.0, 3.2  # radii, widget pixels
_SMALL: Final = ("eye", "ear", "mouth", "pinky", "index", "thumb")  # they lie close together
_FAINTEST: Final = 0.3  # opacity of a joint that is hardly believed


def title(name: str) -> str:
    """A joint's name for people: "Left elbow"."""
    return name.replace("_", " ").capitalize()


def side_color(name: str) -> QColor:
    """The colour of the side of a joint."""
    return QColor(LEFT if "left" in name else RIGHT if "right" in name else MIDDLE)


def draw_person(painter: QPainter, person: Person2D, points: list[QPointF], *, chosen: bool, marked: int = -1) -> None:
    """Draw a person. points: of the joints, in the widget's pixels. marked: the joint with a ring around it."""
    sure = person.confidence
    places = {name: number for number, name in enumerate(person.names) if sure[number] > 0.0}
    strength = 1.0 if chosen else 0.55
    limbs = [(a, b) for a, b in LIMBS if a in places and b in places]
    for width, under in ((5.0 if chosen else 3.5, True), (2.6 if chosen else 1.6, False)):
        for a, b in limbs:
            color = _UNDER if under else _limb_color(a, b)
            opacity = _opacity(min(sure[places[a]], sure[places[b]]))
            _set_pen(painter, color, width, strength * opacity)
            painter.drawLine(QLineF(points[places[a]], points[places[b]]))
    for name, number in places.items():
        radius = _SMALL_DOT if not chosen or any(part in name for part in _SMALL) else _DOT
        color = side_color(name)
        color.setAlphaF(strength * _opacity(sure[number]))
        painter.setPen(QPen(_UNDER, 1.5))
        painter.setBrush(color)
        painter.drawEllipse(points[number], radius, radius)
    if marked in places.values():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(_UNDER, 4.0), QPen(QColor("#ffffff"), 2.0)):
            painter.setPen(pen)
            painter.drawEllipse(points[marked], _DOT + 4, _DOT + 4)


def draw_label(painter: QPainter, at: QPointF, words: str, room: QRectF) -> None:
    """Words beside a place, on a dark ground, within the ``room``."""
    metrics = painter.fontMetrics()
    box = QRectF(0, 0, metrics.horizontalAdvance(words) + 14, metrics.height() + 6)
    left = at.x() + 14 if at.x() + 14 + box.width() < room.right() else at.x() - 14 - box.width()
    top = min(max(at.y() - box.height() - 8, room.top() + 2), room.bottom() - box.height() - 2)
    box.moveTo(max(left, room.left() + 2), top)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(18, 20, 24, 225))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _limb_color(a: str, b: str) -> QColor:
    first, second = side_color(a), side_color(b)
    return first if first == second else QColor(MIDDLE)


def _opacity(confidence: float) -> float:
    return _FAINTEST + (1.0 - _FAINTEST) * float(min(max(confidence, 0.0), 1.0))


def _set_pen(painter: QPainter, color: QColor, width: float, opacity: float) -> None:
    tint = QColor(color)
    tint.setAlphaF(min(1.0, opacity * color.alphaF()))
    painter.setPen(QPen(tint, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
