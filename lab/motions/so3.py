"""Rotations SO(3): rotation vectors, matrices and quaternions. Numpy alone, float64, vectorised.

Matrices act on column vectors: ``x' = R @ x``. PyTorch3D's transforms act on row vectors, ``x' = x @ R``, so that its
matrix of the same motion is the transpose; its ``so3_exp_map`` and ``so3_log_map`` are for column vectors as here.
Quaternions are wxyz. Angles are radians. Every function takes leading axes "..." and keeps them.
Euler angles are in lab.motions.euler.

Source: REFERENCE II.2; J. Solà, J. Deray, D. Atchuthan, "A micro Lie theory for state estimation in robotics" (2018).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lab.scene import Array

_SMALL = 0.3  # radians; below, a series is more exact than the closed form, which loses digits


# --- rotation vectors -------------------------------------------------------------------------------------------------


def hat(omega: npt.ArrayLike) -> Array:
    """The skew matrix of a vector: ``hat(a) @ b`` is the cross product a × b. (..., 3) -> (..., 3, 3)."""
    x, y, z = np.moveaxis(np.asarray(omega, np.float64), -1, 0)
    zero = np.zeros_like(x)
    rows = [[zero, -z, y], [z, zero, -x], [-y, x, zero]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def vee(skew: npt.ArrayLike, tolerance: float = 1e-5) -> Array:
    """The vector of a skew matrix, the inverse of ``hat``. (..., 3, 3) -> (..., 3).

    Raises ValueError when S + S^T is larger than ``tolerance`` anywhere, as PyTorch3D's ``hat_inv`` does.
    """
    matrix = np.asarray(skew, np.float64)
    error = float(np.abs(matrix + np.swapaxes(matrix, -1, -2)).max(initial=0.0))
    if error > tolerance:
        raise ValueError(f"vee: expected a skew matrix, S + S^T = 0; found an entry of {error:g} in the sum")
    return _skew_part(matrix)


def exp(omega: npt.ArrayLike) -> Array:
    """The rotation about ``omega`` by its length, radians: Rodrigues' formula. (..., 3) -> (..., 3, 3).

    exp(hat(w)) = I + sin(t)/t hat(w) + (1 - cos(t))/t² hat(w)², with t = |w|; both factors by sinc, exact at t = 0.
    """
    omega = np.asarray(omega, np.float64)
    theta = np.linalg.norm(omega, axis=-1)[..., None, None]
    skew = hat(omega)
    return np.eye(3) + _sinc(theta) * skew + 0.5 * _sinc(theta / 2) ** 2 * (skew @ skew)


def log(R: npt.ArrayLike) -> Array:
    """The shortest rotation vector of a rotation, radians, at most pi long. (..., 3, 3) -> (..., 3).

    It goes through the quaternion, so that it keeps its digits near 0 and near pi, where arccos of the trace and the
    division by sin(t) lose them. At pi the vector and its opposite are equally good; see ``long_way``.
    """
    return quaternion_log(to_quaternion(R))


def long_way(omega: npt.ArrayLike) -> Array:
    """The rotation vector that reaches the same rotation the other way round, with the angle t - 2 pi. (..., 3).

    At t = pi it is the opposite vector. The zero vector has no direction to go round and stays what it is.
    """
    omega = np.asarray(omega, np.float64)
    theta = np.linalg.norm(omega, axis=-1, keepdims=True)
    return omega - 2 * np.pi * np.divide(omega, theta, out=np.zeros_like(omega), where=theta > 0)


def angle(R: npt.ArrayLike) -> Array:
    """How far a rotation turns, radians in [0, pi]. (..., 3, 3) -> (...).

    By the arctangent of sine (skew part) and cosine (trace), as arccos alone loses half the digits near 0 and pi.
    """
    R = np.asarray(R, np.float64)
    cosine = (np.trace(R, axis1=-2, axis2=-1) - 1) / 2
    return np.arctan2(np.linalg.norm(_skew_part(R), axis=-1), cosine)


def angle_between(A: npt.ArrayLike, B: npt.ArrayLike) -> Array:
    """The angle of the rotation from A to B, radians: the geodesic distance of SO(3). (..., 3, 3) twice -> (...)."""
    return angle(np.swapaxes(np.asarray(A, np.float64), -1, -2) @ np.asarray(B, np.float64))


def left_jacobian(omega: npt.ArrayLike) -> Array:
    """J with exp(w + d) ≈ exp(J d) exp(w) for small d; also the J of SE(3)'s exponential. (..., 3) -> (..., 3, 3).

    J = I + (1 - cos(t))/t² hat(w) + (t - sin(t))/t³ hat(w)². At w = 0 it is the identity, with no clamping.
    """
    omega = np.asarray(omega, np.float64)
    theta = np.linalg.norm(omega, axis=-1)[..., None, None]
    skew = hat(omega)
    return np.eye(3) + 0.5 * _sinc(theta / 2) ** 2 * skew + _cubic(theta) * (skew @ skew)


def left_jacobian_inverse(omega: npt.ArrayLike) -> Array:
    """The inverse of ``left_jacobian``, for angles below 2 pi, where J is singular. (..., 3) -> (..., 3, 3).

    J^-1 = I - hat(w)/2 + (1 - t/2 cot(t/2))/t² hat(w)².
    """
    omega = np.asarray(omega, np.float64)
    theta = np.linalg.norm(omega, axis=-1)[..., None, None]
    skew = hat(omega)
    return np.eye(3) - 0.5 * skew + _cotangent(theta) * (skew @ skew)


# --- matrices ---------------------------------------------------------------------------------------------------------


def project(M: npt.ArrayLike) -> Array:
    """The rotation nearest to a matrix in the Frobenius norm, by SVD. (..., 3, 3) -> (..., 3, 3).

    The sign of the smallest singular direction is chosen so that the determinant is +1 (Kabsch, Umeyama).
    """
    U, _, Vt = np.linalg.svd(np.asarray(M, np.float64))
    signs = np.ones(U.shape[:-1])
    signs[..., 2] = np.sign(np.linalg.det(U @ Vt))
    return (U * signs[..., None, :]) @ Vt


def orthogonality_error(M: npt.ArrayLike) -> Array:
    """How far a matrix is from being a rotation: the largest |M^T M - I| and |det M - 1|. (..., 3, 3) -> (...)."""
    M = np.asarray(M, np.float64)
    gram = np.abs(np.swapaxes(M, -1, -2) @ M - np.eye(3)).max(axis=(-1, -2))
    return np.maximum(gram, np.abs(np.linalg.det(M) - 1))


def random(rng: np.random.Generator, *shape: int) -> Array:
    """Rotations drawn evenly from all of SO(3): (*shape, 3, 3). A Gaussian 4-vector has no preferred direction."""
    return from_quaternion(rng.normal(size=(*shape, 4)))


# --- quaternions ------------------------------------------------------------------------------------------------------


def from_quaternion(q: npt.ArrayLike) -> Array:
    """The rotation of a quaternion wxyz of any length but 0. (..., 4) -> (..., 3, 3). Raises ValueError for 0."""
    w, x, y, z = np.moveaxis(_unit(np.asarray(q, np.float64)), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def to_quaternion(R: npt.ArrayLike) -> Array:
    """The unit quaternion wxyz of a rotation, with w >= 0. (..., 3, 3) -> (..., 4).

    Each row of the matrix below is 4 q_i q. The row with the largest q_i is divided by its length, so nothing small is
    ever divided by (Shepperd 1978). At w = 0, a turn by pi, q and -q both have w >= 0; the largest part is positive.
    """
    m = np.moveaxis(np.asarray(R, np.float64), (-2, -1), (0, 1))
    wx, wy, wz = m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]
    xy, xz, yz = m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1]
    ww, xx = 1 + m[0, 0] + m[1, 1] + m[2, 2], 1 + m[0, 0] - m[1, 1] - m[2, 2]
    yy, zz = 1 - m[0, 0] + m[1, 1] - m[2, 2], 1 - m[0, 0] - m[1, 1] + m[2, 2]
    rows = [[ww, wx, wy, wz], [wx, xx, xy, xz], [wy, xy, yy, yz], [wz, xz, yz, zz]]
    outer = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    largest = np.argmax(np.diagonal(outer, axis1=-2, axis2=-1), axis=-1)[..., None, None]
    q = _unit(np.take_along_axis(outer, largest, axis=-2)[..., 0, :])
    return np.where(q[..., :1] < 0, -q, q)


def quaternion_exp(omega: npt.ArrayLike) -> Array:
    """The unit quaternion wxyz of a rotation vector. (..., 3) -> (..., 4). Beyond pi its w is negative."""
    omega = np.asarray(omega, np.float64)
    half = np.linalg.norm(omega, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), 0.5 * _sinc(half) * omega], axis=-1)


def quaternion_log(q: npt.ArrayLike) -> Array:
    """The rotation vector of a unit quaternion wxyz: up to pi long for w >= 0, else longer. (..., 4) -> (..., 3)."""
    q = np.asarray(q, np.float64)
    w, v = q[..., :1], q[..., 1:]
    sine = np.linalg.norm(v, axis=-1, keepdims=True)
    at_zero = np.where(w < 0, 0.0, 2.0)  # of q = (-1, 0, 0, 0), a full turn about no axis: any would do, none is taken
    return v * np.divide(2 * np.arctan2(sine, w), sine, out=at_zero, where=sine > 0)


def multiply(p: npt.ArrayLike, q: npt.ArrayLike) -> Array:
    """Hamilton's product: the turn q followed by the turn p. (..., 4) twice -> (..., 4)."""
    pw, px, py, pz = np.moveaxis(np.asarray(p, np.float64), -1, 0)
    qw, qx, qy, qz = np.moveaxis(np.asarray(q, np.float64), -1, 0)
    parts = (
        pw * qw - px * qx - py * qy - pz * qz,
        pw * qx + px * qw + py * qz - pz * qy,
        pw * qy - px * qz + py * qw + pz * qx,
        pw * qz + px * qy - py * qx + pz * qw,
    )
    return np.stack(parts, axis=-1)


