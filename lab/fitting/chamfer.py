"""The Chamfer distance between samples of a mesh and target points, and its normal term, with their gradients.

Values are those of PyTorch3D's ``chamfer_distance`` (squared distances, mean over the points of either side, the sum
of both) and of its second result, 1 - |cos| of the normals at nearest points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.fitting.neighbours import PointTree
from lab.fitting.sampling import Samples, face_normals
from lab.kernels.crew import Crew
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

SMALLEST_NORMAL = 1e-6
"""The length under which PyTorch3D's cosine similarity clamps a normal."""


@dataclass(frozen=True, eq=False)
class TargetPoints:
    """The target's side of one evaluation: a tree over its points (m, 3), and their normals (m, 3) or None."""

    tree: PointTree
    normals: Array | None = None


@dataclass(frozen=True, eq=False)
class Chamfer:
    """Values and gradients (V, 3) by the vertices; the normal term's are None where the target has no normals."""

    value: float
    gradient: Array
    normals_value: float | None
    normals_gradient: Array | None


def chamfer(verts: Array, faces: Array, samples: Samples, target: TargetPoints, crew: Crew | None = None) -> Chamfer:
    """The Chamfer distance of ``samples`` of the mesh ``verts`` (V, 3), ``faces`` (F, 3) from ``target``.

    The nearest points are constants of the gradient, as in PyTorch3D. ``verts`` and the target have the same dtype.
    A face without area has a zero normal; its samples count 1 in the normal term and give no gradient.
    """
    points = samples.points(verts, faces)
    tree = PointTree(points)
    pieces, to_target, _ = target.tree.query_pieces(points, tree.order)
    more_pieces, to_samples, _ = tree.query_pieces(target.tree.points, target.tree.order)
    (crew or Crew(1)).share(pieces + more_pieces)

    gradient = np.zeros_like(verts)
    pull = np.zeros((len(points), 3))
    value = _distances(points, target.tree.points, to_target, to_samples, pull)
    _to_verts(faces, samples.face_ids, samples.bary, pull, gradient)
    if target.normals is None:
        return Chamfer(value, gradient, None, None)

    turn = np.zeros((len(faces), 3))
    normals_gradient = np.zeros_like(verts)
    normals = face_normals(verts, faces)
    normals_value = _cosines(normals, samples.face_ids, target.normals, to_target, to_samples, turn)
    _normals_to_verts(verts, faces, normals, turn, normals_gradient)
    return Chamfer(value, gradient, normals_value, normals_gradient)


@kernel
def _distances(points: Array, target: Array, to_target: Array, to_samples: Array, pull: Array) -> float:
    """The value; ``pull`` (n, 3), zero before, becomes its gradient by the points."""
    total = 0.0
    share = 1.0 / len(points)
    for i in range(len(points)):
        j = to_target[i]
        for k in range(3):
            difference = np.float64(points[i, k]) - target[j, k]
            total += share * difference * difference
            pull[i, k] += 2.0 * share * difference
    share = 1.0 / len(target)
    for j in range(len(target)):
        i = to_samples[j]
        for k in range(3):
            difference = np.float64(points[i, k]) - target[j, k]
            total += share * difference * difference
            pull[i, k] += 2.0 * share * difference
    return total


@kernel
def _to_verts(faces: Array, face_ids: Array, bary: Array, pull: Array, gradient: Array) -> None:
    for s in range(len(face_ids)):
        f = face_ids[s]
        for corner in range(3):
            vert = faces[f, corner]
            for k in range(3):
                gradient[vert, k] += bary[s, corner] * pull[s, k]


@inlined
def _cosine(normals: Array, f: int, target: Array, j: int, share: float, turn: Array) -> float:
    """share * (1 - |cos|) of a face's normal and a target normal; adds the gradient by the face's unit normal."""
    nx, ny, nz = np.float64(normals[f, 0]), np.float64(normals[f, 1]), np.float64(normals[f, 2])
    tx, ty, tz = np.float64(target[j, 0]), np.float64(target[j, 1]), np.float64(target[j, 2])
    scale = 1.0 / max(np.sqrt(tx * tx + ty * ty + tz * tz), SMALLEST_NORMAL)
    cos = scale * (nx * tx + ny * ty + nz * tz)
    factor = -share * scale if cos > 0.0 else (share * scale if cos < 0.0 else 0.0)
    turn[f, 0] += factor * tx
    turn[f, 1] += factor * ty
    turn[f, 2] += factor * tz
    return share * (1.0 - abs(cos))


@kernel
def _cosines(normals: Array, face_ids: Array, target: Array, to_target: Array, to_samples: Array, turn: Array) -> float:
    """The value; ``turn`` (F, 3), zero before, becomes its gradient by the faces' unit normals."""
    total = 0.0
    for i in range(len(to_target)):
        total += _cosine(normals, face_ids[i], target, to_target[i], 1.0 / len(to_target), turn)
    for j in range(len(to_samples)):
        total += _cosine(normals, face_ids[to_samples[j]], target, j, 1.0 / len(to_samples), turn)
    return total


@kernel
def _normals_to_verts(verts: Array, faces: Array, normals: Array, turn: Array, gradient: Array) -> None:
    """Through n = raw / |raw|, raw = (v1 - v0) x (v2 - v0)."""
    for f in range(len(faces)):
        gx, gy, gz = turn[f, 0], turn[f, 1], turn[f, 2]
        if gx == 0.0 and gy == 0.0 and gz == 0.0:
            continue
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        x, y, z = np.float64(verts[i, 0]), np.float64(verts[i, 1]), np.float64(verts[i, 2])
        ax, ay, az = verts[j, 0] - x, verts[j, 1] - y, verts[j, 2] - z
        bx, by, bz = verts[k, 0] - x, verts[k, 1] - y, verts[k, 2] - z
        rx, ry, rz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        length = np.sqrt(rx * rx + ry * ry + rz * rz)
        if not length > 0.0:
            continue
        nx, ny, nz = normals[f, 0], normals[f, 1], normals[f, 2]
        along = nx * gx + ny * gy + nz * gz
        ux, uy, uz = (gx - along * nx) / length, (gy - along * ny) / length, (gz - along * nz) / length
        # d/da = b x u, d/db = u x a
        dax, day, daz = by * uz - bz * uy, bz * ux - bx * uz, bx * uy - by * ux
        dbx, dby, dbz = uy * az - uz * ay, uz * ax - ux * az, ux * ay - uy * ax
        gradient[j, 0] += dax
        gradient[j, 1] += day
        gradient[j, 2] += daz
        gradient[k, 0] += dbx
        gradient[k, 1] += dby
        gradient[k, 2] += dbz
        gradient[i, 0] -= dax + dbx
        gradient[i, 1] -= day + dby
        gradient[i, 2] -= daz + dbz
