"""The motions that lay pairs of points on each other, in closed form. Column vectors, float64.

Sources: Kabsch (1976) and Arun, Huang, Blostein (1987) for points on points; Chen, Medioni (1991) and Low (2004) for
points on planes.
"""

from __future__ import annotations

import numpy as np

from lab.motions import se3, so3
from lab.scene import Array

_FREE = 1e-10
"""A motion is free where the planes resist it by less than this share of what they resist at most."""


def point_to_point(source: Array, target: Array, weights: Array | None = None) -> Array:
    """The motion T (..., 4, 4) with the least weighted sum of |T source - target|², by SVD.

    source, target: (..., N, 3); weights: (..., N), not negative, or None for equal ones. Also for N = 3, where it is
    the motion of a triangle; with fewer independent points it is one of several.
    """
    w = np.ones(source.shape[:-1]) if weights is None else weights
    w = (w / w.sum(axis=-1, keepdims=True))[..., None]
    middle, goal = (w * source).sum(axis=-2), (w * target).sum(axis=-2)
    covariance = np.swapaxes(w * (target - goal[..., None, :]), -1, -2) @ (source - middle[..., None, :])
    R = so3.project(covariance)
    return se3.matrix(R, goal - (R @ middle[..., None])[..., 0])


def point_to_plane(source: Array, target: Array, normals: Array, weights: Array | None = None) -> Array:
    """A motion T (4, 4) that lessens the weighted sum of (n · (T source - target))²: one Gauss-Newton step.

    source, target, normals: (N, 3); the residual is linearised at no motion, about the middle of the source, and the
    step is made a motion by the exponential of its rotation vector. What the planes leave free stays where it is.
    """
    middle = source.mean(axis=0)
    rows = np.concatenate([normals, np.cross(source - middle, normals)], axis=1)
    miss = ((target - source) * normals).sum(axis=1)
    weighted = rows if weights is None else rows * weights[:, None]
    values, directions = np.linalg.eigh(weighted.T @ rows)
    held = values > _FREE * values[-1]
    along = directions.T @ (weighted.T @ miss)
    step = directions[:, held] @ (along[held] / values[held])
    R = so3.exp(step[3:])
    return se3.matrix(R, middle + step[:3] - R @ middle)


def motion_errors(estimate: Array, truth: Array, points: Array) -> tuple[float, float]:
    """How far a motion is from the true one: the angle between them, degrees, and the root mean square distance of
    ``points`` (N, 3) moved by either.
    """
    apart = se3.apply(estimate, points) - se3.apply(truth, points)
    angle = float(np.degrees(so3.angle_between(truth[:3, :3], estimate[:3, :3])))
    return angle, float(np.sqrt((apart**2).sum(axis=1).mean()))
