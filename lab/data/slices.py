"""A slice through a field: as numbers, as a picture with its zero level, and as a plane in the world."""

from __future__ import annotations

import numpy as np

from lab.data.grid import Grid
from lab.render.colormaps import table
from lab.scene import Array, Mesh
from lab.study import Picture

AXES = ("x", "y", "z")
_PIXELS = 480  # of the longer side, about
_LINE = (18, 18, 22)
_UNKNOWN = (115, 115, 115)


def slice_index(grid: Grid, axis: str, position: float) -> int:
    """The layer of voxels at ``position``, 0 at the lower end of the axis, 1 at the upper."""
    side = grid.shape[2 - AXES.index(axis)]
    return min(side - 1, int(position * side))


def coordinate(grid: Grid, axis: str, index: int) -> float:
    """Where the layer lies on its axis, metres."""
    return float(grid.axes[AXES.index(axis)][index])


def slice_values(field: Array, axis: str, index: int) -> Array:
    """The layer (rows, columns) of ``field`` (D, H, W) as one sees it from the upper end of the axis.

    z: x to the right, y up. x: z to the left, y up. y: x to the right, z down.
    """
    if axis == "z":
        return field[index, ::-1, :]
    if axis == "x":
        return field[::-1, ::-1, index].T
    return field[:, index, :]


def slice_picture(
    values: Array, low: float, high: float, colormap: str, unit: str = "", zero_line: bool = True
) -> Picture:
    """The numbers (rows, columns) in colours from ``low`` to ``high``; NaN is grey. The zero level is a dark line."""
    scale = max(1, _PIXELS // max(values.shape))
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    known = np.isfinite(values)
    entries = np.where(known, share * 255.0 + 0.5, 0.0).astype(np.uint8)
    pixels = np.where(known[..., None], table(colormap)[entries], np.array(_UNKNOWN, np.uint8))
    pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    if zero_line:
        pixels[_zero_crossings(enlarged(values, scale))] = _LINE
    hovered = values.repeat(scale, axis=0).repeat(scale, axis=1).astype(np.float32)
    return Picture(pixels, values=hovered, unit=unit)


def enlarged(values: Array, scale: int) -> Array:
    """``values`` (rows, columns) on a grid ``scale`` times as fine, linear between the centres: the same centres."""
    for axis in range(2):
        count = values.shape[axis]
        at = np.clip((np.arange(count * scale) + 0.5) / scale - 0.5, 0.0, count - 1.0)
        low = np.minimum(at.astype(int), max(count - 2, 0))
        high = np.minimum(low + 1, count - 1)
        share = (at - low).astype(np.float32)
        share = share[:, None] if axis == 0 else share
        values = values.take(low, axis=axis) * (1.0 - share) + values.take(high, axis=axis) * share
    return values


def _zero_crossings(values: Array) -> Array:
    """The pixels beside which the sign changes, where it is known."""
    below = values < 0.0
    known = np.isfinite(values)
    line = np.zeros(values.shape, bool)
    for axis in range(2):
        first = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        second = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        change = (below[first] != below[second]) & known[first] & known[second]
        line[first] |= change
        line[second] |= change
    return line


def slice_plane(field: Array, grid: Grid, axis: str, index: int, name: str, origin: Array) -> Mesh:
    """The layer as a plane of the world through the voxel centres, with its values as the scalar ``name``.

    What is not known (NaN) or cut off outside (1) is left out, as it would only hide what lies behind.
    """
    number = AXES.index(axis)
    layer = field.take(index, axis=2 - number)  # the other two axes, the later one first
    first, second = (k for k in (2, 1, 0) if k != number)
    rows, columns = layer.shape
    verts = np.empty((rows, columns, 3), np.float32)
    verts[..., number] = coordinate(grid, axis, index)
    verts[..., first] = grid.axes[first][:, None]
    verts[..., second] = grid.axes[second]
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1, 1)
    quads = corner + np.array([0, 1, columns + 1, columns])
    values = layer.reshape(-1)
    corners = values[quads]
    quads = quads[np.isfinite(corners).all(axis=1) & (corners < 1.0).any(axis=1)]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Mesh(verts.reshape(-1, 3), faces, scalars={name: np.nan_to_num(values)}, origin=origin)


def cut_open(mesh: Mesh, axis: str, place: float) -> Mesh:
    """The mesh without the faces whose middle lies beyond ``place``, metres, on the axis. It shares the vertices."""
    along = mesh.verts[:, AXES.index(axis)]
    keep = along[mesh.faces].mean(axis=1) <= place
    return Mesh(mesh.verts, mesh.faces[keep], normals=mesh.normals, scalars=mesh.scalars, origin=mesh.origin)
