"""Three slices through a scan, and where they lie.

The pictures count in pixels of the least voxel spacing: x from a patient's right, y from the top, z from the front.
"""

from __future__ import annotations

import numpy as np

from lab.palette import surface
from lab.scene import Array, Lines
from lab.volumes.scalar.scan import Scan

_HUES = (3, 2, 0)  # across x, y and z


def pixels_of(scan: Scan) -> Array:
    """(3,) int: pixels along x, y and z."""
    return np.maximum(np.round(scan.size / scan.voxel), 1).astype(int)


def voxel_at(scan: Scan, at: Array) -> tuple[int, int, int]:
    """The voxel (x, y, z) at the place ``at`` (3,) in pixels; the nearest one where it is outside."""
    place = _fractions(scan, at) * scan.sides
    i, j, k = np.clip(place.astype(int), 0, scan.sides - 1).tolist()
    return i, j, k


def slice_of(scan: Scan, axis: int, at: Array) -> Array:
    """(H, W) float32, one slice: across x seen from a patient's left, across y from below, across z from the front."""
    width, height, depth = (_nearest(count, side) for count, side in zip(pixels_of(scan), scan.sides, strict=True))
    i, j, k = voxel_at(scan, at)
    if axis == 0:
        return np.asarray(scan.values[:, :, i][np.ix_(depth[::-1], height[::-1])].T)
    if axis == 1:
        return np.asarray(scan.values[:, j][np.ix_(depth[::-1], width)])
    return np.asarray(scan.values[k][np.ix_(height[::-1], width)])


def windowed(values: Array, low: float, high: float) -> Array:
    """(H, W, 3) uint8: black at ``low`` and less, white at ``high`` and more."""
    shares = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    return np.repeat(np.round(shares * 255).astype(np.uint8)[..., None], 3, axis=2)


def frames_of(scan: Scan, at: Array) -> Lines:
    """The three slices as rectangles in the world."""
    place = (_fractions(scan, at) - 0.5) * scan.size
    half = scan.size / 2
    verts: list[Array] = []
    colors: list[tuple[float, float, float]] = []
    for axis in range(3):
        for first, second in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            corner = np.insert(np.array([first, second], float), axis, 0.0) * half
            corner[axis] = place[axis]
            verts.append(corner)
            colors.append(surface(_HUES[axis]))
    edges = [(4 * axis + k, 4 * axis + (k + 1) % 4) for axis in range(3) for k in range(4)]
    return Lines(np.array(verts), np.array(edges), np.array(colors))


def hue_of(axis: int) -> tuple[float, float, float]:
    """The colour of the slice across x, y or z (0, 1, 2)."""
    return surface(_HUES[axis])


def _fractions(scan: Scan, at: Array) -> Array:
    """Shares of the scan's size along x, y and z."""
    shares = np.clip(np.asarray(at, float) / pixels_of(scan), 0.0, 1.0)
    return np.asarray([shares[0], 1.0 - shares[1], 1.0 - shares[2]])


def _nearest(count: int, side: int) -> Array:
    """(count,) int: which of ``side`` voxels each pixel shows."""
    return np.asarray(np.arange(count) * side // count)
