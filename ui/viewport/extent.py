"""Where the visible things of scenes are: a sample of their points, quick enough for the UI thread."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np

from lab.scene import Array, Field, Image
from ui.scene.model import SceneModel
from ui.viewport.overlay import world_points

_POINTS = 4000  # of each entity
_CELLS = 24  # along the longest side of a field that are looked at


def visible_points(scenes: Iterable[SceneModel], path: str | None = None) -> Array:
    """(N, 3) float64, world: points of all that is visible in the scenes, or of the entity under ``path``."""
    entries = [entry for scene in scenes for entry in scene if _wanted(entry.path, entry.style.visible, path)]
    entities = [entry.entity for entry in entries]
    clouds = [world_points(e.verts, e.origin, _POINTS) for e in entities if not isinstance(e, Image | Field)]
    clouds += [_vertices(e) for e in entities if isinstance(e, Field)]
    points = np.concatenate(clouds) if clouds else np.zeros((0, 3))
    return points[np.isfinite(points).all(axis=1)]


def _vertices(field: Field) -> Array:
    """(N, 3) float64, world: a sample of a field's vertices; the corners of its box where it has none."""
    stride = max(1, round(max(field.rows.shape) / _CELLS))
    there = np.argwhere(field.rows[::stride, ::stride, ::stride] >= 0) * stride
    if not len(there):
        there = np.array(list(product(*((0, side - 1) for side in field.rows.shape))))
    edge = (field.upper - field.lower) / (np.array(field.rows.shape) - 1)
    return np.asarray(field.lower + there * edge, np.float64)


def _wanted(own: str, visible: bool, path: str | None) -> bool:
    return visible if path is None else own == path
