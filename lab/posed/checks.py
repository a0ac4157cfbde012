"""Checks of posed images: do the cameras look at the object, and are their numbers those of real cameras?"""

from __future__ import annotations

import itertools

import numpy as np

from lab.cameras.model import CameraModel
from lab.posed.capture import listed
from lab.posed.images import PosedImages
from lab.scene import Array

_WIDEST_DEG = 140.0
_FEW = 12


def looks_at_box(camera: CameraModel, lower: Array, upper: Array) -> bool:
    """Whether the camera's picture shows any of the box: its middle or a corner, or it stands within."""
    if bool(((camera.center > lower) & (camera.center < upper)).all()):
        return True
    corners = np.array(list(itertools.product(*zip(lower, upper, strict=True))))
    points = np.concatenate([corners, [(lower + upper) / 2]])
    view = (points - camera.center) @ camera.rotation
    depth = -view[:, 2]
    ahead = depth > 1e-9
    if not ahead.any():
        return False
    x = camera.fx * view[ahead, 0] / depth[ahead] + camera.cx
    y = camera.cy - camera.fy * view[ahead, 1] / depth[ahead]
    return bool(x.max() > 0 and x.min() < camera.width and y.max() > 0 and y.min() < camera.height)


def looking(images: PosedImages) -> Array:
    """(N,) bool: which pictures show any of the box."""
    return np.array([looks_at_box(camera, images.lower, images.upper) for camera in images.cameras], bool)


def complaints(images: PosedImages) -> list[str]:
    """Sentences on what looks wrong, with what it may come from; none for good data."""
    found = []
    blind = ~looking(images)
    if blind.any():
        names = [name for name, off in zip(images.names, blind, strict=True) if off]
        found.append(
            f"{len(names)} of {len(images)} cameras do not see the box at all ({listed(names)}): the poses may be of "
            "another convention, or the box is at the wrong place."
        )
    off = [
        name
        for name, c in zip(images.names, images.cameras, strict=True)
        if abs(c.cx / c.width - 0.5) > 0.25 or abs(c.cy / c.height - 0.5) > 0.25
    ]
    if off:
        found.append(f"The principal point is far from the middle in {listed(off)}: was the picture cropped?")
    wide = [
        name
        for name, c in zip(images.names, images.cameras, strict=True)
        if not 2.0 < np.degrees(2 * np.arctan(c.width / (2 * c.fx))) < _WIDEST_DEG
    ]
    if wide:
        found.append(f"The field of view is hardly that of a camera in {listed(wide)}: check the focal length.")
    training = len(images) - int(images.held_out.sum())
    if training < _FEW:
        found.append(f"There are only {training} pictures to train on; surfaces that few of them see stay unclear.")
    same = _repeated(images)
    if same:
        words = "One picture is" if same == 1 else f"{same} pictures are"
        found.append(f"{words} taken from the same place and direction as another one.")
    return found


def _repeated(images: PosedImages) -> int:
    """How many cameras equal an earlier one."""
    rows = np.round(np.stack([camera.c2w[:3].ravel() for camera in images.cameras]), 9) + 0.0
    return len(rows) - len(np.unique(rows, axis=0))
