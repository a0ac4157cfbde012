"""What a fit to an outline is given: the picture with its mask, and the camera that may have taken it."""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from lab.cameras.model import CameraModel
from lab.chapters.body.outline import MASK_WAYS, OutlineParams
from lab.experiment import ExperimentError
from lab.formats.base import FormatError
from lab.photo.masks import Way, find_mask
from lab.photo.photo import load_photo, resized, shrunk
from lab.pose.target import Target

_FEWEST = 200
_TALL = 1.7  # m, what a person's height is first taken for


def load_target(params: OutlineParams, path: str) -> tuple[Target, tuple[int, int]]:
    """The picture at the size at which outlines are compared, and (H, W) of the file. Raises ExperimentError."""
    try:
        photo = load_photo(path)
        mask = find_mask(photo, cast(Way, MASK_WAYS[params.mask_by]), file=params.mask, tolerance=params.tolerance)
    except FormatError as error:
        raise ExperimentError(str(error)) from None
    height, width = photo.size
    scale = params.size / max(height, width)
    size = (max(16, round(height * scale)), max(16, round(width * scale)))
    target = Target(shrunk(mask.astype(np.float32), size), shrunk(resized(photo, 4 * max(size)).pixels, size))
    covered = int((target.mask > 0.5).sum())
    if covered < _FEWEST:
        text = f"The mask has {covered} pixels of a person at this size, too few to fit a body to."
        raise ExperimentError(f"{text} Choose another picture, paint the mask, or raise 'Size'.")
    return target, (height, width)


def camera_for(target: Target, fov: float) -> CameraModel:
    """A level camera before the origin, so far away that a person who stands there is as tall as the mask is."""
    height, width = target.size
    focal = min(height, width) / 2 / math.tan(math.radians(fov) / 2)
    top, bottom, _, _ = target.box
    distance = focal * _TALL / max(1, bottom - top)
    c2w = np.eye(4)
    c2w[:3, 3] = 0.0, _TALL / 2, distance
    return CameraModel(c2w, focal, focal, width / 2, height / 2, width, height)


def place_of(target: Target, camera: CameraModel, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """(3,) by which a body with this box is moved so that its picture has the mask's middle."""
    top, bottom, left, right = target.box
    depth = float(camera.c2w[2, 3])
    x = ((left + right) / 2 - camera.cx) / camera.fx * depth
    y = camera.c2w[1, 3] - ((top + bottom) / 2 - camera.cy) / camera.fy * depth
    middle = (lower + upper) / 2
    return np.array([x - middle[0], y - middle[1], -middle[2]])
