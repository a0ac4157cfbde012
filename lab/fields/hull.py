"""What masks leave of the box: the visual hull."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter

from lab.cameras.model import CameraModel
from lab.fields.instant.grid import carved
from lab.kernels.crew import Crew
from lab.posed.images import PosedImages
from lab.scene import Array

_FEWEST = 8  # cells that a hull must leave
_DIAGONAL = 0.87  # half of a cell's, in edges


def hull_of(images: PosedImages, cells: Array, lower: Array, edge: float, views: Array, crew: Crew) -> Array:
    """The cells (X, Y, Z) uint8 that lie within every mask; all where there are none or where next to nothing is left.

    lower: (3,), edge: metres. views: (N, 16), as for training.
    """
    if images.alphas is None:
        return cells
    pairs = zip(images.alphas, images.cameras, strict=True)
    masks = [
        maximum_filter((alpha > 0).astype(np.uint8), 2 * _reach(images, camera, edge) + 1) for alpha, camera in pairs
    ]
    left = carved(cells, lower, edge, views, np.stack(masks), crew)
    return left if left.sum() >= _FEWEST else cells


def _reach(images: PosedImages, camera: CameraModel, edge: float) -> int:
    """Pixels that half a cell's diagonal covers where the box is nearest to the camera."""
    middle = (images.lower + images.upper) / 2
    nearest = float(np.linalg.norm(middle - camera.center) - np.linalg.norm(images.upper - middle))
    reach = int(np.ceil(_DIAGONAL * edge * max(camera.fx, camera.fy) / max(nearest, edge)))
    return min(reach, max(camera.width, camera.height) // 4)
