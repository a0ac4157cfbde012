"""Where the cameras of made pictures stand: on circles, domes and spheres about the origin."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from lab.cameras.model import CameraModel, focal_from_fov, look_at, on_sphere, pose
from lab.motions import so3
from lab.scene import Array

Path = Literal["course's circle", "circle", "dome", "sphere"]
PATHS: tuple[Path, ...] = ("course's circle", "circle", "dome", "sphere")

_NEAR, _FAR = 0.02, 100.0  # metres
_GOLDEN_DEG = math.degrees(math.pi * (3 - math.sqrt(5)))
_LOWEST_OF_DOME = math.sin(math.radians(5))


def directions(path: Path, count: int, elevation_deg: float = 0.0) -> Array:
    """(count, 2) float64: azimuth and elevation of each camera, degrees, as ``on_sphere`` counts them.

    "course's circle" runs from -180 to 180 with both ends, so that the first and the last view are the same (REFERENCE
    III.3); "circle" leaves the last one out. "dome" and "sphere" are Fibonacci's spirals, from the top down; the dome
    ends 5 degrees above the horizon. elevation_deg: of the circles.
    """
    number = np.arange(count)
    if path in ("course's circle", "circle"):
        turn = np.linspace(-180.0, 180.0, count, endpoint=path == "course's circle")
        return np.stack([turn, np.full(count, float(elevation_deg))], axis=1)
    share = (number + 0.5) / count
    height = 1 - (1 - _LOWEST_OF_DOME) * share if path == "dome" else 1 - 2 * share
    azimuth = (number * _GOLDEN_DEG + 180.0) % 360.0 - 180.0
    return np.stack([azimuth, np.degrees(np.arcsin(height))], axis=1)


def camera_at(azimuth_deg: float, elevation_deg: float, distance: float, fov_deg: float, size: int) -> CameraModel:
    """A square picture's camera, ``distance`` metres from the origin and looking at it. size: pixels."""
    eye = on_sphere(distance, elevation_deg, azimuth_deg, np.zeros(3))
    focal = focal_from_fov(fov_deg, size)
    return CameraModel(look_at(eye, np.zeros(3)), focal, focal, size / 2, size / 2, size, size, _NEAR, _FAR)


def jittered(camera: CameraModel, sigma_deg: float, rng: np.random.Generator) -> CameraModel:
    """The camera with an error: turned by a random rotation vector, and shifted by as much as that is at its distance.

    sigma_deg: the standard deviation of each of the three angles, degrees.
    """
    sigma = math.radians(sigma_deg)
    turn, shift = rng.normal(0.0, sigma, (2, 3))
    distance = float(np.linalg.norm(camera.center))
    return camera.moved(pose(camera.rotation @ so3.exp(turn), camera.center + distance * shift))


def spread(count: int, chosen: int) -> Array:
    """(count,) bool: ``chosen`` of them at even distances, none of them at the ends where that can be avoided."""
    marks = np.zeros(count, bool)
    if chosen:
        marks[((np.arange(chosen) + 0.5) * count / chosen).astype(int)] = True
    return marks
