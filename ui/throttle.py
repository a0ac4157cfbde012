"""Limits how often something is done in answer to a stream of events."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Calls ``action`` at once when asked, then at most every ``interval_ms``; the last request is never lost."""

    def __init__(self, interval_ms: int, action: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._waiting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._due)

    @property
    def waiting(self) -> bool:
        """Whether a request has not been answered yet."""
        return self._waiting

    def ask(self) -> None:
        """Do it now, or as soon as the interval allows."""
        if self._timer.isActive():
            self._waiting = True
            return
        self._timer.start()
        self._action()

    def flush(self) -> None:
        """Do now what waits."""
        if self._waiting:
            self._waiting = False
            self._action()

    def _due(self) -> None:
        if self._waiting:
            self._waiting = False
            self._timer.start()
            self._action()
