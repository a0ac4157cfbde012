"""A photo that can be zoomed and moved; what is drawn over it, and what the left button does, is another's."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lab.scene import Array
from ui.look.theme import Theme, ThemeManager
from ui.studies.panes.zoom import Placement

_NOTCH = 120.0
_STEP = 1.25  # magnification of one notch of the wheel


class PhotoCanvas(QWidget):
    """Shows a photo of any size: the part in sight is drawn once, and again only when it is another.

    levels: as in lab.photo.messages.Opened. The other mouse buttons, and the left one while the space bar is held,
    move the photo; the wheel zooms.
    """

    def __init__(self, levels: tuple[Array, ...], themes: ThemeManager) -> None:
        super().__init__()
        self._levels = levels  # kept, as the images share their memory
        self._images = [_image(level) for level in levels]
        self._themes = themes
        self._placement = Placement.fit(self.photo_size, (1.0, 1.0))
        self._ground: QPixmap | None = None  # the photo as it lies on the screen now
        self._panning: QPointF | None = None
        self._space = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 240)
        themes.changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    @property
    def photo_size(self) -> tuple[int, int]:
        """(width, height) of the photo, pixels."""
        height, width = self._levels[0].shape[:2]
        return width, height

    @property
    def placement(self) -> Placement:
        """Where the photo lies."""
        return self._placement

    # --- for those that build on it ---------------------------------------------------------------------------------

    def pressed(self, at: QPointF, event: QMouseEvent) -> bool:
        """A button went down; False lets it move the photo, which the left one does not."""
        return False

    def moved(self, at: QPointF, event: QMouseEvent) -> None:
        """The pointer went elsewhere while it does not move the photo."""

    def released(self, at: QPointF, event: QMouseEvent, *, panned: bool) -> None:
        """A button went up; panned: the photo was moved with it."""

    def draw_over(self, painter: QPainter, rect: QRect) -> None:
        """Draw what lies over the photo."""

    def placed(self) -> None:
        """The photo lies elsewhere."""

    def tool_cursor(self) -> Qt.CursorShape:
        """The pointer's shape while it does not move the photo."""
        return Qt.CursorShape.ArrowCursor

    # --- where it lies ----------------------------------------------------------------------------------------------

    def show_whole(self) -> None:
        """All of the photo."""
        self._set(Placement.fit(self.photo_size, self._room()))

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """Magnify by ``steps`` notches of the wheel around a place, or the middle."""
        at = at or QPointF(self.width() / 2, self.height() / 2)
        self._set(self._placement.zoomed(_STEP**steps, at.x(), at.y()))

    def photo_place(self, at: QPointF) -> tuple[float, float]:
        """(x, y) in the pixels of the photo of a place in the widget."""
        return self._placement.to_picture(at.x(), at.y())

    def show_cursor(self) -> None:
        """Show the pointer that suits what a press would do now."""
        moving, ready = Qt.CursorShape.ClosedHandCursor, Qt.CursorShape.OpenHandCursor
        self.setCursor(moving if self._panning is not None else ready if self._space else self.tool_cursor())

    def _room(self) -> tuple[float, float]:
        return max(1.0, float(self.width())), max(1.0, float(self.height()))

    def _set(self, placement: Placement) -> None:
        if placement != self._placement:
            self._placement = placement
            self._ground = None
            self.placed()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ground = None
        self._set(self._placement.resized(self.photo_size, self._room()))

    def _dress(self, _theme: Theme) -> None:
        self._ground = None
        self.update()

    # --- mouse and keys ---------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom((event.angleDelta().y() or event.angleDelta().x()) / _NOTCH, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._space and self.pressed(event.position(), event):
            return
        if event.button() != Qt.MouseButton.LeftButton or self._space:
            self._panning = event.position()
            self.show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is None:
            self.moved(event.position(), event)
            return
        shift = event.position() - self._panning
        self._panning = event.position()
        self._set(self._placement.panned(shift.x(), shift.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        panned, self._panning = self._panning is not None, None
        self.released(event.position(), event, panned=panned)
        self.show_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._take_space(event, True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._take_space(event, False)

    def _take_space(self, event: QKeyEvent, down: bool) -> None:
        if event.key() != Qt.Key.Key_Space:
            event.ignore()
        elif not event.isAutoRepeat():
            self._space = down
            self.show_cursor()

    def focusOutEvent(self, event: QEvent) -> None:
        self._space = False
        self.show_cursor()

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        if self._ground is None:
            self._ground = self._draw_ground()
        painter.drawPixmap(0, 0, self._ground)
        self.draw_over(painter, event.rect())
        painter.end()

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
        width, height = self.photo_size
        scale = self._placement.scale
        place = QRectF(self._placement.left, self._placement.top, scale * width, scale * height)
        seen = place & QRectF(self.rect())
        shrink_x, shrink_y = image.width() / width / scale, image.height() / height / scale
        corner = (seen.topLeft() - place.topLeft()).x() * shrink_x, (seen.topLeft() - place.topLeft()).y() * shrink_y
        painter.drawImage(seen, image, QRectF(*corner, seen.width() * shrink_x, seen.height() * shrink_y))
        painter.end()
        return ground


def _image(level: Array) -> QImage:
    """(H, W, 4) uint8 in the order of the screen as a picture that shares its memory."""
    height, width = level.shape[:2]
    return QImage(level.data, width, height, 4 * width, QImage.Format.Format_RGB32)
