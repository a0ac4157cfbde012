"""The log as in textbooks, to show where it fails: near 0 and near pi. In the precision of what it is given."""

from __future__ import annotations

import numpy as np

from lab.motions import so3
from lab.scene import Array


def textbook_log(R: Array) -> Array:
    """omega = t / (2 sin t) (skew part of R), with t = arccos((tr R - 1) / 2). (..., 3, 3) -> (..., 3).

    In R's own dtype. NaN or infinite where rounding makes the cosine larger than 1 or the sine 0. REFERENCE II.2.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        theta = np.arccos((R[..., 0, 0] + R[..., 1, 1] + R[..., 2, 2] - 1) / 2)
        factor = theta / (2 * np.sin(theta))
        skew = [R[..., 2, 1] - R[..., 1, 2], R[..., 0, 2] - R[..., 2, 0], R[..., 1, 0] - R[..., 0, 1]]
        return factor[..., None] * np.stack(skew, axis=-1)


def log_errors(direction: Array, angles: Array) -> tuple[Array, Array]:
    """How far the logs of float32 rotations about a unit vector (3,) by ``angles`` (N,) <= pi are off, radians.

    Two arrays (N,): by the textbook, and by the quaternion from the same float32 matrix. Of a vector and its opposite
    the nearer one counts, as they are the same rotation at pi; an answer that is not a number counts as its length.
    """
    omega = np.asarray(angles, np.float64)[:, None] * direction
    R = so3.exp(omega).astype(np.float32)
    return _distance(textbook_log(R), omega), _distance(so3.log(R).astype(np.float32), omega)


def _distance(found: Array, omega: Array) -> Array:
    found = np.nan_to_num(found.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    other = so3.long_way(omega)
    return np.minimum(np.linalg.norm(found - omega, axis=-1), np.linalg.norm(found - other, axis=-1))
