"""Euler angles of rotations in all twelve orders, and where they lock. Numpy alone, float64, vectorised, radians.

Order "XYZ" is Rx(a) Ry(b) Rz(c) for column vectors: turns about the moving axes X, then Y, then Z, or, read from the
right, about the fixed axes Z, then Y, then X. PyTorch3D's ``euler_angles_to_matrix`` has the same meaning.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from lab.motions import so3
from lab.scene import Array

Order = Literal["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "XYX", "XZX", "YXY", "YZY", "ZXZ", "ZYZ"]
ORDERS: tuple[Order, ...] = get_args(Order)
TAIT_BRYAN = ORDERS[:6]
"""The orders of three different axes. They lock where the middle angle is ±90°; the other six at 0 and 180°."""

_LOCKED = 1e-9  # sine of the distance from gimbal lock, below which only one sum of two angles is known


def to_matrix(angles: npt.ArrayLike, order: Order) -> Array:
    """The rotation of three Euler angles, radians. (..., 3) -> (..., 3, 3). Raises ValueError for no such order."""
    angles = np.asarray(angles, np.float64)
    turns = [so3.exp(angles[..., i, None] * np.eye(3)[axis]) for i, axis in enumerate(_axes(order))]
    return turns[0] @ turns[1] @ turns[2]


def from_matrix(R: npt.ArrayLike, order: Order) -> Array:
    """Three Euler angles of a rotation, radians. (..., 3, 3) -> (..., 3).

    The first and the last lie in [-pi, pi], the middle one in [-pi/2, pi/2] for three different axes, else in [0, pi].
    In gimbal lock, where only the sum or difference of the first and the last is determined, the last is 0.
    """
    R = np.asarray(R, np.float64)
    i, j, last = _axes(order)
    k = 3 - i - j
    even = 1.0 if (j - i) % 3 == 1 else -1.0
    if last == k:
        sine, cosine, towards = even * R[..., i, k], np.hypot(R[..., j, k], R[..., k, k]), (-even, 1.0)
        free, y, x = cosine, R[..., j, k], R[..., k, k]
    else:
        sine, cosine, towards = np.hypot(R[..., j, i], R[..., k, i]), R[..., i, i], (1.0, -even)
        free, y, x = sine, R[..., j, i], R[..., k, i]
    locked = free < _LOCKED
    first = np.where(locked, np.arctan2(even * R[..., k, j], R[..., j, j]), np.arctan2(towards[0] * y, towards[1] * x))
    # with the first turn taken back, the middle row is that of the last turn alone, however near the lock is
    c, s = np.cos(first), even * np.sin(first)
    row = {axis: c * R[..., j, axis] + s * R[..., k, axis] for axis in range(3)}
    third = np.arctan2(even * row[i], row[j]) if last == k else np.arctan2(-even * row[k], row[j])
    return np.stack([first, np.arctan2(sine, cosine), np.where(locked, 0.0, third)], axis=-1)


def axes(angles: npt.ArrayLike, order: Order) -> Array:
    """The axes about which each of the three angles turns, in the world, as columns. (..., 3) -> (..., 3, 3).

    The angular velocity is this matrix times the rates of the angles. It is singular in gimbal lock, where the first
    and the last axis lie on one line.
    """
    angles = np.asarray(angles, np.float64)
    i, j, k = _axes(order)
    unit = np.eye(3)
    first = so3.exp(angles[..., 0, None] * unit[i])
    second = first @ so3.exp(angles[..., 1, None] * unit[j])
    fixed = np.broadcast_to(unit[i], (*angles.shape[:-1], 3))
    return np.stack([fixed, first[..., :, j], second[..., :, k]], axis=-1)


def lock_distance(angles: npt.ArrayLike, order: Order) -> Array:
    """How far Euler angles are from gimbal lock, radians in [0, pi/2]. (..., 3) -> (...)."""
    middle = np.asarray(angles, np.float64)[..., 1]
    return np.arcsin(np.abs(np.cos(middle) if order in TAIT_BRYAN else np.sin(middle)))


def _axes(order: Order) -> tuple[int, int, int]:
    if order not in ORDERS:
        raise ValueError(f"Euler order: expected one of {', '.join(ORDERS)}; found {order!r}")
    first, second, third = ("XYZ".index(letter) for letter in order)
    return first, second, third
