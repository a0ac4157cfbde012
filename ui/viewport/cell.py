"""A viewport among others: with a caption that says what it shows, and that maximises it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from lab.render.camera import STANDARD_VIEWS, Camera, StandardView
from ui.look.icons import icon
from ui.look.theme import ThemeManager
from ui.viewport.viewport import Viewport

_VIEW_WORDS: dict[StandardView, str] = {
    "front": "Front",
    "back": "Back",
    "left": "Left",
    "right": "Right",
    "top": "Top",
    "bottom": "Bottom",
    "iso": "Corner",
}


class ViewportCell(QWidget):
    """A viewport under its caption."""

    maximiseWanted = Signal()

    def __init__(self, viewport: Viewport, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self._caption = Caption(themes)
        self._caption.maximiseWanted.connect(self.maximiseWanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addWidget(viewport, 1)
        viewport.viewChanged.connect(self._name)
        self._name()

    def show_state(self, captioned: bool, active: bool, maximised: bool) -> None:
        """Whether there is a caption, whether the person works here, and whether the others are hidden."""
        self._caption.setVisible(captioned)
        self._caption.set_maximised(maximised)
        self.show_active(active)

    def show_active(self, active: bool) -> None:
        """Whether this is where the person works."""
        self._caption.set_active(active)

    def _name(self) -> None:
        self._caption.set_text(name_of(self.viewport.camera))


class Caption(QWidget):
    """What a viewport shows, in words. A double click maximises it."""

    maximiseWanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._themes = themes
        self._maximised = False
        self._text = QLabel()
        self._button = QToolButton()
        self._button.setIconSize(QSize(14, 14))
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.maximiseWanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 1, 4, 1)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self.set_maximised(False)
        themes.changed.connect(self._dress)

    def set_text(self, text: str) -> None:
        """What the viewport shows."""
        if text != self._text.text():
            self._text.setText(text)

    def set_active(self, active: bool) -> None:
        """Stand out, or not."""
        self._text.setProperty("role", "" if active else "muted")
        self._text.style().unpolish(self._text)
        self._text.style().polish(self._text)

    def set_maximised(self, on: bool) -> None:
        """Offer the way back, or the way there."""
        words = "Show all views again" if on else "Let this view fill the place (double click)"
        self._button.setToolTip(words)
        self._button.setAccessibleName(words)
        self._maximised = on
        self._dress()

    def _dress(self, *_: object) -> None:
        theme = self._themes.theme
        self._button.setIcon(icon("restore", theme) if self._maximised else icon("maximise", theme))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As a press of the button."""
        self.maximiseWanted.emit()


def name_of(camera: Camera) -> str:
    """What a view is called: "Front", "Top", ... where it looks straight along an axis; else its projection."""
    for view in STANDARD_VIEWS:
        other = camera.standard(view).rotation
        if view != "iso" and abs(sum(a * b for a, b in zip(camera.rotation, other, strict=True))) > 1 - 1e-9:
            return f"{_VIEW_WORDS[view]}, parallel" if camera.orthographic else _VIEW_WORDS[view]
    return "Parallel projection" if camera.orthographic else "Perspective"
