"""Chapter 1: what 3D data are, how they turn into one another, and how they are batched."""

from __future__ import annotations

from lab.chapter import Activity, Chapter

ACTIVITIES: tuple[Activity, ...] = ()

CHAPTER = Chapter(
    "data",
    1,
    "Data",
    "Point clouds, meshes, voxels and distance fields of one object, side by side.",
    ACTIVITIES,
)
