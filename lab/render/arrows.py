"""Thin arrows for a vector field, as one mesh."""

from __future__ import annotations

import numpy as np

from lab.scene import Array

MOST = 1500  # arrows of one field
_SHAFT_SIDES, _HEAD_SIDES = 3, 5  # software OpenGL counts every triangle
_TYPICAL, _LONGEST = 0.06, 0.12  # lengths of the 90th percentile and of the longest, as shares of the entity's size
_SHAFT, _HEAD, _HEAD_LENGTH = 0.0016, 0.0048, 0.016  # radii and length, as shares of the entity's size
_HEAD_SHARE = 0.45  # most of an arrow that its head may take: short arrows are thin as well
_SHORTEST = 0.002  # shorter ones, as a share of the entity's size, are not drawn


def arrow_mesh(
    base: Array, vectors: Array, size: float, scale: float | None, typical: float
) -> tuple[Array, Array, Array]:
    """Arrows from base (N, 3) along vectors (N, 3), for an entity of ``size`` metres.

    scale: metres per unit of the field, or None so that a vector of length ``typical`` is 6 % of the size; the few that
    are much longer are cut at 12 %, or they would leave the others too short to be seen.
    Returns verts (V, 3), normals (V, 3) float32 and faces (F, 3) int32.
    """
    fitted = scale is None
    if scale is None:
        scale = _TYPICAL * size / typical if typical > 0 else 0.0
    shift = vectors.astype(np.float64) * scale
    length = np.linalg.norm(shift, axis=1)
    if fitted:
        shift *= np.minimum(1.0, _LONGEST * size / np.maximum(length, 1e-300))[:, None]
        length = np.minimum(length, _LONGEST * size)
    kept = np.isfinite(length) & (length > _SHORTEST * size)
    base, shift, length = base[kept].astype(np.float64), shift[kept], length[kept]
    along = shift / length[:, None]
    head = np.minimum(_HEAD_LENGTH * size, _HEAD_SHARE * length)
    thin = head / (_HEAD_LENGTH * size)
    top = base + along * (length - head)[:, None]
    around, about = _rings(along, _SHAFT_SIDES), _rings(along, _HEAD_SIDES)
    shaft = around * (_SHAFT * size * thin)[:, None, None]
    cone = about * (_HEAD * size * thin)[:, None, None]
    foot, neck, tip = base[:, None], top[:, None], (base + shift)[:, None]
    verts = np.concatenate([foot + shaft, neck + shaft, neck + cone, tip], axis=1)
    slope = about + along[:, None] * (_HEAD / _HEAD_LENGTH)
    slope /= np.linalg.norm(slope, axis=2, keepdims=True)
    normals = np.concatenate([around, around, slope, along[:, None]], axis=1)
    each = verts.shape[1]
    faces = (np.arange(len(base)) * each)[:, None, None] + _FACES
    return (
        verts.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        faces.reshape(-1, 3).astype(np.int32),
    )


def _rings(along: Array, sides: int) -> Array:
    """(N, sides, 3) unit directions around each of the unit vectors ``along`` (N, 3)."""
    least = np.eye(3)[np.abs(along).argmin(axis=1)]
    u = np.cross(along, least)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(along, u)
    angle = np.arange(sides) * (2 * np.pi / sides)
    return u[:, None] * np.cos(angle)[:, None] + v[:, None] * np.sin(angle)[:, None]


def _arrow_faces() -> Array:
    """The faces of one arrow: two rings of the shaft, then the ring of the head's foot, then the tip."""
    i = np.arange(_SHAFT_SIDES)
    j = (i + 1) % _SHAFT_SIDES
    a, b, c, d = i, j, _SHAFT_SIDES + i, _SHAFT_SIDES + j
    shaft = np.concatenate([np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)])
    ring, i = 2 * _SHAFT_SIDES, np.arange(_HEAD_SIDES)
    sides = np.stack([ring + i, ring + (i + 1) % _HEAD_SIDES, np.full(_HEAD_SIDES, ring + _HEAD_SIDES)], axis=1)
    k = np.arange(1, _HEAD_SIDES - 1)
    foot = np.stack([np.full(len(k), ring), ring + k + 1, ring + k], axis=1)
    return np.concatenate([shaft, sides, foot])


_FACES = _arrow_faces()
