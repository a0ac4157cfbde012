"""Whether a camera survives the way into every convention and back: the check that stays green."""

from __future__ import annotations

import numpy as np

from lab.cameras import conventions as c
from lab.cameras.model import CameraModel

TOLERANCE = 1e-6  # metres, pixels of an image side of one, and unitless entries of R


def round_trip(camera: CameraModel, convention: c.Convention, world: c.WorldUp) -> float:
    """The largest difference after a way into a convention, in the world where ``world`` is up, and back.

    Rotation entries count as they are, positions in metres (or in the camera's distance from the origin, if that is
    larger), intrinsics as shares of the image's longer side or of the focal length.
    """
    if convention == "PyTorch3D":
        there = (c.to_pytorch3d(camera, in_ndc=in_ndc, world=world) for in_ndc in (True, False))
        return max(difference(camera, c.from_pytorch3d(other, world=world)) for other in there)
    if convention == "OpenCV":
        return difference(camera, c.from_opencv(c.to_opencv(camera, world=world), world=world))
    if convention == "OpenGL":
        return difference(camera, c.from_opengl(c.to_opengl(camera, world=world), world=world))
    return difference(camera, c.from_blender(c.to_blender(camera, world=world), world=world))


def difference(one: CameraModel, other: CameraModel) -> float:
    """The largest difference of two cameras' poses and intrinsics, as above."""
    scale = max(1.0, float(np.abs(one.center).max()))
    turned = float(np.abs(one.rotation - other.rotation).max())
    moved = float(np.abs(one.center - other.center).max()) / scale
    a, b = (np.array([camera.fx, camera.fy, camera.cx, camera.cy]) for camera in (one, other))
    intrinsics = float((np.abs(a - b) / np.maximum(max(one.width, one.height), np.abs(a))).max())
    return max(turned, moved, intrinsics, float(one.orthographic != other.orthographic))
