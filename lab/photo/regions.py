"""Connected regions of a mask: what a flood reaches, holes, islands. Pixels are neighbours along rows and columns."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from lab.photo.colors import within
from lab.scene import Array


def connected_to(mask: Array, row: int, column: int) -> Array:
    """(H, W) bool: the region of ``mask`` (H, W) that holds the pixel; empty where the mask is not set there."""
    if not mask[row, column]:
        return np.zeros(mask.shape, bool)
    labels, _ = ndimage.label(mask)
    return labels == labels[row, column]


def connected_to_border(mask: Array) -> Array:
    """(H, W) bool: the regions of ``mask`` that reach the border of the picture."""
    labels, count = ndimage.label(mask)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    reached = np.zeros(count + 1, bool)
    reached[border] = True
    reached[0] = False
    return reached[labels]


def flood(places: Array, row: int, column: int, tolerance: float, *, connected: bool = True) -> Array:
    """(H, W) bool: what looks like the pixel: colours at most ``tolerance`` from its own, and joined to it.

    places: (H, W, 3) float32, see lab.photo.colors.coordinates. connected: False takes the colour everywhere.
    Raises IndexError outside the picture.
    """
    height, width = places.shape[:2]
    if not (0 <= row < height and 0 <= column < width):
        raise IndexError(f"row, column: expected a pixel of {height} x {width}, found ({row}, {column})")
    similar = within(places, places[row, column], tolerance)
    return connected_to(similar, row, column) if connected else similar


def fill_holes(mask: Array) -> Array:
    """(H, W) bool: ``mask`` with everything that it encloses."""
    return ~connected_to_border(~mask)


def without_islands(mask: Array, share: float) -> Array:
    """(H, W) bool: ``mask`` without regions smaller than ``share`` of its largest one."""
    labels, count = ndimage.label(mask)
    if count < 2:
        return mask.copy()
    sizes = np.bincount(labels.reshape(-1), minlength=count + 1)
    sizes[0] = 0
    return (sizes >= max(1.0, share * sizes.max()))[labels] & mask
