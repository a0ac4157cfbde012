"""Cameras drawn into the world: frustum, image plane, axes with their names, planes and rays. Metres, world."""

from __future__ import annotations

import numpy as np

from lab.cameras.conventions import AXES, AXIS_WORDS, Convention
from lab.cameras.model import CameraModel
from lab.cameras.projection import unproject
from lab.motions.drawing import AXIS_COLORS
from lab.render.messages import Color
from lab.scene import Array, Lines
from lab.study import Label

_ROUND = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])


def corners(camera: CameraModel, depth: float) -> Array:
    """(4, 3) float64: the image's corners ``depth`` metres ahead: top left, top right, bottom right, bottom left."""
    w, h = camera.width, camera.height
    return unproject(camera, np.array([[0, 0], [w, 0], [w, h], [0, h]]), np.full(4, depth))


def frustum(camera: CameraModel, start: float, end: float) -> Lines:
    """What the image shows between two depths, metres, with a roof over the image's top at the far end."""
    front, back = corners(camera, start), corners(camera, end)
    verts = np.concatenate([front, back, [roof(camera, end)]])
    sides = np.array([[i, i + 4] for i in range(4)])
    return Lines(verts, np.concatenate([_ROUND + 4, sides, [[4, 8], [8, 5]]]))


def roof(camera: CameraModel, depth: float) -> Array:
    """(3,) float64: the tip of the roof that tells which side of the image is its top."""
    back = corners(camera, depth)
    top = (back[0] + back[1]) / 2
    return np.asarray(top + (top - (back[2] + back[3]) / 2) * 0.22)


def rectangle(camera: CameraModel, depth: float) -> Lines:
    """The part of a plane across the axis that the image shows."""
    return Lines(corners(camera, depth), _ROUND)


def segment(start: Array, end: Array) -> Lines:
    """One line between two points (3,)."""
    return Lines(np.stack([start, end]), np.array([[0, 1]]))


def axes(camera: CameraModel, convention: Convention, length: float) -> tuple[Lines, tuple[Label, ...]]:
    """The camera's axes in a convention, red, green and blue for x, y and z, and their names at their tips."""
    tips = camera.center + length * (camera.rotation @ AXES[convention]).T
    lines = Lines(
        np.concatenate([[camera.center], tips]), np.array([[0, 1], [0, 2], [0, 3]]), np.array(AXIS_COLORS, np.float32)
    )
    named = zip(tips, AXIS_WORDS[convention], AXIS_COLORS, strict=True)
    return lines, tuple(label(tip, words, color) for tip, words, color in named)


def label(at: Array, text: str, color: Color | None = None) -> Label:
    """Words at a point (3,)."""
    return Label((float(at[0]), float(at[1]), float(at[2])), text, color)
