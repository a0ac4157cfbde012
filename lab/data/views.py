"""How the studies of this chapter draw things: one colour for each representation."""

from __future__ import annotations

import numpy as np

from lab.data.depth import DepthCamera, frustum
from lab.data.grid import Grid
from lab.palette import surface
from lab.render.messages import Style
from lab.scene import Array, Lines

POINTS = Style(color=surface(0), point_size=3.0)
OUTLIERS = Style(color=surface(3), point_size=3.0)
MESH = Style(color=(0.78, 0.78, 0.80))
VOXELS = Style(color=surface(1))
LEVEL = Style(color=surface(2))
CAMERA = Style(color=surface(1))
FIELD = "TSDF"
BOX = Style(color=(0.45, 0.46, 0.5))
PLANE = Style(scalar=FIELD, scalar_range=(-1.0, 1.0), colormap="coolwarm")


def camera_lines(camera: DepthCamera, length: float, origin: Array) -> Lines:
    """A camera as a pyramid of lines, ``length`` metres deep."""
    verts, edges = frustum(camera, length)
    return Lines(verts, edges, origin=origin)


def box_lines(grid: Grid, origin: Array) -> Lines:
    """The outline of a grid's voxels."""
    low, high = grid.lower - 0.5 * grid.voxel, grid.upper + 0.5 * grid.voxel
    corners = np.array([[(low, high)[c >> k & 1][k] for k in range(3)] for c in range(8)])
    edges = [(a, a | bit) for bit in (1, 2, 4) for a in range(8) if not a & bit]
    return Lines(corners, np.array(edges), origin=origin)
