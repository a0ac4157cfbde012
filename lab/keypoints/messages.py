"""What the editor of joints and its process say to each other. Plain data; light."""

from __future__ import annotations

from dataclasses import dataclass

from lab.keypoints.people import Person2D
from lab.photo.messages import Died, Refused, Saved
from lab.scene import Array

__all__ = ["Died", "FindPeople", "FoundPeople", "OpenJoints", "OpenedJoints", "OtherJoints", "ReadJoints", "Refused"]
__all__ += ["Event", "Request", "SaveJoints", "Saved"]

# --- to the process -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenJoints:
    """Read a photo, the first message. joints: the file of the joints to go on from, "" for none.

    folder: where joints go whose photo lies where nothing can be written.
    """

    path: str
    joints: str = ""
    folder: str = ""


@dataclass(frozen=True)
class FindPeople:
    """Look for people with the networks."""


@dataclass(frozen=True)
class ReadJoints:
    """Read another file of joints."""

    path: str


@dataclass(frozen=True)
class SaveJoints:
    """Save people as JSON."""

    path: str
    people: tuple[Person2D, ...]


Request = OpenJoints | FindPeople | ReadJoints | SaveJoints

# --- and back -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenedJoints:
    """levels: the photo as in lab.photo.messages.Opened. people: to begin with.

    note: where they come from, or why they do not, as a sentence; "" for none. target: the file to save them in.
    """

    levels: tuple[Array, ...]
    people: tuple[Person2D, ...]
    note: str
    target: str


@dataclass(frozen=True)
class FoundPeople:
    """The answer to FindPeople, the largest first."""

    people: tuple[Person2D, ...]


@dataclass(frozen=True)
class OtherJoints:
    """The answer to ReadJoints. name: of the file."""

    people: tuple[Person2D, ...]
    name: str


Event = OpenedJoints | FoundPeople | OtherJoints | Saved | Refused | Died
