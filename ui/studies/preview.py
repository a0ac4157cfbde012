"""A small picture of a result; a film plays in it while the pointer rests there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QHideEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lab.scene import Array, Image
from lab.study import Film, Picture, Result
from ui.studies.panes.body import pixels_image

_WIDEST, _HIGHEST = 200, 120  # px
_FASTEST = 33  # ms a frame


class Preview(QWidget):
    """Shows a picture, or the first frame of a film; hidden for any other result. Drawn only when it is seen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._pixels: Array | None = None
        self._film: Film | None = None
        self._frame = 0
        self._image: QImage | None = None  # of what is shown, as large as it is shown
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        self.setAccessibleName(f"{name}: preview")

    def show_result(self, result: Result) -> None:
        """Show another result; the same pixels are not drawn anew."""
        pixels = _pixels_of(result)
        if pixels is not self._pixels:
            self._timer.stop()
            self._pixels, self._frame, self._image = pixels, 0, None
        self._film = result if isinstance(result, Film) and pixels is not None else None
        self.setToolTip("Rest the pointer here to play it." if self._film is not None else "")
        if pixels is not None:
            self.setFixedSize(_fitted(pixels.shape[-2], pixels.shape[-3]))
            self.update()
        self.setVisible(pixels is not None)

    @property
    def frame(self) -> int:
        """The frame of a film that is shown."""
        return self._frame

    @property
    def playing(self) -> bool:
        """Whether a film runs."""
        return self._timer.isActive()

    def enterEvent(self, event: QEnterEvent) -> None:
        if self._film is not None and len(self._film.frames) > 1:
            self._timer.start(max(_FASTEST, round(1000 / max(self._film.fps, 1.0))))

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def _next(self) -> None:
        if self._film is not None:
            step = max(1, round(self._film.fps * self._timer.interval() / 1000))
            self._frame = (self._frame + step) % len(self._film.frames)
            self._image = None
            self.update()

    def _draw(self) -> QImage | None:
        if self._pixels is None:
            return None
        image = pixels_image(self._pixels if self._film is None else self._pixels[self._frame])
        ratio = self.devicePixelRatioF()
        if image.width() > self.width() * ratio:
            shape, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            image = image.scaled(self.size() * ratio, shape, smooth)
        return image

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            self._image = self._draw()
        if self._image is not None:
            QPainter(self).drawImage(self.rect(), self._image)


def _fitted(width: int, height: int) -> QSize:
    """The size in which pixels are shown: never larger than they are."""
    scale = min(1.0, _WIDEST / width, _HIGHEST / height)
    return QSize(max(1, round(scale * width)), max(1, round(scale * height)))


def _pixels_of(result: Result) -> Array | None:
    """(N, H, W, 3) of a film, (H, W, 3) of a picture; None where there is nothing to see."""
    match result:
        case Film():
            return result.frames if len(result.frames) else None
        case Picture() | Image():
            return result.pixels
    return None
