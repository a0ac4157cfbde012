"""Distance fields and surfaces against the operators of Open3D and PyTorch3D, on the same mesh and voxels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from pytorch3d.ops.marching_cubes import marching_cubes as torch_marching_cubes

from lab.bench import Figure, alternate
from lab.data.distance import DistanceField
from lab.data.grid import Grid
from lab.data.marching_cubes import marching_cubes
from lab.kernels.crew import Crew
from lab.open3d_core import o3d
from lab.scene import Array

AROUND, ACROSS = 250, 100
"""Of the torus: 2 · 250 · 100 = 50,000 faces."""
RESOLUTIONS = (64, 128)
TRUNCATION = 4.0
ROUNDS = {64: 3, 128: 1}  # the peer takes long


def tsdf() -> Iterator[Figure]:
    """A TSDF from the mesh's arrays on, structures included; the peer measures the distance of every voxel."""
    verts, faces = bumpy_torus(AROUND, ACROSS)
    with Crew() as crew:
        for resolution in RESOLUTIONS:
            grid = cube(verts, resolution)
            points = _points(grid)

            def ours(grid: Grid = grid) -> Array:
                return DistanceField(verts, faces, grid, crew).tsdf(TRUNCATION)

            def peer(grid: Grid = grid, points: Array = points) -> Array:
                return open3d_tsdf(verts, faces, points, TRUNCATION * grid.voxel)

            times = alternate(ours, peer, rounds=ROUNDS[resolution], ours_a_round=3)
            note = f"{len(faces):,} faces, {resolution}³ voxels, {crew.threads} threads; Open3D's dense distances"
            yield Figure(f"tsdf {resolution}", *times, note=note)


def surfaces() -> Iterator[Figure]:
    """Marching cubes on the TSDF."""
    verts, faces = bumpy_torus(AROUND, ACROSS)
    for resolution in RESOLUTIONS:
        field = DistanceField(verts, faces, cube(verts, resolution)).tsdf(TRUNCATION)
        volume = torch.tensor(field)[None]

        def peer(volume: torch.Tensor = volume) -> None:
            torch_marching_cubes(volume, 0.0, return_local_coords=False)

        def ours(field: Array = field) -> None:
            marching_cubes(field)

        note = f"{resolution}³ voxels; PyTorch3D's C++"
        yield Figure(f"marching-cubes {resolution}", *alternate(ours, peer), note=note)


def bumpy_torus(around: int, across: int) -> tuple[Array, Array]:
    """A closed surface with details, within [-1, 1]: around · across verts float32, twice as many faces."""
    u, v = np.meshgrid(np.arange(around), np.arange(across), indexing="ij")
    a, b = 2.0 * np.pi * u / around, 2.0 * np.pi * v / across
    tube = 0.3 + 0.03 * np.sin(8.0 * a) * np.sin(4.0 * b)
    ring = 0.65 + tube * np.cos(b)
    verts = np.stack([ring * np.cos(a), tube * np.sin(b), ring * np.sin(a)], axis=-1).reshape(-1, 3)
    at = (u * across + v).reshape(-1)
    right = ((u + 1) % around * across + v).reshape(-1)
    up = (u * across + (v + 1) % across).reshape(-1)
    both = ((u + 1) % around * across + (v + 1) % across).reshape(-1)
    faces = np.concatenate([np.stack([at, up, both], axis=1), np.stack([at, both, right], axis=1)])
    return verts.astype(np.float32), faces.astype(np.int32)


def cube(verts: Array, resolution: int) -> Grid:
    """A cubic grid around a mesh, as many voxels along each side."""
    low, high = verts.min(axis=0).astype(np.float64), verts.max(axis=0).astype(np.float64)
    voxel = 1.15 * float((high - low).max()) / resolution
    return Grid(0.5 * (low + high) - 0.5 * voxel * (resolution - 1), voxel, (resolution,) * 3)


def open3d_tsdf(verts: Array, faces: Array, points: Array, mu: float) -> Array:
    """The truncated field by Open3D: the signed distance of every point, then cut off."""
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(verts.copy(), faces.astype(np.uint32))
    return np.clip(scene.compute_signed_distance(points).numpy() / mu, -1.0, 1.0)


def _points(grid: Grid) -> Array:
    x, y, z = (axis.astype(np.float32) for axis in grid.axes)
    depth, height, width = np.meshgrid(z, y, x, indexing="ij")
    return np.stack([width, height, depth], axis=-1)
