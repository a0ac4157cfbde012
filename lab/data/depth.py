"""Depth cameras: what they see of a mesh or a cloud, and the points that their pictures are.

Camera frame: x to the right, y down, z forward (OpenCV's, the usual one of depth sensors). Pixels (u, v) from the top
left corner; the centre of the first one is (0.5, 0.5). Depth is the z coordinate, not the length of the ray.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.scene import Array


@dataclass(frozen=True, eq=False)
class DepthCamera:
    """A pinhole camera. K: (3, 3) float64, pixels. world_to_camera: (4, 4) float64, for column vectors."""

    K: Array
    world_to_camera: Array
    width: int
    height: int

    @property
    def eye(self) -> Array:
        """(3,) float64: where it stands, world."""
        R, t = self.world_to_camera[:3, :3], self.world_to_camera[:3, 3]
        eye: Array = -R.T @ t
        return eye

    def project(self, points: Array) -> tuple[Array, Array]:
        """The pixels (N, 2) and the depths (N,) float64 of ``points`` (N, 3); NaN pixels behind the camera."""
        seen = points @ self.world_to_camera[:3, :3].T + self.world_to_camera[:3, 3]
        z = seen[:, 2]
        divisor = np.where(z > 0.0, z, np.nan)
        focal, centre = np.diag(self.K)[:2], self.K[:2, 2]
        return seen[:, :2] / divisor[:, None] * focal + centre, z

    def rays(self) -> Array:
        """(H, W, 3) float64: the direction, world, through each pixel's centre, as long as makes its depth 1."""
        u, v = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        ahead = np.stack([(u - self.K[0, 2]) / self.K[0, 0], (v - self.K[1, 2]) / self.K[1, 1], np.ones_like(u)], -1)
        directions: Array = ahead @ self.world_to_camera[:3, :3]
        return directions


def look_at(eye: Array, target: Array, fov_deg: float, width: int, height: int) -> DepthCamera:
    """A camera at ``eye`` (3,) that looks at ``target`` (3,), the world's Y up. fov_deg: vertical field of view.

    Raises ValueError where both are the same place.
    """
    forward = np.asarray(target, np.float64) - eye
    length = float(np.linalg.norm(forward))
    if not length > 0.0:
        raise ValueError("the camera stands where it looks to")
    forward = forward / length
    up = np.array([0.0, 1.0, 0.0]) if abs(forward[1]) < 1.0 - 1e-9 else np.array([0.0, 0.0, -1.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    R = np.stack([right, np.cross(forward, right), forward])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = R, -R @ np.asarray(eye, np.float64)
    focal = 0.5 * height / math.tan(math.radians(fov_deg) / 2)
    K = np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
    return DepthCamera(K, matrix, width, height)


def orbit(centre: Array, azimuth_deg: float, elevation_deg: float, distance: float) -> Array:
    """The place (3,) float64 at this distance from ``centre``: 0, 0 is towards +Z, azimuth turns towards +X."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    across = math.cos(elevation)
    direction = [math.sin(azimuth) * across, math.sin(elevation), math.cos(azimuth) * across]
    return np.asarray(centre, np.float64) + distance * np.array(direction)


def back_project(depth: Array, camera: DepthCamera) -> Array:
    """The points (N, 3) float32, world, of the pixels of ``depth`` (H, W) that saw something, row by row."""
    seen = np.isfinite(depth)
    return (camera.eye + camera.rays()[seen] * depth[seen][:, None]).astype(np.float32)


def visible(points: Array, camera: DepthCamera, tolerance: float) -> Array:
    """Which of ``points`` (N, 3) the camera sees, (N,) bool: those less than ``tolerance`` metres behind the nearest
    one in their pixel. A cloud has no surface that hides what is behind it, so the pixels must be coarse."""
    pixels, depth = camera.project(points)
    within = (depth > 0.0) & (np.nan_to_num(pixels, nan=-1.0) >= 0.0).all(axis=1)
    column, row = np.zeros(len(points), np.int64), np.zeros(len(points), np.int64)
    column[within], row[within] = np.floor(pixels[within]).astype(np.int64).T
    within &= (column < camera.width) & (row < camera.height)
    nearest = np.full(camera.width * camera.height, np.inf)
    pixel = np.where(within, row * camera.width + column, 0)
    np.minimum.at(nearest, pixel[within], depth[within])
    seen: Array = within & (depth <= nearest[pixel] + tolerance)
    return seen


def frustum(camera: DepthCamera, depth: float) -> tuple[Array, Array]:
    """The camera as lines: verts (5, 3) float32, the eye and the corners of its picture at ``depth``; edges (8, 2)."""
    corners = np.array([[0.0, 0.0], [camera.width, 0.0], [camera.width, camera.height], [0.0, camera.height]])
    ahead = np.concatenate([(corners - camera.K[:2, 2]) / np.diag(camera.K)[:2], np.ones((4, 1))], axis=1)
    verts = np.concatenate([[camera.eye], camera.eye + depth * (ahead @ camera.world_to_camera[:3, :3])])
    edges = np.array([[0, 1], [0, 2], [0, 3], [0, 4], [1, 2], [2, 3], [3, 4], [4, 1]], np.int32)
    return verts.astype(np.float32), edges
