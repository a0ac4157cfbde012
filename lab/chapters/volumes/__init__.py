"""Chapter 6: pictures with known cameras, and volumes that are reconstructed from them."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.volumes.images import IMAGES
from lab.chapters.volumes.marching import MARCHING
from lab.chapters.volumes.reconstruct import VOLUME
from lab.chapters.volumes.scalar import SCALAR

ACTIVITIES: tuple[Activity, ...] = (IMAGES, MARCHING, SCALAR, VOLUME)

CHAPTER = Chapter(
    "volumes",
    6,
    "Volumes",
    "Pictures with known cameras: made, opened, checked, and what can be reconstructed from them.",
    ACTIVITIES,
)
