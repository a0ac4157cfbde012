"""From the pose of one picture to that of the next: a few Levenberg-Marquardt steps on outline and colours.

Where the pose says object and the mask says none, deep within the outline, something covers the object: there neither
the mask's edge nor the missing colours count. The steps come from lab.pose.descent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt, label

from lab.pose.camera_view import NEAR, Lens
from lab.pose.descent import Problem, Weights, descend
from lab.pose.model import Model, Shape
from lab.pose.sequences import Frame
from lab.pose.target import Patch, Target
from lab.pose.variables import Pose

WIDE = 4.0
"""The first half of the steps sees outlines this many times farther apart than the last ones."""
COLOR_GAIN = 20.0
"""Square pixels of outline that a colour's squared difference weighs: of 10 %, a fifth of one."""
_LEAST_DEEP, _DEEP = 2.5, 0.024
"""Pixels, and of the picture's short side: a hole in the mask that reaches so deep below the outline is something in
front."""


@dataclass(frozen=True)
class Following:
    """How a picture is followed. outline, color: weights. reach: distance of outlines, pixels, beyond which they hardly
    count more. robust: covered parts do not count. steps: at most.
    """

    outline: float = 1.0
    color: float = 1.0
    reach: float = 2.0
    robust: bool = True
    steps: int = 6


@dataclass(frozen=True, eq=False)
class Followed:
    """A pose, and how well it fits. iou: of the silhouettes where nothing is known to cover the object. outline: robust
    squared distance of the outlines, pixels², mean over the mask's. color: root mean square difference of the colours,
    None without. covered: the share of the object that is.
    """

    pose: Pose
    iou: float
    outline: float
    color: float | None
    covered: float


class Follower:
    """Follows one shape of a model, with pictures through one lens. Keeps nothing between calls."""

    def __init__(self, model: Model, shape: Shape, lens: Lens) -> None:
        self._model, self._shape, self.lens = model, shape, lens
        self._near = NEAR * model.radius

    def follow(self, pose: Pose, frame: Frame, how: Following, *, colors: bool) -> Followed:
        """The pose nearest to ``pose`` that fits the picture. colors: whether its colours can be compared.

        The mask must not be empty.
        """
        patch = whole = self._patch(frame, colors)
        first, last = how.steps // 2, how.steps - how.steps // 2
        covered = 0.0
        if how.robust:
            patch, _ = self._uncovered(whole, pose)
        pose = descend(self._problem(patch, how, WIDE * how.reach), pose, first).here.pose
        if how.robust:
            patch, covered = self._uncovered(whole, pose)
        problem = self._problem(patch, how, how.reach)
        here = descend(problem, pose, last).here
        alone = replace(problem, weights=Weights(1.0, 0.0)).examine(here.pose)
        outline = alone.cost / max(1, len(patch.contour))
        return Followed(here.pose, self._overlap(here.pose, patch), outline, here.color, covered)

    def _patch(self, frame: Frame, colors: bool) -> Patch:
        return Target(frame.mask, frame.rgb if colors else None).patch(self.lens.window)

    def _problem(self, patch: Patch, how: Following, scale: float) -> Problem:
        # a pixel of difference between outlines weighs as much as COLOR_GAIN of difference between colours
        weights = Weights(how.outline, COLOR_GAIN * how.color)
        return Problem(self._shape, patch, self._model.center, self._model.radius, scale, weights=weights)

    def _overlap(self, pose: Pose, patch: Patch) -> float:
        """Intersection over union of the object at ``pose`` and the mask, over the pixels that count."""
        counts = patch.valid > 0.5
        seen = self.lens.draw(self._shape, pose, self._near).seen & counts
        inside = (patch.mask > 0.5) & counts
        return float((seen & inside).sum()) / max(1.0, float((seen | inside).sum()))

    def _uncovered(self, patch: Patch, pose: Pose) -> tuple[Patch, float]:
        """The patch without what covers the object at ``pose``, and the share that is covered."""
        seen = self.lens.draw(self._shape, pose, self._near).seen
        hole = seen & (patch.mask < 0.5)
        if not hole.any():
            return patch, 0.0
        depth = distance_transform_edt(seen)
        parts, count = label(hole)
        deepest = np.zeros(count + 1)
        np.maximum.at(deepest, parts.ravel(), depth.ravel())
        deepest[0] = 0.0
        hole = (deepest > max(_LEAST_DEEP, _DEEP * min(self.lens.size)))[parts]
        if not hole.any():
            return patch, 0.0
        out = binary_dilation(hole, iterations=2)
        valid = np.where(out, np.float32(0), patch.valid)
        return replace(patch, valid=valid), float(np.count_nonzero(hole) / np.count_nonzero(seen))
