"""The 33 landmarks of one person: BlazePose's second network.

Numbers as in MediaPipe's graphs ``pose_landmark``: a square about the person goes in; 39 points come out, each with x,
y, z and the logits of its visibility and its presence, with heat maps that make x and y finer. Points 33 and 34 tell
the square of the next picture of a film.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from lab.keypoints.crops import Crop, Halves
from lab.keypoints.interpreter import network
from lab.keypoints.layouts import BLAZEPOSE
from lab.keypoints.people import Person2D
from lab.scene import Array

MODELS: Final = ("full", "lite")
_SIDE: Final = 256
_POINTS: Final = 39
_COUNT: Final = len(BLAZEPOSE)
_REACH: Final = 3  # cells of the heat map on each side of a landmark
_LEAST_HEAT: Final = 0.5
_MARGIN: Final = 1.25
_ALIGNED: Final = (33, 34)  # the middle of the hips, and the point above it


@dataclass(frozen=True, eq=False)
class Landmarks:
    """flag: [0, 1], whether there is a person at all. person: with the landmarks in the picture's pixels. next: where
    to look for the same person in the next picture."""

    flag: float
    person: Person2D
    next: Crop


def find_landmarks(picture: Halves, crop: Crop, model: str = "full") -> Landmarks:
    """The landmarks of the person in ``crop``. model: one of MODELS. Raises NetworkError.

    Confidences are visibility times presence; 0 outside of the picture, where landmarks are made up.
    """
    points, flag, _, heat, world = network(f"pose_landmark_{model}")(picture.cut(crop, _SIDE))
    raw = points.reshape(_POINTS, 5).astype(np.float64)
    square = refined(raw[:, :2] / _SIDE, heat[0].astype(np.float64))
    xy = crop.to_picture(square)
    confidence = sigmoid(raw[:_COUNT, 3]) * sigmoid(raw[:_COUNT, 4])
    inside = ((xy[:_COUNT] >= 0.0) & (xy[:_COUNT] <= [picture.size[1], picture.size[0]])).all(axis=1)
    turned = _turn(world.reshape(_POINTS, 3)[:_COUNT].astype(np.float64), crop.angle)
    person = Person2D(xy[:_COUNT], np.where(inside, confidence, 0.0), BLAZEPOSE, turned)
    return Landmarks(float(flag.reshape(-1)[0]), person, Crop.upright(xy[_ALIGNED[0]], xy[_ALIGNED[1]], _MARGIN))


def refined(points: Array, heat: Array) -> Array:
    """Points (K, 2) of the square, x and y in [0, 1], moved to the middle of the heat about them, where there is any.

    heat: (h, w, K), logits. As MediaPipe's RefineLandmarksFromHeatmapCalculator.
    """
    height, width, _ = heat.shape
    found = points.copy()
    for number, (x, y) in enumerate(points):
        column, row = math.floor(x * width), math.floor(y * height)
        if not (0 <= column < width and 0 <= row < height):
            continue
        left, top = max(0, column - _REACH), max(0, row - _REACH)
        part = sigmoid(heat[top : row + _REACH + 1, left : column + _REACH + 1, number])
        if part.max() >= _LEAST_HEAT:
            total = part.sum()
            across, down = np.arange(part.shape[1]) + left, np.arange(part.shape[0]) + top
            found[number] = part.sum(axis=0) @ across / total / width, part.sum(axis=1) @ down / total / height
    return found


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)), of any size of x."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0)))


def _turn(world: Array, angle: float) -> Array:
    """Metres as the crop shows them, as the picture does."""
    cos, sin = math.cos(angle), math.sin(angle)
    turned = world.copy()
    turned[:, 0] = cos * world[:, 0] - sin * world[:, 1]
    turned[:, 1] = sin * world[:, 0] + cos * world[:, 1]
    return turned
