"""Which meshes make up a batch: the course's, bundled ones or the person's own; and how they stand in a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from lab.batching.shapes import course_batch
from lab.chapters.data.batching import BUNDLED
from lab.examples import example_path
from lab.formats import read
from lab.palette import surface
from lab.scene import Array, Mesh
from lab.study import Label

_ROOM = 2.6
"""Distance of two neighbours in a picture, in units of the radius that both are scaled to."""
_LABEL_HEIGHT = 1.15


@cache
def bundled_batch() -> Mapping[str, Mesh]:
    """Meshes that come with the lab, by name."""
    found = {}
    for name in BUNDLED:
        entity = read(example_path(name)).entity
        assert isinstance(entity, Mesh), f"{name} is a mesh"
        found[name] = entity
    return found


@cache
def made_batch() -> Mapping[str, Mesh]:
    """The course's three, always the same objects."""
    return course_batch()


def radius_of(mesh: Mesh) -> tuple[Array, float]:
    """The middle of a mesh's box (3,) float64, and the largest distance of a vertex from it (1 for a single place)."""
    verts = mesh.verts.astype(np.float64)
    middle = 0.5 * (verts.min(axis=0) + verts.max(axis=0))
    radius = float(np.linalg.norm(verts - middle, axis=1).max())
    return middle, radius if radius > 0.0 else 1.0


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each mesh of a batch is drawn: ``scales[n] * verts + shifts[n]``. scales (N,), shifts (N, 3), float64."""

    scales: Array
    shifts: Array

    def place(self, number: int, verts: Array) -> Array:
        """Vertices (..., 3) of mesh ``number`` where they are drawn, float32."""
        return (self.scales[number] * verts.astype(np.float64) + self.shifts[number]).astype(np.float32)


def layout(meshes: Sequence[Mesh], *, side_by_side: bool, room: float = _ROOM) -> Layout:
    """Beside each other at one size (radius 1, ``room`` apart along x), or as they are."""
    count = len(meshes)
    if not side_by_side:
        return Layout(np.ones(count), np.zeros((count, 3)))
    middles, radii = zip(*(radius_of(mesh) for mesh in meshes), strict=True)
    scales = 1.0 / np.array(radii)
    places = np.zeros((count, 3))
    places[:, 0] = room * (np.arange(count) - 0.5 * (count - 1))
    return Layout(scales, places - scales[:, None] * np.array(middles))


def joined(parts: Sequence[Array], faces: Sequence[Array]) -> Mesh:
    """The batch as one mesh, packed, each part in its hue. parts: N arrays (V_n, 3); faces: N arrays (F_n, 3)."""
    counts = [len(part) for part in parts]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    hues = np.array([surface(number) for number in range(len(parts))], np.float32)
    return Mesh(
        np.concatenate(parts),
        np.concatenate([face + start for face, start in zip(faces, first, strict=True)]),
        colors=np.repeat(hues, counts, axis=0),
    )


def name_labels(names: Sequence[str], parts: Sequence[Array]) -> tuple[Label, ...]:
    """The number and name of each part above it, in its hue."""
    labels = []
    for number, (name, part) in enumerate(zip(names, parts, strict=True)):
        lower, upper = part.min(axis=0), part.max(axis=0)
        x, y, z = 0.5 * (lower + upper)
        top = float(y + _LABEL_HEIGHT * (upper[1] - y))
        labels.append(Label((float(x), top, float(z)), f"{number} {name}", surface(number)))
    return tuple(labels)
