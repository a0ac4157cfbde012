"""The two cameras of "From world to pixel", what they draw, and where their vertex goes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

import numpy as np

from lab.cameras.code import assign, number
from lab.cameras.conventions import Convention
from lab.cameras.model import CameraError, CameraModel, focal_from_fov, look_at, on_sphere
from lab.cameras.picture import Clip, Shot, pytorch3d_clip
from lab.cameras.projection import Family, Stage, pixels, stages
from lab.cameras.subject import Subject
from lab.chapters.cameras.pixel import BY_ANGLE, FOCAL_CAMERAS, FOV_CAMERAS, PixelParams
from lab.scene import Array
from lab.study import StudyError

NEAR_TINT, FAR_TINT = (0.95, 0.55, 0.15), (0.25, 0.50, 0.95)
_TINT = 0.55  # share of the tint's colour


@dataclass(frozen=True, eq=False)
class Fate:
    """Where a vertex goes. at: its pixel (2,), NaN when it has none; depth: metres; visible: in words, whether it is
    seen.
    """

    at: Array
    depth: float
    visible: str


def cameras_of(params: PixelParams, subject: Subject) -> tuple[CameraModel, CameraModel]:
    """The perspective and the orthographic camera. Raises StudyError for near and far that are no range."""
    eye = on_sphere(params.distance, params.elevation, params.azimuth, subject.center)
    short = min(params.width, params.height)
    focal = focal_from_fov(params.fov, short) if params.lens_by == BY_ANGLE else params.focal * short / 2
    cx, cy = params.width / 2 + params.shift_x, params.height / 2 + params.shift_y
    try:
        c2w = look_at(eye, subject.center)
        one = CameraModel(c2w, focal, focal, cx, cy, params.width, params.height, params.near, params.far)
    except CameraError as error:
        raise StudyError(f"This is no camera: {error}.") from error
    flat = short / params.ortho_height
    return one, replace(one, fx=flat, fy=flat, orthographic=True)


def clip_of(params: PixelParams, camera: CameraModel) -> Clip:
    """The depths that are drawn in the chosen program."""
    if params.spaces == "OpenGL":
        return Clip(camera.near, camera.far)
    if params.spaces == "OpenCV":
        return Clip()
    return pytorch3d_clip(camera, params.family == FOV_CAMERAS)


def knows_planes(params: PixelParams) -> bool:
    """Whether the chosen cameras have a near and a far at all."""
    return params.spaces == "OpenGL" or (params.spaces == "PyTorch3D" and params.family == FOV_CAMERAS)


def way(params: PixelParams, camera: CameraModel, point: Array) -> tuple[Stage, ...]:
    """The stages of one point (3,) in the chosen program."""
    family: Family = "focal" if params.family == FOCAL_CAMERAS else "fov"
    return stages(camera, point[None], cast(Convention, params.spaces), family)


def fate(camera: CameraModel, point: Array, clip: Clip, shot: Shot) -> Fate:
    """The pixel of a point (3,), and whether the picture shows it."""
    at, depth = pixels(camera, point[None])
    x, y = at[0]
    z = float(depth[0])
    if not math.isfinite(x):
        return Fate(at[0], z, "behind the camera")
    if z < clip.lower or z > clip.upper:
        return Fate(at[0], z, "cut away by " + ("near" if z < clip.lower else "far"))
    if not (0 <= x < camera.width and 0 <= y < camera.height):
        return Fate(at[0], z, "outside the image")
    rows, columns = shot.depth.shape  # of a quick picture, fewer than the camera's
    row, column = int(y * rows / camera.height), int(x * columns / camera.width)
    seen = shot.depth[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    hidden = np.isfinite(seen).all() and z > float(seen.max()) + 0.01 * z
    return Fate(at[0], z, "hidden by the object" if hidden else "visible")


def tinted(shot: Shot, camera: CameraModel) -> Array:
    """(H, W, 3) uint8: the picture, with what is nearer than near and beyond far in their tints."""
    pixels_ = shot.pixels.copy()
    with np.errstate(invalid="ignore"):
        masks = (shot.depth < camera.near, shot.depth > camera.far)
    for mask, tint in zip(masks, (NEAR_TINT, FAR_TINT), strict=True):
        mixed = pixels_[mask] * ((1 - _TINT) + _TINT * np.array(tint))
        pixels_[mask] = np.clip(mixed + 40 * np.array(tint), 0, 255).astype(np.uint8)
    return pixels_


def matrices_code(found: tuple[Stage, ...], vertex: int) -> str:
    """numpy code that takes the vertex through all stages."""
    row = found[-1].vectors == "row"
    kind = "row vectors: x @ M" if row else "column vectors: M @ x"
    world = found[0].coordinates[0]
    lines = [
        f"# {kind}",
        "import numpy as np",
        "",
        f"x = np.array([{', '.join(number(value) for value in world)}, 1])  # vertex {vertex}, world",
    ]
    for before, stage in pairwise(found):
        assert stage.matrix is not None, "every stage but the first has a matrix"
        name = f"{before.space}_to_{stage.space}".lower()
        lines += ["", assign(name, stage.matrix), f"x = x @ {name}" if row else f"x = {name} @ x"]
        if stage.divides:
            lines.append("x = x / x[3]")
        values = ", ".join(f"{value:.4f}" for value in stage.coordinates[0] + 0.0)
        lines[-1] += f"  # {stage.space}: {values}"
    return "\n".join([*lines, ""])
