"""Normals of a point cloud, from the shape of each point's neighbourhood."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from lab.scene import Array

NEIGHBOURS = 20


def estimate_normals(points: Array, facing: Array | None = None, neighbours: int = NEIGHBOURS) -> Array:
    """(N, 3) float64 unit normals of ``points`` (N, 3): where the nearest ones spread least.

    facing: (N, 3), a direction for each point into whose half-space its normal is turned, such as an exact normal of
    the surface that was scanned; None turns them away from the middle of the cloud, which is right for a closed body
    and, unlike a fixed direction, turns with the cloud. Source: Hoppe and others (1992), section 3.2.
    """
    near = cKDTree(points).query(points, k=min(neighbours, len(points)))[1].reshape(len(points), -1)
    around = points[near]
    spread = around - around.mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(np.swapaxes(spread, 1, 2) @ spread)
    normals = axes[:, :, 0]
    if facing is None:
        facing = points - points.mean(axis=0)
    back = (normals * facing).sum(axis=1) < 0.0
    return np.where(back[:, None], -normals, normals)
