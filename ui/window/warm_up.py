"""Imports the plots in a thread after the first picture, so that the first run does not wait for them."""

from __future__ import annotations

import importlib
import threading

from PySide6.QtCore import QObject, QTimer

from ui.runs.curves import CurvesPanel

_BEGIN_MS = 400  # let the person see the window before anything else
_LOOK_MS = 50


class WarmUp(QObject):
    """Begins by itself a moment after the event loop does."""

    def __init__(self, curves: CurvesPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._curves = curves
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self, interval=_BEGIN_MS)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def stop(self) -> None:
        """The window closes. A thread that is at it ends by itself."""
        self._timer.stop()

    def _go_on(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=importlib.import_module, args=("pyqtgraph",), name="import of the plots"
            )
            self._thread.start()
            self._timer.setInterval(_LOOK_MS)
        elif not self._thread.is_alive():
            self._timer.stop()
            self._curves.prepare()
