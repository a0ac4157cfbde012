"""The photo's process, seen from the UI thread: of the regions that are asked for, the newest counts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from lab.photo.client import WorkshopProcess
from lab.photo.messages import Died, Event, FindBackground, Flood, Found, Opened, OpenPhoto, Refused, Saved, SaveMask
from lab.scene import Array


class MaskHelper(QObject):
    """Reads the photo, finds regions and saves the mask, beside the window."""

    opened = Signal(object)
    """An Opened."""
    found = Signal(object)
    """The Found of the newest question."""
    saved = Signal(str)
    """The file."""
    refused = Signal(str)
    """Why a request could not be carried out, as a sentence."""
    died = Signal(str, str)
    """(a sentence, details): nothing more comes."""
    busyChanged = Signal(bool)
    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._at: int | None = None  # the question that is being answered
        self._next: Flood | FindBackground | None = None
        self._others = 0  # photos to be read, masks to be saved
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)  # it comes from the process's thread
        self._process = WorkshopProcess(self._came.emit)
        self.destroyed.connect(self._process.close)  # with its window, when that goes without being closed

    @property
    def pid(self) -> int | None:
        """The process."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._at is not None or self._others > 0

    def open(self, photo: str, mask: str, folder: str) -> None:
        """Read a photo; see OpenPhoto."""
        self._post(OpenPhoto(photo, mask, folder))

    def flood(self, row: int, column: int, tolerance: float) -> None:
        """Find what looks like a pixel."""
        self._number += 1
        self._ask(Flood(self._number, row, column, tolerance))

    def background(self, tolerance: float) -> None:
        """Find all but the background."""
        self._number += 1
        self._ask(FindBackground(self._number, tolerance))

    def save(self, mask: Array, path: str) -> None:
        """Save a mask, which nobody changes until it is saved."""
        self._post(SaveMask(path, mask))

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _post(self, request: OpenPhoto | SaveMask) -> None:
        self._others += 1
        self._process.post(request)
        self.busyChanged.emit(True)

    def _ask(self, request: Flood | FindBackground) -> None:
        """One question at a time: while a slider moves, those in between are never answered."""
        if self._at is not None:
            self._next = request
            return
        self._at = request.number
        self._process.post(request)
        self.busyChanged.emit(True)

    def _take(self, event: Event) -> None:
        if isinstance(event, Found) or (isinstance(event, Refused) and event.number is not None):
            self._answered()
        elif not isinstance(event, Died):
            self._others -= 1
        match event:
            case Opened():
                self.opened.emit(event)
            case Found():
                if event.number == self._number:
                    self.found.emit(event)
            case Saved():
                self.saved.emit(event.path)
            case Refused():
                self.refused.emit(event.sentence)
            case Died():
                self._at, self._next, self._others = None, None, 0
                self.died.emit(event.sentence, event.details)
        self.busyChanged.emit(self.busy)

    def _answered(self) -> None:
        self._at = None
        if self._next is not None:
            request, self._next = self._next, None
            self._ask(request)
