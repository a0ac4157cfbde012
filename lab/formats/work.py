"""What ``lab.jobs`` runs in its process for files: load, save and measure."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from lab import geometry
from lab.fields.files import SUFFIX as FIELD_SUFFIX
from lab.fields.files import load_field
from lab.formats.base import Opened, Progress, Up
from lab.formats.files import read_with_stats, write
from lab.formats.transform import transform
from lab.geometry import Stats
from lab.scene import Mesh, Points


def load(path: str, scale: float, up: Up, progress: Progress) -> tuple[Opened, Stats | None]:
    """Read a file, put its units and up-axis right, and measure the result. Raises FormatError.

    A radiance field stays as it is, and has no figures.
    """
    if Path(path).suffix.lower() == FIELD_SUFFIX:
        return Opened(load_field(path), Path(path).stem), None
    loaded, figures = read_with_stats(path, progress=progress)
    entity = transform(loaded.entity, scale=scale, up=up)
    if entity is loaded.entity:
        return loaded, figures
    return dataclasses.replace(loaded, entity=entity, up="y"), geometry.stats(entity)


def save(path: str, entity: Mesh | Points, ascii: bool, progress: Progress) -> tuple[str, ...]:
    """Save a file atomically; returns what its format cannot keep. Raises FormatError."""
    return write(path, entity, progress=progress, ascii=ascii)


def measure(entity: Mesh | Points) -> Stats:
    """The figures of an entity."""
    return geometry.stats(entity)
