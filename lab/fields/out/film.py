"""Films and depth maps of a radiance field along a camera's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.cameras.model import CameraModel, focal_from_fov
from lab.fields.march import FieldView
from lab.fields.out.path import fitting_distance, orbit
from lab.fields.rays import rays_of
from lab.fields.trainer import Seen
from lab.scene import Array, Field
from lab.studies.saving import save_film

Progress = Callable[[float, str], None]

ROOM = 1.1
"""Around what is filmed, of its radius."""

_SOLID = 0.1  # opacity of one cell, from which on a vertex belongs to the object
_ASIDE = 0.5  # per cent of the object's vertices that may lie outside of its bounds, on each side
_THERE = 0.5  # opacity, from which on a pixel has a depth
_ORBIT_UP, _ORBIT_FROM = 15.0, 150.0  # degrees
_FOV = 40.0
_ORBIT_FRAMES, _ORBIT_FPS = 144, 24.0
_GROUND = 0.0  # black


@dataclass(frozen=True)
class Lens:
    """A film's pictures: pixels, and the angle that their shorter side spans, degrees."""

    width: int = 640
    height: int = 480
    fov: float = _FOV

    def camera(self, pose: Array) -> CameraModel:
        """The camera at a pose (4, 4), camera to world."""
        focal = focal_from_fov(self.fov, min(self.width, self.height))
        return CameraModel(pose, focal, focal, self.width / 2, self.height / 2, self.width, self.height)


def object_of(field: Field) -> tuple[Array, float]:
    """Middle (3,) float64 and radius, metres, of what is opaque in a field; its box where nothing is."""
    edge = (field.upper - field.lower) / (np.array(field.rows.shape) - 1)
    solid = field.scale * np.logaddexp(0, field.density.astype(np.float32)) * edge.min() > -np.log1p(-_SOLID)
    index = np.argwhere((field.rows >= 0) & solid[field.rows])
    if not len(index):
        return (field.lower + field.upper) / 2, float(np.linalg.norm(field.upper - field.lower)) / 2
    low, high = np.percentile(index, [_ASIDE, 100 - _ASIDE], axis=0)
    places = field.lower + index * edge
    middle = field.lower + (low + high) / 2 * edge
    return middle, float(np.percentile(np.linalg.norm(places - middle, axis=1), 100 - _ASIDE))


def orbit_cameras(field: Field, count: int, lens: Lens | None = None) -> list[CameraModel]:
    """``count`` cameras on one turn around the object, all of which they see; the last one's next is the first."""
    lens = lens or Lens()
    middle, radius = object_of(field)
    distance = fitting_distance(ROOM * radius, lens.fov)
    return [
        lens.camera(pose) for pose in orbit(middle, distance, _ORBIT_UP, np.arange(count) / count, start=_ORBIT_FROM)
    ]


def save_orbit(path: Path, field: Field, progress: Progress) -> None:
    """Save a film, .mp4 or .gif, of one turn around what is in a field. progress: as for ``frames``.

    Raises ExportError or OSError when it cannot be saved.
    """
    cameras = orbit_cameras(field, _ORBIT_FRAMES)
    save_film(path, frames(FieldView(field), cameras, _GROUND, progress), _ORBIT_FPS, progress=progress)


def frames(view: FieldView, cameras: Sequence[CameraModel], ground: float, progress: Progress) -> Array:
    """(N, H, W, 3) uint8 sRGB: what each camera sees, over a grey of [0, 1] where there is no sky.

    progress(share, text) is called before each frame; what it raises ends the work.
    """
    first = cameras[0]
    film = np.empty((len(cameras), first.height, first.width, 3), np.uint8)
    for number, camera in enumerate(cameras):
        progress(number / len(cameras), "Drawing the film")
        film[number] = pixels_of(view.render(camera), view.field, ground)
    return film


def pixels_of(seen: Seen, field: Field, ground: float) -> Array:
    """(H, W, 3) uint8 sRGB of a view, over a grey of [0, 1] where the field has no sky."""
    color = seen.color if field.sky is not None else seen.color + ground * (1 - seen.opacity[..., None])
    return np.asarray((np.clip(color, 0, 1) * 255 + 0.5).astype(np.uint8))


def depth_maps(view: FieldView, cameras: Sequence[CameraModel], progress: Progress) -> Array:
    """(N, H, W) float32: see ``depth_of``. progress: as for ``frames``."""
    first = cameras[0]
    maps = np.empty((len(cameras), first.height, first.width), np.float32)
    for number, camera in enumerate(cameras):
        progress(number / len(cameras), "Measuring depths")
        maps[number] = depth_of(view.render(camera), camera)
    return maps


def depth_of(seen: Seen, camera: CameraModel) -> Array:
    """(H, W) float32: metres along the optical axis, NaN where less than half of the light is stopped."""
    along = rays_of(camera)[1] @ -camera.rotation[:, 2]  # cosine between ray and axis
    depth = seen.depth * along.reshape(camera.height, camera.width)
    return np.where(seen.opacity >= _THERE, depth, np.nan).astype(np.float32)
