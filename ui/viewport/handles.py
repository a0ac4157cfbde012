"""The handles of a study in its views: what they look like, and which numbers a drag of them gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from lab.render.camera import Vector, rotation_matrix
from lab.scene import Array
from lab.study import Handle
from ui.viewport.dots import Dots
from ui.viewport.drags import Change, Drag, Glide, Pixel, Sight, quaternion_of, turned, vector
from ui.viewport.grips import Grip, Tripod, grips, paint_arrow
from ui.viewport.layers import Ink, Layer
from ui.viewport.mouse import CLICK_PIXELS

_TIP = 7.0  # pixels
_LABEL_GAP = 12.0
_MIDDLE = Grip("middle")


@dataclass
class _Held:
    """The handle that is dragged. before: as it was; now: as it is; grip: None for the tip of a vector.

    at: where it was taken; moved: it was dragged, not only clicked.
    """

    before: Handle
    now: Handle
    grip: Grip | None
    drag: Drag
    at: Pixel
    moved: bool = False


class HandleLayer(QObject, Layer):
    """Paints handles and lets the person drag them.

    While a handle is dragged it follows the mouse, not what the study says of it; Escape puts it back.
    """

    taken = Signal(str, dict)
    """(key, the parameters that taking it in hand sets); before any movement."""
    moved = Signal(str, dict)
    """(key, the number parameters that follow it: name -> value)"""
    released = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handles: dict[str, Handle] = {}
        self._dots = Dots()
        self._hot: tuple[str, Grip | None] | None = None
        self._held: _Held | None = None

    @property
    def handles(self) -> tuple[Handle, ...]:
        """What is shown now."""
        return tuple(self._handles.values())

    def set_handles(self, handles: Sequence[Handle]) -> None:
        """Show others; the one that is held stays in the hand."""
        found = {handle.key: _plain(handle) for handle in handles}
        held = self._held
        if held is not None:
            if held.now.key in found:
                found[held.now.key] = held.now
            else:
                self.release()
        if found != self._handles:
            self._handles = found
            self._dots = Dots(self._handles.values())
            self.repaint()

    # --- mouse --------------------------------------------------------------------------------------------------------

    def hover(self, at: Pixel | None, sight: Sight) -> Qt.CursorShape | None:
        hot = None if at is None else self._at(at, sight)
        if hot != self._hot:
            self._hot = hot
            self.repaint()
        return None if hot is None else Qt.CursorShape.OpenHandCursor

    def press(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        found = self._at(at, sight)
        if found is None:
            return False
        handle, grip = self._handles[found[0]], found[1]
        self._hot = found
        self._held = _Held(handle, handle, grip, _drag_of(handle, grip, at, sight), at)
        self.repaint()
        self.taken.emit(handle.key, dict(handle.sets))
        return True

    def drag(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> None:
        held = self._held
        if held is None:
            return
        held.moved = held.moved or held.before.kind != "dot" or math.dist(at, held.at) > CLICK_PIXELS
        if not held.moved:
            return
        change = held.drag.to(at, bool(modifiers & Qt.KeyboardModifier.ControlModifier))
        self._take(held, _moved(held.before, held.grip, change))

    def release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self.released.emit(held.now.key)
            self.repaint()

    def cancel(self) -> bool:
        held = self._held
        if held is None:
            return False
        self._take(held, held.before)
        self.release()
        return True

    def _take(self, held: _Held, now: Handle) -> None:
        if now != held.now:
            held.now = self._handles[now.key] = now
            if now.kind == "dot":
                self._dots = Dots(self._handles.values())
            self.repaint()
            self.moved.emit(now.key, values_of(now))

    def _at(self, at: Pixel, sight: Sight) -> tuple[str, Grip | None] | None:
        dot = self._dots.at(at, sight)
        if dot is not None:
            return dot.key, _MIDDLE
        for handle in reversed(self.handles):
            if handle.kind == "dot":
                continue
            if handle.kind == "vector":
                tip = sight.pixel(_tip(handle))
                if tip is not None and math.dist(at, tip) <= _TIP + 3 and free_axes(handle):
                    return handle.key, None
                continue
            grip = tripod_of(handle).grip_at(at, sight)
            if grip is not None:
                return handle.key, grip
        return None

    # --- painting -----------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        for handle in self.handles:
            if handle.kind == "dot":
                continue
            hot = self._hot[1] if self._hot is not None and self._hot[0] == handle.key else None
            if handle.kind == "vector":
                self._paint_vector(handle, painter, sight, ink)
            else:
                tripod = replace(tripod_of(handle), color=ink.color(handle.color))
                if self._held is not None:  # what cannot be taken now is not in the way, and need not be painted
                    tripod = replace(tripod, grips=tuple(g for g in tripod.grips if g.kind == "middle" or g == hot))
                tripod.paint(painter, sight, ink, hot)
            self._paint_label(handle, painter, sight, ink)
        self._paint_dots(painter, sight, ink)

    def _paint_dots(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        """All dots, and the name of the one that is pointed at."""
        hot = self._handles.get(self._hot[0]) if self._hot is not None else None
        self._dots.paint(painter, sight, ink, "" if hot is None else hot.key)
        if hot is not None and hot.kind == "dot":
            self._paint_label(hot, painter, sight, ink)

    def _paint_vector(self, handle: Handle, painter: QPainter, sight: Sight, ink: Ink) -> None:
        start, end = sight.pixel(np.array(handle.position)), sight.pixel(_tip(handle))
        if start is None or end is None:
            return
        hot = self._hot is not None and self._hot[0] == handle.key
        color = ink.hot if hot else ink.color(handle.color)
        paint_arrow(painter, start, end, color, 3.5 if hot else 2.5)
        painter.setPen(QPen(color, 1.5))
        fill = QColor(color)
        fill.setAlphaF(0.35)
        painter.setBrush(fill)
        painter.drawEllipse(QPointF(*end), _TIP, _TIP)

    def _paint_label(self, handle: Handle, painter: QPainter, sight: Sight, ink: Ink) -> None:
        place = _tip(handle) if handle.kind == "vector" else np.array(handle.position)
        at = sight.pixel(place)
        if handle.label and at is not None:
            ink.words(painter, (at[0] + _LABEL_GAP, at[1] - _LABEL_GAP), handle.label, ink.color(handle.color))


# --- what a handle is -------------------------------------------------------------------------------------------------


def free_axes(handle: Handle) -> tuple[int, ...]:
    """Which of x, y, z (of the position, or of the vector) a drag may change."""
    return tuple(index for index in range(3) if index < len(handle.params) and handle.params[index])


def free_turns(handle: Handle) -> tuple[int, ...]:
    """Which components of the rotation vector a drag may change."""
    return tuple(index for index in range(3) if 3 + index < len(handle.params) and handle.params[3 + index])


def axes_of(handle: Handle) -> Array:
    """(3, 3): the axes of its grips as columns: the frame's own, or its basis's where some numbers are locked."""
    basis = rotation_matrix(quaternion_of(handle.basis))
    own = handle.kind == "frame" and len(free_axes(handle)) in (0, 3) and len(free_turns(handle)) in (0, 3)
    return basis @ rotation_matrix(quaternion_of(_radians(handle))) if own else basis


def tripod_of(handle: Handle) -> Tripod:
    """The grips of a dot, a point or a frame."""
    if handle.kind == "dot":
        return Tripod(np.array(handle.position, float), np.eye(3), (_MIDDLE,))
    free = free_axes(handle)
    found = grips(("arrow",), free) + (grips(("middle",)) if len(free) > 1 else ())
    if handle.kind == "frame":
        found += grips(("ring",), free_turns(handle))
    return Tripod(np.array(handle.position, float), axes_of(handle), found)


def values_of(handle: Handle) -> dict[str, float]:
    """The number parameters that follow a handle."""
    numbers = handle.vector if handle.kind == "vector" else (*handle.position, *handle.rotation)
    return {name: float(value) for name, value in zip(handle.params, numbers, strict=False) if name}


def _plain(handle: Handle) -> Handle:
    """The same in plain floats, whatever the study put them in: such handles can be compared."""
    return replace(
        handle,
        position=vector(handle.position),
        rotation=vector(handle.rotation),
        vector=vector(handle.vector),
        basis=vector(handle.basis),
        sets=dict(handle.sets),
    )


def _drag_of(handle: Handle, grip: Grip | None, at: Pixel, sight: Sight) -> Drag:
    free = free_axes(handle)
    if grip is None:
        place = _tip(handle)
    elif grip.kind == "middle":
        place = np.array(handle.position, float)
    else:
        return tripod_of(handle).drag(grip, at, sight)
    locked = [index for index in range(3) if index not in free]
    return Glide(sight, at, place, np.eye(3)[locked[0]] if len(locked) == 1 else None)


def _moved(handle: Handle, grip: Grip | None, change: Change) -> Handle:
    """The handle after a drag; locked numbers stay."""
    if grip is not None and grip.kind == "ring":
        return replace(handle, rotation=_turned(handle, grip.index, change))
    free = free_axes(handle)
    before = np.array(handle.vector if grip is None else handle.position, float)
    shift = np.array([change.shift[index] if index in free else 0.0 for index in range(3)])
    now = vector(before + shift)
    return replace(handle, vector=now) if grip is None else replace(handle, position=now)


def _turned(handle: Handle, index: int, change: Change) -> Vector:
    """The rotation vector after a turn. With locked components the free ones are counted on by themselves."""
    if len(free_turns(handle)) == 3:
        axis = vector(rotation_matrix(quaternion_of(handle.basis)).T @ np.array(change.axis))  # in the basis's frame
        return _in_unit(turned(_radians(handle), axis, change.angle), handle)
    values = list(_radians(handle))
    values[index] = math.remainder(values[index] + change.angle, math.tau)
    return _in_unit((values[0], values[1], values[2]), handle)


def _radians(handle: Handle) -> Vector:
    x, y, z = handle.rotation
    return (math.radians(x), math.radians(y), math.radians(z)) if handle.degrees else handle.rotation


def _in_unit(rotation: Vector, handle: Handle) -> Vector:
    x, y, z = rotation
    return (math.degrees(x), math.degrees(y), math.degrees(z)) if handle.degrees else rotation


def _tip(handle: Handle) -> Array:
    return np.array(handle.position, float) + np.array(handle.vector, float)
