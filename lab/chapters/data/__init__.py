"""Chapter 1: what 3D data are, how they turn into one another, and how they are batched."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.data.batching import BATCH_TRANSLATION, BATCHING
from lab.chapters.data.conversions import CONVERSIONS_ACTIVITY
from lab.chapters.data.fusion import FUSION
from lab.chapters.data.inspector import INSPECTOR
from lab.chapters.data.representations import REPRESENTATIONS

ACTIVITIES: tuple[Activity, ...] = (
    REPRESENTATIONS,
    CONVERSIONS_ACTIVITY,
    FUSION,
    INSPECTOR,
    BATCHING,
    BATCH_TRANSLATION,
)

CHAPTER = Chapter(
    "data",
    1,
    "Data",
    "Point clouds, meshes, voxels and distance fields of one object, side by side.",
    ACTIVITIES,
)
