"""When a run is asked for its next frame, and when one that does not stop is ended by force."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

DISPLAY_MS = 250
"""How long a display may take for a frame; then the next one is asked for all the same (it may be hidden)."""
GRACE_MS = 3000
"""How long a run that was stopped may be silent before it is ended by force."""
FORCE_MS = 1000
"""How long it may go on after a second Stop."""


class FramePacing(QObject):
    """Decides when the next frame may come: at once, or when the display has shown the last one."""

    wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.waits_for_display = False
        self._due = False
        self._timer = _single_shot(self)
        self._timer.setInterval(DISPLAY_MS)
        self._timer.timeout.connect(self.ask)

    def on_frame(self, *, seen: bool) -> None:
        """A frame came in. seen: it went into the scene; else nobody looks, and none is wanted until ``ask``."""
        self._due = True
        if seen and self.waits_for_display:
            self._timer.start()
        elif seen:
            self.ask()

    def on_displayed(self) -> None:
        """The display has drawn; ignored while it is not it that a frame waits for."""
        if self._timer.isActive():
            self.ask()

    def ask(self) -> None:
        """Ask for the next frame, if one was taken since."""
        self._timer.stop()
        if self._due:
            self._due = False
            self.wanted.emit()

    def reset(self) -> None:
        """A new run begins, or none is at work any more: nothing is due."""
        self._timer.stop()
        self._due = False


class StopLadder(QObject):
    """Cooperative first, forced after a grace: what each press of Stop, and each silence after it, leads to."""

    asked = Signal()
    """Tell the run to stop."""
    forced = Signal()
    """End it by force."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presses = 0
        self._timer = _single_shot(self)
        self._timer.timeout.connect(self._force)

    @property
    def pressed(self) -> bool:
        """The run at work was told to stop."""
        return self._presses > 0

    def press(self) -> None:
        """Once: stop and evaluate. Twice: without evaluation, and not for long. Three times: at once."""
        self._presses += 1
        if self._presses > 2:
            self._force()
            return
        self._timer.start(GRACE_MS if self._presses == 1 else FORCE_MS)
        self.asked.emit()

    def on_event(self) -> None:
        """The run is alive; after one press that buys it time."""
        if self._presses == 1 and self._timer.isActive():
            self._timer.start(GRACE_MS)

    def reset(self) -> None:
        """Another run begins, or none is at work any more."""
        self._timer.stop()
        self._presses = 0

    def _force(self) -> None:
        self._timer.stop()
        self.forced.emit()


def _single_shot(parent: QObject) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    return timer
