"""Mouse events for the tests of this folder."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def mouse(widget: QWidget, kind: QEvent.Type, at, button=LEFT, modifiers=PLAIN) -> None:
    """Send one event; a move holds the button, with NoButton it is a hover."""
    held = button if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove) else Qt.MouseButton.NoButton
    which = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    place = QPointF(*at)
    QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), which, held, modifiers))


def hover(widget: QWidget, at) -> None:
    """Move without a button."""
    mouse(widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton)


def press(widget: QWidget, at, modifiers=PLAIN) -> None:
    """Press the left button."""
    mouse(widget, QEvent.Type.MouseButtonPress, at, LEFT, modifiers)


def drag_to(widget: QWidget, at, modifiers=PLAIN) -> None:
    """Move with the left button."""
    mouse(widget, QEvent.Type.MouseMove, at, LEFT, modifiers)


def release(widget: QWidget, at) -> None:
    """Let the left button go."""
    mouse(widget, QEvent.Type.MouseButtonRelease, at)


def click(widget: QWidget, at, modifiers=PLAIN) -> None:
    """Press and let go."""
    press(widget, at, modifiers)
    mouse(widget, QEvent.Type.MouseButtonRelease, at, LEFT, modifiers)
