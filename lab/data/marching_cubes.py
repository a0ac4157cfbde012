"""The surface on which a field has a level, by marching cubes (Lorensen and Cline 1987; see lab.data.cube_table)."""

from __future__ import annotations

import numpy as np

from lab.data.cube_table import EDGES, triangle_table
from lab.data.grid import Grid
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

_CORNERS = np.array(EDGES, np.int32)


def marching_cubes(field: Array, level: float = 0.0) -> tuple[Array, Array]:
    """The surface between values below ``level`` (inside) and the others (outside).

    field: (D, H, W) float32; a cell with a corner that is NaN (nothing is known there) has no surface. Returns
    verts (V, 3) float32 in voxels, x, y, z, voxel [0, 0, 0] at the origin, each once; and faces (F, 3) int32,
    counter-clockwise seen from the higher values.
    """
    if field.ndim != 3:
        raise ValueError(f"field: expected shape (D, H, W), found {field.shape}")
    counts, table = triangle_table()
    level = float(np.float32(level))  # as exact as the field
    field = np.ascontiguousarray(field, np.float32)
    vert_count, face_count = _count(field, level, counts)
    verts = np.empty((vert_count, 3), np.float32)
    faces = np.empty((face_count, 3), np.int32)
    used = _fill(field, level, counts, table, _CORNERS, verts, faces)
    return verts[:used], faces


def surface_of(field: Array, grid: Grid) -> tuple[Array, Array]:
    """The zero level of a signed distance field over ``grid``: verts (V, 3) float32, metres, and faces (F, 3) int32."""
    verts, faces = marching_cubes(field)
    return (verts * grid.voxel + grid.lower).astype(np.float32), faces


@inlined
def _case(field: Array, level: float, z: int, y: int, x: int) -> int:
    """Which corners lie inside, one bit each; 0 where a corner is not known."""
    case = 0
    known = True
    for corner in range(8):
        value = field[z + (corner >> 2 & 1), y + (corner >> 1 & 1), x + (corner & 1)]
        known &= value == value  # NaN is not
        case |= int(value < level) << corner
    return case if known else 0


@kernel
def _count(field: Array, level: float, counts: Array) -> tuple[int, int]:
    """How many triangles there are, and how many vertices at the most: crossed edges of the grid."""
    depth, height, width = field.shape
    face_count = 0
    vert_count = 0
    for z in range(depth):
        for y in range(height):
            for x in range(width):
                value = field[z, y, x]
                if value != value:
                    continue
                below = value < level
                if x + 1 < width and (field[z, y, x + 1] < level) != below:
                    vert_count += 1
                if y + 1 < height and (field[z, y + 1, x] < level) != below:
                    vert_count += 1
                if z + 1 < depth and (field[z + 1, y, x] < level) != below:
                    vert_count += 1
                if z + 1 < depth and y + 1 < height and x + 1 < width:
                    face_count += counts[_case(field, level, z, y, x)]
    return vert_count, face_count


@kernel
def _fill(field: Array, level: float, counts: Array, table: Array, corners: Array, verts: Array, faces: Array) -> int:
    """Write the triangles, and each vertex when it is first needed. Returns how many vertices there are."""
    depth, height, width = field.shape
    # the vertex on each edge of the grid, of the layers z and z + 1 only: [z & 1, along x, y or z, y, x]
    known = np.full((2, 3, height, width), -1, np.int32)
    vert_count = 0
    face_count = 0
    for z in range(depth - 1):
        known[(z + 1) & 1] = -1
        for y in range(height - 1):
            for x in range(width - 1):
                case = _case(field, level, z, y, x)
                for t in range(counts[case]):
                    for k in range(3):
                        edge = table[case, t, k]
                        start = corners[edge, 0]
                        along = edge // 4
                        ex, ey, ez = x + (start & 1), y + (start >> 1 & 1), z + (start >> 2 & 1)
                        vert = known[ez & 1, along, ey, ex]
                        if vert < 0:
                            vert = vert_count
                            vert_count += 1
                            known[ez & 1, along, ey, ex] = vert
                            low = field[ez, ey, ex]
                            high = field[ez + (along == 2), ey + (along == 1), ex + (along == 0)]
                            share = (level - low) / (high - low)
                            verts[vert, 0] = ex + share * (along == 0)
                            verts[vert, 1] = ey + share * (along == 1)
                            verts[vert, 2] = ez + share * (along == 2)
                        faces[face_count, k] = vert
                    face_count += 1
    return vert_count
