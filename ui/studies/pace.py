"""How soon after one question the next may come: as fast as the window can show the boards and stay fluid.

While a view draws, questions are put so that the board arrives just before the view is done with the picture before:
earlier it would only wait there and grow old, later the view would wait. What a picture shows is then 10 ms younger
than with questions at even intervals (44 instead of 54 ms: a body at 800 x 600, software OpenGL).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

QUICKEST_MS, SLOWEST_MS = 24, 40
"""Questions in quicker succession take the processor from the pictures; what comes more seldom is seen to stutter."""

_SHARE = 3.0  # the pace is so many times what the window needs for a board, which leaves it the rest for mouse and keys
_FORGET = 0.8  # of what it needed before, for each board that took less
_DRAWING_SECONDS = 0.15  # after a picture the next one is expected for so long ...
_DRAWING_MS = 70  # ... and a question waits for it at most so long
_LEARN = 0.3  # of how long the last answer took
_EARLY_MS = 4  # before the view is ready for it a board should be there


class Pace(QObject):
    """The least time between two questions. It follows what it takes the window to show a board. clock: seconds."""

    due = Signal()
    """The time is over."""

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._busy_ms = 0.0
        self._answer_ms = 0.0
        self._asked: float | None = None  # when the question was put whose first board is awaited
        self._started = self._drawing_until = -1.0
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.due)

    @property
    def waiting(self) -> bool:
        """Whether it is too soon for another question."""
        return self._timer.isActive()

    @property
    def wait_ms(self) -> int:
        """How long the wait that began last is."""
        return self._timer.interval()

    @property
    def interval_ms(self) -> int:
        """What there is between two questions at least."""
        return round(min(max(_SHARE * self._busy_ms, QUICKEST_MS), SLOWEST_MS))

    def start(self) -> None:
        """A question was put."""
        self._asked = self._started = self._clock()
        self._timer.start(_DRAWING_MS if self._started < self._drawing_until else self.interval_ms)

    def stop(self) -> None:
        """Nobody waits any more."""
        self._timer.stop()

    def pictured(self, seconds: float) -> None:
        """A view shows a picture that took so long to draw, and begins with the next one."""
        now = self._clock()
        self._drawing_until = now + _DRAWING_SECONDS
        if self.waiting:
            soonest = self.interval_ms - 1e3 * (now - self._started)
            wanted = 1e3 * seconds - self._answer_ms - _EARLY_MS
            self._timer.start(max(0, round(max(soonest, wanted))))

    def watch(self, show: Callable[[], None]) -> None:
        """Let ``show`` bring a board to the window, and count it with the painting that follows."""
        began = self._clock()
        if self._asked is not None:
            self._answer_ms += _LEARN * (1e3 * (began - self._asked) - self._answer_ms)
            self._asked = None
        show()
        QTimer.singleShot(0, self, lambda: self._note(began))

    def _note(self, began: float) -> None:
        self._busy_ms = max((self._clock() - began) * 1e3, _FORGET * self._busy_ms)
