"""What the bodies of all panes have in common: what the frame around them may ask, and what they tell it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from lab.scene import Array
from lab.study import Content, Pane
from ui.look.theme import ThemeManager


class PaneBody(QWidget):
    """Shows one kind of content. The same content object again costs nothing."""

    valuesWanted = Signal(dict)
    """{parameter: value} that the person chose in the pane."""
    released = Signal()
    """The person let go of what they dragged."""
    readout = Signal(str)
    """What lies under the pointer, "" for nothing; stands in the caption."""
    copied = Signal(str)
    """What was put on the clipboard, in a word or two."""
    saveWanted = Signal(object)
    """Pixels (H, W, 3) uint8 to be saved as a picture."""

    copy_tip = "Copy"
    save_tip = ""
    """"" for a pane that has nothing to save."""

    def __init__(self, pane: Pane, themes: ThemeManager) -> None:
        super().__init__()
        self.pane = pane
        self.themes = themes
        self._content: Content | None = None
        self.holding = ""
        """What the person calls the thing that they drag in it, "" for nothing, or where it has no name."""

    @property
    def content(self) -> Any:
        """What is shown; None before anything was."""
        return self._content

    def show_content(self, content: Content) -> None:
        """Show other content. Does nothing for what is shown already."""
        if content is not self._content:
            before, self._content = self._content, content
            self.apply(content, before)

    def apply(self, content: Any, before: Any) -> None:
        """Bring the widget in line with new content; before: what was shown until now, or None."""
        raise NotImplementedError

    def copy(self) -> None:
        """Put what is shown on the clipboard, then tell ``copied``."""
        raise NotImplementedError

    def save(self) -> None:
        """Tell ``saveWanted`` with the pixels of what is shown."""
        self.saveWanted.emit(image_pixels(self.grab().toImage()))

    def shutdown(self) -> None:
        """The pane is not needed any more."""


def pixels_image(pixels: Array) -> QImage:
    """(H, W, 3) uint8 sRGB as a picture of its own memory, in the format that Qt paints fastest."""
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels)
    image = QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def image_pixels(image: QImage) -> Array:
    """A picture as (H, W, 3) uint8 sRGB."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def copy_text(text: str) -> None:
    """Put words on the clipboard."""
    QApplication.clipboard().setText(text)


def copy_image(pixels: Array) -> None:
    """Put a picture on the clipboard."""
    QApplication.clipboard().setImage(pixels_image(pixels))
