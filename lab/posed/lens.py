"""Lenses as files of posed pictures describe them, and how their distortion is taken out of a picture.

A point (x, y, 1) before the camera, in OpenCV's axes (x right, y down), is moved to (x', y') and lands on the pixel
(fx x' + cx, fy y' + cy). Sources: OpenCV's ``calib3d`` ("brown") and ``fisheye`` models, COLMAP's ``models.h``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from lab.posed.images import PosedError
from lab.scene import Array

Kind = Literal["brown", "fisheye"]

_MOST_ZOOM = 3.0
"""A picture whose distortion needs a stronger zoom than this to fill the frame has coefficients that make no sense."""


@dataclass(frozen=True)
class Lens:
    """A lens for pictures of ``width`` x ``height`` pixels; both 0: not known yet, take the picture's own.

    fx, fy, cx, cy: pixels; 0 for fx: ``angle_x`` (radians, over the width) says it; fy 0: as fx; cx, cy None: the
    middle. kind "brown": k1, k2, k3 and k4, k5, k6 (radial, the last three divide), p1, p2 (tangential); "fisheye": k1
    to k4, of powers of the angle.
    """

    fx: float = 0.0
    fy: float = 0.0
    cx: float | None = None
    cy: float | None = None
    width: int = 0
    height: int = 0
    angle_x: float = 0.0
    kind: Kind = "brown"
    k: tuple[float, ...] = ()
    p: tuple[float, float] = (0.0, 0.0)

    @property
    def distorts(self) -> bool:
        """Whether it is any other than a pinhole."""
        return self.kind == "fisheye" or any(self.k) or any(self.p)

    def sized(self, width: int, height: int) -> Self:
        """With everything known, for a picture of this size: of its own aspect, whatever the resolution.

        Raises PosedError for a picture of another shape, and for numbers that no lens has.
        """
        own = (self.width or width, self.height or height)
        fx = self.fx or (0.5 * own[0] / math.tan(self.angle_x / 2) if 0 < self.angle_x < math.pi else 0.0)
        fy = self.fy or fx
        cx = own[0] / 2 if self.cx is None else self.cx
        cy = own[1] / 2 if self.cy is None else self.cy
        numbers = (fx, fy, cx, cy, *self.k, *self.p)
        if not all(map(math.isfinite, numbers)) or min(fx, fy) <= 0:
            raise PosedError("its focal length is missing or is no positive number")
        x, y = width / own[0], height / own[1]
        if abs(width - own[0] * y) > 1.5 + 0.002 * width and abs(height - own[1] * x) > 1.5 + 0.002 * height:
            raise PosedError(f"the picture is {width} x {height}, but its camera is for {own[0]} x {own[1]}")
        if not (-own[0] <= cx <= 2 * own[0] and -own[1] <= cy <= 2 * own[1]):
            raise PosedError(f"its principal point ({cx:g}, {cy:g}) is far outside of the picture")
        return replace(self, fx=fx * x, fy=fy * y, cx=cx * x, cy=cy * y, width=width, height=height, angle_x=0.0)

    def distorted(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Where the points (x, y, 1) are moved to by the lens."""
        k = (*self.k, *([0.0] * 6))[:6]
        square = x * x + y * y
        if self.kind == "fisheye":
            r = np.sqrt(square)
            angle = np.arctan(r)
            power = angle * angle
            bent = angle * (1 + power * (k[0] + power * (k[1] + power * (k[2] + power * k[3]))))
            factor = np.where(r > 1e-9, bent / np.maximum(r, 1e-9), 1.0)
            return x * factor, y * factor
        above = 1 + square * (k[0] + square * (k[1] + square * k[2]))
        below = 1 + square * (k[3] + square * (k[4] + square * k[5]))
        factor, (p1, p2) = above / below, self.p
        return (
            x * factor + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * factor + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
        )

    def source(self, pinhole: Lens, x: Array, y: Array) -> tuple[Array, Array]:
        """The pixels of this lens's picture that show what ``pinhole`` shows at the pixels (x, y)."""
        middle = _middle(pinhole)
        at = self.distorted((x - middle[0]) / pinhole.fx, (y - middle[1]) / pinhole.fy)
        own = _middle(self)
        return self.fx * at[0] + own[0], self.fy * at[1] + own[1]

    def pinhole(self) -> Lens:
        """The pinhole of the same size and principal point whose picture this lens's fills without blank corners.

        Its focal length is as little longer as that takes. Raises PosedError for coefficients that make no sense.
        """
        plain = replace(self, kind="brown", k=(), p=(0.0, 0.0))
        zoom = 1.0
        while zoom < _MOST_ZOOM:
            wider = replace(plain, fx=plain.fx * zoom, fy=plain.fy * zoom)
            if self._fills(wider):
                return wider
            zoom *= 1.01
        raise PosedError("its distortion coefficients make no sense: no part of the picture could be straightened")

    def _fills(self, pinhole: Lens) -> bool:
        """Whether the edge of the pinhole's picture comes from within this one's."""
        w, h = self.width, self.height
        along, down = np.linspace(0, w, 33), np.linspace(0, h, 33)
        x = np.concatenate([along, along, np.zeros(33), np.full(33, w)])
        y = np.concatenate([np.zeros(33), np.full(33, h), down, down])
        u, v = self.source(pinhole, x, y)
        slack = 0.5  # pixels, which clamping fills
        return bool(((u >= -slack) & (u <= w + slack) & (v >= -slack) & (v <= h + slack)).all())


def _middle(lens: Lens) -> tuple[float, float]:
    return (
        lens.width / 2 if lens.cx is None else lens.cx,
        lens.height / 2 if lens.cy is None else lens.cy,
    )


class Straightener:
    """Takes pictures (H, W, C) uint8 of one lens to those of its ``pinhole``; between pixels it is bilinear.

    lens: sized for the pictures. Raises PosedError for coefficients that make no sense.
    """

    def __init__(self, lens: Lens) -> None:
        self.pinhole = lens.pinhole()
        w, h = lens.width, lens.height
        x, y = np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)
        u, v = lens.source(self.pinhole, x, y)
        u, v = np.clip(u - 0.5, 0, w - 1), np.clip(v - 0.5, 0, h - 1)
        left, top = np.minimum(u.astype(np.intp), max(w - 2, 0)), np.minimum(v.astype(np.intp), max(h - 2, 0))
        self._first = top * w + left
        self._across, self._down = min(1, w - 1), min(1, h - 1) * w
        self._s, self._t = (u - left).astype(np.float32)[..., None], (v - top).astype(np.float32)[..., None]

    def __call__(self, pixels: Array) -> Array:
        """(H, W, C) uint8."""
        flat = pixels.reshape(-1, pixels.shape[2])
        first, s, t = self._first, self._s, self._t
        upper = flat[first] * (1 - s) + flat[first + self._across] * s
        lower = flat[first + self._down] * (1 - s) + flat[first + self._down + self._across] * s
        return np.asarray((upper * (1 - t) + lower * t + 0.5).astype(np.uint8))
