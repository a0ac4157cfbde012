"""The photo with its mask over it: zoomed by the wheel, painted with the left button."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lab.photo.paint import Box
from lab.scene import Array
from ui.look.theme import Theme, ThemeManager
from ui.masks.editor import MaskEditor
from ui.masks.veil import Veil
from ui.studies.panes.zoom import Placement

Tool = Literal["brush", "eraser", "fill", "unfill"]

_NOTCH = 120.0
_STEP = 1.25  # magnification of one notch of the wheel
_TINT, _EDGE = QColor(255, 45, 170, 105), QColor(255, 255, 255, 235)  # over photos of any colour
_MARGIN = 2  # screen pixels around a change: the outline, and rounding


class MaskCanvas(QWidget):
    """Shows a photo and its mask, and paints with ``tool`` and ``radius`` (pixels of the photo).

    The other mouse buttons, and the left one while the space bar is held, move the photo.
    """

    clicked = Signal(int, int, bool)
    """(row, column) of a fill, and whether it sets the mask."""
    pointed = Signal(str)
    """What is under the pointer, "" for nothing."""

    def __init__(self, levels: tuple[Array, ...], editor: MaskEditor, themes: ThemeManager) -> None:
        super().__init__()
        self.editor = editor
        self.tool: Tool = "brush"
        self.radius = 20.0
        self._levels = levels  # kept, as the images share their memory
        self._images = [_image(level) for level in levels]
        self._themes = themes
        self._placement = Placement.fit(self._size(), (1.0, 1.0))
        self._ground: QPixmap | None = None  # the photo as it lies on the screen now
        self._veil: Veil | None = None
        self._veil_image = QImage()
        self._veiled = True
        self._panning: QPointF | None = None
        self._space = False
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 240)
        self.setAccessibleName("Photo and mask")
        self.setAccessibleDescription("Paint with the left mouse button. The wheel zooms, the right button moves.")
        self._show_cursor()
        editor.changed.connect(self._on_changed)
        themes.changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    @property
    def placement(self) -> Placement:
        """Where the photo lies."""
        return self._placement

    def set_tool(self, tool: Tool) -> None:
        """Paint with another tool."""
        self.tool = tool
        self._show_cursor()
        self.update()

    def set_radius(self, radius: float) -> None:
        """Paint with another brush; pixels of the photo."""
        self.radius = radius
        self.update()

    def set_veiled(self, veiled: bool) -> None:
        """Show the mask over the photo, or the photo alone."""
        self._veiled = veiled
        self.update()

    # --- where it lies ----------------------------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        height, width = self.editor.mask.shape
        return width, height

    def show_whole(self) -> None:
        """All of the photo."""
        self._set(Placement.fit(self._size(), self._room()))

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """Magnify by ``steps`` notches of the wheel around a place, or the middle."""
        at = at or QPointF(self.width() / 2, self.height() / 2)
        self._set(self._placement.zoomed(_STEP**steps, at.x(), at.y()))

    def _room(self) -> tuple[float, float]:
        return max(1.0, float(self.width())), max(1.0, float(self.height()))

    def _set(self, placement: Placement) -> None:
        if placement != self._placement:
            self._placement = placement
            self._ground = self._veil = None
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ground = self._veil = None
        self._set(self._placement.resized(self._size(), self._room()))

    # --- mouse and keys ---------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom((event.angleDelta().y() or event.angleDelta().x()) / _NOTCH, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._space:
            if not self.editor.painting:
                self._panning = event.position()
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.tool in ("brush", "eraser"):
            self._paint_to(event.position())
        else:
            x, y = (math.floor(side) for side in self._photo_place(event.position()))
            width, height = self._size()
            if 0 <= x < width and 0 <= y < height:
                self.clicked.emit(y, x, self.tool == "fill")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        self._move_pointer(at)
        if self._panning is not None:
            shift = at - self._panning
            self._panning = at
            self._set(self._placement.panned(shift.x(), shift.y()))
        elif self.editor.painting:
            self._paint_to(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._panning = None
            self._show_cursor()
        if event.button() == Qt.MouseButton.LeftButton:
            self.editor.end_stroke()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_cursor()
        elif event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._move_pointer(None)

    def focusOutEvent(self, event: QEvent) -> None:
        self._space = False
        self._show_cursor()

    def _paint_to(self, at: QPointF) -> None:
        self.editor.paint_to(self._photo_place(at), self.radius, self.tool == "brush")

    def _photo_place(self, at: QPointF) -> tuple[float, float]:
        return self._placement.to_picture(at.x(), at.y())

    def _move_pointer(self, at: QPointF | None) -> None:
        before, self._pointer = self._pointer, at
        for place in (before, at):
            if place is not None and self.tool in ("brush", "eraser"):
                self.update(self._ring(place).adjusted(-2, -2, 2, 2).toAlignedRect())
        if at is not None:
            x, y = (math.floor(side) for side in self._photo_place(at))
            width, height = self._size()
            inside = 0 <= x < width and 0 <= y < height
            where = ("in the mask" if self.editor.mask[y, x] else "not in the mask") if inside else ""
            self.pointed.emit(f"x {x}  y {y}   {where}" if inside else "")
        else:
            self.pointed.emit("")

    def _show_cursor(self) -> None:
        brush = self.tool in ("brush", "eraser")
        self.setCursor(Qt.CursorShape.BlankCursor if brush else Qt.CursorShape.CrossCursor)

    # --- painting ---------------------------------------------------------------------------------------------------

    def _dress(self, _theme: Theme) -> None:
        self._ground = None
        self.update()

    def _on_changed(self, box: Box) -> None:
        """Only what a change touches is worked out and drawn anew."""
        left, top = self._placement.to_widget(box.left, box.top)
        right, bottom = self._placement.to_widget(box.right, box.bottom)
        if self._veil is not None:
            ratio = self.devicePixelRatioF()
            first = math.floor(top * ratio) - _MARGIN, math.floor(left * ratio) - _MARGIN
            last = math.ceil(bottom * ratio) + _MARGIN, math.ceil(right * ratio) + _MARGIN
            self._veil.show(self.editor.mask, (*first, *last))
        margins = (-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        self.update(QRectF(left, top, right - left, bottom - top).toAlignedRect().adjusted(*margins))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        if self._ground is None:
            self._ground = self._draw_ground()
        painter.drawPixmap(0, 0, self._ground)
        if self._veiled:
            self._paint_veil(painter, event.rect())
        if self._pointer is not None and self._panning is None and self.tool in ("brush", "eraser"):
            self._paint_brush(painter, self._pointer)

    def _draw_ground(self) -> QPixmap:
        """The photo, from the smallest of its sizes that has a pixel for each of the screen's."""
        ratio = self.devicePixelRatioF()
        wanted = self._placement.scale * ratio
        choice = max(0, min(len(self._images) - 1, math.floor(math.log2(1 / wanted)) if wanted < 1 else 0))
        image = self._images[choice]
        ground = QPixmap(self.size() * ratio)
        ground.setDevicePixelRatio(ratio)
        ground.fill(QColor(self._themes.theme.viewport))
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, wanted < 2)
        width, height = self._size()
        scale = self._placement.scale
        place = QRectF(self._placement.left, self._placement.top, scale * width, scale * height)
        seen = place & QRectF(self.rect())
        shrink_x, shrink_y = image.width() / width, image.height() / height
        source = QRectF(
            (seen.left() - place.left()) / scale * shrink_x,
            (seen.top() - place.top()) / scale * shrink_y,
            seen.width() / scale * shrink_x,
            seen.height() / scale * shrink_y,
        )
        painter.drawImage(seen, image, source)
        painter.end()
        return ground

    def _paint_veil(self, painter: QPainter, rect: QRect) -> None:
        ratio = self.devicePixelRatioF()
        if self._veil is None:
            self._veil = Veil(self._placement, ratio)
            self._veil.show(self.editor.mask)
            height, width = self._veil.pixels.shape
            image = QImage(self._veil.pixels.data, width, height, width, QImage.Format.Format_Indexed8)
            image.setColorTable([QColor(0, 0, 0, 0).rgba(), _TINT.rgba(), _EDGE.rgba()])
            self._veil_image = image
        target = QRectF(rect)
        source = QRectF(target.x() * ratio, target.y() * ratio, target.width() * ratio, target.height() * ratio)
        painter.drawImage(target, self._veil_image, source)

    def _ring(self, at: QPointF) -> QRectF:
        reach = max(1.5, self.radius * self._placement.scale)
        return QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)

    def _paint_brush(self, painter: QPainter, at: QPointF) -> None:
        """A ring as large as the brush, dark in light so that it can be seen on any photo."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.SolidLine if self.tool == "brush" else Qt.PenStyle.DashLine
        for pen in (QPen(QColor(0, 0, 0, 200), 3), QPen(QColor("#ffffff"), 1.4, style)):
            painter.setPen(pen)
            painter.drawEllipse(self._ring(at))


def _image(level: Array) -> QImage:
    """(H, W, 4) uint8 in the order of the screen as a picture that shares its memory."""
    height, width = level.shape[:2]
    return QImage(level.data, width, height, 4 * width, QImage.Format.Format_RGB32)