# --- inside -----------------------------------------------------------------------------------------------------------


def _skew_part(matrix: Array) -> Array:
    return (
        np.stack(
            [
                matrix[..., 2, 1] - matrix[..., 1, 2],
                matrix[..., 0, 2] - matrix[..., 2, 0],
                matrix[..., 1, 0] - matrix[..., 0, 1],
            ],
            axis=-1,
        )
        / 2
    )


def _unit(q: Array) -> Array:
    length = np.linalg.norm(q, axis=-1, keepdims=True)
    if not np.all(length > 0):
        raise ValueError("quaternion: expected a length above 0, found 0 or not a number")
    return q / length


def _sinc(theta: Array) -> Array:
    """sin(t) / t, 1 at t = 0."""
    return np.sinc(theta / np.pi)


def _cubic(theta: Array) -> Array:
    """(t - sin(t)) / t³, 1/6 at t = 0."""
    square = np.square(theta)
    series = 1 / 6 + square * (-1 / 120 + square * (1 / 5040 + square * (-1 / 362_880 + square / 39_916_800)))
    small = theta < _SMALL
    safe = np.where(small, 1.0, theta)
    return np.where(small, series, (safe - np.sin(safe)) / safe**3)


def _cotangent(theta: Array) -> Array:
    """(1 - t/2 cot(t/2)) / t², 1/12 at t = 0."""
    square = np.square(theta)
    series = 1 / 12 + square * (1 / 720 + square * (1 / 30_240 + square * (1 / 1_209_600 + square / 47_900_160)))
    small = theta < _SMALL
    safe = np.where(small, 1.0, theta)
    return np.where(small, series, (1 - safe / 2 / np.tan(safe / 2)) / safe**2)
