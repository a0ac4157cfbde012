"""Signed distances of a grid's voxels from a mesh, exact in a band around the surface (REFERENCE I.1, TSDF).

A truncated distance field needs no distance beyond the truncation. So only the blocks of voxels that come near the
surface are looked at, and what was computed is kept: another truncation costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from lab.data.grid import Grid
from lab.data.inside import inside
from lab.fitting.surface import SurfaceTree
from lab.kernels.crew import Crew
from lab.scene import Array

_BLOCK = 4  # voxels a side
_AT_ONCE = 150_000  # voxels whose distances are asked for before the next word to ``report``

Report = Callable[[float], None]
"""Told the share that is done, now and then. It may raise, to cancel: what was measured is kept."""


def _quiet(share: float) -> None:
    """Tell nobody."""


class DistanceField:
    """The signed distance of each voxel centre from a mesh: negative inside, positive outside.

    verts: (V, 3) float32, metres, finite; faces: (F, 3) int32, at least one. crew: helpers, for the time that the
    field lives. The sign of an open mesh is what most rays say (see ``lab.data.inside``).
    """

    def __init__(self, verts: Array, faces: Array, grid: Grid, crew: Crew | None = None) -> None:
        if not len(faces):
            raise ValueError("faces: expected at least one, found none")
        self.grid = grid
        self.band = 0.0  # voxels, within which the distances are known
        self._verts, self._faces, self._crew = verts, faces, crew
        self._distance = np.full(grid.shape, np.inf, np.float32)

    @cached_property
    def inside(self) -> Array:
        """Whether each voxel's centre lies inside: (D, H, W) bool."""
        return inside(self._verts, self._faces, self.grid, self._crew)

    @cached_property
    def _tree(self) -> SurfaceTree:
        return SurfaceTree(self._verts, self._faces)

    def distance(self, band: float, report: Report = _quiet) -> Array:
        """The distance without sign, (D, H, W) float32, metres, exact where it is below ``band`` voxels.

        Elsewhere it is infinity, or exact where a wider band was asked for before. Not to be written to.
        """
        if band > self.band:
            self._widen(band * self.grid.voxel, report)
            self.band = band
        return self._distance

    def signed(self, band: float) -> Array:
        """(D, H, W) float32, metres: as ``distance``, negative inside."""
        distance = self.distance(band)
        signed: Array = np.where(self.inside, -distance, distance)
        return signed

    def tsdf(self, truncation: float, report: Report = _quiet) -> Array:
        """The truncated field clip(sdf / mu, -1, 1), (D, H, W) float32; mu is ``truncation`` voxels."""
        if not truncation > 0.0:
            raise ValueError(f"truncation: expected more than 0 voxels, found {truncation}")
        mu = np.float32(truncation * self.grid.voxel)
        share = np.minimum(self.distance(truncation, report) / mu, np.float32(1.0))
        return np.negative(share, out=share, where=self.inside)

    def _widen(self, band: float, report: Report) -> None:
        """Find the distances below ``band`` metres that are not known yet."""
        index = self._near_blocks(band)
        index = index[np.isinf(self._distance[index[:, 0], index[:, 1], index[:, 2]])]
        for start in range(0, len(index), _AT_ONCE):
            report(start / len(index))
            part = index[start : start + _AT_ONCE]
            self._distance[part[:, 0], part[:, 1], part[:, 2]] = self._query(self.grid.centres(part), band)

    def _near_blocks(self, band: float) -> Array:
        """(N, 3) int64: the voxels of the blocks that come within ``band`` metres of the surface, block by block."""
        blocks = np.indices([-(-side // _BLOCK) for side in self.grid.shape]).reshape(3, -1).T * _BLOCK
        half = 0.5 * (_BLOCK - 1)
        near = np.isfinite(self._query(self.grid.centres(blocks + half), band + half * np.sqrt(3.0) * self.grid.voxel))
        within = np.indices((_BLOCK,) * 3).reshape(3, -1).T
        index = (blocks[near][:, None, :] + within).reshape(-1, 3)
        inside_grid: Array = index[(index < self.grid.shape).all(axis=1)]
        return inside_grid

    def _query(self, points: Array, limit: float) -> Array:
        order = np.arange(len(points), dtype=np.int32)  # block by block: neighbours follow each other already
        return self._tree.distances(points, self._crew, order=order, limit=limit * (1.0 + 1e-6))
