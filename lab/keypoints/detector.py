"""Where people are in a picture: BlazePose's detector.

Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020; the numbers are those of MediaPipe's
``pose_detection`` graph. Each of 2254 anchors tells a score, a box of the face, and four points, of which two are used:
the middle of the hips, and a point above it that is as far away as the person is large.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from lab.keypoints.crops import Crop, Halves
from lab.keypoints.interpreter import network
from lab.scene import Array

_SIDE: Final = 224  # pixels of the network's picture
_STRIDES: Final = ((8, 2), (16, 2), (32, 6))  # pixels between anchors, and how many are at each place
_LEAST_SCORE: Final = 0.5
_OVERLAP: Final = 0.3
_MARGIN: Final = 1.25
_FURTHEST_LOGIT: Final = 100.0


@dataclass(frozen=True, eq=False)
class Detection:
    """score: [0, 1]. box: (4,) left, top, right, bottom of the face; middle, top: (2,) as above; all in pixels."""

    score: float
    box: Array
    middle: Array
    top: Array

    def crop(self) -> Crop:
        """What the network of landmarks is to look at."""
        return Crop.upright(self.middle, self.top, _MARGIN)


def detect(picture: Halves, windows: tuple[Crop, ...] = ()) -> list[Detection]:
    """People, the surest first. windows: the parts of the picture to look at; all of it where there are none."""
    scores, values = [], []
    for window in windows or (whole(picture.size),):
        score, value = _look(picture, window)
        scores.append(score)
        values.append(value)
    return merge(np.concatenate(scores), np.concatenate(values))


def whole(size: tuple[int, int]) -> Crop:
    """The square around a picture of (H, W) pixels."""
    return Crop(size[1] / 2.0, size[0] / 2.0, float(max(size)))


def _look(picture: Halves, window: Crop) -> tuple[Array, Array]:
    """scores (N,) and boxes with points (N, 12) in the picture's pixels, of the anchors that see a person."""
    # MediaPipe's detector wants -1 to 1
    outputs = network("pose_detection")(picture.cut(window, _SIDE) * np.float32(2.0) - np.float32(1.0))
    raw, logits = outputs[0][0].astype(np.float64), outputs[1][0, :, 0].astype(np.float64)
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits, -_FURTHEST_LOGIT, _FURTHEST_LOGIT)))
    seen = scores >= _LEAST_SCORE
    pairs = raw[seen].reshape(-1, 6, 2) / _SIDE
    half = pairs[:, 1] / 2.0
    places = anchors()[seen]
    middle = pairs[:, 0] + places
    points = np.concatenate(
        [(middle - half)[:, None], (middle + half)[:, None], pairs[:, 2:] + places[:, None]], axis=1
    )
    return scores[seen], window.to_picture(points).reshape(-1, 12)


@cache
def anchors() -> Array:
    """(2254, 2) float64: the middles of the anchors, in the network's picture from 0 to 1, x then y."""
    places = []
    for stride, count in _STRIDES:
        across = (np.arange(_SIDE // stride) + 0.5) * stride / _SIDE
        y, x = np.meshgrid(across, across, indexing="ij")
        places.append(np.repeat(np.stack([x.reshape(-1), y.reshape(-1)], axis=1), count, axis=0))
    found = np.concatenate(places)
    found.flags.writeable = False
    return found


def merge(scores: Array, values: Array) -> list[Detection]:
    """One detection for each group of boxes that lie on each other: their mean, weighted by the scores, as BlazeFace
    does it. scores: (N,), values: (N, 12), see ``Detection``."""
    order = np.argsort(-scores, kind="stable")
    scores, values = scores[order], values[order]
    found = []
    while len(scores):
        together = overlaps(values[0, :4], values[:, :4]) > _OVERLAP
        together[0] = True
        mean = np.average(values[together], axis=0, weights=scores[together])
        found.append(Detection(float(scores[0]), mean[:4], mean[4:6], mean[6:8]))
        scores, values = scores[~together], values[~together]
    return found


def overlaps(box: Array, others: Array) -> Array:
    """(N,) float64: intersection over union of a box (4,) with others (N, 4)."""
    inner = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.prod(np.maximum(inner, 0.0), axis=1)
    areas = np.prod(np.maximum(others[:, 2:] - others[:, :2], 0.0), axis=1)
    total = np.prod(np.maximum(box[2:] - box[:2], 0.0)) + areas - shared
    return np.divide(shared, total, out=np.zeros_like(shared), where=total > 0.0)
