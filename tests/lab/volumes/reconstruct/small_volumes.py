"""Small pictures and volumes that the tests share."""

from __future__ import annotations

import numpy as np

from lab.cameras.model import CameraModel, look_at
from lab.posed.images import PosedImages
from lab.posed.make import spot_images
from lab.volumes.reconstruct.options import VolumeOptions


def options(**values: object) -> VolumeOptions:
    """The reduced set-up, smaller still."""
    usual = {"voxels": 24, "voxel": 3.0 / 24, "points": 30, "batch": 3}
    return VolumeOptions(**{**usual, **values})  # type: ignore[arg-type]


def pictures(size: int = 24, views: int = 6) -> PosedImages:
    """A few small ones of the bundled cow."""
    return spot_images(size=size, views=views, held_out=2)


def camera(eye: tuple[float, float, float] = (0.0, 0.0, 2.7), size: int = 24, height: int | None = None) -> CameraModel:
    """One that looks at the origin with a field of view of 60 degrees."""
    tall = height or size
    focal = size / (2 * np.tan(np.radians(30)))
    return CameraModel(look_at(np.array(eye), np.zeros(3)), focal, focal, size / 2, tall / 2, size, tall)
