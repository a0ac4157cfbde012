"""A film of a motion, drawn by the lab's own renderer."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lab.body.look import CLAY
from lab.cameras.model import CameraModel, look_at
from lab.scene import Array, Mesh
from lab.shading.lights import PointLights, grey
from lab.shading.look import Look
from lab.shading.picture import Renderer
from lab.shading.turntable import to_uint8

_FOV = math.radians(32)
_ASPECT = 16 / 9
_ROOM = 1.15  # around what is seen
_TILE = 0.5  # metres
_AROUND = 5.0  # metres of floor about the way
_LIGHT, _DARK = (0.62, 0.63, 0.65), (0.52, 0.53, 0.55)
_SKY = (0.86, 0.88, 0.91)


def film(
    bodies: Callable[[int], Array], faces: Array, root: Array, height: int, progress: Callable[[float], None]
) -> Array:
    """(N, H, W, 3) uint8 sRGB: a body over a chequered floor, seen from the front and its left.

    bodies: the vertices (V, 3) of a frame. faces: (F, 3). root: (N, 3), the pelvis, which decides where the camera
    stands. height: pixels; even, as films want it. progress: called with the share that is done before each frame;
    what it raises ends the work.
    """
    camera = camera_for(root, 2 * (height // 2))
    ground, tints = floor(root)
    x, y, z = (float(value) for value in camera.center)
    look = Look(lights=(_lamp(x - 1.0, y + 2.5, z + 0.5),), samples=2, background=_SKY)
    renderer = Renderer()
    frames = np.empty((len(root), camera.height, camera.width, 3), np.uint8)
    count = int(faces.max()) + 1
    all_faces = np.concatenate([faces, ground[1] + count])
    colors = np.concatenate([np.tile(CLAY, (count, 1)), tints])
    for number in range(len(root)):
        progress(number / len(root))
        verts = bodies(number)[:count]
        mesh = Mesh(np.concatenate([verts, ground[0]]), all_faces, colors=colors)
        frames[number] = to_uint8(renderer.render(mesh, camera, look).rgb)
    return frames


def _lamp(x: float, y: float, z: float) -> PointLights:
    return PointLights((x, y, z), grey(0.5), grey(0.62), grey(0.04))


def camera_for(root: Array, height: int) -> CameraModel:
    """A camera that stands still and has the whole way in view, a person's height around it."""
    low, high = root.min(axis=0), root.max(axis=0)
    center = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2])
    tall = _ROOM * (1.0 + (high[1] - low[1]) / 2)
    wide = _ROOM * (1.0 + float(np.linalg.norm((high - low)[[0, 2]])) / 2)
    distance = max(tall, wide / _ASPECT) / math.tan(_FOV / 2)
    direction = np.array([0.62, 0.22, 0.75])
    eye = center + distance * direction / np.linalg.norm(direction)
    focal = height / 2 / math.tan(_FOV / 2)
    width = 2 * round(height * _ASPECT / 2)
    return CameraModel(look_at(eye, center), focal, focal, width / 2, height / 2, width, height)


def floor(root: Array) -> tuple[tuple[Array, Array], Array]:
    """A chequered floor under the way: ((verts, faces), colors), each tile with corners of its own."""
    low = np.floor((root.min(axis=0) - _AROUND) / _TILE).astype(int)
    high = np.ceil((root.max(axis=0) + _AROUND) / _TILE).astype(int)
    x, z = (grid.reshape(-1) for grid in np.meshgrid(range(low[0], high[0]), range(low[2], high[2]), indexing="ij"))
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    verts = np.zeros((len(x), 4, 3), np.float32)
    verts[..., 0] = (x[:, None] + corners[:, 0]) * _TILE
    verts[..., 2] = (z[:, None] + corners[:, 1]) * _TILE
    faces = (4 * np.arange(len(x))[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    shades = np.where(((x + z) % 2 == 0)[:, None], _LIGHT, _DARK)
    return (verts.reshape(-1, 3), faces.astype(np.int32)), np.repeat(shades, 4, axis=0)
