"""Fusion of depth images into a truncated signed distance field.

Curless and Levoy 1996, "A Volumetric Method for Building Complex Models from Range Images"; REFERENCE I.1.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np

from lab.data.depth import DepthCamera
from lab.data.grid import Grid
from lab.kernels.crew import Crew
from lab.kernels.jit import kernel
from lab.scene import Array


class TsdfVolume:
    """A running mean of signed distances, one depth image after the other.

    values: (D, H, W) float32 in [-1, 1], distances over the truncation; 1 where nothing was seen.
    weights: (D, H, W) float32, how many images count in each voxel, at most ``most_weight``.
    truncation: mu, metres.
    """

    def __init__(self, grid: Grid, truncation: float, most_weight: float = np.inf) -> None:
        if not truncation > 0.0:
            raise ValueError(f"truncation: expected more than 0 metres, found {truncation}")
        self.grid = grid
        self.truncation = truncation
        self.most_weight = most_weight
        self.values = np.ones(grid.shape, np.float32)
        self.weights = np.zeros(grid.shape, np.float32)

    def integrate(self, depth: Array, camera: DepthCamera, weight: float = 1.0, crew: Crew | None = None) -> None:
        """Take in a depth image (H, W) float32, metres, infinity where nothing is.

        For each voxel centre of depth z, and d = observed depth - z: nothing where d < -mu (hidden) or no depth was
        measured; else t = min(1, d / mu), T = (W T + w t) / (W + w), W = min(W + w, most_weight).
        """
        if depth.shape != (camera.height, camera.width):
            raise ValueError(f"depth: expected shape {(camera.height, camera.width)}, found {depth.shape}")
        shared = crew or Crew(1)
        layers = np.linspace(0, self.grid.shape[0], 4 * shared.threads + 1).astype(int)
        common = (
            self.values, self.weights, self.grid.lower, self.grid.voxel, np.ascontiguousarray(depth, np.float32),
            camera.K, camera.world_to_camera, float(self.truncation), float(weight), float(self.most_weight),
        )  # fmt: skip
        shared.share([partial(_integrate, *common, int(a), int(b)) for a, b in pairwise(layers)])

    def observed(self) -> Array:
        """The values (D, H, W) float32, NaN where nothing was seen: there is then no surface beside holes."""
        seen: Array = np.where(self.weights > 0.0, self.values, np.float32(np.nan))
        return seen


@kernel
def _integrate(
    values: Array,
    weights: Array,
    lower: Array,
    voxel: float,
    depth: Array,
    K: Array,
    matrix: Array,
    mu: float,
    weight: float,
    most_weight: float,
    start: int,
    stop: int,
) -> None:
    """The layers start to stop of the volume."""
    _, rows, columns = values.shape
    height, width = depth.shape
    for k in range(start, stop):
        z = lower[2] + voxel * k
        for j in range(rows):
            y = lower[1] + voxel * j
            for i in range(columns):
                x = lower[0] + voxel * i
                far = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2] * z + matrix[2, 3]
                if far <= 0.0:
                    continue
                across = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] * z + matrix[0, 3]
                down = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] * z + matrix[1, 3]
                u = np.floor(K[0, 0] * across / far + K[0, 2])
                v = np.floor(K[1, 1] * down / far + K[1, 2])
                if not (u >= 0.0 and u < width and v >= 0.0 and v < height):
                    continue
                measured = depth[int(v), int(u)]
                difference = measured - far
                if not np.isfinite(measured) or difference < -mu:
                    continue
                t = min(1.0, difference / mu)
                old = weights[k, j, i]
                values[k, j, i] = (old * values[k, j, i] + weight * t) / (old + weight)
                weights[k, j, i] = min(old + weight, most_weight)
