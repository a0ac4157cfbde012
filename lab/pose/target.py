"""What the camera saw: mask and colours, at any resolution and in any window of the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree

from lab.scene import Array

_SMOOTH = 0.8  # pixels
SMALLEST = 16
"""Pixels of the short side below which the pyramid has no further level."""


@dataclass(frozen=True)
class Window:
    """A grid of square pixels over the image plane, NDC: pixel (row, col) has its centre at
    (left - (col + 0.5) step, top - (row + 0.5) step). size: (H, W).
    """

    left: float
    top: float
    step: float
    size: tuple[int, int]

    @classmethod
    def whole(cls, size: tuple[int, int]) -> Self:
        """All of an image of ``size`` (H, W), with its own pixels."""
        short = min(size)
        return cls(size[1] / short, size[0] / short, 2.0 / short, size)

    @property
    def middle(self) -> tuple[float, float]:
        """(x, y) of its middle, NDC."""
        return self.left - self.size[1] * self.step / 2, self.top - self.size[0] * self.step / 2


@dataclass(frozen=True, eq=False)
class Patch:
    """A window's share of the target. mask (h, w), rgb (h, w, 3) or None, valid (h, w): float32; valid is the share of
    each pixel that lies within the image.
    """

    window: Window
    mask: Array
    rgb: Array | None
    valid: Array

    @cached_property
    def contour(self) -> Array:
        """(M, 2) float64: points of the mask's outline, (column, row), where it crosses from pixel to pixel.

        Pixel centres are whole numbers. What lies at the image's border is no outline. The mask is smoothed a little,
        which takes the stairs of its pixels out of the outline.
        """
        found = []
        smooth = gaussian_filter(self.mask, _SMOOTH, mode="nearest")
        for axis in (0, 1):
            first, second = (np.moveaxis(smooth, axis, 0)[cut] for cut in (slice(None, -1), slice(1, None)))
            known = np.minimum(*(np.moveaxis(self.valid, axis, 0)[cut] for cut in (slice(None, -1), slice(1, None))))
            at, other = np.nonzero(((first > 0.5) != (second > 0.5)) & (known > 0.99))
            low, high = first[at, other].astype(np.float64), second[at, other]
            crossing = at + (0.5 - low) / (high - low)
            found.append(np.stack([other, crossing] if axis == 0 else [crossing, other], axis=1))
        return np.concatenate(found)

    @cached_property
    def field(self) -> Array:
        """(h, w) float64: the distance of each pixel from that outline, pixels; below 0 on the object."""
        if not len(self.contour):
            return np.where(self.mask > 0.5, -1.0, 1.0) * float(max(self.mask.shape))
        rows, columns = np.indices(self.mask.shape)
        apart, _ = cKDTree(self.contour).query(np.stack([columns, rows], axis=-1).reshape(-1, 2))
        inside = gaussian_filter(self.mask, _SMOOTH, mode="nearest") > 0.5
        return np.where(inside, -1.0, 1.0) * apart.reshape(self.mask.shape)


@dataclass(frozen=True, eq=False)
class Target:
    """An image. mask: (H, W) float32 in [0, 1], 1 on the object. rgb: (H, W, 3) float32 in [0, 1], or None.

    Raises ValueError for shapes that differ.
    """

    mask: Array
    rgb: Array | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mask", np.ascontiguousarray(self.mask, np.float32))
        if self.rgb is not None:
            object.__setattr__(self, "rgb", np.ascontiguousarray(self.rgb, np.float32))
            if self.rgb.shape != (*self.mask.shape, 3):
                raise ValueError(f"rgb: expected shape {(*self.mask.shape, 3)}, found {self.rgb.shape}")

    @property
    def size(self) -> tuple[int, int]:
        return self.mask.shape[0], self.mask.shape[1]

    @cached_property
    def levels(self) -> tuple[Target, ...]:
        """This image, and halved again and again down to SMALLEST while both sides are even: means of four pixels."""
        found = [self]
        while min(found[-1].size) // 2 >= SMALLEST and not any(side % 2 for side in found[-1].size):
            last = found[-1]
            found.append(Target(_halved(last.mask), None if last.rgb is None else _halved(last.rgb)))
        return tuple(found)

    @cached_property
    def distances(self) -> Array:
        """(H, W) float32, NDC: how far each pixel is from the mask's outline; below 0 on the object."""
        inside = self.mask > 0.5
        step = 2.0 / min(self.size)
        if inside.all() or not inside.any():
            return np.zeros(self.size, np.float32)
        apart = distance_transform_edt(~inside) - distance_transform_edt(inside)
        return np.asarray(step * (apart - 0.5 * np.sign(apart)), np.float32)

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(top, bottom, left, right) of the mask, pixels, the last ones excluded. Raises ValueError for no pixel."""
        rows, columns = (np.flatnonzero((self.mask > 0.5).any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            raise ValueError("mask: expected pixels of the object, found none")
        return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1

    @property
    def cut(self) -> bool:
        """Whether the object reaches the image's border, so that some of it may be beyond."""
        top, bottom, left, right = self.box
        return top == 0 or left == 0 or bottom == self.size[0] or right == self.size[1]

    def around(self, pixels: int, margin: float = 1.5) -> Window:
        """A square window of ``pixels`` x ``pixels`` about the mask, ``margin`` times as large, never finer than ours.

        One as fine as ours has our own pixels, and no more of them than it needs.
        """
        top, bottom, left, right = self.box
        whole = Window.whole(self.size)
        side = max(bottom - top, right - left) * margin * whole.step
        if side / pixels <= whole.step:
            half = int(np.ceil(side / whole.step / 2))
            column, row = (left + right) // 2 - half, (top + bottom) // 2 - half
            corner = whole.left - column * whole.step, whole.top - row * whole.step
            return Window(*corner, whole.step, (2 * half, 2 * half))
        step = side / pixels
        x, y = whole.left - (left + right) / 2 * whole.step, whole.top - (top + bottom) / 2 * whole.step
        return Window(x + pixels * step / 2, y + pixels * step / 2, step, (pixels, pixels))

    def patch(self, window: Window) -> Patch:
        """The target in a window: every pixel the mean of the area that it covers; 0 beyond the image."""
        whole = Window.whole(self.size)
        rows = (whole.top - window.top + window.step * np.arange(window.size[0] + 1)) / whole.step
        columns = (whole.left - window.left + window.step * np.arange(window.size[1] + 1)) / whole.step
        valid = _means(np.ones(self.size, np.float32), rows, columns)
        rgb = None
        if self.rgb is not None:
            channels = [_means(self.rgb[..., c], rows, columns) for c in range(3)]
            rgb = np.stack(channels, axis=-1) / np.maximum(valid, 1e-6)[..., None]
            rgb = np.ascontiguousarray(rgb, np.float32)
        return Patch(window, _means(self.mask, rows, columns), rgb, valid)


def _halved(values: Array) -> Array:
    return np.asarray((values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4, np.float32)


def _means(values: Array, rows: Array, columns: Array) -> Array:
    """The means of an image over boxes with fractional edges (pixels), by its integral image; 0 beyond the image."""
    integral = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    integral[1:, 1:] = values.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    across = _sampled(_sampled(integral, rows, 0), columns, 1)
    area = (rows[1] - rows[0]) * (columns[1] - columns[0])
    return np.asarray(np.diff(np.diff(across, axis=0), axis=1) / area, np.float32)


def _sampled(values: Array, at: Array, axis: int) -> Array:
    """``values`` at fractional indices along an axis, linear between, constant beyond."""
    last = values.shape[axis] - 1
    at = np.clip(at, 0, last)
    low = np.minimum(at.astype(np.int64), last - 1)
    share = at - low
    share = share[:, None] if axis == 0 else share[None, :]
    return np.asarray(values.take(low, axis) * (1 - share) + values.take(low + 1, axis) * share)
