"""``transforms*.json``: the files of Blender's synthetic scenes, of nerfstudio and of instant-ngp.

Poses are camera to world with the axes of OpenGL and Blender, in a world whose Z is up. Blender's scenes have one file
for each of train, val and test, ``camera_angle_x``, and file paths without a suffix; nerfstudio's have one file with
intrinsics for all or for each frame, and lists of the frames of each split.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lab.formats.base import FormatError, Source
from lab.formats.files import read
from lab.posed.capture import Capture, LeftOut, Shot, inside, rigid
from lab.posed.images import PosedError
from lab.posed.lens import Lens
from lab.scene import Array, Points

SPLITS: tuple[Literal["train", "val", "test"], ...] = ("train", "val", "test")
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".PNG", ".JPG", ".JPEG")

_MOST_BYTES = 64 << 20
_MOST_FRAMES = 20_000
_PINHOLES = ("", "PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE")
_BROWN = ("OPENCV", "SIMPLE_RADIAL", "RADIAL", "FULL_OPENCV")


def read_transforms(path: Path) -> Capture:
    """A data set from one of its ``transforms*.json``; its split files beside it are read, too. Raises PosedError."""
    parts = [path.with_name(f"transforms_{split}.json") for split in SPLITS]
    if path in parts:
        shots, left_out, box = [], LeftOut(), None
        for split, part in zip(SPLITS, parts, strict=True):
            if part.is_file():
                content = _content(part)
                shots += _shots(part, content, left_out, split)
                box = _box(part, content) if box is None else box
        return Capture("Blender transforms", shots, "z", box=box, remarks=left_out.sentences())
    content, left_out = _content(path), LeftOut()
    shots = _shots(path, content, left_out)
    points, trouble = _points(path, content)
    remarks = [*left_out.sentences(), *trouble]
    return Capture("transforms.json", shots, "z", points, _box(path, content), remarks)


def _content(path: Path) -> dict[str, Any]:
    """The file's object, with a list ``frames`` in it."""
    try:
        data = Source(path).read(_MOST_BYTES + 1)
    except FormatError as error:
        raise PosedError(str(error)) from None
    if len(data) > _MOST_BYTES:
        raise PosedError(f"{path.name} has more than {_MOST_BYTES >> 20} MB, which no list of cameras has.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PosedError(f"{path.name} is no JSON file: {error}. Get it again from where it came.") from None
    frames = content.get("frames") if isinstance(content, dict) else None
    if not isinstance(frames, list):
        raise PosedError(f"{path.name} has no list 'frames', so it is no list of posed pictures. Choose another file.")
    if len(frames) > _MOST_FRAMES:
        raise PosedError(f"{path.name} has {len(frames):,} frames; at most {_MOST_FRAMES:,} can be read.")
    return dict(content)


def _shots(path: Path, content: Mapping[str, Any], left_out: LeftOut, split: str = "") -> list[Shot]:
    """The usable frames of one file; the others are added to ``left_out``."""
    listed = {name: part for part in SPLITS for name in content.get(f"{part}_filenames") or () if isinstance(name, str)}
    shots = []
    for number, frame in enumerate(content["frames"]):
        name = frame.get("file_path") if isinstance(frame, dict) else None
        called = name if isinstance(name, str) and name else f"frame {number} of {path.name}"
        try:
            if not isinstance(frame, dict):
                raise PosedError("it is no object with a file path and a matrix")
            file = _with_ending(inside(path.parent, name))
            mask = frame.get("mask_path")
            shot = Shot(called, file, rigid(_matrix(frame)), _lens({**content, **frame}))
            part = split or listed.get(called, "")
            shots.append(replace(shot, split=part, mask=inside(path.parent, mask) if mask else None))  # type: ignore[arg-type]
        except PosedError as error:
            left_out.add(called, str(error))
    return shots


def _with_ending(file: Path) -> Path:
    """The picture: as it is named, or with one of the usual endings, which Blender's files leave out."""
    candidates = [file, *(file.with_name(file.name + ending) for ending in ENDINGS)]
    return next((candidate for candidate in candidates if candidate.is_file()), file)


def _matrix(frame: Mapping[str, Any]) -> Array:
    try:
        return np.array(frame["transform_matrix"], np.float64)
    except KeyError:
        raise PosedError("it has no 'transform_matrix'") from None
    except (TypeError, ValueError, OverflowError):
        raise PosedError("its 'transform_matrix' is no matrix of numbers") from None


def _lens(values: Mapping[str, Any]) -> Lens:
    """The lens of a frame: its own numbers before those of the whole file."""
    model = str(values.get("camera_model", "") or "").upper()
    fisheye = model in ("OPENCV_FISHEYE", "FISHEYE") or values.get("is_fisheye") is True
    if not (fisheye or model in _PINHOLES or model in _BROWN):
        raise PosedError(
            f"its camera model '{model:.40}' cannot be straightened here: undistort the pictures first, to PINHOLE"
        )
    fx, fy = _number(values, "fl_x"), _number(values, "fl_y")
    angle_x, angle_y = _number(values, "camera_angle_x"), _number(values, "camera_angle_y")
    width, height = (int(_number(values, name)) for name in ("w", "h"))
    if not fx and not angle_x and angle_y and height:
        fx = 0.5 * height / math.tan(angle_y / 2)
    cx, cy = (_number(values, name) if name in values else None for name in ("cx", "cy"))
    k = tuple(_number(values, f"k{i}") for i in range(1, 7))
    p = (_number(values, "p1"), _number(values, "p2"))
    if model in _PINHOLES[1:]:
        k, p = (), (0.0, 0.0)
    return Lens(fx, fy, cx, cy, max(width, 0), max(height, 0), angle_x, "fisheye" if fisheye else "brown", k, p)


def _number(values: Mapping[str, Any], name: str) -> float:
    """A finite number, 0 where there is none."""
    value = values.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise PosedError(f"its '{name}' is no finite number")
    return float(value)


def _points(path: Path, content: Mapping[str, Any]) -> tuple[Points | None, list[str]]:
    """The sparse points that nerfstudio's file names, and what is wrong with them."""
    name = content.get("ply_file_path")
    if not name:
        return None, []
    try:
        entity = read(inside(path.parent, name)).entity
    except (PosedError, FormatError) as error:
        return None, [f"The file of points was not read: {error}"]
    return entity if isinstance(entity, Points) else Points(
        entity.verts, colors=entity.colors, origin=entity.origin
    ), []


def _box(path: Path, content: Mapping[str, Any]) -> Array | None:
    """(2, 3): the box that a file of this lab tells, in the file's own world."""
    if "scene_box" not in content:
        return None
    try:
        box = np.array(content["scene_box"], np.float64)
    except (TypeError, ValueError, OverflowError):
        box = np.zeros(0)
    if box.shape != (2, 3) or not np.isfinite(box).all() or not (box[0] < box[1]).all():
        raise PosedError(f"{path.name}: 'scene_box' must be two corners of three numbers, the lower one first.")
    return box
