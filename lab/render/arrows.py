"""Thin arrows for a vector field, as one mesh."""

from __future__ import annotations

import numpy as np

from lab.scene import Array

MOST = 1500  # arrows of one field
_SIDES = 5
_LONGEST = 0.1  # length of the longest, as a share of the entity's size
_SHAFT, _HEAD, _HEAD_LENGTH = 0.0016, 0.0048, 0.016  # radii and length, as shares of the entity's size
_HEAD_SHARE = 0.45  # most of an arrow that its head may take: short arrows are thin as well
_SHORTEST = 0.002  # shorter ones, as a share of the entity's size, are not drawn


def arrow_mesh(
    base: Array, vectors: Array, size: float, scale: float | None, longest: float
) -> tuple[Array, Array, Array]:
    """Arrows from base (N, 3) along vectors (N, 3), for an entity of ``size`` metres.

    scale: metres per unit of the field, or None so that a vector of length ``longest`` is a tenth of the size.
    Returns verts (V, 3), normals (V, 3) float32 and faces (F, 3) int32.
    """
    if scale is None:
        scale = _LONGEST * size / longest if longest > 0 else 0.0
    shift = vectors.astype(np.float64) * scale
    length = np.linalg.norm(shift, axis=1)
    kept = np.isfinite(length) & (length > _SHORTEST * size)
    base, shift, length = base[kept].astype(np.float64), shift[kept], length[kept]
    along = shift / length[:, None]
    head = np.minimum(_HEAD_LENGTH * size, _HEAD_SHARE * length)
    thin = head / (_HEAD_LENGTH * size)
    around = _rings(along)
    top = base + along * (length - head)[:, None]
    shaft = around * (_SHAFT * size * thin)[:, None, None]
    cone = around * (_HEAD * size * thin)[:, None, None]
    verts = np.concatenate([base[:, None] + shaft, top[:, None] + shaft, top[:, None] + cone, (base + shift)[:, None]], 1)
    slope = around + along[:, None] * (_HEAD / _HEAD_LENGTH)
    slope /= np.linalg.norm(slope, axis=2, keepdims=True)
    normals = np.concatenate([around, around, slope, along[:, None]], axis=1)
    each = verts.shape[1]
    faces = (np.arange(len(base)) * each)[:, None, None] + _FACES
    return (
        verts.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        faces.reshape(-1, 3).astype(np.int32),
    )


def _rings(along: Array) -> Array:
    """(N, sides, 3) unit directions around each of the unit vectors ``along`` (N, 3)."""
    least = np.eye(3)[np.abs(along).argmin(axis=1)]
    u = np.cross(along, least)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(along, u)
    angle = np.arange(_SIDES) * (2 * np.pi / _SIDES)
    return u[:, None] * np.cos(angle)[:, None] + v[:, None] * np.sin(angle)[:, None]


def _arrow_faces() -> Array:
    """The faces of one arrow: two rings of the shaft, the ring of the head's foot, the tip."""
    i = np.arange(_SIDES)
    j = (i + 1) % _SIDES
    strips = []
    for ring in (0, 1):
        a, b, c, d = ring * _SIDES + i, ring * _SIDES + j, (ring + 1) * _SIDES + i, (ring + 1) * _SIDES + j
        strips += [np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)]
    tip = np.full(_SIDES, 3 * _SIDES)
    strips.append(np.stack([2 * _SIDES + i, 2 * _SIDES + j, tip], axis=1))
    return np.concatenate(strips)


_FACES = _arrow_faces()
