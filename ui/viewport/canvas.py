"""The viewport's face: paints the newest picture with what lies over it, and gives the mouse to layers and camera.

It knows nothing of the render process or the scene; ui.viewport.viewport joins them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lab.render.messages import Drawn, Hit, View
from lab.study import Handle, Label
from ui.look.theme import ThemeManager
from ui.viewport.drags import Pixel
from ui.viewport.handles import HandleLayer
from ui.viewport.labels import LabelLayer
from ui.viewport.layers import Ink, LayerStack
from ui.viewport.mouse import CLICK_PIXELS, Drag, notches
from ui.viewport.overlay import AxisGizmo, ColorBar, hit_text, paint_label, paint_note, placed_image
from ui.viewport.surface import Look, ViewportSurface

__all__ = ["Look", "ViewportCanvas"]

_BUTTONS = Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton | Qt.MouseButton.MiddleButton


class ViewportCanvas(ViewportSurface):
    """Shows pictures of the camera that the mouse moves."""

    colorBarClicked = Signal(str)
    """The path of the entity whose colour bar was clicked."""
    pickWanted = Signal(QPointF, str)
    """What is here? For a "click", a "pivot" (double click) or to "grab" it."""
    mouseRested = Signal()
    """The mouse moved over the picture, or away (``mouse`` is None)."""
    handleTaken = Signal(str, dict)
    """(key of the handle, the parameters that this sets): the person took hold of a handle."""
    handleMoved = Signal(str, dict)
    """(key of the handle, name of a number parameter -> its value), while the person drags it."""
    handleReleased = Signal(str)
    """The person let go of a handle."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._image: QImage | None = None
        self._shown: View | None = None
        self._note = ""
        self._hit: Hit | None = None
        self._bar: ColorBar | None = None
        self._gizmo = AxisGizmo()
        self._pressed_at: QPointF | None = None
        self.mouse: QPointF | None = None
        self.layers = LayerStack(self.update)
        self._labels, self._handles = LabelLayer(), HandleLayer(self)
        for layer in (self._labels, self._handles):
            self.layers.add(layer)
        self._handles.taken.connect(self.handleTaken)
        self._handles.moved.connect(self.handleMoved)
        self._handles.released.connect(self.handleReleased)

    # --- what lies over the picture ---------------------------------------------------------------------------------

    def set_labels(self, labels: Sequence[Label]) -> None:
        """Words at places of the world."""
        self._labels.set_labels(labels)

    def set_handles(self, handles: Sequence[Handle]) -> None:
        """What the person can drag. One that is held stays in the hand until it is let go."""
        self._handles.set_handles(handles)

    @property
    def busy(self) -> bool:
        """Whether the person holds the view or something in it."""
        return self.dragging or self.layers.holding

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_picture(self, drawn: Drawn) -> None:
        """The newest picture, in place of any note."""
        height, width = drawn.pixels.shape[:2]
        rows = np.ascontiguousarray(drawn.pixels)
        image = QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._image = image.convertToFormat(QImage.Format.Format_RGB32)  # a copy, and painted twice as fast
        self._shown = drawn.view
        self._note = ""
        self.update()

    def show_note(self, text: str) -> None:
        """Dim the picture and say why."""
        self._note = text
        self.update()

    @property
    def note(self) -> str:
        """What is said over the dimmed picture, or ""."""
        return self._note

    def show_hit(self, hit: Hit | None) -> None:
        """What lies under the mouse."""
        self._navigation.anchor(None if hit is None else hit.position)
        if hit is not self._hit:
            self._hit = hit
            self.update()

    def show_bar(self, bar: ColorBar | None) -> None:
        """The scale of the colours."""
        if bar != self._bar:
            self._bar = bar
            self.update()

    def found(self, hit: Hit) -> None:
        """What lies where the person began to drag."""
        self._navigation.found(hit.position)

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        self._pressed_at = at
        drag = _drag_of(event)
        if drag is None or self._over_overlay(at):
            return
        if drag == "orbit" and self.layers.press(_pixel(at), self.sight(), event.modifiers()):
            self._pressed_at = None
            self.show_hit(None)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif not self.locked:
            self._begin(drag, at)

    def _begin(self, drag: Drag, at: QPointF) -> None:
        """The mouse takes the camera."""
        known = self._hit.position if self._hit is not None else None
        self._navigation.press(drag, at.x(), at.y(), known)
        if known is None and drag != "orbit":
            self.pickWanted.emit(at, "grab")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        moved = self.mouse is None or self.mouse != at
        self.mouse = at
        if self.layers.holding:
            self.layers.drag(_pixel(at), self.sight(), event.modifiers())
        elif self._navigation.dragging:
            if self._navigation.move(at.x(), at.y(), *self._size()):
                self.show_hit(None)
                self._moved()
        elif moved:
            self._navigation.anchor(None)
            self._set_cursor(at)
            self.mouseRested.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & _BUTTONS:
            return
        at = event.position()
        if self.layers.holding:
            self.layers.release()
            self._set_cursor(at)
        self._navigation.release()
        pressed, self._pressed_at = self._pressed_at, None
        if pressed is None or (at - pressed).manhattanLength() > CLICK_PIXELS:
            return
        if event.button() != Qt.MouseButton.LeftButton or self._click_overlay(at):
            return
        if not self.layers.click(_pixel(at), self.sight(), event.modifiers()):
            self.pickWanted.emit(at, "click")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if event.button() != Qt.MouseButton.LeftButton or self._over_overlay(at):
            return
        if self.layers.double_click(_pixel(at), self.sight()):
            return
        if self.layers.press(_pixel(at), self.sight(), event.modifiers()):  # two quick drags of a handle
            self.show_hit(None)
        elif not self.locked:
            self.pickWanted.emit(at, "pivot")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels what is held; Del deletes what a layer has to delete."""
        if event.key() == Qt.Key.Key_Escape and self.layers.cancel():
            self._set_cursor(self.mouse or QPointF(-1, -1))
            return
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.layers.delete():
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self.locked:
            return
        delta = event.angleDelta().y() or event.angleDelta().x()
        at = event.position()
        self._navigation.wheel(notches(delta), at.x(), at.y(), *self._size())
        self._moved()

    def event(self, event: QEvent) -> bool:
        pinch = isinstance(event, QNativeGestureEvent) and not self.locked
        if pinch and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            at = event.position()
            factor = 1 / max(0.1, 1 + event.value())
            self._navigation.zoom(factor, at.x(), at.y(), *self._size())
            self._moved()
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.mouse = None
        self.layers.hover(None, self.sight())
        self.mouseRested.emit()
        super().leaveEvent(event)

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._themes.theme
        width, height = float(self.width()), float(self.height())
        background = self._look.background
        painter.fillRect(self.rect(), QColor(theme.viewport) if background is None else QColor.fromRgbF(*background))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            shown = self._shown or self.view()
            painter.drawImage(placed_image(shown.width, shown.height, width, height), self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.layers.paint(painter, self.sight(), Ink(theme, self.font()))
        if self._look.axes:
            self._gizmo.paint(painter, theme, self.camera, width)
        if self._bar is not None:
            self._bar.paint(painter, theme, self.font(), width, height)
        if self._hit is not None:
            room = width - (self._bar.rect(self.font(), width, height).width() + 16 if self._bar is not None else 0)
            paint_label(painter, theme, self.font(), hit_text(self._hit), room, height)
        if self._note:
            paint_note(painter, theme, self.font(), self._note, width, height)
        painter.end()

    def _bar_rect(self) -> QRectF:
        return QRectF() if self._bar is None else self._bar.rect(self.font(), self.width(), self.height())

    def _over_overlay(self, at: QPointF) -> bool:
        on_gizmo = self._look.axes and self._gizmo.side_at(at, self.camera, self.width()) is not None
        return on_gizmo or self._bar_rect().contains(at)

    def _click_overlay(self, at: QPointF) -> bool:
        """Act on a click on the gizmo or the colour bar; False where there is neither."""
        side = self._gizmo.side_at(at, self.camera, self.width()) if self._look.axes else None
        if side is not None:
            self.set_standard_view(side)
            return True
        if self._bar is not None and self._bar_rect().contains(at):
            self.colorBarClicked.emit(self._bar.path)
            return True
        return False

    def _set_cursor(self, at: QPointF) -> None:
        over = self._over_overlay(at)
        taken = self.layers.hover(None if over else _pixel(at), self.sight())
        shape = Qt.CursorShape.PointingHandCursor if over else taken or Qt.CursorShape.ArrowCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)


def _drag_of(event: QMouseEvent) -> Drag | None:
    """Left orbits, middle or Shift and left pans, right zooms."""
    button = event.button()
    if button == Qt.MouseButton.LeftButton:
        return "pan" if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else "orbit"
    if button == Qt.MouseButton.MiddleButton:
        return "pan"
    return "zoom" if button == Qt.MouseButton.RightButton else None


def _pixel(at: QPointF) -> Pixel:
    return at.x(), at.y()
