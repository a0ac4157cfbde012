"""Between the form of the convention lens and its camera: parameters to a camera, and cameras to parameters."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from lab.cameras.conventions import WORLD_UP, Convention, WorldUp
from lab.cameras.misread import Misreading, misread
from lab.cameras.model import CameraError, CameraModel, focal_from_fov, look_at, pose_from_vector
from lab.cameras.recognise import Reading
from lab.cameras.subject import REACH, Subject
from lab.chapters.cameras.lens import AS_WRITTEN, WORLDS, LensParams
from lab.study import Note, StudyError

_MARGIN = 1.15  # of a fitted object
_DECIMALS = {"x": 4, "y": 4, "z": 4, "rx": 3, "ry": 3, "rz": 3}


def camera_of(params: LensParams) -> CameraModel:
    """The camera that the parameters describe. Raises StudyError for near and far that are no range."""
    turn = np.radians([params.rx, params.ry, params.rz])
    flat = params.projection == "orthographic"
    fy = params.height / params.view_height if flat else focal_from_fov(params.fov, params.height)
    cx, cy = params.width / 2 + params.shift_x, params.height / 2 + params.shift_y
    c2w = pose_from_vector(np.array([params.x, params.y, params.z]), turn)
    size = (params.width, params.height)
    try:
        return CameraModel(c2w, fy * params.pixel_ratio, fy, cx, cy, *size, params.near, params.far, flat)
    except CameraError as error:
        raise StudyError(f"This is no camera: {error}.") from error


def world_of(params: LensParams, convention: str) -> WorldUp:
    """The axis that points up in the world of a convention."""
    chosen: dict[str, WorldUp] = {WORLDS[1]: "y", WORLDS[2]: "z"}
    return chosen.get(params.world, WORLD_UP[cast(Convention, convention)])


def misreading(params: LensParams, camera: CameraModel) -> Misreading:
    """What the chosen wrong reading makes of the camera."""
    written = cast(Convention, params.convention)
    reader = written if params.read_as == AS_WRITTEN else cast(Convention, params.read_as)
    return misread(camera, (written, world_of(params, written)), (reader, world_of(params, reader)), params.slip)


def pose_values(camera: CameraModel) -> dict[str, Any]:
    """The parameters of a camera's pose, rounded as a form shows them."""
    turn = np.degrees(camera.rotation_vector)
    found = dict(zip(("x", "y", "z", "rx", "ry", "rz"), (*camera.center, *turn), strict=True))
    return {name: round(float(value), _DECIMALS[name]) for name, value in found.items()}


def fitted(params: LensParams, camera: CameraModel, subject: Subject, notes: list[Note]) -> dict[str, Any]:
    """The parameters after stepping back, along the same direction, until the object's sphere fits the image."""
    back = camera.center - subject.center
    distance = float(np.linalg.norm(back))
    back = back / distance if distance > 1e-9 else camera.rotation[:, 2]
    half = min(camera.width / camera.fx, camera.height / camera.fy) / 2  # tangent, or metres when orthographic
    radius = subject.radius * _MARGIN
    away = 3 * radius if camera.orthographic else radius / math.sin(math.atan(half))
    eye = subject.center + back * away
    if np.abs(eye).max() > REACH:
        notes.append(Note("warning", "The lens is too long to fit the object from within reach.", "Widen the view."))
        return {}
    values = pose_values(camera.moved(look_at(eye, subject.center)))
    if camera.orthographic:
        values["view_height"] = round(params.view_height * radius / half, 4)
    return values


def taken_over(reading: Reading, has_intrinsics: bool, notes: list[Note]) -> dict[str, Any]:
    """The parameters of a pasted camera."""
    camera = reading.camera
    if np.abs(camera.center).max() > REACH:
        place = ", ".join(f"{value:.3g}" for value in camera.center)
        notes.append(Note("warning", f"The pasted camera stands at {place} m, out of reach.", "Scale the scene first."))
        return {}
    values = pose_values(camera)
    if has_intrinsics:
        ratio = camera.fx / camera.fy
        shift_x, shift_y = camera.cx - camera.width / 2, camera.cy - camera.height / 2
        if 1 <= camera.fov_deg <= 160 and 0.1 <= ratio <= 10 and max(abs(shift_x), abs(shift_y)) <= 1000:
            values |= {"projection": "perspective", "fov": camera.fov_deg, "pixel_ratio": ratio}
            values |= {"shift_x": shift_x, "shift_y": shift_y}
        else:
            notes.append(Note("warning", "The pasted K is out of the sliders' range.", "Only the pose was taken over."))
    return values
