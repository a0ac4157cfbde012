"""Names what goes wrong with volumes: walls, fog, things that float, and samples that end too early."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import label

from lab.experiment import Notice
from lab.fields import doctor
from lab.posed.images import PosedImages
from lab.scene import Array, Field
from lab.volumes.reconstruct.quality import VolumeJudge
from lab.volumes.reconstruct.slices import opacities

_PATIENCE = 100  # steps before it says anything
_FOG = 0.25  # of the pixels
_WALL, _WRONG = 0.8, 0.5  # of the pixels; of the mask IoU
_OPAQUE = 0.3  # of the light, by a voxel
_FLOATING = 0.02  # of the opaque voxels
_APART = np.ones((3, 3, 3), int)  # voxels that touch at a corner hold together


class EmptyDoctor(doctor.Doctor):
    """The doctor of all fields, who does not call a volume black that hides everything: that may score like it."""

    def __init__(self, judge: VolumeJudge) -> None:
        super().__init__(judge.black)
        self._judge = judge

    def look(self, step: int, psnr: float) -> Iterator[Notice]:
        """What there is to say after a step whose verdict was the judge's last one."""
        if self._judge.shares[0] < _WALL:
            yield from super().look(step, psnr)


class Doctor:
    """Looks at the volume now and then, and says each thing once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def look(self, step: int, opaque: float, fog: float, iou: float, field: Field) -> Iterator[Notice]:
        """What there is to say after a step.

        opaque, fog: the shares of pixels that are opaque, and that are neither opaque nor clear. iou: of the masks, or
        NaN.
        """
        if step < _PATIENCE:
            return
        if opaque > _WALL and iou < _WRONG and self._first("wall"):
            yield Notice(
                step,
                "warning",
                f"The volume is a wall: {opaque:.0%} of the pixels are opaque, whatever the masks say.",
                "What is opaque at first hides what is behind it, which then gets no gradient. Begin with thin fog: a "
                "first density of -4 or less.",
            )
        if fog > _FOG and self._first("fog"):
            yield Notice(
                step,
                "warning",
                f"The volume is still fog: {fog:.0%} of the pixels are neither opaque nor clear.",
                "Use masks, or let it train longer; where pictures show more than the object, learn their background. "
                "Where cameras are not exact or pictures few, fog is the best compromise that there is.",
            )
        pieces, share = floaters(field)
        if share > _FLOATING and self._first("floaters"):
            yield Notice(
                step,
                "info",
                f"{'1 piece floats' if pieces == 1 else f'{pieces} pieces float'} beside the largest one, {share:.0%} "
                "of what is opaque.",
                "An object of several parts is all right. Else these hang where few cameras look, or before one camera "
                "alone: more views, masks or a larger weight of the mask take them away. The mesh leaves them out.",
            )

    def _first(self, name: str) -> bool:
        """Whether this was never said; it is now."""
        new = name not in self._said
        self._said.add(name)
        return new


def floaters(field: Field) -> tuple[int, float]:
    """How many connected pieces of opaque voxels there are beside the largest one, and their share of all of them."""
    names, count = label(opacities(field) > _OPAQUE, structure=_APART)
    if count < 2:
        return 0, 0.0
    sizes = np.bincount(names.reshape(-1))[1:]
    return count - 1, float(1.0 - sizes.max() / sizes.sum())


def unseen(images: PosedImages, near: float, far: float) -> Iterator[Notice]:
    """What there is to say before the first step. near, far: of the samples, metres along the optical axis."""
    first, last = depth_range(images, images.lower, images.upper)
    if far < first or near > last:
        yield Notice(
            0,
            "warning",
            f"No sample meets the object: they go from {near:g} to {far:g} m, and its box from {first:.2f} to "
            f"{last:.2f} m before the cameras.",
            "Choose depths around the volume.",
        )
    elif far < last - 0.05 * (last - first):
        yield Notice(
            0,
            "info",
            f"Samples end {far:g} m before a camera, and the object's box {last:.2f} m: no view samples its far side.",
            "This works as long as the near side is opaque and other cameras see the far one. Depths around the volume "
            "also spend no samples on what is empty for certain.",
        )


def depth_range(images: PosedImages, lower: Array, upper: Array) -> tuple[float, float]:
    """Nearest and farthest depth, metres along the optical axes of all cameras, of a box's corners (3,), (3,)."""
    sides = np.stack([lower, upper])
    corners = np.array([[sides[a, 0], sides[b, 1], sides[c, 2]] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    depths = [-(corners - camera.center) @ camera.rotation[:, 2] for camera in images.cameras]
    return float(np.min(depths)), float(np.max(depths))
