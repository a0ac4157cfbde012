"""Where the voxels of a grid lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.scene import Array

FINEST = 256
"""The most voxels along a side: 256³ float32 values are 64 MiB."""
COARSEST = 8
MARGIN = 0.06
"""Share of a side that stays free on either end, so that the outside of the surface is in the grid, too."""
_LEAST_MARGIN = 2  # voxels


@dataclass(frozen=True, eq=False)
class Grid:
    """Cubic voxels; arrays over them have the shape (D, H, W), which count along z, y and x.

    lower: (3,) float64, the centre (x, y, z) of voxel [0, 0, 0], metres. voxel: its side, metres. shape: (D, H, W).
    Raises ValueError where the voxel has no size or a side has none or more than FINEST voxels.
    """

    lower: Array
    voxel: float
    shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        if not (np.isfinite(self.voxel) and self.voxel > 0.0):
            raise ValueError(f"voxel: expected a positive size, found {self.voxel}")
        if not all(1 <= side <= FINEST for side in self.shape):
            raise ValueError(f"shape: expected 1 to {FINEST} voxels a side, found {self.shape}")

    @property
    def count(self) -> int:
        """How many voxels there are."""
        depth, height, width = self.shape
        return depth * height * width

    @property
    def upper(self) -> Array:
        """(3,) float64: the centre (x, y, z) of the last voxel."""
        return self.lower + self.voxel * (np.array(self.shape[::-1]) - 1)

    @cached_property
    def axes(self) -> tuple[Array, Array, Array]:
        """The coordinates (W,), (H,) and (D,) float64 of the voxel centres along x, y and z."""
        x, y, z = (low + self.voxel * np.arange(side) for low, side in zip(self.lower, self.shape[::-1], strict=True))
        return x, y, z

    def centres(self, index: Array) -> Array:
        """(N, 3) float32 positions x, y, z of the voxels ``index`` (N, 3), which counts z, y, x."""
        return (self.lower + self.voxel * index[:, ::-1]).astype(np.float32)

    def index(self, points: Array) -> tuple[Array, Array]:
        """The voxels (N, 3) int64, z, y, x, in which ``points`` (N, 3) lie, and whether they are in the grid (N,)."""
        index = np.floor((points - self.lower) / self.voxel + 0.5).astype(np.int64)[:, ::-1]
        return index, np.all((index >= 0) & (index < np.array(self.shape)), axis=1)


def grid_around(lower: Array, upper: Array, resolution: int) -> Grid:
    """A grid around a box, ``resolution`` voxels along its longest side, with a margin, centred.

    lower, upper: (3,), metres. Raises ValueError for a box without size, or a resolution outside 8 to 256.
    """
    if not COARSEST <= resolution <= FINEST:
        raise ValueError(f"resolution: expected {COARSEST} to {FINEST}, found {resolution}")
    lower, upper = np.asarray(lower, np.float64), np.asarray(upper, np.float64)
    extent = upper - lower
    if not (np.isfinite(extent).all() and extent.max() > 0.0):
        raise ValueError("the box has no size")
    margin = max(_LEAST_MARGIN, round(MARGIN * resolution))
    voxel = float(extent.max()) / (resolution - 2 * margin)
    sides = [min(resolution, int(np.ceil(side / voxel - 1e-9)) + 2 * margin) for side in extent]
    first = 0.5 * (lower + upper) - 0.5 * voxel * (np.array(sides) - 1)
    return Grid(first, voxel, (sides[2], sides[1], sides[0]))
