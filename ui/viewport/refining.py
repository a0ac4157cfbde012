"""When a radiance field that trains is drawn in full quality: a draft of it is coarse, and new ones never end."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

_CALM_MS = 300  # the view has rested for so long
_FOG_MS = 2000  # of a run's beginning, when the field changes with every step: many coarse pictures say more
_SOON_MS = 1


class Refiner(QObject):
    """While the view rests, full pictures one after another, which a run's changes do not interrupt.

    The time between two of them leaves the run its share of the processor. needed: whether there is such a field.
    """

    wanted = Signal()
    """Draw a picture in full quality now."""

    def __init__(self, needed: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._needed = needed
        self._calm = self._drawing = self._again = self._fog = False
        self._fog_ends = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go)

    def begin(self) -> None:
        """A run begins to stream."""
        self._wait(None)
        self._fog = True

    def end(self) -> None:
        """It ends."""
        self._wait(None)
        self._fog, self._fog_ends = False, 0.0

    def moved(self) -> None:
        """The view is another one."""
        fog = round(1000 * (self._fog_ends - time.monotonic()))
        self._wait(max(_CALM_MS, fog))

    def takes(self) -> bool:
        """What is seen has changed: whether a full picture will show it, so that no draft need be drawn."""
        if self._fog and self._needed():
            self._fog = False
            self._fog_ends = time.monotonic() + _FOG_MS / 1000
            self._wait(_FOG_MS)
        if not (self._calm and self._needed()):
            return False
        if self._drawing:
            self._again = True
        elif not self._timer.isActive():
            self._timer.start(_SOON_MS)
        return True

    def drew(self, seconds: float, share: float) -> None:
        """A full picture is there, which took so long; ``share`` of the time may be spent on drawing."""
        self._drawing = False
        if self._calm and self._again:
            self._timer.start(max(_SOON_MS, round(1000 * seconds * (1 / share - 1))))

    def _wait(self, milliseconds: int | None) -> None:
        self._calm = self._drawing = self._again = False
        if milliseconds is None:
            self._timer.stop()
        else:
            self._timer.start(milliseconds)

    def _go(self) -> None:
        self._calm, self._drawing, self._again = True, self._needed(), False
        if self._drawing:
            self.wanted.emit()
