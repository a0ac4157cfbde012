"""Which faces of a mesh pass through each other."""

from __future__ import annotations

from functools import partial

import numpy as np

from lab.fitting.surface import SurfaceTree
from lab.kernels.crew import Crew
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

PIECE = 1024
"""Faces in a piece of work."""


def self_intersecting_faces(verts: Array, faces: Array, crew: Crew | None = None) -> Array:
    """The faces (F,) bool that cut another one. verts (V, 3), faces (F, 3) int32.

    Two faces without a common vertex cut when they share a point, coplanar ones too. Two with one common vertex cut
    when they share more than it and are not coplanar. Two with a common edge never count, nor does a face that names
    a vertex twice. Coordinates that are not finite cut nothing.
    """
    hit = np.zeros(len(faces), bool)
    if not len(faces):
        return hit
    tree = SurfaceTree(verts, faces)
    common = (tree.corners, faces, tree.order, tree.boxes)
    starts = range(0, len(faces), PIECE)
    pieces = [partial(_find, *common, at, min(at + PIECE, len(faces)), hit) for at in starts]
    (crew or Crew(1)).share(pieces)
    return hit


@inlined
def _overlap(boxes: Array, a: int, b: int) -> bool:
    return (
        boxes[a, 0] <= boxes[b, 3]
        and boxes[b, 0] <= boxes[a, 3]
        and boxes[a, 1] <= boxes[b, 4]
        and boxes[b, 1] <= boxes[a, 4]
        and boxes[a, 2] <= boxes[b, 5]
        and boxes[b, 2] <= boxes[a, 5]
    )


@inlined
def _volume(a: Array, b: Array, c: Array, d: Array) -> float:
    """Six times the signed volume of the tetrahedron; 0 when the four points are coplanar."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    wx, wy, wz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    return ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx)


@kernel
def _segment_cuts(p: Array, q: Array, face: Array) -> bool:
    """Whether the segment p q meets the face, where it does not lie in its plane."""
    a, b, c = face[0], face[1], face[2]
    at_p, at_q = _volume(a, b, c, p), _volume(a, b, c, q)
    if (at_p > 0.0 and at_q > 0.0) or (at_p < 0.0 and at_q < 0.0) or (at_p == 0.0 and at_q == 0.0):
        return False
    u, v, w = _volume(p, q, a, b), _volume(p, q, b, c), _volume(p, q, c, a)
    return (u >= 0.0 and v >= 0.0 and w >= 0.0) or (u <= 0.0 and v <= 0.0 and w <= 0.0)


@inlined
def _turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@kernel
def _inside(x: float, y: float, face: Array, i: int, j: int) -> bool:
    """Whether a point is in the face, seen along the axis that is neither i nor j."""
    u = _turn(face[0, i], face[0, j], face[1, i], face[1, j], x, y)
    v = _turn(face[1, i], face[1, j], face[2, i], face[2, j], x, y)
    w = _turn(face[2, i], face[2, j], face[0, i], face[0, j], x, y)
    return (u >= 0.0 and v >= 0.0 and w >= 0.0) or (u <= 0.0 and v <= 0.0 and w <= 0.0)


@kernel
def _coplanar_cut(face: Array, other: Array) -> bool:
    """Whether two faces in one plane overlap."""
    ux, uy, uz = face[1, 0] - face[0, 0], face[1, 1] - face[0, 1], face[1, 2] - face[0, 2]
    vx, vy, vz = face[2, 0] - face[0, 0], face[2, 1] - face[0, 1], face[2, 2] - face[0, 2]
    nx, ny, nz = abs(uy * vz - uz * vy), abs(uz * vx - ux * vz), abs(ux * vy - uy * vx)
    if nx == 0.0 and ny == 0.0 and nz == 0.0:
        return False
    i, j = 0, 1
    if nx >= ny and nx >= nz:
        i, j = 1, 2
    elif ny >= nz:
        i, j = 0, 2
    for m in range(3):
        ax, ay, bx, by = face[m, i], face[m, j], face[(m + 1) % 3, i], face[(m + 1) % 3, j]
        for n in range(3):
            cx, cy, dx, dy = other[n, i], other[n, j], other[(n + 1) % 3, i], other[(n + 1) % 3, j]
            c_side, d_side = _turn(ax, ay, bx, by, cx, cy), _turn(ax, ay, bx, by, dx, dy)
            a_side, b_side = _turn(cx, cy, dx, dy, ax, ay), _turn(cx, cy, dx, dy, bx, by)
            if c_side * d_side < 0.0 and a_side * b_side < 0.0:
                return True
    return _inside(face[0, i], face[0, j], other, i, j) or _inside(other[0, i], other[0, j], face, i, j)


@inlined
def _repeats(faces: Array, f: int) -> bool:
    """Whether a face names a vertex twice."""
    return faces[f, 0] == faces[f, 1] or faces[f, 1] == faces[f, 2] or faces[f, 2] == faces[f, 0]


@kernel
def _cut(corners: Array, faces: Array, f: int, g: int) -> bool:
    """Whether the faces f and g cut each other."""
    shared = 0
    own, others = -1, -1
    for m in range(3):
        for n in range(3):
            if faces[f, m] == faces[g, n]:
                shared += 1
                own, others = m, n
    face, other = corners[f], corners[g]
    if shared > 1:
        return False
    if shared == 1:  # only the edges opposite to the common vertex can cut
        return _segment_cuts(face[(own + 1) % 3], face[(own + 2) % 3], other) or _segment_cuts(
            other[(others + 1) % 3], other[(others + 2) % 3], face
        )
    flat = True
    above = below = False
    for n in range(3):
        side = _volume(face[0], face[1], face[2], other[n])
        flat = flat and side == 0.0
        above = above or side >= 0.0
        below = below or side <= 0.0
    if not (above and below):
        return False
    if flat:
        return _coplanar_cut(face, other)
    for m in range(3):
        if _segment_cuts(other[m], other[(m + 1) % 3], face) or _segment_cuts(face[m], face[(m + 1) % 3], other):
            return True
    return False


@kernel
def _find(corners: Array, faces: Array, order: Array, boxes: Array, start: int, stop: int, hit: Array) -> None:
    """Mark the faces at ``order[start:stop]`` and those further on that they cut."""
    first = len(boxes) // 2
    waiting = np.empty(64, np.int64)
    for place in range(start, stop):
        f = order[place]
        if _repeats(faces, f):
            continue
        waiting[0] = 1
        depth = 1
        while depth > 0:
            depth -= 1
            node = waiting[depth]
            if not _overlap(boxes, node, first + place):
                continue
            if node < first:
                waiting[depth] = 2 * node
                waiting[depth + 1] = 2 * node + 1
                depth += 2
                continue
            if node - first <= place:
                continue
            g = order[node - first]
            if (hit[f] and hit[g]) or _repeats(faces, g):
                continue
            if _cut(corners, faces, f, g):
                hit[f] = True
                hit[g] = True
