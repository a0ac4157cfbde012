"""A leg whose ankle is moved: inverse kinematics of two bones, in closed form."""

from __future__ import annotations

import numpy as np

from lab.body.motion.retarget import shortest
from lab.motions import so3
from lab.scene import Array

_STRAIGHT = 0.9995  # of the whole length; a leg that is quite straight has no plane to bend in


def move_ankle(hip: Array, knee: Array, ankle: Array, target: Array) -> tuple[Array, Array]:
    """What hip and knee have to turn by, in the world, so that the ankle comes to ``target``: (N, 3, 3) each.

    hip, knee, ankle, target: (N, 3), metres, world. New rotations are ``turn @ old``: that of the thigh by the first,
    that of the shin by the second. The knee stays in the plane of the leg, which swings with the ankle. A target out of
    reach is approached as far as the leg is long.
    """
    upper, lower = _length(knee - hip), _length(ankle - knee)
    old, way = ankle - hip, target - hip
    distance = np.clip(_length(way), np.abs(upper - lower) + 1e-6, _STRAIGHT * (upper + lower))
    axis = _bending_axis(knee - hip, ankle - knee)
    before = _inner_angle(upper, lower, np.minimum(_length(old), upper + lower))
    bend = so3.exp(axis * (before - _inner_angle(upper, lower, distance)))  # more bent: the inner angle is smaller
    folded = (knee - hip) + _apply(bend, ankle - knee)
    swing = shortest(folded, way)
    return swing, swing @ bend


def _inner_angle(upper: Array, lower: Array, distance: Array) -> Array:
    """At the knee between thigh and shin, by the law of cosines: (N, 1), pi for a straight leg."""
    cosine = (upper**2 + lower**2 - distance**2) / (2 * upper * lower)
    return np.arccos(np.clip(cosine, -1.0, 1.0))


def _bending_axis(thigh: Array, shin: Array) -> Array:
    """The unit axis about which the shin turns away from the thigh's direction; any one across a straight leg."""
    across = np.cross(thigh, shin)
    length = _length(across)
    spare = np.cross(thigh, np.where(np.abs(thigh[:, :1]) < 0.5 * _length(thigh), [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]))
    return np.where(length > 1e-6, across / np.maximum(length, 1e-6), spare / _length(spare))


def _length(vectors: Array) -> Array:
    return np.asarray(np.linalg.norm(vectors, axis=-1, keepdims=True))


def _apply(turns: Array, vectors: Array) -> Array:
    return np.asarray((turns @ vectors[..., None])[..., 0])
