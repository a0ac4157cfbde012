"""What a run is given: the picture, and what is known of its camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from lab.chapters.pose.estimate import BACKGROUNDS, MASK_WAYS, PHOTO, RANDOM, PoseParams
from lab.experiment import ExperimentError
from lab.formats.base import FormatError
from lab.photo.masks import Way, find_mask
from lab.photo.photo import load_photo, resized, shrunk
from lab.pose.model import Model
from lab.pose.scenes import focal_of, hidden_pose, random_pose, see, with_noise
from lab.pose.target import Target
from lab.pose.variables import Pose

_FEWEST = 12
"""Pixels of a mask that is too small to tell anything."""
_GRID = 16
"""Sides of a picture are multiples of this, so that it can be halved."""


@dataclass(frozen=True, eq=False)
class Given:
    """target: the picture. intrinsics: a pose whose focal length and principal point are known or guessed. true: the
    hidden camera, working frame; None for a photo. colored: whether the target's colours can be compared. size: (H, W)
    of the picture as it was given, in whose pixels the camera is told.
    """

    target: Target
    intrinsics: Pose
    true: Pose | None
    colored: bool
    size: tuple[int, int]


def make_given(params: PoseParams, model: Model, seed: int) -> Given:
    """A render from a hidden camera, or the person's photo. Raises ExperimentError: what is wrong, and what to do."""
    given = _photo(params) if params.target == PHOTO else _render(params, model, np.random.default_rng(seed))
    covered = int((given.target.mask > 0.5).sum())
    if covered < _FEWEST:
        where = "The mask" if params.target == PHOTO else "The hidden camera's picture"
        raise ExperimentError(
            f"{where} has {covered} pixels of the object, too few to find a camera by. "
            + ("Choose another mask." if params.target == PHOTO else "Move the hidden camera nearer, or look at it.")
        )
    if covered == given.target.mask.size:
        raise ExperimentError("The object covers the whole picture, so there is no outline. Move the camera away.")
    return given


def _render(params: PoseParams, model: Model, rng: np.random.Generator) -> Given:
    focal = focal_of(params.fov)
    if params.hidden == RANDOM:
        true = random_pose(model, focal, rng)
    else:
        at = np.zeros(3) if params.looks_at == "origin" else model.center
        true = hidden_pose(params.distance, params.elevation, params.azimuth, params.roll, at, focal)
        if true.view(model.center)[2] < 0.3 * model.radius:
            raise ExperimentError("The hidden camera stands within the object. Raise the distance.")
    side = max(_GRID, params.size // _GRID * _GRID)
    target = with_noise(see(model, true, (side, side), BACKGROUNDS[params.background]), params.noise / 100.0, rng)
    return Given(target, true, true, True, (side, side))


def _photo(params: PoseParams) -> Given:
    if not params.photo:
        raise ExperimentError("There is no photo. Choose one under 'Photo', or let the lab render a picture.")
    way = cast(Way, MASK_WAYS[params.mask_by])
    try:
        photo = load_photo(params.photo)
        mask = find_mask(photo, way, file=params.mask, tolerance=params.tolerance)
    except FormatError as error:
        raise ExperimentError(str(error)) from None
    height, width = photo.size
    scale = params.size / max(height, width)
    size = tuple(max(_GRID, round(side * scale / _GRID) * _GRID) for side in (height, width))
    size = (size[0], size[1])
    small = shrunk(resized(photo, 4 * max(size)).pixels, size)
    target = Target(shrunk(mask.astype(np.float32), size), small)
    pixels = focal_of(params.fov) * min(height, width) / 2
    focal = np.array([pixels * size[1] / width, pixels * size[0] / height]) * 2 / min(size)
    intrinsics = Pose(np.eye(3), np.zeros(3), focal, np.zeros(2))
    return Given(target, intrinsics, None, params.photo_colors, (height, width))
