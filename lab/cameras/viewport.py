"""The viewport's camera as a camera of an image, and back."""

from __future__ import annotations

import math

import numpy as np

from lab.cameras.model import CameraModel, focal_from_fov, pose
from lab.render.camera import Camera, about
from lab.scene import Array


def from_viewport(view: Camera, width: int, height: int, near: float = 0.01, far: float = 1000.0) -> CameraModel:
    """The camera of an image of ``width`` x ``height`` pixels that shows what the viewport shows; near, far: metres."""
    c2w = pose(view.axes, view.eye)
    focal = height / (2 * view.half_height) if view.orthographic else focal_from_fov(view.fov_deg, height)
    return CameraModel(c2w, focal, focal, width / 2, height / 2, width, height, near, far, view.orthographic)


def to_viewport(camera: CameraModel, distance: float = 1.0) -> Camera:
    """A viewport's camera at the same place with the same vertical field of view, orbiting a point ``distance`` ahead.

    A viewport has square pixels and its principal point in the middle; other intrinsics are left out.
    """
    pivot = camera.center - camera.rotation[:, 2] * distance
    fov = camera.fov_deg
    if camera.orthographic:
        fov = math.degrees(2 * math.atan(camera.height / (2 * camera.fy * distance)))
    return Camera(
        (float(pivot[0]), float(pivot[1]), float(pivot[2])),
        distance,
        _quaternion(camera.rotation_vector),
        fov,
        camera.orthographic,
    )


def _quaternion(vector: Array) -> tuple[float, float, float, float]:
    angle = float(np.linalg.norm(vector))
    axis = vector / angle if angle > 0 else np.array([1.0, 0.0, 0.0])
    return about((float(axis[0]), float(axis[1]), float(axis[2])), angle)
