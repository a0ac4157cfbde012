"""Averages of rotations: by distances in SO(3), and the naive ones that go wrong. Numpy alone, float64.

R: (N, 3, 3) rotations for column vectors; weights: (N,) >= 0 with a positive sum, None for equal ones. Each returns one
(3, 3). Source: F. Markley, Y. Cheng, J. Crassidis, Y. Oshman, "Averaging quaternions" (2007); R. Hartley, J. Trumpf,
Y. Dai, H. Li, "Rotation averaging" (2013).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lab.motions import euler, so3
from lab.scene import Array

_STEPS = 100  # of the iterations, which take two to twenty for rotations that belong together
_DONE = 1e-12  # radians; a step as short as that ends them


class Mean(Protocol):
    """An average of rotations (N, 3, 3) with weights (N,) or equal ones: (3, 3)."""

    def __call__(self, R: Array, weights: Array | None = None) -> Array: ...


def chordal(R: Array, weights: Array | None = None) -> Array:
    """The rotation with the least sum of squared Frobenius distances: the mean matrix projected to SO(3) by SVD."""
    return so3.project(matrix_mean(R, weights))


def quaternion_eigenvector(R: Array, weights: Array | None = None) -> Array:
    """Markley's mean: the eigenvector of sum w q q^T with the largest eigenvalue. The quaternions' signs do not count.

    It minimises the same sum as ``chordal`` and gives the same rotation.
    """
    q = so3.to_quaternion(R)
    return so3.from_quaternion(np.linalg.eigh((q.T * _weights(R, weights)) @ q)[1][:, -1])


def geodesic(R: Array, weights: Array | None = None) -> Array:
    """The Karcher mean: the least sum of squared angles. Steps along the mean rotation vector, from ``chordal``.

    It is unique while all rotations lie within 90° of one; beyond that the nearest minimum is found.
    """
    share = _weights(R, weights)
    mean = chordal(R, weights)
    for _ in range(_STEPS):
        step = share @ so3.log(mean.T @ R)
        mean = so3.project(mean @ so3.exp(step))
        if np.linalg.norm(step) < _DONE:
            break
    return mean


def median(R: Array, weights: Array | None = None) -> Array:
    """The geodesic median: the least sum of angles, not squared, so that outliers pull weakly. Weiszfeld's steps."""
    share = _weights(R, weights)
    middle = chordal(R, weights)
    for _ in range(_STEPS):
        omega = so3.log(middle.T @ R)
        pull = share / np.maximum(np.linalg.norm(omega, axis=-1), 1e-9)
        step = pull @ omega / pull.sum()
        middle = so3.project(middle @ so3.exp(step))
        if np.linalg.norm(step) < 1e-9:
            break
    return middle


# --- what goes wrong --------------------------------------------------------------------------------------------------


def matrix_mean(R: Array, weights: Array | None = None) -> Array:
    """The mean of the matrices, entry by entry: not a rotation, the smaller the more they differ."""
    return np.einsum("n,nij->ij", _weights(R, weights), R)


def euler_mean(R: Array, weights: Array | None = None, order: euler.Order = "YXZ") -> Array:
    """The rotation of the mean of each Euler angle: wrong near ±180° and near gimbal lock."""
    return euler.to_matrix(_weights(R, weights) @ euler.from_matrix(R, order), order)


def quaternion_naive(q: Array, weights: Array | None = None) -> Array:
    """The rotation of the mean of quaternions (N, 4) as they come: those with the other sign cancel the rest.

    Raises ValueError when they cancel completely.
    """
    return so3.from_quaternion(_weights(q, weights) @ q)


def vector_mean(R: Array, weights: Array | None = None) -> Array:
    """The rotation of the mean rotation vector, seen from the identity: wrong for rotations near 180°."""
    return so3.exp(_weights(R, weights) @ so3.log(R))


def _weights(R: Array, weights: Array | None) -> Array:
    """Shares that sum to 1. Raises ValueError for no rotations, negative weights or a sum of 0."""
    if not len(R):
        raise ValueError("average: expected at least one rotation, found none")
    if weights is None:
        return np.full(len(R), 1 / len(R))
    weights = np.asarray(weights, np.float64)
    if weights.shape != (len(R),) or not np.all(weights >= 0) or not weights.sum() > 0:
        raise ValueError(f"average: expected {len(R)} weights of at least 0 with a sum above 0, found {weights}")
    return weights / weights.sum()
