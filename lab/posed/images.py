"""Posed images: what volumes and radiance fields are reconstructed from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from lab.cameras.model import CameraModel
from lab.scene import Array, Points


class PosedError(ValueError):
    """Posed images that cannot be used; the message says what is wrong, where, and what to do."""


@dataclass(frozen=True, eq=False)
class PosedImages:
    """Pictures of one size, each with its pinhole camera; none of them has distortion.

    pixels: (N, H, W, 3) uint8 sRGB, row 0 at the top; under an alpha of less than 255 not yet mixed with anything.
    alphas: (N, H, W) uint8, how much of each pixel the object covers, or None where nobody knows.
    cameras: N of them, with width W and height H. names: of the pictures, for tables and messages.
    held_out: (N,) bool, which pictures judge and are never trained on.
    lower, upper: (3,) float64, world: the box in which the object is looked for.
    points: what a reconstruction of the cameras knows of the scene, or None.
    remarks: sentences on what was skipped, resized or guessed.
    Raises PosedError when the counts or sizes do not fit.
    """

    pixels: Array
    alphas: Array | None
    cameras: tuple[CameraModel, ...]
    names: tuple[str, ...]
    held_out: Array
    lower: Array
    upper: Array
    points: Points | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count, height, width = self.pixels.shape[:3]
        shapes = (len(self.cameras), len(self.names), len(self.held_out))
        if self.pixels.ndim != 4 or self.pixels.shape[3] != 3 or shapes != (count,) * 3:
            raise PosedError(f"{count} pictures, but {shapes[0]} cameras, {shapes[1]} names and {shapes[2]} marks")
        if self.alphas is not None and self.alphas.shape != (count, height, width):
            raise PosedError(f"alphas: expected shape {(count, height, width)}, found {self.alphas.shape}")
        if any((camera.width, camera.height) != (width, height) for camera in self.cameras):
            raise PosedError(f"a camera is for pictures of another size than {width} x {height}")

    def __len__(self) -> int:
        return len(self.pixels)

    def some(self, chosen: Array) -> Self:
        """The pictures ``chosen``: (N,) bool, or (M,) int."""
        indices = np.arange(len(self))[chosen]
        return replace(
            self,
            pixels=self.pixels[indices],
            alphas=None if self.alphas is None else self.alphas[indices],
            cameras=tuple(self.cameras[i] for i in indices),
            names=tuple(self.names[i] for i in indices),
            held_out=self.held_out[indices],
        )

    def in_box(self, one: npt.ArrayLike, other: npt.ArrayLike) -> Self:
        """With another box, given by two opposite corners, (3,) each. Raises PosedError for one without volume."""
        lower, upper = np.minimum(one, other), np.maximum(one, other)
        if not (lower < upper).all():
            raise PosedError("The box has no volume: its two corners are in one plane. Drag one of them away.")
        return replace(self, lower=lower, upper=upper)

    @property
    def training(self) -> Self:
        """The pictures that are trained on."""
        return self.some(~self.held_out)

    @property
    def judging(self) -> Self:
        """The pictures that are held out."""
        return self.some(self.held_out)
