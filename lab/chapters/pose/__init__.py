"""Chapter 5: where a picture was taken from, found and followed by comparing pictures."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.pose.basins import BASINS
from lab.chapters.pose.estimate import POSE
from lab.chapters.pose.spheres import SPHERES
from lab.chapters.pose.tracking import TRACKING

ACTIVITIES: tuple[Activity, ...] = (POSE, BASINS, TRACKING, SPHERES)

CHAPTER = Chapter(
    "pose",
    5,
    "Pose",
    "Find the camera of a picture by rendering, where that works from, and follow an object through a film.",
    ACTIVITIES,
)
