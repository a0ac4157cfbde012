"""What held-out views tell of a volume beyond their PSNR."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from lab.cameras.model import CameraModel
from lab.fields.judge import Judge, Verdict
from lab.fields.metrics import psnr
from lab.fields.trainer import Seen, Trainer
from lab.posed.images import PosedImages
from lab.scene import Array

_HALF = 0.5  # of opacity: from here on it is the object
_OPAQUE = 0.9


class VolumeJudge(Judge):
    """A Judge that also keeps what its last verdict saw. images, truths: as a Judge has them."""

    def __init__(self, images: PosedImages, truths: Array) -> None:
        super().__init__(images, truths)
        self.seen: list[Seen] = []

    def _judge(self, trainer: Trainer, count: int, alike: int) -> Verdict:
        self.seen = []
        return super()._judge(cast(Trainer, _Remembered(trainer, self.seen)), count, alike)

    @property
    def iou(self) -> float:
        """Of masks and what is opaque, over the views of the last verdict; NaN where no masks are known."""
        masks = self._images.alphas
        return math.nan if masks is None else mask_iou([seen.opacity for seen in self.seen], masks > 127)

    @property
    def shares(self) -> tuple[float, float]:
        """Of the pixels of the last verdict: how many are opaque, and how many are neither opaque nor clear."""
        opacity = np.stack([seen.opacity for seen in self.seen])
        opaque, clear = opacity >= _OPAQUE, opacity <= 1 - _OPAQUE
        return float(opaque.mean()), float(1.0 - (opaque | clear).mean())


class _Remembered:
    """A trainer whose views are put into a list."""

    def __init__(self, trainer: Trainer, seen: list[Seen]) -> None:
        self._trainer, self._seen = trainer, seen

    def render(self, camera: CameraModel) -> Seen:
        self._seen.append(self._trainer.render(camera))
        return self._seen[-1]


def mask_iou(opacities: Sequence[Array], masks: Array) -> float:
    """Intersection over union of what is at least half opaque and the masks (N, H, W) bool, the mean over the views.

    opacities: of the first views, (H, W) each, in [0, 1]. A view in which both are empty counts as 1.
    """
    found = []
    for opacity, mask in zip(opacities, masks, strict=False):
        opaque = opacity >= _HALF
        union = int((opaque | mask).sum())
        found.append(int((opaque & mask).sum()) / union if union else 1.0)
    return float(np.mean(found))


def fit_to(trainer: Trainer, images: PosedImages, truths: Array, pause: Callable[[], None]) -> tuple[float, float]:
    """PSNR, dB, and mask IoU (NaN without masks) over pictures, such as those trained on. truths: (N, H, W, 3) uint8.

    pause: asked before each view; what it raises is passed on.
    """
    errors, opacities = [], []
    for camera, truth in zip(images.cameras, truths, strict=True):
        pause()
        seen = trainer.render(camera)
        errors.append(psnr(seen.color, truth.astype(np.float32) / 255))
        opacities.append(seen.opacity)
    mean = -10.0 * math.log10(max(float(np.mean([10 ** (-error / 10) for error in errors])), 1e-12))
    return mean, math.nan if images.alphas is None else mask_iou(opacities, images.alphas > 127)
