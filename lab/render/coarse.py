"""Fewer triangles, lines and points, for drafts where the processor does the drawing.

Software OpenGL takes between half and one microsecond for each of them, seen or not, so a mesh of half a million faces
would orbit at two frames a second. In a picture of a million pixels a tenth of them tells nearly the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lab import geometry
from lab.render.drawing import Piece
from lab.render.topology import Memory
from lab.scene import Array, Points

_LARGER = 2.0  # thinned points are at most so much larger


@dataclass(frozen=True)
class Limits:
    """The most of each kind that one piece of a draft should have. at_rest: points of a cloud in full quality."""

    faces: int = 45_000
    lines: int = 40_000
    points: int = 40_000
    at_rest: int = 600_000


def coarse(piece: Piece, limits: Limits, memory: Memory) -> Piece:
    """The piece, or a smaller one that looks like it. A texture becomes colours of the vertices that stay."""
    if piece.kind == "points":
        return _fewer_points(piece, limits.points)
    if piece.indices is None:
        return piece
    if piece.kind == "lines":
        every = math.ceil(len(piece.indices) / limits.lines)
        if every == 1:
            return piece
        return replace(piece, indices=piece.indices[::every], albedo=piece.albedo[::every])
    if len(piece.indices) <= limits.faces:
        return piece
    faces = piece.indices
    used, fewer = memory.of(faces, ("coarse", len(piece.verts)), lambda: clustered(piece.verts, faces, limits.faces))
    return replace(
        piece,
        verts=piece.verts[used],
        albedo=_plain_albedo(piece, used),
        normals=None if piece.normals is None else piece.normals[used],
        indices=fewer,
        uvs=None,
        texture=None,
    )


def _plain_albedo(piece: Piece, used: Array) -> Array:
    """(U, 3) float32: the colours of the vertices ``used``, with what the texture shows at them."""
    albedo = piece.albedo[used]
    if piece.texture is None or piece.uvs is None:
        return albedo
    height, width = piece.texture.shape[:2]
    u, v = np.mod(piece.uvs[used], 1.0).T
    texels = piece.texture[((1 - v) * (height - 1)).astype(np.intp), (u * (width - 1)).astype(np.intp)]
    return albedo * (texels * np.float32(1 / 255))


def thinned(points: Points, most: int) -> Points:
    """The cloud, or evenly picked points of it where it has more than ``most``."""
    every = math.ceil(len(points.verts) / most)
    if every <= 1:
        return points

    def some(array: Array) -> Array:
        return np.ascontiguousarray(array[::every])

    return replace(
        points,
        verts=some(points.verts),
        normals=None if points.normals is None else some(points.normals),
        colors=None if points.colors is None else some(points.colors),
        scalars={name: some(values) for name, values in points.scalars.items()},
        vectors={name: some(values) for name, values in points.vectors.items()},
    )


def _fewer_points(piece: Piece, most: int) -> Piece:
    every = math.ceil(len(piece.verts) / most)
    if every == 1:
        return piece
    return replace(
        piece,
        verts=piece.verts[::every],
        albedo=piece.albedo[::every],
        normals=None if piece.normals is None else piece.normals[::every],
        size=piece.size * min(math.sqrt(every), _LARGER),
    )


def clustered(verts: Array, faces: Array, most: int) -> tuple[Array, Array]:
    """About ``most`` faces: the vertices in a cell of a grid become the one in their middle (Rossignac, Borrel 1993).

    verts: (V, 3); faces: (F, 3). Returns used (U,), the vertices that stay, and faces (G, 3) int32 into those. As it is
    an actual vertex that stays, the result holds while the vertices of a run move.
    """
    area = float(geometry.face_areas(verts, faces).sum())
    cell = math.sqrt(2.0 * area / most) or 1.0  # a surface has about two faces for each vertex, and so for each cell
    at = np.floor((verts - verts.min(axis=0)) / np.float32(cell)).astype(np.int64)
    across = at.max(axis=0) + 1
    cells, cluster = np.unique((at[:, 0] * across[1] + at[:, 1]) * across[2] + at[:, 2], return_inverse=True)
    counts = np.bincount(cluster)
    middle = np.stack([np.bincount(cluster, weights=axis) / counts for axis in verts.T], axis=1)
    order = np.lexsort((np.linalg.norm(verts - middle[cluster], axis=1), cluster))
    used = order[np.searchsorted(cluster[order], np.arange(len(cells)))]
    fewer = cluster[faces]
    whole = (fewer[:, 0] != fewer[:, 1]) & (fewer[:, 1] != fewer[:, 2]) & (fewer[:, 2] != fewer[:, 0])
    fewer = fewer[whole]
    a, b, c = np.sort(fewer, axis=1).T
    once = np.unique((a * len(cells) + b) * len(cells) + c, return_index=True)[1]
    return used, fewer[once].astype(np.int32)
