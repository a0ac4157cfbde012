"""A button that lets a number of seconds run in real time."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QToolButton

from ui.look.icon_binding import IconBook
from ui.look.theme import ThemeManager

_TICK_MS = 20
_DIGITS = 3  # milliseconds


class PlayButton(QToolButton):
    """Plays from where the number stands, and begins again at the end of its span.

    Each tick tells where real time has come to. Whoever takes long to follow skips some: nothing waits in a queue.
    now: the number. span: its first and last value. clock: seconds.
    """

    advanced = Signal(float)
    """The number is this one now."""

    def __init__(
        self,
        now: Callable[[], float],
        span: Callable[[], tuple[float, float]],
        themes: ThemeManager,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._now, self._span, self._clock = now, span, clock
        self._from, self._at, self._last = 0.0, 0.0, 0.0
        self._icons = IconBook(themes)
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self.setCheckable(True)
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(28, 26)
        self._icons.bind(self, "run")
        self.toggled.connect(self._play)
        self._describe()

    @property
    def playing(self) -> bool:
        """Whether time runs."""
        return self.isChecked()

    def stop(self) -> None:
        """Stand still."""
        self.setChecked(False)

    def _play(self, playing: bool) -> None:
        self._begin()
        if playing:
            self._timer.start()
        else:
            self._timer.stop()
        self._icons.rebind(self, "pause" if playing else "run")
        self._describe()

    def _describe(self) -> None:
        words = "Pause" if self.playing else "Play"
        self.setToolTip("Stand still" if self.playing else "Play in real time, again and again")
        self.setAccessibleName(words)

    def _begin(self) -> None:
        """Real time counts from here."""
        self._from = self._last = self._now()
        self._at = self._clock()

    def tick(self) -> None:
        """Go to where real time has come to."""
        if self._now() != self._last:  # it was moved by someone else
            self._begin()
        low, high = self._span()
        if high <= low:
            self.stop()
            return
        passed = self._from - low + self._clock() - self._at
        self.advanced.emit(round(low + passed % (high - low), _DIGITS))
        self._last = self._now()
