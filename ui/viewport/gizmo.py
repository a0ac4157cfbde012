"""The transform gizmo: moves, turns and scales the selected object of the scene."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter

from lab.render.camera import about, rotation_matrix
from lab.scene import Array
from ui.scene.model import SceneModel
from ui.scene.motion import Motion
from ui.scene.mover import Mover
from ui.viewport.drags import Change, Drag, Pixel, Sight, vector
from ui.viewport.grips import Grip, Tripod, grips
from ui.viewport.layers import Ink, Layer

Mode = Literal["select", "move", "rotate", "scale"]
MODES: tuple[Mode, ...] = ("select", "move", "rotate", "scale")
_GRIPS: dict[Mode, tuple[Grip, ...]] = {
    "select": (),
    "move": grips(("arrow", "square", "middle")),
    "rotate": grips(("ring",)),
    "scale": grips(("size",)),
}


class TransformTool(QObject):
    """What the gizmo stands at and does, for all viewports of a scene."""

    changed = Signal()
    """Another mode, another object, or it moved: paint anew."""
    dragged = Signal(object)
    """The Motion that the person is dragging; None when they let go."""

    def __init__(self, scene: SceneModel, mover: Mover, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._mover = mover
        self._mode: Mode = "select"
        self.motion: Motion | None = None
        scene.selectionChanged.connect(self._on_selected)
        scene.changed.connect(self._on_changed)
        mover.progressed.connect(lambda *_: self.changed.emit())

    @property
    def mode(self) -> Mode:
        """What a drag does."""
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Show other grips."""
        self.cancel()
        self._mode = mode
        self._on_selected()

    @property
    def path(self) -> str | None:
        """The object that the gizmo stands at; None for none, or for one that cannot be moved."""
        selected = self._scene.selected
        usable = selected is not None and self._mover.movable(selected) is not None
        return selected if usable and selected is not None and self._scene.entry(selected).style.visible else None

    def pivot(self) -> Array | None:
        """(3,) world: the middle of the object's bounds, where the gizmo stands while nothing is dragged."""
        return self._mover.middle(self.path)

    @property
    def ready(self) -> bool:
        """Whether a drag may begin."""
        return not self._mover.busy

    def drag(self, change: Change, pivot: Array) -> None:
        """The drag is so far."""
        rotation = rotation_matrix(about(change.axis, change.angle)) if change.angle else np.eye(3)
        self.motion = Motion(vector(pivot), change.shift, rotation, change.factor)
        if self.path is not None:
            self._mover.preview(self.path, self.motion)
        self.dragged.emit(self.motion)
        self.changed.emit()

    def commit(self) -> None:
        """The person let go: move the object."""
        motion, self.motion = self.motion, None
        if motion is not None and self.path is not None:
            self._mover.apply(self.path, motion)
        self.dragged.emit(None)
        self.changed.emit()

    def cancel(self) -> bool:
        """Leave the object where it was. Returns whether it was being dragged."""
        was, self.motion = self.motion is not None, None
        if was and self.path is not None:
            self._mover.cancel(self.path)
        if was:
            self.dragged.emit(None)
            self.changed.emit()
        return was

    def _on_selected(self, *_: object) -> None:
        if self._mode != "select" and self.path is not None:
            self._mover.prepare(self.path)
        self.changed.emit()

    def _on_changed(self, path: str) -> None:
        if path == self._scene.selected:
            self.changed.emit()


class GizmoLayer(Layer):
    """The gizmo in one viewport."""

    def __init__(self, tool: TransformTool) -> None:
        self._tool = tool
        self._hot: Grip | None = None
        self._held: tuple[Drag, Array] | None = None
        self._at: Pixel = (0.0, 0.0)
        tool.changed.connect(self._on_changed)

    def close(self) -> None:
        """The viewport goes."""
        self._tool.changed.disconnect(self._on_changed)

    def _on_changed(self) -> None:
        self.repaint()

    def _tripod(self) -> Tripod | None:
        pivot = self._tool.pivot() if self._tool.mode != "select" else None
        if pivot is None:
            return None
        shift = np.zeros(3) if self._tool.motion is None else np.array(self._tool.motion.shift)
        return Tripod(pivot + shift, np.eye(3), _GRIPS[self._tool.mode])

    def hover(self, at: Pixel | None, sight: Sight) -> Qt.CursorShape | None:
        tripod = self._tripod() if at is not None and self._tool.ready else None
        hot = tripod.grip_at(at, sight) if tripod is not None and at is not None else None
        if hot != self._hot:
            self._hot = hot
            self.repaint()
        return None if hot is None else Qt.CursorShape.OpenHandCursor

    def press(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        tripod = self._tripod() if self._tool.ready else None
        grip = tripod.grip_at(at, sight) if tripod is not None else None
        if tripod is None or grip is None:
            return False
        self._hot, self._at = grip, at
        self._held = (tripod.drag(grip, at, sight), tripod.position)
        return True

    def drag(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> None:
        if self._held is not None:
            self._at = at
            drag, pivot = self._held
            self._tool.drag(drag.to(at, bool(modifiers & Qt.KeyboardModifier.ControlModifier)), pivot)

    def release(self) -> None:
        if self._held is not None:
            self._held = None
            self._tool.commit()

    def cancel(self) -> bool:
        held, self._held = self._held is not None, None
        return self._tool.cancel() or held

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        tripod = self._tripod()
        if tripod is None:
            return
        painter.save()
        if not self._tool.ready:
            painter.setOpacity(0.35)
        tripod.paint(painter, sight, ink, self._hot)
        painter.restore()
        motion = self._tool.motion
        if motion is not None and self._held is not None:
            ink.plate(painter, (self._at[0], max(20.0, self._at[1] - 30)), amount(motion), QColor(ink.theme.text))


def amount(motion: Motion) -> str:
    """A motion in words: "+0.250, 0, −0.100 m", "45.0°" or "× 1.25"."""
    if motion.factor != 1.0:
        return f"× {motion.factor:.3f}"
    cosine = (float(np.trace(motion.rotation)) - 1) / 2
    if cosine < 1.0 - 1e-15:
        sine = np.linalg.norm(motion.rotation - motion.rotation.T) / (2 * np.sqrt(2.0))
        return f"{np.degrees(np.arctan2(sine, cosine)):.1f}°"
    numbers = ", ".join(f"{value:+.3f}" if value else "0" for value in motion.shift)
    length = float(np.linalg.norm(motion.shift))
    return f"{numbers} m  ({length:.3f} m)".replace("-", "\N{MINUS SIGN}")
