"""Chapter 8: the body. Skinning, shape and pose, motion, and bodies found in photos and scans."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.body.body import BODY
from lab.chapters.body.footage import FOOTAGE
from lab.chapters.body.motion import MOTION
from lab.chapters.body.outline import OUTLINE
from lab.chapters.body.scan import SCAN
from lab.chapters.body.skinning import SKINNING
from lab.chapters.body.smplify import SMPLIFY

ACTIVITIES: tuple[Activity, ...] = (SKINNING, BODY, MOTION, SMPLIFY, FOOTAGE, SCAN, OUTLINE)

CHAPTER = Chapter(
    "body",
    8,
    "The human body",
    "A body under your sliders: skinning, shape, pose and motion, and the same body found in photos and scans.",
    ACTIVITIES,
)
