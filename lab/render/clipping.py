"""The clipping plane: what is left of the scene on one side of it, cut exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lab.render.drawing import Piece
from lab.scene import Array

Plane = tuple[float, float, float, float]
"""(nx, ny, nz, d): n · x + d >= 0 is kept."""


def local_plane(plane: Plane, origin: Array) -> Plane:
    """The plane for coordinates around ``origin`` (3,), in float64: an aerial scan lies far from zero."""
    nx, ny, nz, d = plane
    return nx, ny, nz, d + float(np.dot(plane[:3], origin))


def clipped(piece: Piece, plane: Plane) -> Piece:
    """What of a piece lies above the plane; faces and lines that cross it are cut there."""
    above = piece.verts @ np.array(plane[:3], np.float32) + np.float32(plane[3])
    keep = above >= 0
    if keep.all():
        return piece
    if piece.indices is None:
        return replace(
            piece,
            verts=piece.verts[keep],
            albedo=piece.albedo[keep],
            normals=None if piece.normals is None else piece.normals[keep],
        )
    return _clipped_lines(piece, above, keep) if piece.kind == "lines" else _clipped_faces(piece, above, keep)


def _clipped_lines(piece: Piece, above: Array, keep: Array) -> Piece:
    assert piece.indices is not None
    inside = keep[piece.indices]
    whole, cut = inside.all(axis=1), inside[:, 0] != inside[:, 1]
    ends = piece.indices[cut]
    ends = np.where(inside[cut][:, :1], ends, ends[:, ::-1])  # the kept one first
    between = _between(piece.verts, above, ends)
    stubs = np.stack([ends[:, 0], len(piece.verts) + np.arange(len(ends))], axis=1)
    return replace(
        piece,
        verts=np.concatenate([piece.verts, between]),
        indices=np.concatenate([piece.indices[whole], stubs]).astype(np.int32),
        albedo=np.concatenate([piece.albedo[whole], piece.albedo[cut]]),
    )


def _clipped_faces(piece: Piece, above: Array, keep: Array) -> Piece:
    """Sutherland and Hodgman (1974) for all faces at once: with one corner above, a triangle is left, with two, two."""
    assert piece.indices is not None
    inside = keep[piece.indices]
    number = inside.sum(axis=1)
    one = _turned(piece.indices[number == 1], inside[number == 1].argmax(axis=1))  # the kept corner first
    two = _turned(piece.indices[number == 2], inside[number == 2].argmin(axis=1))  # the lost corner first
    ends = np.concatenate([one[:, [0, 1]], one[:, [0, 2]], two[:, [1, 0]], two[:, [2, 0]]])
    new = len(piece.verts) + np.arange(len(ends))
    a, b, c, d = np.split(new, np.cumsum([len(one), len(one), len(two)]))
    faces = [
        piece.indices[number == 3],
        np.stack([one[:, 0], a, b], axis=1),
        np.stack([two[:, 1], two[:, 2], c], axis=1),
        np.stack([two[:, 2], d, c], axis=1),
    ]

    def extended(values: Array) -> Array:
        return np.concatenate([values, _between(values, above, ends)])

    return replace(
        piece,
        verts=extended(piece.verts),
        albedo=extended(piece.albedo),
        normals=None if piece.normals is None else extended(piece.normals),
        uvs=None if piece.uvs is None else extended(piece.uvs),
        indices=np.concatenate(faces).astype(np.int32),
    )


def _turned(faces: Array, first: Array) -> Array:
    """(F, 3): the corners of each face from its corner ``first`` (F,) on, in the same sense."""
    return np.take_along_axis(faces, (first[:, None] + np.arange(3)) % 3, axis=1)


def _between(values: Array, above: Array, ends: Array) -> Array:
    """(P, C) float32: ``values`` (V, C) where the plane cuts the edges ``ends`` (P, 2); above: (V,) heights over it."""
    first, second = above[ends[:, 0]], above[ends[:, 1]]
    share = np.clip(first / (first - second), 0, 1)[:, None].astype(np.float32)
    return values[ends[:, 0]] + share * (values[ends[:, 1]] - values[ends[:, 0]])
