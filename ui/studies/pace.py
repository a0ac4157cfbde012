"""How soon after one question the next may come: as fast as the window can show the boards and stay fluid."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

QUICKEST_MS, SLOWEST_MS = 24, 40
"""Questions in quicker succession take the processor from the pictures; what comes more seldom is seen to stutter."""

_SHARE = 3.0  # the pace is so many times what the window needs for a board, which leaves it the rest for mouse and keys
_FORGET = 0.8  # of what it needed before, for each board that took less


class Pace(QObject):
    """The least time between two questions. It follows what it takes the window to show a board. clock: seconds."""

    due = Signal()
    """The time is over."""

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._busy_ms = 0.0
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.due)

    @property
    def waiting(self) -> bool:
        """Whether it is too soon for another question."""
        return self._timer.isActive()

    @property
    def interval_ms(self) -> int:
        """What there is between two questions now."""
        return round(min(max(_SHARE * self._busy_ms, QUICKEST_MS), SLOWEST_MS))

    def start(self) -> None:
        """A question was put."""
        self._timer.start(self.interval_ms)

    def stop(self) -> None:
        """Nobody waits any more."""
        self._timer.stop()

    def watch(self, show: Callable[[], None]) -> None:
        """Let ``show`` bring a board to the window, and count it with the painting that follows."""
        began = self._clock()
        show()
        QTimer.singleShot(0, self, lambda: self._note(began))

    def _note(self, began: float) -> None:
        self._busy_ms = max((self._clock() - began) * 1e3, _FORGET * self._busy_ms)
