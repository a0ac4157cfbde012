"""What a camera makes of an object: whether it lies in front, in the image, and upright. Evidence about a matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.projection import pixels
from lab.scene import Array

_STEEP = 0.05  # sine of the angle between view and vertical below which no side is up
_ALL, _SOME = 0.99, 0.5


@dataclass(frozen=True)
class Sight:
    """in_front, in_image: shares of the object's points, 0 to 1.

    roll_deg: by how much the world's up is turned in the image, counter-clockwise, degrees; None when the camera looks
    straight up or down, where no side of the image is up.
    """

    in_front: float
    in_image: float
    roll_deg: float | None

    @property
    def upright(self) -> float:
        """1 when the world's up points up in the image, 0 when it points down, 0.5 when that cannot be said."""
        return 0.5 if self.roll_deg is None else (1 + math.cos(math.radians(self.roll_deg))) / 2

    @property
    def score(self) -> float:
        """How believable the camera is, 0 to 1. Cameras look at what they were made for, and mostly stand upright."""
        return self.in_front * (0.2 + 0.8 * self.in_image) * (0.4 + 0.6 * self.upright)

    @property
    def fits(self) -> bool:
        """Whether the object is in front, mostly in the image, and not upside down."""
        return self.in_front >= _ALL and self.in_image >= _SOME and self.upright >= 0.5

    def words(self) -> str:
        """The same in words."""
        if self.in_front <= 1 - _ALL:
            return "the object is behind the camera"
        if self.in_front < _ALL:
            return f"the camera stands within the object: {self.in_front:.0%} of it is in front"
        place = "in the image"
        if self.in_image <= 1 - _ALL:
            place = "beside the image"
        elif self.in_image < _ALL:
            place = f"{self.in_image:.0%} in the image"
        return f"{place}, {self._roll_words()}"

    def _roll_words(self) -> str:
        if self.roll_deg is None:
            return "seen from straight above or below"
        turn = abs(self.roll_deg)
        if turn < 30:
            return "upright"
        return "upside down" if turn > 150 else f"tilted by {turn:.0f}°"


def look(camera: CameraModel, points: Array) -> Sight:
    """What ``camera`` sees of an object's points (N, 3), N > 0, world."""
    at, depth = pixels(camera, points)
    front = depth > 0
    with np.errstate(invalid="ignore"):
        inside = front & ((at >= 0) & (at <= np.array([camera.width, camera.height]))).all(axis=1)
    right, up = camera.rotation[1, 0], camera.rotation[1, 1]  # the world's Y in the camera's right and up
    roll = None if math.hypot(right, up) < _STEEP else math.degrees(math.atan2(-right, up))
    return Sight(float(front.mean()), float(inside.mean()), roll)
