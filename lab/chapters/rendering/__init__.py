"""Chapter 3: rendering. Shading that one can probe, edges that become differentiable, and what that costs."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.rendering.cost import RASTER_COST
from lab.chapters.rendering.shading import SHADING
from lab.chapters.rendering.soft import SOFT

ACTIVITIES: tuple[Activity, ...] = (SHADING, SOFT, RASTER_COST)

CHAPTER = Chapter(
    "rendering",
    3,
    "Rendering",
    "Light, materials and rasterisation: probe any pixel, and see hard edges become differentiable.",
    ACTIVITIES,
)
