"""What the studies of motions draw: lines, frames, arrows, circles. World frame, metres; all float32 in the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations

import numpy as np

from lab.motions import se3, so3
from lab.scene import Array, Lines, Mesh

AXIS_COLORS = ((0.90, 0.30, 0.28), (0.36, 0.72, 0.34), (0.33, 0.55, 0.95))
"""Red, green and blue for x, y and z, readable on both grounds."""

NOTHING = Lines(np.zeros((0, 3)), np.zeros((0, 2)))

_SHORTEST = 1e-7  # metres
_HEAD, _HEAD_WIDTH = 0.12, 0.05  # of an arrow: length and half width, metres


def polyline(points: Array) -> Lines:
    """One line through points (N, 3), without its pieces of length 0. Points that are not finite interrupt it."""
    points = np.asarray(points, np.float64)
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    first = np.flatnonzero(np.isfinite(lengths) & (lengths > _SHORTEST))
    return Lines(np.nan_to_num(points), np.stack([first, first + 1], axis=1)) if len(first) else NOTHING


def joined(parts: Sequence[Lines]) -> Lines:
    """Several lines without colours as one entity."""
    parts = [part for part in parts if len(part.edges)]
    if not parts:
        return NOTHING
    starts = np.cumsum([0, *(len(part.verts) for part in parts)])
    return Lines(
        np.concatenate([part.verts for part in parts]),
        np.concatenate([part.edges + start for part, start in zip(parts, starts, strict=False)]),
    )


def frames(poses: Array, size: float) -> Lines:
    """The axes of poses (N, 4, 4), ``size`` metres long, x red, y green, z blue. Poses with NaN are left out."""
    poses = poses[np.isfinite(poses).all(axis=(1, 2))]
    corners = np.concatenate([np.zeros((1, 3)), size * np.eye(3)])
    verts = se3.apply(poses, corners).reshape(-1, 3)
    edges = 4 * np.arange(len(poses))[:, None, None] + np.array([[0, 1], [0, 2], [0, 3]])
    return Lines(verts, edges.reshape(-1, 2), np.tile(np.array(AXIS_COLORS), (len(poses), 1)))


def across(direction: Array) -> tuple[Array, Array]:
    """Two unit vectors at right angles to a unit vector (3,) and to each other; the three are right-handed."""
    least = np.eye(3)[np.abs(direction).argmin()]
    first = np.cross(direction, least)
    first /= np.linalg.norm(first)
    return first, np.cross(direction, first)


def circle(center: Array, direction: Array, radius: float, segments: int = 72) -> Lines:
    """A circle about a unit vector (3,)."""
    u, v = across(direction)
    turn = np.linspace(0, 2 * np.pi, segments + 1)[:, None]
    return polyline(center + radius * (np.cos(turn) * u + np.sin(turn) * v))


def arc(center: Array, omega: Array, radius: float) -> Lines:
    """The way that a point at right angles to the axis goes in the turn omega (3,), with an arrow head at its end."""
    theta = float(np.linalg.norm(omega))
    if theta == 0:
        return NOTHING
    u, _ = across(omega / theta)
    points = center + radius * (so3.exp(np.linspace(0, 1, max(2, int(theta * 12)))[:, None] * omega) @ u)
    tangent = np.cross(omega / theta, points[-1] - center)
    return joined([polyline(points), *_head(points[-1], tangent, min(_HEAD, 0.4 * theta * radius))])


def arrow(start: Array, vector: Array) -> Lines:
    """A thin arrow; nothing for a vector of length 0."""
    start, vector = np.asarray(start, np.float64), np.asarray(vector, np.float64)
    length = float(np.linalg.norm(vector))
    if length == 0:
        return NOTHING
    end = start + vector
    return joined([polyline(np.stack([start, end])), *_head(end, vector, min(_HEAD, 0.4 * length))])


def axis(point: Array, direction: Array, reach: float) -> Lines:
    """A line through a point along a unit vector, ``reach`` metres to either side."""
    return polyline(point + np.array([[-reach], [reach]]) * direction)


def balls(centers: Array, radius: float) -> Mesh:
    """A small icosahedron about each of the centres (N, 3), with the normals of a sphere."""
    ball, triangles = _icosahedron()
    verts = centers[:, None] + radius * ball
    faces = triangles + (len(ball) * np.arange(len(centers)))[:, None, None]
    return Mesh(verts.reshape(-1, 3), faces.reshape(-1, 3), normals=np.tile(ball, (len(centers), 1)))


@cache
def _icosahedron() -> tuple[Array, Array]:
    """Unit verts (12, 3), and as faces (20, 3) all triples of neighbours, counter-clockwise from outside."""
    golden = (1 + 5**0.5) / 2
    corners = [np.roll((0.0, a, b * golden), shift) for shift in range(3) for a in (-1, 1) for b in (-1, 1)]
    verts = np.array(corners) / np.hypot(1, golden)
    near = verts @ verts.T > 0.4  # the cosine between neighbours is 1 / sqrt(5)
    triples = [t for t in combinations(range(12), 3) if near[t[0], t[1]] and near[t[1], t[2]] and near[t[0], t[2]]]
    return verts, np.array([t if np.linalg.det(verts[list(t)]) > 0 else t[::-1] for t in triples])


def _head(tip: Array, direction: Array, length: float) -> list[Lines]:
    along = direction / max(float(np.linalg.norm(direction)), 1e-300)
    back, width = tip - length * along, length * _HEAD_WIDTH / _HEAD
    return [polyline(np.stack([back + width * side, tip, back - width * side])) for side in across(along)]
