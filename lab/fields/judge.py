"""How good a field is on pictures that it was not trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.fields.metrics import psnr, ssim
from lab.fields.trainer import Seen, Trainer
from lab.posed.images import PosedImages
from lab.scene import Array

_QUICK_PIXELS = 50_000
_BRIGHTER = 4.0


@dataclass(frozen=True)
class Verdict:
    """Of several views: PSNR of all pixels and of the object's, dB; SSIM, or NaN where it was not looked at."""

    psnr: float
    psnr_object: float
    ssim: float = math.nan

    @property
    def metrics(self) -> dict[str, float]:
        """By the names of the curves, those that are known."""
        every = {"psnr": self.psnr, "psnr_object": self.psnr_object, "ssim": self.ssim}
        return {name: value for name, value in every.items() if not math.isnan(value)}


class Judge:
    """Compares a field's views with held-out pictures.

    truths: (N, H, W, 3) uint8, over what the field has behind it. images: the pictures, with their cameras and alphas.
    """

    def __init__(self, images: PosedImages, truths: Array) -> None:
        self._images = images
        self._truths = truths.astype(np.float32) / 255
        pixels = truths.shape[1] * truths.shape[2]
        self._quick = max(1, min(len(images), _QUICK_PIXELS // pixels))

    def __len__(self) -> int:
        return len(self._images)

    @property
    def black(self) -> float:
        """The PSNR of black pictures."""
        return psnr(np.zeros_like(self._truths), self._truths)

    def quick(self, trainer: Trainer) -> Verdict:
        """A verdict on a few views; SSIM of one."""
        return self._judge(trainer, self._quick, 1)

    def thorough(self, trainer: Trainer) -> Verdict:
        """A verdict on all views."""
        return self._judge(trainer, len(self), len(self))

    def _judge(self, trainer: Trainer, count: int, alike: int) -> Verdict:
        views = np.stack([trainer.render(camera).color for camera in self._images.cameras[:count]])
        truths, alphas = self._truths[:count], self._images.alphas
        where = None if alphas is None else alphas[:count] > 127
        inside = psnr(views, truths, where) if where is not None and where.any() else math.nan
        likeness = np.mean([ssim(views[i], truths[i]) for i in range(alike)])
        return Verdict(psnr(views, truths), inside, float(likeness))

    def compare(self, trainer: Trainer, index: int) -> tuple[Seen, Array, Array, Array]:
        """A held-out view: as the field sees it; and for the screen, (H, W, 3) uint8 each: that, truth, difference."""
        seen = trainer.render(self._images.cameras[index])
        truth = self._truths[index]
        apart = np.abs(seen.color - truth) * _BRIGHTER
        return seen, _bytes(seen.color), _bytes(truth), _bytes(apart)


def _bytes(colors: Array) -> Array:
    return np.asarray((np.clip(colors, 0.0, 1.0) * 255 + 0.5).astype(np.uint8))
