"""What the mask painter and its process say to each other. Plain data; light."""

from __future__ import annotations

from dataclasses import dataclass

from lab.photo.paint import Box
from lab.scene import Array

# --- to the process -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenPhoto:
    """Read a photo, the first message. mask: the file of the mask to go on from, "" for none.

    folder: where masks go whose photo lies where nothing can be written.
    """

    path: str
    mask: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Flood:
    """What looks like the pixel (row, column) and is joined to it; tolerance: a distance of colours."""

    number: int
    row: int
    column: int
    tolerance: float


@dataclass(frozen=True)
class FindBackground:
    """All but the background, which has the colour of most of the border."""

    number: int
    tolerance: float


@dataclass(frozen=True)
class SaveMask:
    """Save a mask (H, W) bool as a picture of black and white."""

    path: str
    mask: Array


Request = OpenPhoto | Flood | FindBackground | SaveMask

# --- and back -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """levels: the photo (H, W, 4) uint8 in the order blue, green, red, 255, then each half as large as the one before.

    mask: (H, W) bool to begin with. note: where it comes from, or why it does not, as a sentence; "" for an empty one.
    target: the file that the mask is to be saved in.
    """

    levels: tuple[Array, ...]
    mask: Array
    note: str
    target: str


@dataclass(frozen=True)
class Found:
    """The answer to a Flood or FindBackground: region (h, w) bool within ``box``; False everywhere else."""

    number: int
    box: Box
    region: Array


@dataclass(frozen=True)
class Saved:
    path: str


@dataclass(frozen=True)
class Refused:
    """A request could not be carried out. number: of a Flood or FindBackground, else None."""

    sentence: str
    number: int | None = None


@dataclass(frozen=True)
class Died:
    """The process is gone; nothing more comes."""

    sentence: str
    details: str


Event = Opened | Found | Saved | Refused | Died
