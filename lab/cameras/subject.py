"""The object in front of the camera: within reach of the sliders, with the points that stand for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lab.scene import Array, Geometry, bounds
from lab.study import StudyError

REACH = 10.0  # metres: how far from the world's origin the sliders put a camera
_SMALLEST = 0.05  # metres; a smaller object is enlarged
_SAMPLE = 2000  # points that stand for the object


@dataclass(frozen=True, eq=False)
class Subject:
    """An object as the studies of cameras show it.

    shown: the geometry; the one that was given, unless it had to be moved and scaled. moved: whether that was needed.
    """

    shown: Geometry
    moved: bool

    @cached_property
    def box(self) -> tuple[Array, Array]:
        """Lower and upper corner, (3,) float64 each, world."""
        return bounds(self.shown)

    @property
    def center(self) -> Array:
        """(3,) float64: the middle of the bounding box."""
        return (self.box[0] + self.box[1]) / 2

    @property
    def radius(self) -> float:
        """Half of the bounding box's diagonal, metres; never 0."""
        return max(float(np.linalg.norm(self.box[1] - self.box[0])) / 2, 1e-3)

    @cached_property
    def points(self) -> Array:
        """(N, 3) float64, N up to 2,000: vertices spread over the list of vertices, world."""
        verts = self.shown.verts
        step = max(1, math.ceil(len(verts) / _SAMPLE))
        return np.asarray(verts[::step] + self.shown.origin, np.float64)


def prepare(geometry: Geometry | None) -> Subject:
    """The object as it is, or moved to the origin and scaled to 2 m when it is out of the sliders' reach.

    Raises StudyError where there is nothing to look at.
    """
    if geometry is None:
        raise StudyError("There is nothing before the camera: choose an object.")
    if not len(geometry.verts):
        raise StudyError("The object has no vertices: choose another.")
    lower, upper = bounds(geometry)
    extent = float((upper - lower).max(initial=0.0))
    if extent >= _SMALLEST and max(np.abs(lower).max(), np.abs(upper).max()) <= REACH / 2:
        return Subject(geometry, moved=False)
    scale = 2 / extent if extent > 0 else 1.0
    verts = (geometry.verts - ((lower + upper) / 2 - geometry.origin)) * scale
    shown: Geometry = replace(geometry, verts=verts.astype(np.float32), origin=np.zeros(3))
    return Subject(shown, moved=True)
