"""A tree over the faces of a mesh that stands still, and exact distances to them."""

from __future__ import annotations

from functools import partial

import numpy as np

from lab.fitting.neighbours import curve_order
from lab.kernels.crew import Crew
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

PIECE = 640
"""Queries in a piece of work."""


class SurfaceTree:
    """The faces of a mesh, to ask how far away they are. verts (V, 3), faces (F, 3), F at least 1.

    corners: (F, 3, 3) float64. order: (F,) int32, the faces along a Hilbert curve. boxes: (2 * first, 6) float64,
    lower and upper corner; a complete binary tree in which node i has the children 2i and 2i + 1, and the leaf
    first + p is the face order[p].
    """

    def __init__(self, verts: Array, faces: Array) -> None:
        self.corners: Array = verts.astype(np.float64)[faces]
        self.order: Array = curve_order(self.corners.mean(axis=1))
        self.boxes = _face_boxes(self.corners, self.order)

    def distances(
        self, points: Array, crew: Crew | None = None, *, order: Array | None = None, limit: float = np.inf
    ) -> Array:
        """The distance (N,) float32 of each of ``points`` (N, 3) to its nearest face; NaN where it is not finite.

        order: (N,) int32, a permutation in which neighbours follow each other; found here where it is not given.
        limit: what is as far or farther gets infinity, the sooner the smaller the limit.
        """
        order = curve_order(points) if order is None else order
        found = np.empty(len(points), np.float32)
        common = (self.corners, self.order, self.boxes, float(limit) ** 2, points, order)
        pieces = [
            partial(_distances, *common, at, min(at + PIECE, len(points)), found) for at in range(0, len(points), PIECE)
        ]
        (crew or Crew(1)).share(pieces)
        return found


@kernel
def _face_boxes(corners: Array, order: Array) -> Array:
    first = 1
    while first < len(order):
        first *= 2
    boxes = np.empty((2 * first, 6))
    boxes[:, :3] = np.inf
    boxes[:, 3:] = -np.inf
    for place in range(len(order)):
        face = corners[order[place]]
        for k in range(3):
            boxes[first + place, k] = min(face[0, k], face[1, k], face[2, k])
            boxes[first + place, 3 + k] = max(face[0, k], face[1, k], face[2, k])
    for node in range(first - 1, 0, -1):
        for k in range(3):
            boxes[node, k] = min(boxes[2 * node, k], boxes[2 * node + 1, k])
            boxes[node, 3 + k] = max(boxes[2 * node, 3 + k], boxes[2 * node + 1, 3 + k])
    return boxes


@kernel
def _face_distance(face: Array, x: float, y: float, z: float) -> float:
    """Squared distance of a point from a face (Ericson 2005, "Real-Time Collision Detection", section 5.1.5)."""
    px, py, pz = x - face[0, 0], y - face[0, 1], z - face[0, 2]
    ux, uy, uz = face[1, 0] - face[0, 0], face[1, 1] - face[0, 1], face[1, 2] - face[0, 2]
    vx, vy, vz = face[2, 0] - face[0, 0], face[2, 1] - face[0, 1], face[2, 2] - face[0, 2]
    uu, uv, vv = ux * ux + uy * uy + uz * uz, ux * vx + uy * vy + uz * vz, vx * vx + vy * vy + vz * vz
    d1, d2 = ux * px + uy * py + uz * pz, vx * px + vy * py + vz * pz
    d3, d4, d5, d6 = d1 - uu, d2 - uv, d1 - uv, d2 - vv
    a, b, c = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    if d1 <= 0.0 and d2 <= 0.0:  # nearest to the first corner
        s, t = 0.0, 0.0
    elif d3 >= 0.0 and d4 <= d3:  # the second
        s, t = 1.0, 0.0
    elif d6 >= 0.0 and d5 <= d6:  # the third
        s, t = 0.0, 1.0
    elif c <= 0.0 and d1 >= 0.0 and d3 <= 0.0:  # the edge between first and second
        s, t = d1 / (d1 - d3), 0.0
    elif b <= 0.0 and d2 >= 0.0 and d6 <= 0.0:  # first and third
        s, t = 0.0, d2 / (d2 - d6)
    elif a <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:  # second and third
        t = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        s = 1.0 - t
    else:  # the inside
        s, t = b / (a + b + c), c / (a + b + c)
    dx, dy, dz = px - s * ux - t * vx, py - s * uy - t * vy, pz - s * uz - t * vz
    return dx * dx + dy * dy + dz * dz


@inlined
def _box_distance(boxes: Array, node: int, x: float, y: float, z: float) -> float:
    """Squared distance of a point from a node's box."""
    dx = max(max(boxes[node, 0] - x, x - boxes[node, 3]), 0.0)
    dy = max(max(boxes[node, 1] - y, y - boxes[node, 4]), 0.0)
    dz = max(max(boxes[node, 2] - z, z - boxes[node, 5]), 0.0)
    return dx * dx + dy * dy + dz * dz


@kernel
def _distances(
    corners: Array,
    order: Array,
    boxes: Array,
    limit: float,
    points: Array,
    point_order: Array,
    start: int,
    stop: int,
    found: Array,
) -> None:
    """Fill ``found`` for the points ``point_order[start:stop]``; each begins with the face of the one before it.

    limit: squared.
    """
    first = len(boxes) // 2
    waiting = np.empty(64, np.int64)
    waiting_distance = np.empty(64)
    nearest = order[0]
    for i in range(start, stop):
        item = point_order[i]
        x, y, z = np.float64(points[item, 0]), np.float64(points[item, 1]), np.float64(points[item, 2])
        best = _face_distance(corners[nearest], x, y, z)
        if best > limit:
            best = limit
        node = 1
        depth = 0
        while True:
            if node >= first:
                distance = _face_distance(corners[order[node - first]], x, y, z)
                if distance < best:
                    best = distance
                    nearest = order[node - first]
            else:
                near, far = 2 * node, 2 * node + 1
                near_distance, far_distance = _box_distance(boxes, near, x, y, z), _box_distance(boxes, far, x, y, z)
                if far_distance < near_distance:
                    near, far = far, near
                    near_distance, far_distance = far_distance, near_distance
                if far_distance < best:
                    waiting[depth] = far
                    waiting_distance[depth] = far_distance
                    depth += 1
                if near_distance < best:
                    node = near
                    continue
            while depth > 0 and not waiting_distance[depth - 1] < best:
                depth -= 1
            if depth == 0:
                break
            depth -= 1
            node = waiting[depth]
        found[item] = np.inf if best >= limit else np.sqrt(best)
