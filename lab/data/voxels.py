"""Which voxels an object fills, and the blocks that show them."""

from __future__ import annotations

import numpy as np

from lab.data.distance import DistanceField
from lab.data.grid import Grid
from lab.scene import Array

# for each side: the step (z, y, x) to the neighbour, and the corners (x, y, z), counter-clockwise from outside
_SIDES = (
    ((0, 0, -1), ((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0))),
    ((0, 0, 1), ((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1))),
    ((0, -1, 0), ((0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1))),
    ((0, 1, 0), ((0, 1, 0), (0, 1, 1), (1, 1, 1), (1, 1, 0))),
    ((-1, 0, 0), ((0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 0, 0))),
    ((1, 0, 0), ((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))),
)


def occupied_by_points(points: Array, grid: Grid) -> Array:
    """The voxels (D, H, W) bool that hold at least one of ``points`` (N, 3); those outside the grid are left out."""
    filled = np.zeros(grid.shape, bool)
    index, within = grid.index(points)
    index = index[within]
    filled[index[:, 0], index[:, 1], index[:, 2]] = True
    return filled


def occupied_by_surface(field: DistanceField) -> Array:
    """The voxels (D, H, W) bool whose centre is at most half a voxel from the surface.

    That shell has no hole through which one could step from a voxel to its neighbour across the surface: where the
    line between two centres meets the surface, one of them is that near.
    """
    half = 0.5 * field.grid.voxel
    shell: Array = field.distance(0.51) <= half
    return shell


def occupied_by_solid(field: DistanceField) -> Array:
    """The voxels (D, H, W) bool whose centre lies inside the mesh."""
    return field.inside


def blocks(filled: Array, grid: Grid) -> tuple[Array, Array, Array]:
    """The sides of filled voxels that show: verts (4Q, 3), metres, normals (4Q, 3) float32, faces (2Q, 3) int32.

    filled: (D, H, W) bool. Each of the Q sides has corners of its own, so that it is shaded flat.
    """
    padded = np.pad(filled, 1)
    verts, normals = [], []
    for step, corners in _SIDES:
        neighbour = tuple(slice(1 + s, 1 + s + n) for s, n in zip(step, filled.shape, strict=True))
        index = np.argwhere(filled & ~padded[neighbour])
        places = index[:, None, ::-1] + (np.array(corners) - 0.5)
        verts.append((places * grid.voxel + grid.lower).reshape(-1, 3).astype(np.float32))
        normals.append(np.broadcast_to(np.array(step[::-1], np.float32), (4 * len(index), 3)))
    quads = sum(len(part) for part in verts) // 4
    faces = (4 * np.arange(quads)[:, None, None] + [[0, 1, 2], [0, 2, 3]]).reshape(-1, 3)
    return np.concatenate(verts), np.concatenate(normals), faces.astype(np.int32)
