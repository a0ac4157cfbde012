"""Rays of a camera: where they begin, and where they go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.cameras.model import CameraModel
from lab.scene import Array


def rays_of(camera: CameraModel) -> tuple[Array, Array]:
    """Origins and unit directions, each (H * W, 3) float32, world, of the pixels' centres, row by row from the top."""
    x = (np.arange(camera.width) + 0.5 - camera.cx) / camera.fx
    y = (np.arange(camera.height) + 0.5 - camera.cy) / camera.fy
    plane = np.empty((camera.height, camera.width, 3))
    plane[..., 0], plane[..., 1], plane[..., 2] = x, -y[:, None], -1.0
    if camera.orthographic:
        plane[..., 2] = 0.0
        origins = camera.center + plane.reshape(-1, 3) @ camera.rotation.T
        directions = np.broadcast_to(-camera.rotation[:, 2], origins.shape)
    else:
        directions = plane.reshape(-1, 3) @ camera.rotation.T
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        origins = np.broadcast_to(camera.center, directions.shape)
    return np.ascontiguousarray(origins, np.float32), np.ascontiguousarray(directions, np.float32)


def view_numbers(cameras: Sequence[CameraModel]) -> Array:
    """(N, 16) float64, as kernels take cameras: rotation, centre, fx, fy, cx, cy."""
    rows = [[*c.rotation.reshape(-1), *c.center, c.fx, c.fy, c.cx, c.cy] for c in cameras]
    return np.array(rows, np.float64).reshape(-1, 16)
