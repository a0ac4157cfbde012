"""Chapter 6: pictures with known cameras, and volumes that are reconstructed from them."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.volumes.images import IMAGES

ACTIVITIES: tuple[Activity, ...] = (IMAGES,)

CHAPTER = Chapter(
    "volumes",
    6,
    "Volumes",
    "Pictures with known cameras: made, opened, checked, and what can be reconstructed from them.",
    ACTIVITIES,
)
