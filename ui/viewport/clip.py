"""The clipping plane: cuts the scene open, and can be dragged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from lab.render.camera import Camera
from lab.scene import Array
from ui.scene.model import SceneModel
from ui.viewport.drags import Drag, Pixel, Sight, across
from ui.viewport.extent import visible_points
from ui.viewport.grips import Grip, Tripod
from ui.viewport.layers import Ink, Layer

ClipAxis = Literal["x", "y", "z", "view"]
AXES: tuple[ClipAxis, ...] = ("x", "y", "z", "view")
Plane = tuple[float, float, float, float]

_MARGIN = 0.01  # of the scene's size, by which the plane may stand outside it
_ARROW = Grip("arrow", 2)


class ClipPlane(QObject):
    """Where the scene is cut, for all its viewports.

    The plane stands across ``normal`` at ``offset`` metres from the world's origin. What lies beyond it (on the side
    that the normal points to) is cut away, or with ``flipped`` what lies before it.
    """

    changed = Signal()

    def __init__(self, scene: SceneModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._on = False
        self._flipped = False
        self._axis: ClipAxis = "x"
        self._normal = np.eye(3)[0]
        self._offset = 0.0
        self._limits = (-1.0, 1.0)
        self._box: tuple[Array, Array] = (-np.ones(3), np.ones(3))
        self._placed = False
        self.camera: Callable[[], Camera] = Camera
        for signal in (scene.added, scene.removed, scene.changed):
            signal.connect(self._on_scene)

    @property
    def on(self) -> bool:
        """Whether anything is cut."""
        return self._on

    @property
    def axis(self) -> ClipAxis:
        """What the plane stands across: a world axis, or the view as it was when that was chosen."""
        return self._axis

    @property
    def normal(self) -> Array:
        """(3,) unit, world."""
        return self._normal

    @property
    def offset(self) -> float:
        """Metres from the world's origin to the plane, along the normal."""
        return self._offset

    @property
    def limits(self) -> tuple[float, float]:
        """The offsets between which the plane meets the scene."""
        return self._limits

    @property
    def flipped(self) -> bool:
        """Whether the other side is cut away."""
        return self._flipped

    def plane(self) -> Plane | None:
        """(nx, ny, nz, d) of lab.render.messages.View.clip: n · x + d >= 0 is kept. None while nothing is cut."""
        if not self._on:
            return None
        sign = 1.0 if self._flipped else -1.0
        nx, ny, nz = (sign * float(value) for value in self._normal)
        return nx, ny, nz, -sign * self._offset

    def set_on(self, on: bool) -> None:
        """Cut the scene, or show it whole."""
        if on == self._on:
            return
        self._on = on
        if on:
            self._measure()
            if not self._placed:
                self._offset = sum(self._limits) / 2
                self._placed = True
        self.changed.emit()

    def set_axis(self, axis: ClipAxis) -> None:
        """Stand across another axis, through the middle of the scene; "view": across the view as it is now."""
        self._axis = axis
        normal = self.camera().axes[:, 2] if axis == "view" else np.eye(3)[AXES.index(axis)]
        self._normal = np.array(normal, float)
        self._measure()
        self._offset = sum(self._limits) / 2
        self._placed = True
        self.changed.emit()

    def set_offset(self, metres: float) -> None:
        """Move the plane along its normal, within the scene."""
        low, high = self._limits
        metres = min(max(metres, low), high)
        if metres != self._offset:
            self._offset = metres
            self._placed = True
            self.changed.emit()

    def flip(self) -> None:
        """Cut the other side away."""
        self._flipped = not self._flipped
        self.changed.emit()

    def outline(self) -> Array:
        """(4, 3): the corners of a rectangle in the plane that covers the scene, in order."""
        lower, upper = self._box
        first, second = across(self._normal)
        corners = np.array(np.meshgrid(*zip(lower, upper, strict=True), indexing="ij")).reshape(3, -1).T
        middle = (lower + upper) / 2
        middle = middle + self._normal * (self._offset - float(middle @ self._normal))
        wide, high = (float(np.abs((corners - middle) @ axis).max()) * 1.05 for axis in (first, second))
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return np.array([middle + first * (wide * a) + second * (high * b) for a, b in signs])

    def _measure(self) -> None:
        points = visible_points([self._scene])
        if not len(points):
            return
        self._box = points.min(axis=0), points.max(axis=0)
        along = points @ self._normal
        margin = _MARGIN * float(np.linalg.norm(self._box[1] - self._box[0]))
        self._limits = (float(along.min()) - margin, float(along.max()) + margin)

    def _on_scene(self, *_: object) -> None:
        if self._on:
            self._measure()
            self.changed.emit()
        elif not len(self._scene):
            self._placed = False


class ClipLayer(Layer):
    """The plane's outline and the arrow that drags it, in one viewport."""

    def __init__(self, clip: ClipPlane) -> None:
        self._clip = clip
        self._hot = False
        self._held: tuple[Drag, float] | None = None
        clip.changed.connect(self._on_changed)

    def close(self) -> None:
        """The viewport goes."""
        self._clip.changed.disconnect(self._on_changed)

    def _on_changed(self) -> None:
        self.repaint()

    def _tripod(self) -> Tripod:
        first, second = across(self._clip.normal)
        axes = np.stack([first, second, self._clip.normal], axis=1)
        return Tripod(self._clip.outline()[2], axes, (_ARROW,))

    def hover(self, at: Pixel | None, sight: Sight) -> Qt.CursorShape | None:
        hot = at is not None and self._clip.on and self._tripod().grip_at(at, sight) is not None
        if hot != self._hot:
            self._hot = hot
            self.repaint()
        return Qt.CursorShape.OpenHandCursor if hot else None

    def press(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        if not self._clip.on or self._tripod().grip_at(at, sight) is None:
            return False
        self._held = (self._tripod().drag(_ARROW, at, sight), self._clip.offset)
        return True

    def drag(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> None:
        if self._held is not None:
            drag, before = self._held
            change = drag.to(at, bool(modifiers & Qt.KeyboardModifier.ControlModifier))
            self._clip.set_offset(before + float(np.array(change.shift) @ self._clip.normal))

    def release(self) -> None:
        self._held = None

    def cancel(self) -> bool:
        held, self._held = self._held, None
        if held is not None:
            self._clip.set_offset(held[1])
        return held is not None

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        if not self._clip.on:
            return
        pixels, _ = sight.project(self._clip.outline())
        color = QColor(ink.theme.accent)
        if np.isfinite(pixels).all():
            fill = QColor(color)
            fill.setAlphaF(0.05)
            painter.setPen(QPen(color, 1.2))
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in pixels.tolist()]))
        self._paint_arrow(painter, sight, ink)

    def _paint_arrow(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        axis = {"x": 0, "y": 1, "z": 2}.get(self._clip.axis)
        tripod = self._tripod()
        color = QColor(ink.theme.accent) if axis is None else ink.axis(axis)
        tripod.paint_one(_ARROW, painter, sight, ink, ink.hot if self._hot else color)
