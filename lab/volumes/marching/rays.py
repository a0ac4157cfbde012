"""Rays as PyTorch3D's ray samplers give them: directions of unit depth, and depths along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.projection import rays
from lab.scene import Array
from lab.volumes.marching.kernels import jitter


@dataclass(frozen=True, eq=False)
class Bundle:
    """Rays with samples. origins, directions: (R, 3) float64, world; one unit along a direction is one metre of depth,
    so it is no unit vector beside the axis. lengths: (R, S) float64, depths of the samples. pixels: (R, 2), x, y.
    """

    origins: Array
    directions: Array
    lengths: Array
    pixels: Array

    @property
    def norms(self) -> Array:
        """(R,) float64: metres along each ray per metre of depth."""
        return np.asarray(np.linalg.norm(self.directions, axis=1))

    @property
    def points(self) -> Array:
        """(R, S, 3) float64, world."""
        return self.origins[:, None] + self.lengths[..., None] * self.directions[:, None]


@dataclass(frozen=True)
class Sampling:
    """Where along the rays: ``count`` depths from ``near`` to ``far``, metres.

    stratified: not even, but one at random in each stratum.
    """

    count: int
    near: float
    far: float
    stratified: bool = False
    seed: int = 0

    def lengths(self, first: int, rays: int) -> Array:
        """(R, S) float64 for the rays ``first``, ``first`` + 1, and so on."""
        centres = np.linspace(self.near, self.far, self.count)
        if not self.stratified:
            return np.tile(centres, (rays, 1))
        lengths = np.empty((rays, self.count))
        jitter(first, centres, self.seed, lengths)
        return lengths


def grid_pixels(width: int, height: int) -> Array:
    """(H * W, 2) float64: the pixels' centres, row by row; the first is at NDC (1 - 1/W, 1 - 1/H) where W = H."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x.reshape(-1), y.reshape(-1)], axis=1)


def sparse_grid(width: int, height: int, count: int) -> Array:
    """(N, 2) float64, N about ``count``: even pixels' centres of the image, some of those of ``grid_pixels``."""
    columns = max(1, min(width, round((count * width / height) ** 0.5)))
    rows = max(1, min(height, round(count / columns)))
    x = np.floor((np.arange(columns) + 0.5) * width / columns) + 0.5
    y = np.floor((np.arange(rows) + 0.5) * height / rows) + 0.5
    grid = np.meshgrid(x, y)
    return np.stack([grid[0].reshape(-1), grid[1].reshape(-1)], axis=1)


def monte_carlo(width: int, height: int, count: int, rng: np.random.Generator) -> Array:
    """(N, 2) float64: places anywhere in the image, as ``MonteCarloRaysampler`` draws them."""
    return rng.random((count, 2)) * (width, height)


def bundle(camera: CameraModel, pixels: Array, sampling: Sampling, first: int = 0) -> Bundle:
    """The rays through ``pixels`` (R, 2); they have the numbers ``first``, ``first`` + 1, and so on."""
    origins, directions = rays(camera, pixels)
    return Bundle(
        np.ascontiguousarray(origins), np.ascontiguousarray(directions), sampling.lengths(first, len(pixels)), pixels
    )
