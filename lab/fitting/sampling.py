"""Points on a surface, uniform by area: PyTorch3D's ``sample_points_from_meshes`` with numpy's random generator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Samples:
    """Where points lie on a mesh: face_ids (n,) int32 and barycentric coordinates bary (n, 3) of the faces' corners."""

    face_ids: Array
    bary: Array

    def __len__(self) -> int:
        return len(self.face_ids)

    def points(self, verts: Array, faces: Array) -> Array:
        """The points (n, 3) on the mesh, of the dtype of ``verts``."""
        points = np.empty((len(self), 3), verts.dtype)
        _points(verts, faces, self.face_ids, self.bary, points)
        return points

    def normals(self, verts: Array, faces: Array) -> Array:
        """The unit normals (n, 3) of the points' faces; zero on a face without area."""
        return face_normals(verts, faces)[self.face_ids]


class SurfaceSampler:
    """Draws points from a mesh that stands still. verts (V, 3), faces (F, 3) int32.

    Raises ValueError where the mesh has no area, or is not finite.
    """

    def __init__(self, verts: Array, faces: Array) -> None:
        self._cumulative = np.empty(len(faces))
        _cumulative_areas(verts, faces, self._cumulative)
        if not len(faces) or not (np.isfinite(self._cumulative[-1]) and self._cumulative[-1] > 0.0):
            raise ValueError("the mesh has no area to draw points from")

    @cached_property
    def _guide(self) -> Array:
        return _guide(self._cumulative)

    @property
    def area(self) -> float:
        """The area of the mesh."""
        return float(self._cumulative[-1])

    def draw(self, count: int, rng: np.random.Generator, dtype: type[np.floating] = np.float32) -> Samples:
        """``count`` independent points: a face by its area, then (1 - √u, √u (1 - v), √u v) on it."""
        pick = rng.random(count)
        uv = rng.random((2, count), dtype=dtype)  # type: ignore[arg-type]
        face_ids = np.empty(count, np.int32)
        bary = np.empty((count, 3), dtype)
        _draw(self._cumulative, self._guide, pick, uv, face_ids, bary)
        return Samples(face_ids, bary)


def face_normals(verts: Array, faces: Array) -> Array:
    """Unit normals (F, 3) of the dtype of ``verts``, by the right hand; zero for a face without area."""
    normals = np.empty((len(faces), 3), verts.dtype)
    _face_normals(verts, faces, normals)
    return normals


def signed_volume(verts: Array, faces: Array) -> float:
    """The volume that a closed mesh encloses; negative when its faces point inwards."""
    return _signed_volume(verts, faces)


@kernel
def _cumulative_areas(verts: Array, faces: Array, cumulative: Array) -> None:
    total = 0.0
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        x, y, z = np.float64(verts[i, 0]), np.float64(verts[i, 1]), np.float64(verts[i, 2])
        ax, ay, az = verts[j, 0] - x, verts[j, 1] - y, verts[j, 2] - z
        bx, by, bz = verts[k, 0] - x, verts[k, 1] - y, verts[k, 2] - z
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        total += 0.5 * np.sqrt(nx * nx + ny * ny + nz * nz)
        cumulative[f] = total


@kernel
def _guide(cumulative: Array) -> Array:
    """For each of F equal slices of the total area, the face in which it starts: the search is then a short walk."""
    count = len(cumulative)
    guide = np.empty(count, np.int32)
    slice_area = cumulative[count - 1] / count
    face = 0
    for s in range(count):
        while face < count - 1 and cumulative[face] <= s * slice_area:
            face += 1
        guide[s] = face
    return guide


@kernel
def _draw(cumulative: Array, guide: Array, pick: Array, uv: Array, face_ids: Array, bary: Array) -> None:
    count = len(cumulative)
    total = cumulative[count - 1]
    for i in range(len(pick)):
        face = guide[min(int(pick[i] * count), count - 1)]
        area = pick[i] * total
        while face < count - 1 and cumulative[face] <= area:
            face += 1
        face_ids[i] = face
        root = np.sqrt(np.float64(uv[0, i]))
        bary[i, 0] = 1.0 - root
        bary[i, 1] = root * (1.0 - uv[1, i])
        bary[i, 2] = root * uv[1, i]


@kernel
def _points(verts: Array, faces: Array, face_ids: Array, bary: Array, points: Array) -> None:
    for s in range(len(face_ids)):
        f = face_ids[s]
        for k in range(3):
            points[s, k] = (
                bary[s, 0] * np.float64(verts[faces[f, 0], k])
                + bary[s, 1] * np.float64(verts[faces[f, 1], k])
                + bary[s, 2] * np.float64(verts[faces[f, 2], k])
            )


@kernel
def _face_normals(verts: Array, faces: Array, normals: Array) -> None:
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        x, y, z = np.float64(verts[i, 0]), np.float64(verts[i, 1]), np.float64(verts[i, 2])
        ax, ay, az = verts[j, 0] - x, verts[j, 1] - y, verts[j, 2] - z
        bx, by, bz = verts[k, 0] - x, verts[k, 1] - y, verts[k, 2] - z
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        length = np.sqrt(nx * nx + ny * ny + nz * nz)
        scale = 1.0 / length if length > 0.0 else 0.0
        normals[f, 0], normals[f, 1], normals[f, 2] = scale * nx, scale * ny, scale * nz


@kernel
def _signed_volume(verts: Array, faces: Array) -> float:
    total = 0.0
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = np.float64(verts[i, 0]), np.float64(verts[i, 1]), np.float64(verts[i, 2])
        bx, by, bz = np.float64(verts[j, 0]), np.float64(verts[j, 1]), np.float64(verts[j, 2])
        cx, cy, cz = np.float64(verts[k, 0]), np.float64(verts[k, 1]), np.float64(verts[k, 2])
        total += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    return total / 6.0
