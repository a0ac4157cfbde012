"""Normals to shade with: smooth ones as PyTorch3D makes them, and smooth ones that keep edges sharp."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from lab.geometry import face_cross, unit
from lab.kernels.jit import kernel
from lab.scene import Array


class Normals:
    """The normals of one mesh, each kind made when it is first asked for. given: (V, 3), the mesh's own, or None."""

    def __init__(self, verts: Array, faces: Array, given: Array | None = None) -> None:
        self._verts, self._faces, self._given = verts, faces, given
        self._creased: tuple[float, Array] | None = None

    @cached_property
    def smooth(self) -> Array:
        """(V, 3) unit: the mesh's own, or see ``smooth``."""
        return self._given if self._given is not None else smooth(self._verts, self._faces)

    @cached_property
    def flat(self) -> Array:
        """(F, 3) unit: see ``flat``."""
        return flat(self._verts, self._faces)

    def creased(self, crease_deg: float) -> Array:
        """(F, 3, 3) unit: see ``creased``."""
        if self._creased is None or self._creased[0] != crease_deg:
            self._creased = crease_deg, creased(self._verts, self._faces, crease_deg)
        return self._creased[1]


def smooth(verts: Array, faces: Array) -> Array:
    """(V, 3) float64 unit: the area-weighted mean of the faces around each vertex; zero without any."""
    cross = face_cross(verts, faces)
    total = np.empty((len(verts), 3))
    for axis in range(3):
        total[:, axis] = np.bincount(faces.reshape(-1), np.repeat(cross[:, axis], 3), len(verts))
    return unit(total)


def flat(verts: Array, faces: Array) -> Array:
    """(F, 3) float64 unit, outward for counter-clockwise faces; zero for faces without area."""
    return unit(face_cross(verts, faces))


def creased(verts: Array, faces: Array, crease_deg: float) -> Array:
    """(F, 3, 3) float64 unit, a normal for each corner: edges that bend by more than ``crease_deg`` stay sharp.

    Each corner takes the area-weighted mean of those faces around its vertex whose normals are within the angle of its
    own face's. 180 is smooth everywhere, 0 is flat.
    """
    cross = face_cross(verts, faces)
    normals = unit(cross)
    corners = faces.reshape(-1)
    order = np.argsort(corners, kind="stable").astype(np.int32)
    starts = np.searchsorted(corners[order], np.arange(len(verts) + 1)).astype(np.int32)
    total = np.empty((len(corners), 3))
    limit = math.cos(math.radians(crease_deg)) - 1e-9  # faces of one plane belong together at 0, too
    _gather(cross, normals, corners, order, starts, limit, total)
    return unit(total).reshape(-1, 3, 3)


@kernel
def _gather(
    cross: Array, normals: Array, corners: Array, order: Array, starts: Array, limit: float, total: Array
) -> None:
    for corner in range(len(corners)):
        face = corner // 3
        total[corner] = 0.0
        for place in range(starts[corners[corner]], starts[corners[corner] + 1]):
            other = order[place] // 3
            cosine = 0.0
            for axis in range(3):
                cosine += normals[face, axis] * normals[other, axis]
            if cosine >= limit:
                for axis in range(3):
                    total[corner, axis] += cross[other, axis]
