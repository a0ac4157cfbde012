"""A camera that circles an object, picture by picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lab.cameras.model import CameraModel, pose
from lab.motions import so3
from lab.scene import Array, Mesh, bounds
from lab.shading.lights import AmbientLights, Light, PointLights
from lab.shading.look import Look
from lab.shading.picture import Renderer

Progress = Callable[[float], None]


def turntable(
    mesh: Mesh,
    camera: CameraModel,
    look: Look,
    count: int,
    *,
    pivot: Array | None = None,
    lights_turn: bool = False,
    progress: Progress | None = None,
    renderer: Renderer | None = None,
) -> Array:
    """(count, H, W, 3) uint8: one turn about the vertical through ``pivot`` (3,), world; None: the mesh's middle.

    lights_turn: the lights go with the camera, as if the object turned before both. progress: called with the share
    that is done before each picture; what it raises ends the work. Raises ValueError for no pictures.
    """
    if count < 1:
        raise ValueError(f"count: expected 1 picture or more, found {count}")
    renderer = renderer or Renderer()
    pivot = np.mean(bounds(mesh), axis=0) if pivot is None else np.asarray(pivot, np.float64)
    frames = np.empty((count, camera.height, camera.width, 3), np.uint8)
    for number in range(count):
        if progress is not None:
            progress(number / count)
        turn = so3.exp(np.array([0.0, 2 * math.pi * number / count, 0.0]))
        lit = replace(look, lights=tuple(_turned(x, turn, pivot) for x in look.lights)) if lights_turn else look
        frames[number] = to_uint8(renderer.render(mesh, circled(camera, turn, pivot), lit).rgb)
    return frames


def circled(camera: CameraModel, turn: Array, pivot: Array) -> CameraModel:
    """The camera, turned by a rotation (3, 3) about ``pivot`` (3,), world."""
    return camera.moved(pose(turn @ camera.rotation, pivot + turn @ (camera.center - pivot)))


def to_uint8(rgb: Array) -> Array:
    """Linear colours as PyTorch3D's images are saved: clipped to [0, 1], rounded, with no display curve."""
    return np.asarray((np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8))


def _turned(light: Light, turn: Array, pivot: Array) -> Light:
    if isinstance(light, AmbientLights):
        return light
    if isinstance(light, PointLights):
        x, y, z = (float(value) for value in pivot + turn @ (np.asarray(light.location) - pivot))
        return replace(light, location=(x, y, z))
    x, y, z = (float(value) for value in turn @ np.asarray(light.direction, np.float64))
    return replace(light, direction=(x, y, z))
