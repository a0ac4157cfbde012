"""The thread that receives what runs have to say, so that the user interface never waits for it."""

from __future__ import annotations

import traceback

from PySide6.QtCore import QObject, QThread, Signal

from lab.run.messages import WorkerDied
from lab.run.source import Source


class RunThread(QThread):
    """Iterates the events of a source and emits each. Ends when the source is closed."""

    received = Signal(object)

    def __init__(self, source: Source, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source

    def run(self) -> None:
        """The body of the thread; called by Qt."""
        try:
            for event in self._source.events():
                self.received.emit(event)
        except Exception as error:  # noqa: BLE001 - a run must never seem to go on for ever
            sentence = f"Runs cannot be followed any more ({type(error).__name__}: {error}). Start the program again."
            self.received.emit(WorkerDied(None, sentence, traceback.format_exc(), final=True))
