"""Chapter 7: radiance fields, from the classic NeRF to fields that are sharp within seconds."""

from __future__ import annotations

from lab.chapter import Activity, Chapter
from lab.chapters.fields.classic import CLASSIC
from lab.chapters.fields.film import FILM
from lab.chapters.fields.hashed import HASHED
from lab.chapters.fields.nerf import NERF

ACTIVITIES: tuple[Activity, ...] = (NERF, HASHED, CLASSIC, FILM)

CHAPTER = Chapter(
    "fields",
    7,
    "Radiance fields",
    "Scenes from posed pictures that appear before your eyes: fly through them while they train.",
    ACTIVITIES,
)
