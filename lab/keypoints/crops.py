"""Squares cut out of a picture, turned and scaled to the size that a network wants."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lab.scene import Array


@dataclass(frozen=True)
class Crop:
    """A square of a picture. x, y: its middle; side: pixels; angle: radians, clockwise on the screen as y is down."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    @classmethod
    def upright(cls, middle: Array, top: Array, margin: float) -> Crop:
        """About ``middle`` and turned so that ``top`` is above it; ``margin``: half a side, in their distance."""
        across, up = (float(value) for value in np.subtract(top, middle))
        side = 2.0 * margin * math.hypot(across, up)
        return cls(float(middle[0]), float(middle[1]), side, math.atan2(across, -up))

    def matrix(self) -> Array:
        """(2, 3) float64: from the square, whose corners are (0, 0) and (1, 1), to the picture's pixels."""
        cos, sin = self.side * math.cos(self.angle), self.side * math.sin(self.angle)
        linear = np.array([[cos, -sin], [sin, cos]])
        return np.concatenate([linear, (np.array([self.x, self.y]) - linear @ [0.5, 0.5])[:, None]], axis=1)

    def to_picture(self, points: Array) -> Array:
        """(..., 2) points of the square in the picture's pixels."""
        matrix = self.matrix()
        return points @ matrix[:, :2].T + matrix[:, 2]

    def box(self) -> Array:
        """(4,) float64: left, top, right, bottom of the square's corners."""
        corners = self.to_picture(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


class Halves:
    """A picture and its halves, made when they are first needed: a small crop of a large photo is smooth then."""

    def __init__(self, pixels: Array) -> None:
        """pixels: (H, W, 3) uint8, sRGB, row 0 at the top."""
        self.size = pixels.shape[0], pixels.shape[1]
        self._levels = [Image.fromarray(np.ascontiguousarray(pixels), "RGB")]

    def cut(self, crop: Crop, count: int) -> Array:
        """(count, count, 3) float32 in [0, 1]: the square with ``count`` pixels a side; black beyond the picture."""
        level = max(0, math.floor(math.log2(max(crop.side / count, 1.0))))
        image = self._level(level)
        # a level's pixels are not exactly as many as the picture's halved where those were odd
        scale = np.array([[image.width / self.size[1]], [image.height / self.size[0]]])
        matrix = crop.matrix() * scale
        matrix[:, :2] /= count
        taken = image.transform(
            (count, count), Image.Transform.AFFINE, tuple(matrix.reshape(-1)), Image.Resampling.BILINEAR
        )
        return np.asarray(taken, np.float32) / np.float32(255.0)

    def _level(self, wanted: int) -> Image.Image:
        while len(self._levels) <= wanted and min(self._levels[-1].size) > 1:
            self._levels.append(self._levels[-1].reduce(2))
        return self._levels[min(wanted, len(self._levels) - 1)]
