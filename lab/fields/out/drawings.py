"""What the study "Fly and film" shows: the camera's way in the world, its frame, depths and speeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.cameras import drawing
from lab.cameras.model import CameraModel
from lab.chapters.fields.film import KEYS, NUMBERS, FilmParams
from lab.fields.out.film import Lens
from lab.fields.out.keys import Subject, Way, numbers_of, poses_of
from lab.fields.out.path import lengths
from lab.geometry import stats
from lab.motions.drawing import joined, polyline
from lab.render import colormaps
from lab.render.messages import Style
from lab.scene import Array, Entity, Field, Geometry, Lines, Mesh
from lab.study import Handle, Picture, Plot, View3D

_WAY, _KEY, _CHOSEN, _NOW = (0.36, 0.62, 0.96), (0.36, 0.62, 0.96), (0.95, 0.70, 0.25), (0.95, 0.30, 0.55)
_SAMPLES = 241
_FRUSTUM, _SMALL = 0.32, 0.16  # of the object's radius
_DARK = (0.11, 0.12, 0.14)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What does not change with the time. length: metres of the way. speeds: name -> (seconds, value)."""

    way: Lines
    keys: Lines
    length: float
    speeds: dict[str, tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Frame:
    """pixels: (H, W, 3) uint8 sRGB. depth: (H, W) float32, metres, NaN where nothing is."""

    pixels: Array
    depth: Array

    @property
    def figures(self) -> dict[str, float | str | bool]:
        """How much is in the picture, and how near."""
        seen = np.isfinite(self.depth)
        figures: dict[str, float | str | bool] = {"Seen": float(seen.mean())}
        return figures | {"Nearest (m)": float(np.nanmin(self.depth))} if seen.any() else figures


def drawn(params: FilmParams, way: Way, subject: Subject) -> Drawn:
    """The way, and the keyframes that are not in hand."""
    seconds = np.linspace(0.0, params.seconds, _SAMPLES)
    poses = way.at(seconds)
    lens = Lens(params.width, params.height, params.fov)
    chosen = min(params.key, params.count) - 1
    others = [pose for number, pose in enumerate(poses_of(params)) if number != chosen] if params.route == KEYS else []
    metres, radians = way.speeds(seconds)
    return Drawn(
        polyline(poses[:, :3, 3]),
        joined([_frustum(lens.camera(pose), _SMALL * subject.radius) for pose in others]),
        float(lengths(poses, 0.0).sum()),
        {"metres a second": (seconds, metres), "radians a second": (seconds, radians)},
    )


def _frustum(camera: CameraModel, width: float) -> Lines:
    """As wide as ``width`` where it ends."""
    ahead = width * camera.fx / camera.width
    return drawing.frustum(camera, 0.02 * ahead, ahead)


def world(params: FilmParams, field: Field, still: Drawn, camera: CameraModel, subject: Subject) -> View3D:
    """The field, and the camera on its way."""
    entities: dict[str, Entity] = {
        "field": field,
        "way": still.way,
        "camera": _frustum(camera, _FRUSTUM * subject.radius),
    }
    styles = {"way": Style(color=_WAY), "camera": Style(color=_NOW)}
    if params.route != KEYS:
        return View3D(entities, styles)
    chosen = min(params.key, params.count) - 1
    lens = Lens(params.width, params.height, params.fov)
    entities |= {
        "keyframes": still.keys,
        "keyframe in hand": _frustum(lens.camera(poses_of(params)[chosen]), _SMALL * subject.radius),
        "gaze": drawing.segment(*numbers_of(params)[chosen]),
    }
    styles |= {
        "keyframes": Style(color=_KEY),
        "keyframe in hand": Style(color=_CHOSEN),
        "gaze": Style(color=_CHOSEN, opacity=0.5),
    }
    return View3D(entities, styles, _handles(numbers_of(params), chosen))


def _handles(keys: Array, chosen: int) -> tuple[Handle, ...]:
    """The keyframe in hand has two to drag; the others are dots to click."""
    handles = []
    for number, (eye, target) in enumerate(keys.tolist()):
        names = tuple(f"keys[{NUMBERS * number + part}]" for part in range(NUMBERS))
        place = (eye[0], eye[1], eye[2])
        if number != chosen:
            sets = {"key": number + 1}
            handles.append(Handle(f"key {number + 1}", "dot", (), place, label=f"{number + 1}", color=_KEY, sets=sets))
            continue
        gaze = (target[0], target[1], target[2])
        handles.append(Handle(f"key {number + 1}", "point", names[:3], place, label=f"{number + 1}", color=_CHOSEN))
        handles.append(Handle("looks at", "point", names[3:], gaze, label="looks at", color=_CHOSEN))
    return tuple(handles)


def speed_plot(still: Drawn, seconds: float) -> Plot:
    """How fast the camera moves and turns."""
    return Plot(still.speeds, "seconds", "", at=seconds)


def depth_picture(frame: Frame, size: tuple[int, int]) -> Picture:
    """Depths from bright and near to dark and far. size: of the film, which a coarse frame stands for."""
    seen = np.isfinite(frame.depth)
    pixels = np.empty(frame.pixels.shape, np.uint8)
    pixels[:] = (255 * np.array(_DARK)).astype(np.uint8)
    if seen.any():
        near, far = colormaps.own_range(frame.depth[seen])
        shown = colormaps.apply("viridis", -frame.depth[seen], (-max(far, near + 1e-6), -near))
        pixels[seen] = (255 * shown[:, :3] + 0.5).astype(np.uint8)
    return Picture(pixels, values=frame.depth, unit="m", stands_for=size)


def figures_of(shape: Geometry) -> dict[str, float | str | bool]:
    """What one wants to know of a mesh before it is saved."""
    if not isinstance(shape, Mesh):
        return {"Points": float(len(shape.verts))}
    found = stats(shape)
    figures: dict[str, float | str | bool] = {
        "Vertices": float(found.verts),
        "Faces": float(found.faces),
        "Watertight": found.watertight,
        "Parts": float(found.components or 0),
        "Area (m²)": found.area,
    }
    return figures | ({"Volume (m³)": _volume(shape)} if found.watertight else {})


def _volume(mesh: Mesh) -> float:
    """Inside a closed mesh, by the divergence theorem."""
    a, b, c = mesh.verts.astype(np.float64)[mesh.faces].transpose(1, 0, 2)
    return float((np.cross(a, b) * c).sum() / 6)
