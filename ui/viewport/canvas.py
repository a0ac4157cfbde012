"""The viewport's surface: paints the newest picture with its overlays, and turns mouse and keys into cameras.

It knows nothing of the render process or the scene; ui.viewport.viewport joins them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lab.render.camera import Camera, StandardView
from lab.render.messages import Color, Drawn, Hit, Shading, View
from ui.look.theme import ThemeManager, rgb
from ui.viewport.actions import make_actions
from ui.viewport.mouse import CLICK_PIXELS, Drag, Navigation, notches
from ui.viewport.overlay import AxisGizmo, ColorBar, hit_text, paint_label, paint_note, placed_image

_TURN = 10.0  # degrees, for a press of an arrow key
_SHIFT = 0.08  # of the view, for a press of an arrow key
_BUTTONS = Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton | Qt.MouseButton.MiddleButton


@dataclass(frozen=True)
class Look:
    """How the whole scene is drawn. background: sRGB, None: the theme's."""

    shading: Shading = "lit"
    wireframe: bool = False
    grid: bool = True
    axes: bool = True
    bounding_box: bool = False
    background: Color | None = None


class ViewportCanvas(QWidget):
    """Shows pictures of the camera that the mouse moves."""

    colorBarClicked = Signal(str)
    """The path of the entity whose colour bar was clicked."""
    lookChanged = Signal()
    """Shading, grid, axes or another property of the view changed."""
    fitWanted = Signal()
    """The person wants to see everything."""
    viewChanged = Signal()
    """The camera moved, or the look changed: another picture is wanted."""
    pickWanted = Signal(QPointF, str)
    """What is here? For a "click", a "pivot" (double click) or to "grab" it."""
    mouseRested = Signal()
    """The mouse moved over the picture, or away (``mouse`` is None)."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._navigation = Navigation(Camera().standard("iso"))
        self._look = Look()
        self._image: QImage | None = None
        self._shown: View | None = None
        self._note = ""
        self._hit: Hit | None = None
        self._bar: ColorBar | None = None
        self._gizmo = AxisGizmo()
        self._pressed_at: QPointF | None = None
        self.mouse: QPointF | None = None
        self.touched = False  # whether the person moved the camera since it was last fitted
        self._set_up_widget()
        self._actions: dict[str, QAction] = make_actions(self)
        self._check_actions()
        themes.changed.connect(self.viewChanged)

    def _set_up_widget(self) -> None:
        self.setObjectName("viewport")
        self.setAccessibleName("3D view")
        self.setAccessibleDescription(
            "Drag to orbit, with Shift to move; the wheel zooms. F fits the scene, 1, 3 and 7 look from its sides."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    def actions_by_name(self) -> dict[str, QAction]:
        """The viewport's actions by name, for menus and tool bars; see ui.viewport.actions."""
        return self._actions

    # --- camera ---------------------------------------------------------------------------------------------------

    @property
    def camera(self) -> Camera:
        """Where the scene is seen from."""
        return self._navigation.camera

    def set_camera(self, camera: Camera) -> None:
        """See the scene from somewhere else."""
        self._navigation.camera = camera
        self.touched = True
        self._check_actions()
        self.viewChanged.emit()

    def set_standard_view(self, name: StandardView) -> None:
        """Look at the same point from "front", "back", "left", "right", "top", "bottom" or "iso"."""
        self.set_camera(self.camera.standard(name))

    def set_orthographic(self, on: bool) -> None:
        """Parallel in place of perspective projection."""
        self.set_camera(replace(self.camera, orthographic=on))

    def zoom(self, steps: float) -> None:
        """Nearer by a number of wheel notches, to the middle of the view."""
        self._navigation.wheel(steps, self.width() / 2, self.height() / 2, *self._size())
        self._moved()

    def turn(self, right: int, up: int) -> None:
        """The camera one step around its pivot."""
        self.set_camera(self.camera.orbit(np.radians(_TURN) * right, np.radians(_TURN) * up))

    def shift(self, right: int, down: int) -> None:
        """The camera one step sideways."""
        step = _SHIFT * self.height()
        self.set_camera(self.camera.pan(-right * step, -down * step, self._size()[1]))

    def _moved(self) -> None:
        self.touched = True
        self.viewChanged.emit()

    def _size(self) -> tuple[int, int]:
        return max(1, self.width()), max(1, self.height())

    @property
    def dragging(self) -> bool:
        """Whether the person holds the view."""
        return self._navigation.dragging

    # --- look -----------------------------------------------------------------------------------------------------

    @property
    def look(self) -> Look:
        """How the whole scene is drawn."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Draw the whole scene differently."""
        if look != self._look:
            self._look = look
            self.viewChanged.emit()
        self._check_actions()
        self.lookChanged.emit()

    def set_shading(self, shading: Shading) -> None:
        """Draw surfaces "lit", "flat", by "normals", by "depth" or "unlit"."""
        self.set_look(replace(self._look, shading=shading))

    def set_wireframe(self, on: bool) -> None:
        """Edges over all meshes."""
        self.set_look(replace(self._look, wireframe=on))

    def set_grid(self, on: bool) -> None:
        """The floor under the scene."""
        self.set_look(replace(self._look, grid=on))

    def set_axes(self, on: bool) -> None:
        """The directions of x, y and z, at the top right and on the floor."""
        self.set_look(replace(self._look, axes=on))

    def set_bounding_box(self, on: bool) -> None:
        """The box around all that is visible."""
        self.set_look(replace(self._look, bounding_box=on))

    def set_background(self, color: Color | None) -> None:
        """An sRGB background in place of the theme's; None for that."""
        self.set_look(replace(self._look, background=color))

    def _check_actions(self) -> None:
        look = self._look
        states = {
            "orthographic": self.camera.orthographic,
            "wireframe": look.wireframe,
            "grid": look.grid,
            "axes": look.axes,
            "bounding box": look.bounding_box,
            look.shading: True,
        }
        for name, on in states.items():
            self._actions[name].setChecked(on)

    def view(self) -> View:
        """What the viewport shows, in device pixels."""
        ratio = self.devicePixelRatioF()
        theme, look = self._themes.theme, self._look
        return View(
            self.camera,
            max(1, round(self.width() * ratio)),
            max(1, round(self.height() * ratio)),
            look.shading,
            look.wireframe,
            look.grid,
            look.axes,
            look.bounding_box,
            look.background or rgb(theme.viewport),
            rgb(theme.grid) if look.background is None else None,
            ratio,
        )

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
        known = self._hit.position if self._hit is not None else None
        self._navigation.press(drag, at.x(), at.y(), known)
        if known is None and drag != "orbit":
            self.pickWanted.emit(at, "grab")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        moved = self.mouse is None or self.mouse != at
        self.mouse = at
        if self._navigation.dragging:
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
        self._navigation.release()
        pressed, self._pressed_at = self._pressed_at, None
        at = event.position()
        if pressed is None or (at - pressed).manhattanLength() > CLICK_PIXELS:
            return
        if event.button() == Qt.MouseButton.LeftButton and not self._click_overlay(at):
            self.pickWanted.emit(at, "click")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._over_overlay(event.position()):
            self.pickWanted.emit(event.position(), "pivot")

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.angleDelta().x()
        at = event.position()
        self._navigation.wheel(notches(delta), at.x(), at.y(), *self._size())
        event.accept()
        self._moved()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            at = event.position()
            factor = 1 / max(0.1, 1 + event.value())
            self._navigation.zoom(factor, at.x(), at.y(), *self._size())
            self._moved()
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.mouse = None
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
        shape = Qt.CursorShape.PointingHandCursor if self._over_overlay(at) else Qt.CursorShape.ArrowCursor
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
