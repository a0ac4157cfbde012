"""What both studies share: the mesh before the camera, the camera on its sphere, pixels, and what is drawn of them."""

from __future__ import annotations

import numpy as np

from lab.cameras import drawing
from lab.cameras.model import CameraModel, focal_from_fov, look_at, on_sphere
from lab.cameras.projection import rays
from lab.cameras.subject import Subject, prepare
from lab.scene import Array, Geometry, Lines, Mesh
from lab.study import StudyError

CAMERA_COLOR = (0.95, 0.70, 0.25)
LIGHT_COLOR = (0.98, 0.86, 0.30)
PROBE_COLOR = (0.95, 0.30, 0.55)
PLAIN = (0.93, 0.66, 0.36)
"""Of an object without a colour of its own: red, green and blue can be told apart."""

BACKGROUNDS = {"white": (1.0, 1.0, 1.0), "grey": (0.30, 0.31, 0.33), "black": (0.0, 0.0, 0.0)}
"""Linear RGB, by the words of the parameters."""

Z_NEAR, Z_FAR = 1.0, 100.0
"""Metres: the planes of PyTorch3D's FoV cameras, between which soft blending scales depths. It clips at znear / 2."""

_SMALLEST_NEAR = 0.01  # metres; a camera that stands closer than PyTorch3D's znear still draws


def subject_of(geometry: Geometry | None) -> tuple[Subject, Mesh]:
    """The object within reach, and its mesh. Raises StudyError for nothing, for points and for no faces."""
    subject = prepare(geometry)
    if not isinstance(subject.shown, Mesh) or not len(subject.shown.faces):
        raise StudyError("The object has no faces, only points: choose a mesh, as only faces can be rasterised.")
    return subject, subject.shown


def camera_at(
    target: Array, distance: float, elevation: float, azimuth: float, fov: float, size: tuple[int, int]
) -> CameraModel:
    """The camera on a sphere about ``target`` (3,), world; degrees, metres; size: (width, height), pixels."""
    width, height = size
    focal = focal_from_fov(fov, min(width, height))
    c2w = look_at(on_sphere(distance, elevation, azimuth, target), np.asarray(target, float))
    return CameraModel(c2w, focal, focal, width / 2, height / 2, width, height, _SMALLEST_NEAR, Z_FAR)


def coarse(camera: CameraModel, longest: int) -> CameraModel:
    """The same camera with at most ``longest`` pixels a side."""
    scale = longest / max(camera.width, camera.height)
    if scale >= 1:
        return camera
    return camera.resized(max(1, round(camera.width * scale)), max(1, round(camera.height * scale)))


def probed(x: float, y: float, camera: CameraModel) -> tuple[int, int]:
    """(row, column) of the pixel at (x, y), within the image."""
    return min(int(y), camera.height - 1), min(int(x), camera.width - 1)


def ray(camera: CameraModel, row: int, column: int, depth: float) -> Lines:
    """The ray through a pixel's centre to ``depth`` metres ahead."""
    start, direction = rays(camera, np.array([[column + 0.5, row + 0.5]]))
    return drawing.segment(start[0], start[0] + depth * direction[0])


def to_screen(rgb: Array) -> Array:
    """(..., 3) uint8 of linear colours, as PyTorch3D's images are saved: clipped, with no display curve."""
    return np.asarray(np.clip(np.asarray(rgb) * 255.0 + 0.5, 0, 255).astype(np.uint8))


def signed(values: Array, limit: float | None = None) -> tuple[Array, float]:
    """(H, W, 3) uint8 of (H, W) numbers: white is 0, red above, blue below; and the number of full colour."""
    if limit is None:
        limit = float(np.abs(values).max(initial=0.0))
    share = np.clip(values / (limit or 1.0), -1, 1)
    place = np.sign(share) * np.sqrt(np.abs(share))  # so that small changes are seen beside the greatest
    return np.asarray(_SIGNED[np.rint(place * 127).astype(np.int16) + 127]), limit


def greys(values: Array) -> Array:
    """(H, W, 3) uint8: near is light, far is dark, and NaN is the ground."""
    found = np.isfinite(values)
    shade = np.full(values.shape, 13, np.uint8)
    if found.any():
        seen = values[found]
        low, high = float(seen.min()), float(seen.max())
        shade[found] = 242 - 191 * (seen - low) / max(high - low, 1e-9)
    return np.repeat(shade[..., None], 3, axis=2)


def _signed_colors() -> Array:
    """(255, 3) uint8: from blue over white to red."""
    red, blue, white = np.array([0.84, 0.10, 0.16]), np.array([0.12, 0.36, 0.86]), np.array([0.97, 0.97, 0.97])
    share = np.linspace(-1, 1, 255)[:, None]
    return to_screen(white + np.abs(share) * (np.where(share > 0, red, blue) - white))


_SIGNED = _signed_colors()
