"""The picture pane: fitted, zoomed by the wheel, crisp when magnified; it tells the pixel under the pointer."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent

from lab.study import Mark, Pane, Picture
from ui.look.theme import Theme, ThemeManager, hex_of
from ui.look.units import significant
from ui.studies.panes.body import PaneBody, copy_image, pixels_image
from ui.studies.panes.zoom import Placement

_NOTCH = 120.0
_STEP = 1.25  # magnification of one notch of the wheel
_INSIDE = 1e-3  # of a pixel: so far from the far edge the last pixel is still the one that is meant
_ARM = 7.0  # px, half a mark
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PicturePane(PaneBody):
    """Shows a Picture. With ``pane.point`` the left button chooses a pixel, and another one moves the picture."""

    copy_tip = "Copy the picture, at its own size"
    save_tip = "Save the picture, at its own size"

    def __init__(self, pane: Pane, themes: ThemeManager) -> None:
        super().__init__(pane, themes)
        self._image: QImage | None = None
        self._placement = Placement.fit((0, 0), (1.0, 1.0))
        self._pointing = False
        self._panning: QPointF | None = None
        self._point: tuple[float, float] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(96, 72)
        self.setAccessibleName(pane.title)
        moves = "Arrow keys move the chosen pixel. " if pane.point else ""
        self.setAccessibleDescription(f"{moves}Plus and minus zoom, 0 shows the whole picture.")
        self._show_cursor()
        themes.changed.connect(self._dress)

    def _dress(self, theme: Theme) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    @property
    def placement(self) -> Placement:
        """Where the picture lies in the pane."""
        return self._placement

    def apply(self, content: Picture, before: Picture | None) -> None:
        if before is None or content.pixels is not before.pixels or content.size != before.size:
            self._image = pixels_image(content.pixels)
            self._place()
        if content.marks:
            self._point = content.marks[0].x, content.marks[0].y
        self.update()

    def copy(self) -> None:
        if self.content is not None:
            copy_image(self.content.pixels)
            self.copied.emit("Picture copied")

    def save(self) -> None:
        if self.content is not None:
            self.saveWanted.emit(self.content.pixels)

    def show_whole(self) -> None:
        """All of the picture again."""
        self._set(Placement.fit(self._size(), self._room()))

    # --- where it lies --------------------------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        return (0, 0) if self._image is None else self.content.size

    def _room(self) -> tuple[float, float]:
        return max(1.0, float(self.width())), max(1.0, float(self.height()))

    def _place(self) -> None:
        self._set(self._placement.resized(self._size(), self._room()))

    def _set(self, placement: Placement) -> None:
        if placement != self._placement:
            self._placement = placement
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        at = event.position()
        self._set(self._placement.zoomed(_STEP ** (turn / _NOTCH), at.x(), at.y()))
        self._tell(at)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if left and self.pane.point and not shift:
            self._pointing = True
            self._choose(event.position())
        else:
            self._panning = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pointing:
            self._choose(at)
        elif self._panning is not None:
            shift = at - self._panning
            self._panning = at
            self._set(self._placement.panned(shift.x(), shift.y()))
        self._tell(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._panning = None
        self._show_cursor()
        if self._pointing:
            self._pointing = False
            self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.pane.point:
            self.mousePressEvent(event)
        else:
            self.show_whole()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = self.width() / 2, self.height() / 2
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._set(self._placement.zoomed(_STEP, *middle))
        elif event.key() == Qt.Key.Key_Minus:
            self._set(self._placement.zoomed(1 / _STEP, *middle))
        elif event.key() == Qt.Key.Key_0:
            self.show_whole()
        elif event.key() in _ARROWS and self.pane.point:
            self._nudge(*_ARROWS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.readout.emit("")
        super().leaveEvent(event)

    def _show_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.CrossCursor if self.pane.point else Qt.CursorShape.ArrowCursor)

    def _nudge(self, right: int, down: int) -> None:
        width, height = self._size()
        x, y = self._point or (width / 2, height / 2)
        self._want(x + right, y + down)
        self.released.emit()

    def _choose(self, at: QPointF) -> None:
        self._want(*self._placement.to_picture(at.x(), at.y()))

    def _want(self, x: float, y: float) -> None:
        """Ask for the pixel at (x, y), or the nearest one of the picture."""
        width, height = self._size()
        if self.pane.point is None or not width or not height:
            return
        self._point = min(max(x, 0.0), width - _INSIDE), min(max(y, 0.0), height - _INSIDE)
        named = zip(self.pane.point, self._point, strict=True)
        self.valuesWanted.emit({name: value for name, value in named if name})

    def _tell(self, at: QPointF) -> None:
        x, y = (math.floor(c) for c in self._placement.to_picture(at.x(), at.y()))
        width, height = self._size()
        self.readout.emit(pixel_text(self.content, x, y) if 0 <= x < width and 0 <= y < height else "")

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.themes.theme.viewport))
        if self._image is not None and not self._image.isNull():
            place = self._placement
            width, height = place.size
            crisp = place.scale * width / self._image.width() * self.devicePixelRatioF() >= 1.0
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not crisp)
            target = QRectF(place.left, place.top, place.scale * width, place.scale * height)
            painter.drawImage(target, self._image, QRectF(self._image.rect()))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for mark in self.content.marks:
                self._paint_mark(painter, mark)
        painter.end()

    def _paint_mark(self, painter: QPainter, mark: Mark) -> None:
        """A cross, open in its middle so that the pixel itself can be seen; a dark edge sets it off from any ground."""
        x, y = self._placement.to_widget(mark.x, mark.y)
        gap = min(3.0, _ARM / 2)
        color = QColor(hex_of(mark.color) if mark.color else "#ffffff")
        for pen in (QPen(QColor(0, 0, 0, 190), 3.5), QPen(color, 1.6)):
            painter.setPen(pen)
            for dx, dy in _ARROWS.values():
                painter.drawLine(QPointF(x + dx * gap, y + dy * gap), QPointF(x + dx * _ARM, y + dy * _ARM))
        if mark.label:
            self._paint_label(painter, mark.label, x, y, color)

    def _paint_label(self, painter: QPainter, text: str, x: float, y: float, color: QColor) -> None:
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 2
        left = x + _ARM + 2 if x + _ARM + 2 + width <= self.width() else x - _ARM - 2 - width
        top = min(max(0.0, y - height / 2), self.height() - height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        box = QRectF(left, top, width, height)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(color)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def pixel_text(picture: Picture, x: int, y: int) -> str:
    """What the pixel in column x of row y holds: its value where there is one, else its colour."""
    (height, width), (columns, rows) = picture.pixels.shape[:2], picture.size
    at = y * height // rows, x * width // columns
    if picture.values is None:
        red, green, blue = (int(channel) for channel in picture.pixels[at])
        return f"x {x}  y {y}   rgb {red} {green} {blue}"
    value = float(picture.values[at])
    said = f"{significant(value)} {picture.unit}".strip() if math.isfinite(value) else "nothing here"
    return f"x {x}  y {y}   {said}"
