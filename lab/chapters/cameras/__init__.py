"""Chapter 2: cameras and their conventions, and the motions of rigid bodies."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.cameras.averaging import AVERAGING
from lab.chapters.cameras.interpolation import INTERPOLATION
from lab.chapters.cameras.lens import LENS
from lab.chapters.cameras.motions import MOTIONS
from lab.chapters.cameras.pixel import PIXEL
from lab.chapters.cameras.registration import REGISTRATION

ACTIVITIES: tuple[Activity, ...] = (LENS, PIXEL, MOTIONS, INTERPOLATION, AVERAGING, REGISTRATION)

CHAPTER = Chapter(
    "cameras",
    2,
    "Cameras and motion",
    "From world to pixel, in everybody's convention; rotations and rigid motions that you can drag.",
    ACTIVITIES,
)
