"""Rigid motions SE(3): twists, 4x4 matrices, screws. Numpy alone, float64, vectorised.

Matrices are for column vectors, ``x' = T @ x``, with the translation in the last column. PyTorch3D's are for row
vectors, ``x' = x @ M``, with the translation in the last row: its ``se3_exp_map(twist)`` is the transpose of
``exp(twist)`` here. A twist has six numbers in PyTorch3D's order: the translation part rho in metres, then the rotation
vector omega in radians. rho is not the translation of the motion; that is J(omega) rho.

Source: REFERENCE II.2; R. Murray, Z. Li, S. Sastry, "A Mathematical Introduction to Robotic Manipulation" (1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lab.motions import so3
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Screw:
    """A rigid motion as a turn about an axis and a shift along it (Chasles).

    direction: (3,) unit vector of the axis; zero for no motion. point: (3,) the axis' point nearest to the origin,
    metres. angle: radians, >= 0. shift: along the direction, metres. pitch: metres per radian; infinite without a turn.
    """

    direction: Array
    point: Array
    angle: float
    shift: float

    @property
    def pitch(self) -> float:
        if self.angle == 0:
            return float("inf") if self.shift else 0.0
        return self.shift / self.angle


def twist(rho: npt.ArrayLike, omega: npt.ArrayLike) -> Array:
    """The six numbers of a translation part and a rotation vector. (..., 3) twice -> (..., 6)."""
    return np.concatenate(np.broadcast_arrays(np.asarray(rho, np.float64), np.asarray(omega, np.float64)), axis=-1)


def matrix(R: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """The motion x -> R x + t. (..., 3, 3) and (..., 3) -> (..., 4, 4)."""
    R, t = np.asarray(R, np.float64), np.asarray(t, np.float64)
    shape = np.broadcast_shapes(R.shape[:-2], t.shape[:-1])
    out = np.zeros((*shape, 4, 4))
    out[..., :3, :3] = R
    out[..., :3, 3] = t
    out[..., 3, 3] = 1
    return out


def hat(xi: npt.ArrayLike) -> Array:
    """The matrix [[hat(omega), rho], [0, 0]] of a twist; its exponential is ``exp``. (..., 6) -> (..., 4, 4)."""
    xi = np.asarray(xi, np.float64)
    out = np.zeros((*xi.shape[:-1], 4, 4))
    out[..., :3, :3] = so3.hat(xi[..., 3:])
    out[..., :3, 3] = xi[..., :3]
    return out


def exp(xi: npt.ArrayLike) -> Array:
    """The motion of a twist: [[exp(hat(omega)), J rho], [0, 1]]. (..., 6) -> (..., 4, 4)."""
    xi = np.asarray(xi, np.float64)
    rho, omega = xi[..., :3], xi[..., 3:]
    return matrix(so3.exp(omega), apply_linear(so3.left_jacobian(omega), rho))


def log(T: npt.ArrayLike) -> Array:
    """The twist of a motion with the shortest turn, at most pi. (..., 4, 4) -> (..., 6)."""
    T = np.asarray(T, np.float64)
    omega = so3.log(T[..., :3, :3])
    return twist(apply_linear(so3.left_jacobian_inverse(omega), T[..., :3, 3]), omega)


def inverse(T: npt.ArrayLike) -> Array:
    """The motion back: [[R^T, -R^T t], [0, 1]]. (..., 4, 4) -> (..., 4, 4)."""
    T = np.asarray(T, np.float64)
    Rt = np.swapaxes(T[..., :3, :3], -1, -2)
    return matrix(Rt, -apply_linear(Rt, T[..., :3, 3]))


def adjoint(T: npt.ArrayLike) -> Array:
    """The matrix Ad with T exp(xi) T^-1 = exp(Ad xi), for twists [rho | omega]. (..., 4, 4) -> (..., 6, 6)."""
    T = np.asarray(T, np.float64)
    R = T[..., :3, :3]
    out = np.zeros((*T.shape[:-2], 6, 6))
    out[..., :3, :3] = out[..., 3:, 3:] = R
    out[..., :3, 3:] = so3.hat(T[..., :3, 3]) @ R
    return out


def apply(T: npt.ArrayLike, points: npt.ArrayLike) -> Array:
    """Points moved by one motion or by one each: (..., 4, 4) and (..., N, 3) -> (..., N, 3), metres."""
    T, points = np.asarray(T, np.float64), np.asarray(points, np.float64)
    return points @ np.swapaxes(T[..., :3, :3], -1, -2) + T[..., None, :3, 3]


def apply_linear(A: npt.ArrayLike, x: npt.ArrayLike) -> Array:
    """A @ x for one vector each. (..., 3, 3) and (..., 3) -> (..., 3)."""
    return (np.asarray(A, np.float64) @ np.asarray(x, np.float64)[..., None])[..., 0]


def row_vectors(T: npt.ArrayLike) -> Array:
    """The same motion for row vectors, as PyTorch3D writes it, and back: the transpose. (..., 4, 4) -> (..., 4, 4)."""
    return np.swapaxes(np.asarray(T, np.float64), -1, -2)


def screw(xi: npt.ArrayLike) -> Screw:
    """The screw of one twist (6,). Without a turn the axis is the shift's direction through the origin."""
    xi = np.asarray(xi, np.float64)
    rho, omega = xi[:3], xi[3:]
    theta = float(np.linalg.norm(omega))
    if theta == 0.0:
        shift = float(np.linalg.norm(rho))
        return Screw(rho / shift if shift else np.zeros(3), np.zeros(3), 0.0, shift)
    direction = omega / theta
    return Screw(direction, np.cross(direction, rho) / theta, theta, float(direction @ rho))
