"""Chapter 2: cameras and their conventions, and the motions of rigid bodies."""

from __future__ import annotations

from lab.chapter import Activity, Chapter

ACTIVITIES: tuple[Activity, ...] = ()

CHAPTER = Chapter(
    "cameras",
    2,
    "Cameras and motion",
    "From world to pixel, in everybody's convention; rotations and rigid motions that you can drag.",
    ACTIVITIES,
)
