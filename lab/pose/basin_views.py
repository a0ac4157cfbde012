"""What a basin map shows: the starts around the object, their ways, and the sphere unrolled into a picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial import cKDTree

from lab.cameras.model import CameraModel
from lab.pose.drawings import TRUE, camera_lines, joined, picture, trail_lines
from lab.pose.model import Model
from lab.pose.target import Target
from lab.scene import Array, Geometry, Image, Lines, Points, Snapshot

_WIDTH, _HEIGHT = 240, 120
_EMPTY = np.array([0.22, 0.23, 0.25])
_GOOD, _WELL = np.array([0.24, 0.52, 0.98]), np.array([0.45, 0.80, 1.0])
_NEAR, _FAR, _WORST = np.array([0.98, 0.90, 0.45]), np.array([0.95, 0.50, 0.20]), np.array([0.55, 0.08, 0.12])
_RING = 0.07  # radians, of the true camera's ring
_FRUSTUM = 0.35  # of the object's radius


def error_colors(error_deg: Array, good_deg: float) -> Array:
    """(..., 3): blue for rotation errors up to ``good_deg``, then from yellow to dark red at 180; grey for NaN."""
    good = max(good_deg, 1e-6)
    at = np.array([0.0, good, 1.0001 * good, max(1.001 * good, 60.0), 180.0])
    anchors = np.array([_GOOD, _WELL, _NEAR, _FAR, _WORST])
    known = np.nan_to_num(error_deg, nan=0.0)
    colors = np.stack([np.interp(known, at, anchors[:, channel]) for channel in range(3)], axis=-1)
    return np.where(np.isnan(error_deg)[..., None], _EMPTY, colors)


class BasinViews:
    """Makes the snapshots of one map. camera: the true one, world. distance: of the starts, in radii."""

    def __init__(
        self, mesh: Geometry, model: Model, camera: CameraModel, target: Target, directions: Array, distance: float
    ) -> None:
        self._mesh, self._origin = mesh, mesh.origin
        self._places = model.points_to_world(model.center + distance * model.radius * directions) - self._origin
        c2w = np.array(camera.c2w)
        c2w[:3, 3] -= self._origin
        self._camera = camera_lines(camera.moved(c2w), _FRUSTUM * model.radius / model.scale, TRUE, self._origin)
        self._target = picture(np.repeat(target.mask[..., None], 3, axis=2))
        grid = _sphere_grid()
        self._cells = cKDTree(directions).query(grid)[1]
        towards = camera.center - model.points_to_world(model.center)
        self._angles = np.arccos(np.clip(grid @ (towards / np.linalg.norm(towards)), -1, 1))

    def snapshot(self, error_deg: Array, trails: Mapping[int, Array], good_deg: float) -> Snapshot:
        """error_deg: (N,) of all starts, NaN for those to come. trails: start -> places (n, 3), world."""
        colors = error_colors(error_deg, good_deg)
        scalars = {"rotation error (°)": np.nan_to_num(error_deg, nan=-1.0).astype(np.float32)}
        starts = Points(self._places, colors=colors.astype(np.float32), scalars=scalars, origin=self._origin)
        return {
            "object": self._mesh,
            "starts": starts,
            "ways": self._ways(trails, colors),
            "true camera": self._camera,
            "map": self._map(colors),
            "target": self._target,
        }

    def _ways(self, trails: Mapping[int, Array], colors: Array) -> Lines:
        parts = []
        for start, trail in sorted(trails.items()):
            red, green, blue = colors[start].tolist()
            parts.append(
                trail_lines(trail - self._origin, np.zeros(len(trail), bool), (red, green, blue), self._origin)
            )
        return joined(parts, self._origin)

    def _map(self, colors: Array) -> Image:
        image = colors[self._cells]
        ring = np.abs(self._angles - _RING) < 0.016
        image[ring] = 1.0
        image[np.abs(self._angles - _RING - 0.03) < 0.014] = 0.0
        return picture(image)


def _sphere_grid() -> Array:
    """(H, W, 3): the direction of each pixel of the map: azimuth from -180° to 180°, elevation downwards from 90°."""
    elevation = np.pi / 2 - np.pi * (np.arange(_HEIGHT)[:, None] + 0.5) / _HEIGHT
    azimuth = -np.pi + 2 * np.pi * (np.arange(_WIDTH)[None, :] + 0.5) / _WIDTH
    ones = np.ones((_HEIGHT, _WIDTH))
    return np.stack(
        [np.cos(elevation) * np.sin(azimuth), np.sin(elevation) * ones, np.cos(elevation) * np.cos(azimuth)], axis=-1
    )
