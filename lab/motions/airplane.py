"""A small airplane, an object whose front, top and sides nobody mistakes.

Frame: the nose points to +Z, the fin to +Y, the left wing to +X, as in glTF. The left wing tip is red and the right one
green, like an aircraft's lights.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from lab.scene import Array, Mesh

_SIDES = 16
_BODY, _WING, _NOSE = (0.80, 0.82, 0.86), (0.62, 0.66, 0.73), (0.95, 0.60, 0.18)
_LEFT, _RIGHT = (0.86, 0.24, 0.22), (0.20, 0.66, 0.34)
_PROFILE = (
    (-1.0, 0.0),
    (-0.95, 0.05),
    (-0.5, 0.12),
    (0.2, 0.15),
    (0.62, 0.13),
    (0.85, 0.085),
    (0.96, 0.035),
    (1.0, 0.0),
)
"""Where along the body (z) it has which radius, metres, from the tail to the nose."""

Rgb = tuple[float, float, float]
Part = tuple[Array, Array, Array]
"""verts (V, 3), faces (F, 3), colors (V, 3)"""


@cache
def airplane() -> Mesh:
    """The airplane, two metres long and wide, about the origin; always the same object."""
    parts = [
        _body(),
        _wing(0.08, 0.74, (0.34, -0.26), (0.04, -0.24), 0.0, _WING),
        _wing(0.74, 1.00, (0.04, -0.24), (-0.06, -0.23), 0.0, _LEFT),
        _wing(-0.74, -0.08, (0.04, -0.24), (0.34, -0.26), 0.0, _WING),
        _wing(-1.00, -0.74, (-0.06, -0.23), (0.04, -0.24), 0.0, _RIGHT),
        _wing(0.03, 0.40, (-0.66, -0.96), (-0.80, -0.97), 0.03, _WING),
        _wing(-0.40, -0.03, (-0.80, -0.97), (-0.66, -0.96), 0.03, _WING),
        _fin(),
    ]
    starts = np.cumsum([0, *(len(verts) for verts, _, _ in parts)])
    return Mesh(
        verts=np.concatenate([verts for verts, _, _ in parts]),
        faces=np.concatenate([faces + start for (_, faces, _), start in zip(parts, starts, strict=False)]),
        colors=np.concatenate([colors for _, _, colors in parts]),
    )


def _body() -> Part:
    """A surface of revolution about z, with one vertex at each end."""
    z, radius = np.array(_PROFILE[1:-1]).T
    turn = 2 * np.pi * np.arange(_SIDES) / _SIDES
    rings = np.stack(
        [radius[:, None] * np.cos(turn), radius[:, None] * np.sin(turn), np.broadcast_to(z[:, None], (len(z), _SIDES))],
        axis=-1,
    ).reshape(-1, 3)
    verts = np.concatenate([rings, [[0, 0, _PROFILE[0][0]], [0, 0, _PROFILE[-1][0]]]])
    this, following = np.arange(_SIDES), np.roll(np.arange(_SIDES), -1)
    faces = []
    for ring in range(len(z) - 1):
        low, high = ring * _SIDES, (ring + 1) * _SIDES
        faces += [np.stack([low + this, low + following, high + following], axis=1)]
        faces += [np.stack([low + this, high + following, high + this], axis=1)]
    tail, nose, last = len(rings), len(rings) + 1, (len(z) - 1) * _SIDES
    faces += [np.stack([following, this, np.full(_SIDES, tail)], axis=1)]
    faces += [np.stack([last + this, last + following, np.full(_SIDES, nose)], axis=1)]
    return verts, np.concatenate(faces), np.where(verts[:, 2:] > 0.8, _NOSE, _BODY)


def _wing(x0: float, x1: float, z0: tuple[float, float], z1: tuple[float, float], y: float, color: Rgb) -> Part:
    """A flat wing from x0 to x1 > x0; z0, z1: its front and back edge at either end."""
    half = 0.022
    corners = [
        (x, y + dy, z)
        for x, edges in ((x0, z0), (x1, z1))
        for dy, z in ((-half, edges[0]), (half, edges[0]), (half, edges[1]), (-half, edges[1]))
    ]
    return _block(np.array(corners), color)


def _fin() -> Part:
    half = 0.02
    corners = [
        (x, y, z)
        for y, front, back in ((0.05, -0.58, -0.95), (0.42, -0.85, -0.99))
        for x, z in ((half, front), (-half, front), (-half, back), (half, back))
    ]
    return _block(np.array(corners), _NOSE)


def _block(corners: Array, color: Rgb) -> Part:
    """A solid between two quadrilaterals, (8, 3). Its faces share no corners, so that its edges look sharp."""
    quads = np.array([[0, 1, 2, 3], [4, 7, 6, 5], [0, 4, 5, 1], [1, 5, 6, 2], [2, 6, 7, 3], [3, 7, 4, 0]])
    verts = corners[quads].reshape(-1, 3)
    faces = 4 * np.arange(6)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])
    return verts, faces.reshape(-1, 3), np.broadcast_to(np.array(color), verts.shape)
