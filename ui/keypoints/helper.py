"""The process of the editor of joints, seen from the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from lab.keypoints.messages import (
    Died,
    Event,
    FindPeople,
    FoundPeople,
    OpenedJoints,
    OpenJoints,
    OtherJoints,
    ReadJoints,
    Refused,
    Request,
    Saved,
    SaveJoints,
)
from lab.keypoints.people import Person2D
from lab.photo.client import WorkshopProcess

_MODULE = "lab.keypoints.server"


class JointHelper(QObject):
    """Reads the photo, finds people, reads and saves files of joints, beside the window."""

    opened = Signal(object)
    """An OpenedJoints."""
    found = Signal(object)
    """A FoundPeople."""
    read = Signal(object)
    """An OtherJoints."""
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
        self._awaited = 0
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)  # it comes from the process's thread
        self._process = WorkshopProcess(self._came.emit, _MODULE)
        self.destroyed.connect(self._process.close)  # with its window, when that goes without being closed

    @property
    def pid(self) -> int | None:
        """The process."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._awaited > 0

    def open(self, photo: str, joints: str, folder: str) -> None:
        """Read a photo; see OpenJoints."""
        self._post(OpenJoints(photo, joints, folder))

    def find(self) -> None:
        """Look for people."""
        self._post(FindPeople())

    def read_file(self, path: str) -> None:
        """Read another file of joints."""
        self._post(ReadJoints(path))

    def save(self, people: tuple[Person2D, ...], path: str) -> None:
        """Save people."""
        self._post(SaveJoints(path, people))

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _post(self, request: Request) -> None:
        self._awaited += 1
        self._process.post(request)
        self.busyChanged.emit(True)

    def _take(self, event: Event) -> None:
        self._awaited = 0 if isinstance(event, Died) else self._awaited - 1
        match event:
            case OpenedJoints():
                self.opened.emit(event)
            case FoundPeople():
                self.found.emit(event)
            case OtherJoints():
                self.read.emit(event)
            case Saved():
                self.saved.emit(event.path)
            case Refused():
                self.refused.emit(event.sentence)
            case Died():
                self.died.emit(event.sentence, event.details)
        self.busyChanged.emit(self.busy)
