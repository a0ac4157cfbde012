"""A huge cloud sorted into the cells of a grid: what a camera sees of it, and what lies near a ray, is found at once.

Within a cell the points are in a mixed order, so that the first few of them are spread like all of them. A picture
takes so many of each cell in view as the cell is large in the picture: far away some of them, close by all. As these
are always the first ones, few points come and go while the camera moves.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lab.render.clipping import Plane
from lab.render.frustum import Frustum
from lab.scene import Array

_MOST_CELLS = 60_000  # their numbers fit into 16 bits, which numpy sorts in linear time
_CHUNK = 1 << 16  # points that are looked at together: their coordinates fit into the processor's cache
_LARGE = 0.15  # of half the picture: of cells with a larger radius, one looks at a part
_SMALL = 0.5  # of a cell's side: its points count as at least so large a thing
_HALVINGS = 30
_SAMPLE = 50_000  # points that tell where most of them are, ...
_OUTER, _ROOM = 0.002, 0.01  # ... which is where this share of them is left out on each side; room around, as a share
_MANY = 2_000_000  # points whose bounds are found at once
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, eq=False)
class Cells:
    """The occupied cells of a grid around points.

    order: (N,) int32, the points, those of a cell together. starts, counts: (C,) int64, where in ``order`` those of a
    cell begin, and how many there are. centres: (C, 3) float32 and radii: (C,) float32, metres, of balls around the
    points of a cell. side: of the cells, metres.
    """

    order: Array
    starts: Array
    counts: Array
    centres: Array
    radii: Array
    side: float

    def points(self, share: Array) -> Array:
        """(M,) int32 indices of points: the first ``share`` (C,) of each cell."""
        return self.order[_firsts(self.starts, share)]

    def visible(
        self, verts: Array, to_camera: Array, frustum: Frustum, most: int, clip: Plane | None = None
    ) -> tuple[Array, int]:
        """What to draw of the points verts (N, 3), evenly spread over the picture, and among how many that was chosen.

        to_camera: (4, 4), from the points' coordinates to the camera's. Returns (M,) int32 indices, where M is about
        ``most`` or less, and the number of points in view, or a little more. clip: only what lies above this plane, of
        the points' coordinates.
        """
        seen, half = _seen(self.centres, to_camera, frustum, self.radii, clip)
        large = seen & (self.radii > _LARGE * half)
        counts = np.where(seen, self.counts, 0)
        extent = np.maximum(self.radii, _SMALL * self.side)
        sizes = np.where(seen, (extent / np.maximum(half, extent)) ** 2, 0.0)
        inner = self.points(np.where(large, counts, 0))  # one looks at a part of these cells: which of their points?
        of_cell = np.repeat(np.flatnonzero(large), counts[large])
        kept = _seen(verts[inner], to_camera, frustum, np.zeros(1, np.float32), clip)[0]
        inner, of_cell = inner[kept], of_cell[kept]
        there = np.bincount(of_cell, minlength=len(counts))
        sizes = np.where(large, sizes * there / np.maximum(counts, 1), sizes)
        counts = np.where(large, there, counts)
        share = evenly_shared(counts, sizes, most)
        first = np.searchsorted(of_cell, np.arange(len(counts)))
        some = inner[_firsts(first, np.where(large, share, 0))]
        return np.concatenate([some, self.points(np.where(large, 0, share))]), int(counts.sum())


def _firsts(starts: Array, share: Array) -> Array:
    """(M,) int64: from each of ``starts`` (C,) on, ``share`` (C,) numbers."""
    ends = np.cumsum(share)
    return np.repeat(starts - ends + share, share) + np.arange(ends[-1] if len(ends) else 0)


def _seen(points: Array, to_camera: Array, frustum: Frustum, radii: Array, clip: Plane | None) -> tuple[Array, Array]:
    """Which balls around points (N, 3) may be seen, (N,) bool, and half the picture's smaller side there, (N,) metres.

    radii: (N,) or (1,) float32.
    """
    x, y, z = to_camera[:3, :3].astype(np.float32) @ points.T + to_camera[:3, 3:].astype(np.float32)
    slopes = np.array([[frustum.half_width], [frustum.half_height]], np.float32)
    if frustum.orthographic:
        sides, room = np.repeat(slopes, len(z), axis=1), np.stack([radii, radii])
    else:
        slopes /= np.float32(frustum.near)
        sides, room = slopes * np.maximum(-z, 0), np.sqrt(1 + slopes**2) * radii
    wide, high = sides + room
    seen = (np.abs(x) <= wide) & (np.abs(y) <= high) & (-z >= np.float32(frustum.near) - radii)
    if clip is not None:
        seen &= points @ np.array(clip[:3], np.float32) + np.float32(clip[3]) >= -radii
    return seen, sides.min(axis=0)


def evenly_shared(counts: Array, sizes: Array, most: int) -> Array:
    """(C,) int64: how many of its points (C,) each cell gives for there to be about ``most``, or all.

    A cell gives so many as its size (C,) in the picture, in any unit, asks for, or all that it has.
    """
    if counts.sum() <= most:
        return counts
    low, high = 0.0, float((counts[counts > 0] / sizes[counts > 0]).max())  # points per size
    for _ in range(_HALVINGS):
        density = (low + high) / 2
        low, high = (density, high) if np.minimum(counts, density * sizes).sum() < most else (low, density)
    chance = np.arange(len(counts)) * _GOLDEN % 1  # always the same: a cell that gives one in two pictures keeps it
    share: Array = np.minimum(counts, np.floor(low * sizes + chance)).astype(np.int64)
    return share


def sorting(verts: Array) -> Generator[None, None, Cells]:
    """Sorts verts (N, 3) float32, N > 0, all finite, into cells; returns those. About a second for ten million.

    It yields after each tenth of a second or two, so that the work can wait while the person moves.
    """
    mixed = mixture(len(verts))
    yield
    lower, extent = _where_most_are(verts[mixed[:_SAMPLE]])
    side = cell_side(extent)
    across = _across(extent, side)
    numbers = np.empty(len(verts), np.uint16)
    for start in range(0, len(verts), _CHUNK):
        at = np.floor((verts[start : start + _CHUNK] - lower) * np.float32(1 / side))
        at = np.clip(at, 0, (across - 1).astype(np.float32)).astype(np.int32)
        numbers[start : start + _CHUNK] = (at[:, 0] * across[1] + at[:, 1]) * across[2] + at[:, 2]
    yield
    counts = np.bincount(numbers)
    counts = counts[counts > 0]
    starts = np.cumsum(counts) - counts
    by_mixture = numbers[mixed]
    yield
    ranks = np.argsort(by_mixture, kind="stable")
    yield
    order = mixed[ranks]
    yield
    lowest, highest = np.empty((2, len(counts), 3), np.float32)
    for cells in np.array_split(np.arange(len(counts)), min(len(counts), math.ceil(len(verts) / _MANY))):
        first, last = starts[cells[0]], starts[cells[-1]] + counts[cells[-1]]
        there = verts[order[first:last]]
        lowest[cells] = np.minimum.reduceat(there, starts[cells] - first)
        highest[cells] = np.maximum.reduceat(there, starts[cells] - first)
        yield
    radii = np.linalg.norm(highest - lowest, axis=1) * np.float32(0.5001)
    return Cells(order, starts, counts, (lowest + highest) / 2, radii, side)


def _where_most_are(verts: Array) -> tuple[Array, Array]:
    """The lower corner and the extent, (3,) float32 each, of a box around verts (N, 3) but for the outermost ones.

    A scan with a bird in the sky should not end up in a single cell.
    """
    lower, upper = np.quantile(verts, (_OUTER, 1 - _OUTER), axis=0)
    room = _ROOM * (upper - lower) + 1e-6 * np.maximum(np.abs(lower), np.abs(upper)) + 1e-30  # of a cloud in one place
    return (lower - room).astype(np.float32), (upper - lower + 2 * room).astype(np.float32)


def cell_side(extent: Array) -> float:
    """Metres: so large are the cells of a box of ``extent`` (3,), > 0, for nearly as many as there may be."""
    side = float(extent.max()) / _MOST_CELLS
    while np.prod(_across(extent, side)) > _MOST_CELLS:
        side *= 1.05
    return side


def _across(extent: Array, side: float) -> Array:
    """(3,) int64: the number of cells along each axis."""
    return np.floor(extent / side).astype(np.int64) + 1


def mixture(count: int) -> Array:
    """(count,) int32: all numbers below ``count`` in an order whose every part is spread evenly over them."""
    step = max(1, round(count * _GOLDEN))
    while math.gcd(step, count) != 1:
        step += 1
    return (np.arange(count, dtype=np.int64) * step % count).astype(np.int32)
