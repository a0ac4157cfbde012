"""What is seen of a person: 2D joints with weights, and the lens that they were seen through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lab.body.joint_model import JointModel
from lab.experiment import ExperimentError
from lab.keypoints.mapping import TORSO, map_joints
from lab.scene import Array

TALL = 500.0
"""Pixels of a person in the picture in which residuals are counted. The original's weights are for people of a few
hundred pixels; counted so, the same photo at twice the size gives the same body."""
NEAREST = 0.15
"""Metres before the camera's plane; points nearer than that have no picture."""
HIPS = 0.5
"""Weight of the middle of the hips. Detectors put each hip farther out than SMPL does, so that the original leaves both
out; but the middle of both is right, and without it the pelvis may tilt as it likes."""
_MIDDLE = "mid_hip"
_FEWEST = 5
_SEEN = 0.05
_NORMAL_LENS = 1.2


@dataclass(frozen=True)
class Lens:
    """A pinhole: focal length and the pixel that the optical axis meets, pixels; the picture's size (H, W)."""

    focal: float
    cx: float
    cy: float
    size: tuple[int, int]

    @classmethod
    def of(cls, size: tuple[int, int], focal: float = 0.0) -> Lens:
        """Centred. focal: pixels, or 0 for that of a normal lens.

        A normal lens' focal length is the diagonal of its picture, 1.2 times the longer side at 3:2.
        """
        height, width = size
        return cls(focal if focal > 0.0 else _NORMAL_LENS * max(size), width / 2, height / 2, size)

    def scaled(self, scale: float) -> Lens:
        """The same lens where a pixel counts as ``scale`` pixels."""
        return replace(self, focal=self.focal * scale, cx=self.cx * scale, cy=self.cy * scale)

    def project(self, points: Array) -> Array:
        """(K, 3) in the camera's frame to pixels (K, 2). Points must lie in front."""
        depth = -points[:, 2]
        x = self.cx + self.focal * points[:, 0] / depth
        return np.stack([x, self.cy - self.focal * points[:, 1] / depth], axis=-1)

    def derivative(self, points: Array) -> Array:
        """d pixels / d points: (K, 2, 3)."""
        depth = -points[:, 2]
        near = self.focal / depth
        result = np.zeros((len(points), 2, 3))
        result[:, 0, 0], result[:, 1, 1] = near, -near
        result[:, 0, 2] = near * points[:, 0] / depth
        result[:, 1, 2] = -near * points[:, 1] / depth
        return result

    def ray(self, xy: Array, depth: float) -> Array:
        """The point (3,) at a pixel and a depth in metres."""
        away = depth / self.focal
        return np.array([(xy[0] - self.cx) * away, (self.cy - xy[1]) * away, -depth])


@dataclass(frozen=True, eq=False)
class Observed:
    """2D joints of one person as the objective sees them.

    matrix: (K, P), which of the body's points each is the mean of. xy: (K, 2) px of the photo. weight: (K,), the
    joint's own times its confidence, in the data term. confidence: (K,). names: (K,). scale: counted pixels a pixel of
    the photo.
    """

    matrix: Array
    xy: Array
    weight: Array
    confidence: Array
    names: tuple[str, ...]
    scale: float

    @property
    def torso(self) -> Array:
        """The rows of shoulders and hips that are seen."""
        return np.array([k for k, name in enumerate(self.names) if name in TORSO and self.confidence[k] > _SEEN], int)


def observe(
    model: JointModel,
    names: Sequence[str],
    xy: Array,
    confidence: Array,
    *,
    scale: float = 0.0,
    hips: float = HIPS,
) -> Observed:
    """The joints of a person that the body has. xy: (K, 2) px. confidence: (K,), 0 for one that is not seen.

    scale: of another picture of the same film; 0 to have it from the person's size. hips: weight of the middle of the
    hips. Raises ExperimentError with a sentence where too few joints are seen.
    """
    names, xy, confidence = _with_middle(tuple(names), np.asarray(xy, np.float64), np.asarray(confidence, np.float64))
    mapped = map_joints(names, model.names)
    weight = np.where([name == _MIDDLE for name in mapped.names], hips, mapped.weight)
    sure = np.clip(confidence[mapped.rows], 0.0, 1.0)
    places = xy[mapped.rows]
    sure = np.where(np.isfinite(places).all(axis=1), sure, 0.0)
    places = np.where(sure[:, None] > 0.0, places, 0.0)
    seen = sum(name != _MIDDLE and w * c > _SEEN for name, w, c in zip(mapped.names, weight, sure, strict=True))
    if seen < _FEWEST:
        text = f"Only {seen} joints of the person are seen, and a body needs at least {_FEWEST}."
        raise ExperimentError(f"{text} Choose a photo that shows more of the person, or set joints by hand.")
    box = np.ptp(places[sure > _SEEN], axis=0)
    return Observed(
        mapped.matrix, places, weight * sure, sure, mapped.names, scale or TALL / max(float(box.max()), 1.0)
    )


def _with_middle(names: tuple[str, ...], xy: Array, confidence: Array) -> tuple[tuple[str, ...], Array, Array]:
    """With the middle of the hips, where the hips are seen and it is not."""
    sure = dict(zip(names, confidence, strict=True))
    if min(sure.get(name, 0.0) for name in TORSO[2:]) <= 0.0 or sure.get(_MIDDLE, 0.0) > 0.0:
        return names, xy, confidence
    keep = [number for number, name in enumerate(names) if name != _MIDDLE]
    hips = [names.index(name) for name in TORSO[2:]]
    kept = tuple(names[number] for number in keep)
    places = np.concatenate([xy[keep], xy[hips].mean(axis=0, keepdims=True)])
    return (*kept, _MIDDLE), places, np.append(confidence[keep], confidence[hips].min())
