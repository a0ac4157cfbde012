"""Posed images from files of every habit: found, read, checked, turned upright, split, and given a box."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from lab.cameras.model import CameraModel, pose
from lab.posed.capture import Capture, Shot
from lab.posed.checks import complaints
from lab.posed.colmap import read_colmap
from lab.posed.images import PosedError, PosedImages
from lab.posed.lens import Lens
from lab.posed.llff import read_llff
from lab.posed.paths import spread
from lab.posed.pictures import Report, read_pictures
from lab.posed.transforms import SPLITS, read_transforms
from lab.posed.world import scene_box, upright
from lab.scene import Array, Points

Up = Literal["auto", "y", "z", "-y", "cameras"]
UPS: tuple[Up, ...] = ("auto", "y", "z", "-y", "cameras")

_MOST_JUDGES = 25
"""Held-out pictures that are taken from a file of its own: judging by hundreds would take longer than training."""

_MODELS = ("", "sparse/0", "sparse", "colmap/sparse/0", "colmap/sparse", "0")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_HELP = (
    "The lab reads transforms.json (nerfstudio), transforms_train.json (Blender), the sparse model of COLMAP, and "
    "poses_bounds.npy (LLFF)"
)


def load_images(
    path: str | Path,
    *,
    every_held_out: int = 8,
    max_size: int = 400,
    most: int = 300,
    masks: bool = True,
    up: Up = "auto",
    report: Report = lambda fraction, text: None,
) -> PosedImages:
    """The posed images of a folder, or of one of its files. World units stay the files' own; Y is up.

    every_held_out: every so many-th picture is held out where the files have no split of their own; 0 holds out none.
    max_size: pixels of a picture's longer side; larger ones are made smaller by area. most: pictures; of more, some are
    taken that are spread over all. masks: take alphas and mask files. up: of the files' world; "auto" knows what each
    format usually has, and looks at the cameras. report: is told how far it is, and may raise to end it.
    Raises PosedError: what is wrong, where, and what to do.
    """
    capture = find(Path(path).expanduser())
    if not capture.shots:
        raise PosedError(" ".join(["There are no pictures with usable cameras.", *capture.remarks[:3]]))
    shots, remarks = _chosen(capture.shots, every_held_out, most)
    found = read_pictures(shots, max_size=max_size, masks=masks, report=report)
    turn, guess = upright([shot.c2w for shot in found.shots], capture.up if up == "auto" else up)
    points = _turned_points(capture.points, turn)
    cameras = _cameras(found.shots, found.lenses, turn)
    box, how = _box(capture, turn), "The box is the file's own."
    if box is None:
        box, how = scene_box(cameras, found.alphas, points, [shot.depths for shot in found.shots])
    if not (np.isfinite(box[0]).all() and (box[0] < box[1]).all()):
        raise PosedError("The cameras stand all at one place, so that nothing can be reconstructed from them.")
    held_out = _held_out(found.shots, every_held_out)
    said = [f"Read as {capture.kind}.", *capture.remarks, *remarks, *found.remarks, guess, how]
    images = PosedImages(
        found.pixels,
        found.alphas,
        _with_planes(cameras, box),
        _names(found.shots),
        held_out,
        box[0],
        box[1],
        points,
        tuple(sentence for sentence in said if sentence),
    )
    return replace(images, remarks=(*images.remarks, *complaints(images)))


# --- finding ----------------------------------------------------------------------------------------------------------


def find(path: Path) -> Capture:
    """What the files at ``path``, a folder or one of its files, say. Raises PosedError where there are none."""
    if not path.exists():
        raise PosedError(f"There is nothing at '{path}'. Choose a folder of posed pictures.")
    try:
        reader = _in_folder(path) if path.is_dir() else _of_file(path)
        if reader is None:
            raise PosedError(_no_cameras(path))
        return reader()
    except OSError as error:
        raise PosedError(f"'{path.name}' cannot be read: {error.strerror or error}. Check its permissions.") from error


def _in_folder(folder: Path) -> Callable[[], Capture] | None:
    """How to read what lies in a folder; the most telling file counts."""
    names = [*(f"transforms_{split}.json" for split in SPLITS), "transforms.json"]
    for name in names:
        if (folder / name).is_file():
            return _of_file(folder / name)
    for inner in _MODELS:
        model = folder / inner if inner else folder
        if (model / "cameras.bin").is_file() or (model / "cameras.txt").is_file():
            return lambda: read_colmap(model, _picture_folders(model, folder))
    if (folder / "poses_bounds.npy").is_file():
        return _of_file(folder / "poses_bounds.npy")
    return None


def _of_file(path: Path) -> Callable[[], Capture] | None:
    """How to read a file."""
    if path.suffix.lower() == ".json":
        return lambda: read_transforms(path)
    if path.name == "poses_bounds.npy":
        return lambda: read_llff(path)
    if path.stem in ("cameras", "images", "points3D") and path.suffix in (".bin", ".txt"):
        return lambda: read_colmap(path.parent, _picture_folders(path.parent, path.parent))
    if path.suffix.lower() in _PICTURES:  # a picture of the data set was dropped
        return _in_folder(path.parent) or _in_folder(path.parent.parent)
    return None


def _picture_folders(model: Path, root: Path) -> list[Path]:
    """Where the pictures of a COLMAP model may be: folders 'images' near it, or the folders above it."""
    near = [root, model, model.parent, model.parent.parent, model.parent.parent.parent]
    return [*(folder / name for folder in near for name in ("images", "input")), *near[:4]]


def _no_cameras(path: Path) -> str:
    if path.is_dir() and any(name.lower().endswith(_PICTURES) for name in os.listdir(path)):
        return (
            f"'{path.name}' has pictures, but nothing that says where their cameras stood. {_HELP}: let COLMAP or "
            "nerfstudio find the cameras first."
        )
    return f"There are no posed pictures in '{path.name}'. {_HELP}."


# --- choosing ---------------------------------------------------------------------------------------------------------


def _chosen(shots: list[Shot], every: int, most: int) -> tuple[list[Shot], list[str]]:
    """At most ``most`` of the pictures; of those in lists of their own, few to judge by."""
    remarks: list[str] = []
    training = [shot for shot in shots if shot.split in ("", "train")]
    judges = [shot for shot in shots if shot.split == "val"] or [shot for shot in shots if shot.split == "test"]
    if not training:
        shots = training = [replace(shot, split="") for shot in judges]
        judges = []
        remarks.append("The files list no picture to train on; those that judge are shared out.")
    limit = min(_MOST_JUDGES, max(1, most // 4)) if every else 0
    if len(judges) > limit:
        if every:
            remarks.append(
                f"{limit} of the {len(judges)} pictures for '{judges[0].split}' are held out, the rest not read."
            )
        judges = [shot for shot, taken in zip(judges, spread(len(judges), limit), strict=True) if taken]
    room = max(1, most - len(judges))
    if len(training) > room:
        remarks.append(f"{room} of {len(training)} pictures are read, spread over all of them.")
        training = [shot for shot, taken in zip(training, spread(len(training), room), strict=True) if taken]
    chosen = {id(shot) for shot in (*training, *judges)}
    return [shot for shot in shots if id(shot) in chosen], remarks  # in the files' order


def _held_out(shots: list[Shot], every: int) -> Array:
    """(N,) bool: the files' own split; else every so many-th, beginning in the middle of the first so many."""
    own = np.array([shot.split in ("val", "test") for shot in shots])
    if own.any() or every <= 0:
        return own & bool(every > 0)
    return np.asarray(np.arange(len(shots)) % every == every // 2) & (len(shots) > 1)


def _names(shots: list[Shot]) -> tuple[str, ...]:
    """What the files call them, without the folder that all of them share."""
    parts = [shot.name.replace("\\", "/").removeprefix("./").split("/") for shot in shots]
    shared = 0
    while all(len(part) > shared + 1 for part in parts) and len({part[shared] for part in parts}) == 1:
        shared += 1
    return tuple("/".join(part[shared:]) for part in parts)


# --- the world --------------------------------------------------------------------------------------------------------


def _cameras(shots: list[Shot], lenses: list[Lens], turn: Array) -> list[CameraModel]:
    """The cameras in the world whose Y is up. Their planes are set later."""
    found = []
    for shot, lens in zip(shots, lenses, strict=True):
        c2w = pose(turn @ shot.c2w[:3, :3], turn @ shot.c2w[:3, 3])
        assert lens.cx is not None
        assert lens.cy is not None
        found.append(CameraModel(c2w, lens.fx, lens.fy, lens.cx, lens.cy, lens.width, lens.height, 1e-6, 1e6))
    return found


def _with_planes(cameras: list[CameraModel], box: tuple[Array, Array]) -> tuple[CameraModel, ...]:
    """Near and far for drawing and measuring, in proportion to the scene."""
    reach = float(np.linalg.norm(box[1] - box[0]))
    return tuple(replace(camera, near=0.005 * reach, far=100.0 * reach) for camera in cameras)


def _turned_points(points: Points | None, turn: Array) -> Points | None:
    if points is None:
        return None
    return Points(((points.verts + points.origin) @ turn.T).astype(np.float32), colors=points.colors)


def _box(capture: Capture, turn: Array) -> tuple[Array, Array] | None:
    """The files' own box, turned: the box about its turned corners."""
    if capture.box is None:
        return None
    corners = np.stack(np.meshgrid(*capture.box.T, indexing="ij"), axis=-1).reshape(-1, 3) @ turn.T
    return corners.min(axis=0), corners.max(axis=0)
