"""Posed images as a folder that nerfstudio, instant-ngp and this lab read: transforms.json beside the pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from PIL import Image

from lab.cameras.conventions import camera_to_world, world_turn
from lab.files import atomic_write, explain
from lab.formats.base import FormatError
from lab.formats.files import write
from lab.posed.images import PosedError, PosedImages
from lab.posed.pictures import Report
from lab.scene import Array, Points

_ODD = re.compile(r"[^A-Za-z0-9_.-]+")


def save_images(images: PosedImages, folder: str | Path, *, report: Report = lambda fraction, text: None) -> Path:
    """Write ``folder/transforms.json`` and ``folder/images/*.png``; returns the former. An older one is replaced.

    Cameras are told as nerfstudio does: the axes of OpenGL, a world whose Z is up; alphas are the pictures' own. The
    split, the box and the points are kept. What is read back is equal. Raises PosedError where nothing can be written.
    """
    folder = Path(folder).expanduser()
    names = _file_names(images.names)
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(names):
            report(number / len(names), "Saving pictures")
            alpha = None if images.alphas is None else images.alphas[number]
            with atomic_write(folder / name) as temporary:
                _picture(images.pixels[number], alpha).save(temporary, "PNG")
        content = _content(images, names)
        if images.points is not None:
            write(folder / "points.ply", _turned(images.points))
            content["ply_file_path"] = "points.ply"
        with atomic_write(folder / "transforms.json") as temporary:
            temporary.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise PosedError(f"The pictures cannot be saved in '{folder}': {explain(error)}.") from error
    except FormatError as error:
        raise PosedError(str(error)) from error
    return folder / "transforms.json"


def _file_names(names: tuple[str, ...]) -> list[str]:
    """A file for each picture, named after it; numbered where two would be the same."""
    found: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(names):
        stem = _ODD.sub("_", Path(name.replace("/", "_")).stem).strip("._")[:80] or "picture"
        stem = stem if stem.lower() not in taken else f"{stem}_{number}"
        taken.add(stem.lower())
        found.append(f"images/{stem}.png")
    return found


def _picture(pixels: Array, alpha: Array | None) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels if alpha is None else np.dstack([pixels, alpha])))


def _content(images: PosedImages, names: list[str]) -> dict[str, object]:
    """transforms.json: each frame has its own intrinsics."""
    frames = []
    for camera, name in zip(images.cameras, names, strict=True):
        numbers = {"fl_x": camera.fx, "fl_y": camera.fy, "cx": camera.cx, "cy": camera.cy}
        size = {"w": camera.width, "h": camera.height}
        matrix = camera_to_world(camera, "Blender", "z").tolist()
        frames.append({"file_path": name, **numbers, **size, "transform_matrix": matrix})
    held = images.held_out
    turn = world_turn("z")
    corners = np.stack([images.lower, images.upper]) @ turn.T
    return {
        "camera_model": "PINHOLE",
        "train_filenames": [name for name, off in zip(names, held, strict=True) if not off],
        "val_filenames": [name for name, off in zip(names, held, strict=True) if off],
        "scene_box": [corners.min(axis=0).tolist(), corners.max(axis=0).tolist()],
        "frames": frames,
    }


def _turned(points: Points) -> Points:
    places = (points.verts + points.origin) @ world_turn("z").T
    return Points(places.astype(np.float32), colors=points.colors)
