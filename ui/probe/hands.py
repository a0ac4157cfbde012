"""What a person does with the mouse and the keys, sent to the real widgets."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

_DRAG_MS = 16  # a mouse tells where it is about sixty times a second
_ORBIT_PIXELS = 4.0  # a movement
_ORBIT_RADIUS = 80.0
_NUDGE_RADIUS = 24.0
_SWEEP_SECONDS = 2.0  # from one end of a slider to the other
_MARGIN = 7.0  # pixels, half of a slider's handle

Path = Callable[[int], QPointF]
"""Where the mouse is after so many movements, in pixels of the widget."""


class Drag(QObject):
    """Presses the left button on a widget and moves along a path, until it is stopped."""

    def __init__(self, widget: QWidget, path: Path) -> None:
        super().__init__(widget)
        self._widget = widget
        self._path = path
        self._at = path(0)
        self.steps = 0
        self._timer = QTimer(self, interval=_DRAG_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)
        self._send(QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton)
        self._timer.start()

    def stop(self) -> None:
        """Let go."""
        self._timer.stop()
        self._send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)

    def _move(self) -> None:
        self.steps += 1
        self._at = self._path(self.steps)
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton)

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        place = self._widget.mapToGlobal(self._at)
        event = QMouseEvent(kind, self._at, place, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._widget, event)


def circle(start: QPointF, radius: float) -> Path:
    """Round and round through ``start``, a few pixels at a time."""
    turn = _ORBIT_PIXELS / radius

    def path(steps: int) -> QPointF:
        return start + QPointF(math.sin(steps * turn) * radius, (1 - math.cos(steps * turn)) * radius)

    return path


def orbit(view: QWidget, at: QPointF) -> Drag:
    """Turn a view, from a pixel."""
    return Drag(view, circle(at, _ORBIT_RADIUS))


def nudge(widget: QWidget, at: QPointF) -> Drag:
    """Move something that lies at a pixel, in small circles."""
    return Drag(widget, circle(at, _NUDGE_RADIUS))


def sweep(slider: QWidget, begin: float) -> Drag:
    """Drag a slider to and fro over its whole length. begin: where its handle is, in [0, 1]."""
    way = max(1.0, slider.width() - 2 * _MARGIN)

    def path(steps: int) -> QPointF:
        phase = (begin + steps * _DRAG_MS / 1000 / _SWEEP_SECONDS) % 2.0
        return QPointF(_MARGIN + way * (phase if phase <= 1 else 2 - phase), slider.height() / 2)

    return Drag(slider, path)


def press_key(widget: QWidget, key: Qt.Key) -> None:
    """Press a key and let it go."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))
