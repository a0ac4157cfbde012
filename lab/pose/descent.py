"""Levenberg-Marquardt on a pose: from near the true one, ten steps reach what Adam needs hundreds for.

The residuals are the distances between the two outlines, each asking for the other, and the differences of colour
within them. A soft silhouette would not do: many small faces make it wider than the object by up to its blur radius,
which moves the camera nearer by several percent in a small picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lab.pose.model import Shape
from lab.pose.normal_kernels import COUNT, blank, color_normal, hard_faces, project
from lab.pose.outline_kernels import outline, outline_normal
from lab.pose.target import Patch
from lab.pose.variables import Pose
from lab.scene import Array

FOCAL_PRIOR = 1e-2
"""Pulls the logarithm of the focal length to where it is, times the contour's points: it and the distance are nearly
one number."""
_STIFFEST = 1e7
_SPACING = 1.0  # pixels between samples of an outline
_MOST_SAMPLES = 4096
_COLOR_SCALE = 0.15
"""Of the robust cost of colours: at the edge of what is in front, a pixel off is as good as a hundred off."""


@dataclass(frozen=True)
class Weights:
    """outline: of squared distances between the outlines, pixels². color: of squared differences, summed."""

    outline: float = 1.0
    color: float = 0.0


@dataclass(frozen=True, eq=False)
class Normal:
    """A pose with its cost and normal equations. matrix (7, 7), vector (7,). overlap: intersection over union of what
    is covered and the mask. color: root mean square of the colours' differences over the pixels of both; None without.
    """

    pose: Pose
    cost: float
    matrix: Array
    vector: Array
    overlap: float
    color: float | None


@dataclass(frozen=True, eq=False)
class Problem:
    """A shape before a patch of the target. scale: pixels of the patch, of the robust cost of the outlines' distances.
    pivot, unit: see FreePose. zoom: whether the focal length is free.
    """

    shape: Shape
    patch: Patch
    pivot: Array
    unit: float
    scale: float = 3.0
    zoom: bool = False
    weights: Weights = field(default_factory=Weights)

    def examine(self, pose: Pose) -> Normal:
        """Cost and normal equations at a pose."""
        window, patch, shape = self.patch.window, self.patch, self.shape
        place, near = (window.left, window.top, window.step), 1e-3 * self.unit
        ndc, jac = project(shape.verts, pose.R, pose.T, pose.focal, pose.principal, self.pivot, self.unit)
        found, where = hard_faces(ndc, shape.faces, *place, *window.size, near)
        ends, places = np.empty((_MOST_SAMPLES, 2), np.int32), np.empty((_MOST_SAMPLES, 6))
        count = outline(ndc, *shape.wings, *place, found, near, _SPACING, ends, places)
        matrix, vector = blank()
        cost = outline_normal(
            jac,
            ends[:count],
            places[:count],
            window.step,
            patch.field,
            patch.valid,
            patch.contour,
            self.scale,
            self.weights.outline,
            matrix,
            vector,
        )
        color = None
        if self.weights.color > 0.0 and patch.rgb is not None:
            weight = self.weights.color
            more, pixels = color_normal(
                ndc,
                jac,
                shape.faces,
                shape.colors,
                found,
                where,
                patch.mask,
                patch.rgb,
                weight,
                matrix,
                vector,
                _COLOR_SCALE,
            )
            cost += more
            color = float(np.sqrt(more / weight / max(3 * pixels, 1)))
        full = np.tril(matrix) + np.tril(matrix, -1).T
        return Normal(pose, float(cost), full, vector, self._overlap(found), color)

    def _overlap(self, found: Array) -> float:
        seen = (found >= 0) * self.patch.valid
        shared = float((seen * self.patch.mask).sum())
        return shared / max(float(seen.sum() + self.patch.mask.sum()) - shared, 1e-9)


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent stands. damping: Levenberg's, relative to the diagonal. steps: taken so far, also in vain."""

    here: Normal
    damping: float = 1e-2
    steps: int = 0
    done: bool = False

    @classmethod
    def start(cls, problem: Problem, pose: Pose) -> Descent:
        """Before the first step."""
        return cls(problem.examine(pose))

    def advanced(self, problem: Problem) -> Descent:
        """One step; a step that does not lower the cost is taken back, and the damping raised."""
        if self.done:
            return self
        delta = self._solve(problem)
        trial = _tried(problem, self.here.pose, delta)
        if trial is None or not trial.cost < self.here.cost:
            damping = self.damping * 8.0
            return replace(self, damping=damping, steps=self.steps + 1, done=damping > _STIFFEST)
        small = self.here.cost - trial.cost < 1e-4 * self.here.cost and float(np.abs(delta).max()) < 1e-3
        return Descent(trial, max(self.damping / 5.0, 1e-6), self.steps + 1, small)

    def _solve(self, problem: Problem) -> Array:
        """The seven numbers of the next step, no longer than can be believed."""
        free = COUNT if problem.zoom else COUNT - 1
        matrix, vector = self.here.matrix[:free, :free].copy(), self.here.vector[:free]
        if problem.zoom:
            matrix[6, 6] += FOCAL_PRIOR * len(problem.patch.contour) * problem.weights.outline
        diagonal = np.diagonal(matrix)
        matrix += np.diag(self.damping * diagonal + 1e-9 * max(float(diagonal.max(initial=0.0)), 1e-12))
        delta = np.zeros(COUNT)
        try:
            delta[:free] = -np.linalg.solve(matrix, vector)
        except np.linalg.LinAlgError:
            return delta
        longest = float(np.linalg.norm(delta[:3])), float(np.linalg.norm(delta[3:6]))
        return np.asarray(delta / max(1.0, longest[0] / 0.5, longest[1] / 1.0, abs(delta[6]) / 0.3))


def _tried(problem: Problem, pose: Pose, delta: Array) -> Normal | None:
    """The pose moved by the seven numbers, examined; None when it is nowhere to be."""
    if not (np.isfinite(delta).all() and delta.any()):
        return None
    moved = pose.turned(delta[:3], problem.unit * delta[3:6], problem.pivot, float(delta[6]))
    if moved.view(problem.pivot)[2] < 0.3 * problem.unit:
        return None
    return problem.examine(moved)


def descend(problem: Problem, pose: Pose, steps: int) -> Descent:
    """``steps`` steps from a pose, or fewer when it stands."""
    state = Descent.start(problem, pose)
    for _ in range(steps):
        if state.done:
            break
        state = state.advanced(problem)
    return state


def state_of(pose: Pose) -> dict[str, Any]:
    """A pose for a checkpoint."""
    return {"R": pose.R.copy(), "T": pose.T.copy(), "focal": pose.focal.copy(), "principal": pose.principal.copy()}


def pose_of(state: Any) -> Pose:
    """A pose from a checkpoint."""
    return Pose(*(np.array(state[name], np.float64) for name in ("R", "T", "focal", "principal")))
