"""Sequences of pictures to track an object in: made by the lab along a path, with all that makes real ones hard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.ndimage import gaussian_filter

from lab.pose.camera_view import NEAR, Lens
from lab.pose.model import Model, Shape
from lab.pose.variables import Pose
from lab.scene import Array

BACKGROUND = np.array([0.30, 0.33, 0.38], np.float32)
COVER = np.array([0.45, 0.36, 0.24], np.float32)
_SWEEP = 50
"""Pictures in which the bar crosses the whole picture."""
_FINE = 2  # pixels of the fine picture per pixel, each way


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture: rgb (H, W, 3) and mask (H, W) float32 in [0, 1]; truth: the view (4, 4), where it is known."""

    rgb: Array
    mask: Array
    truth: Array | None = None


class Sequence(Protocol):
    """Pictures in order. ``lens`` is the camera's, the same for all of them; lit: their light is the lab's own.

    size: (H, W) of the pictures as they were given, in whose pixels cameras are told.
    """

    lens: Lens
    lit: bool
    size: tuple[int, int]

    def __len__(self) -> int: ...

    def frame(self, number: int) -> Frame:
        """Picture ``number``, the same whenever it is asked for."""
        ...


@dataclass(frozen=True)
class Trouble:
    """What makes the pictures hard. noise: standard deviation of the colours. blur: pixels.

    occlusion: width of a passing bar, share of the picture's width. hidden: in so many pictures in the middle of the
    sequence nothing is seen.
    """

    noise: float = 0.0
    blur: float = 0.0
    occlusion: float = 0.0
    hidden: int = 0


class MadeSequence:
    """Pictures of ``model`` along ``views`` (N, 4, 4), see lab.pose.paths, made when they are asked for."""

    lit = True

    def __init__(self, model: Model, lens: Lens, views: Array, trouble: Trouble, seed: int) -> None:
        self.lens, self.views, self.size = lens, views, lens.size
        self._model, self._trouble, self._seed = model, trouble, seed

    def __len__(self) -> int:
        return len(self.views)

    def hidden(self, number: int) -> bool:
        """Whether the object is covered wholly in this picture."""
        first = max(2, (len(self) - self._trouble.hidden) // 2)
        return first <= number < first + self._trouble.hidden

    def frame(self, number: int) -> Frame:
        """See ``Sequence.frame``."""
        view = self.views[number]
        pose = self.lens.pose(view, self._model)
        rgb, alpha = seen_through(self.lens, self._model.shape, pose, NEAR * self._model.radius)
        rng = np.random.default_rng([self._seed, number])
        trouble = self._trouble
        for left, right in self._bars(number):
            rgb[:, left:right], alpha[:, left:right] = COVER, 0.0
        if trouble.blur > 0.0:
            rgb = gaussian_filter(rgb, (trouble.blur, trouble.blur, 0))
            alpha = gaussian_filter(alpha, trouble.blur)
        if trouble.noise > 0.0:
            rgb = rgb + trouble.noise * rng.standard_normal(rgb.shape, np.float32)
            ragged = gaussian_filter(rng.standard_normal(alpha.shape, np.float32), 0.7)
            alpha = alpha + 16.0 * trouble.noise * alpha * (1 - alpha) * ragged  # at the edge alone
        return Frame(np.clip(rgb, 0, 1).astype(np.float32), np.clip(alpha, 0, 1).astype(np.float32), view)

    def _bars(self, number: int) -> Iterator[tuple[int, int]]:
        width = self.lens.size[1]
        if self.hidden(number):
            yield 0, width
        elif self._trouble.occlusion > 0.0:
            bar = self._trouble.occlusion * width
            middle = (number % _SWEEP) / _SWEEP * (width + bar) - bar / 2
            left, right = round(middle - bar / 2), round(middle + bar / 2)
            if right > 0 and left < width:
                yield max(0, left), min(width, right)


def seen_through(lens: Lens, shape: Shape, pose: Pose, near: float) -> tuple[Array, Array]:
    """rgb (H, W, 3) before BACKGROUND, and the covered share of each pixel (H, W): means of a finer one, float32."""
    fine = Lens(lens.focal, (_FINE * lens.size[0], _FINE * lens.size[1]))
    image = fine.draw(shape, pose, near)
    filled = np.where(image.seen[..., None], image.rgb, BACKGROUND)
    return _means(filled), _means(image.seen.astype(np.float32))


def _means(fine: Array) -> Array:
    """The mean of each square of _FINE x _FINE pixels, float32."""
    height, width = fine.shape[0] // _FINE, fine.shape[1] // _FINE
    squares = fine.reshape(height, _FINE, width, _FINE, *fine.shape[2:])
    return np.asarray(squares.mean(axis=(1, 3)), np.float32)
