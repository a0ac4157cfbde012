"""Points of an object: the pool they are chosen from, and the choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.data.objects import Body
from lab.data.sampling import FarthestFirst, cell_for, voxel_downsample
from lab.geometry import unit
from lab.scene import Array

MOST_POINTS = 100_000
FARTHEST_POOL = 32_768
"""Farthest point sampling looks at every point of its pool for each that it takes, so its pool is smaller."""


@dataclass(frozen=True, eq=False)
class Scan:
    """points: (N, 3) float32, metres; normals: (N, 3) float32 unit, outward, or None."""

    points: Array
    normals: Array | None = None

    def __len__(self) -> int:
        return len(self.points)

    def take(self, choice: Array | slice) -> Scan:
        """Some of the points."""
        return Scan(self.points[choice], None if self.normals is None else self.normals[choice])


def pool(found: Body, rng: np.random.Generator) -> Scan:
    """Up to 100,000 points of an object in random order: drawn from a mesh by area, or some of a cloud's own."""
    mesh = found.mesh
    if mesh is not None:
        samples = found.sampler.draw(MOST_POINTS, rng)
        return Scan(samples.points(mesh.verts, mesh.faces), samples.normals(mesh.verts, mesh.faces))
    whole = Scan(found.geometry.verts, found.geometry.normals)
    return shuffled(whole, rng)


def shuffled(scan: Scan, rng: np.random.Generator) -> Scan:
    """The points in random order, 100,000 at the most."""
    return scan.take(rng.permutation(len(scan))[:MOST_POINTS])


class Chooser:
    """Chooses points of a pool. What farthest point sampling found is kept."""

    def __init__(self, pool: Scan) -> None:
        self._pool = pool
        self._farthest: FarthestFirst | None = None

    def choose(self, count: int, sampling: str) -> Scan:
        """About ``count`` points, not more; sampling: "area-weighted", "farthest point" or "voxel grid".

        More points keep those that were there before, but for the voxel grid, whose cells become smaller.
        """
        if sampling == "area-weighted" or not len(self._pool):
            return self._pool.take(slice(count))
        if sampling == "farthest point":
            if self._farthest is None:
                self._farthest = FarthestFirst(self._pool.points[:FARTHEST_POOL])
            return self._pool.take(self._farthest.take(count))
        if sampling == "voxel grid":
            return _one_a_cell(self._pool, count)
        raise ValueError(f"sampling: unknown {sampling!r}")


def _one_a_cell(scan: Scan, count: int) -> Scan:
    points, cells = voxel_downsample(scan.points, cell_for(scan.points, count))
    if scan.normals is None:
        return Scan(points)
    sums = [np.bincount(cells, weights=scan.normals[:, k], minlength=len(points)) for k in range(3)]
    return Scan(points, unit(np.stack(sums, axis=1)).astype(np.float32))
