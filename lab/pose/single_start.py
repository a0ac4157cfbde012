"""One run of an optimiser from one starting camera, as the course makes it: no second start, no search.

Adam (Kingma, Ba 2015) goes down the sum of squared differences of the soft silhouette and the mask, with the course's
three numbers or with all six; Levenberg-Marquardt goes down the distances between the outlines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.chapters.pose.basins import LEVENBERG, LOOK_AT, BasinParams
from lab.pose.camera_view import NEAR, Lens
from lab.pose.descent import Descent, Problem
from lab.pose.model import Model, Shape
from lab.pose.objective import Look, Objective
from lab.pose.target import Target
from lab.pose.variables import FreePose, LookAt, Pose, Variables
from lab.scene import Array

_STAGES = 4
"""Widths of the edge between the first and the last sigma."""
_PATIENCE, _LEAST_GAIN = 20, 0.002
"""After so many iterations that together lower the loss by less than this share, a start stands still."""
_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_TRAIL = 12
_OUTLINE_REACH = 0.1
"""Of the picture's short side: how far Levenberg-Marquardt's outlines see each other."""
_NARROW = 1.5
"""Pixels: how far at last."""


@dataclass(frozen=True, eq=False)
class Ending:
    """Where a start ended: its best pose, the loss there, the overlap (IoU) of the hard silhouette with the mask, and
    the camera's places on the way, (N, 3), working frame.
    """

    pose: Pose
    loss: float
    overlap: float
    trail: Array


class SingleStart:
    """Runs from any number of starts, also side by side in several threads."""

    def __init__(self, model: Model, shape: Shape, lens: Lens, target: Target, params: BasinParams) -> None:
        self._model, self._shape, self._lens, self._target, self._params = model, shape, lens, target, params
        _ = target.levels, target.distances  # worked out once, for all threads
        self._sigmas = np.geomspace(max(params.first_sigma, params.sigma), params.sigma, _STAGES)
        patch = target.patch(lens.window)
        _ = patch.contour, patch.field
        wide, narrow = _OUTLINE_REACH * min(lens.size), _NARROW
        self._problems = [Problem(shape, patch, model.center, model.radius, reach) for reach in (wide, narrow)]

    def run(self, start: Pose) -> Ending:
        """From ``start`` to the end of its iterations, or until it stands still."""
        if self._params.method == LEVENBERG:
            return self._levenberg(start)
        return self._adam(start)

    def _levenberg(self, start: Pose) -> Ending:
        """Two thirds of the iterations with a wide reach, the others with a narrow one."""
        pose, trail, cost = start, [start.center], 0.0
        first = max(1, 2 * self._params.iterations // 3)
        for problem, steps in zip(self._problems, (first, self._params.iterations - first), strict=True):
            descent = Descent.start(problem, pose)
            for _ in range(steps):
                if descent.done:
                    break
                descent = descent.advanced(problem)
                trail.append(descent.here.pose.center)
            pose, cost = descent.here.pose, descent.here.cost
        return self._ending(pose, cost, trail)

    def _adam(self, start: Pose) -> Ending:
        params, count = self._params, self._params.iterations
        variables, scale = self._variables(start)
        objectives = [
            Objective(self._shape.verts, self._shape.faces, self._target, look=Look(sigma=float(sigma)))
            for sigma in self._sigmas
        ]
        first, second = np.zeros(variables.count), np.zeros(variables.count)
        best, best_loss, history, trail = start, np.inf, [], [start.center]
        for number in range(count + 1):
            stage = min(_STAGES - 1, (2 * _STAGES * number) // max(count, 1))
            found = objectives[stage].evaluate(variables.pose, {"silhouette": 1.0})
            if not found.finite:
                break
            if stage == _STAGES - 1:
                history.append(found.value)
                if found.value < best_loss:
                    best, best_loss = variables.pose, found.value
                if _stands(history):
                    break
            gradient = variables.pull(found.gradient)
            first = _BETAS[0] * first + (1 - _BETAS[0]) * gradient
            second = _BETAS[1] * second + (1 - _BETAS[1]) * np.square(gradient)
            mean, square = first / (1 - _BETAS[0] ** (number + 1)), second / (1 - _BETAS[1] ** (number + 1))
            step = -scale * params.learning_rate * mean / (np.sqrt(square) + _EPSILON)
            moved = variables.moved(step)
            if moved.pose.view(self._model.center)[2] < 0.2 * self._model.radius:
                break  # it would fly through the object
            variables = moved
            trail.append(variables.pose.center)
        return self._ending(best, float(best_loss), trail)

    def _variables(self, start: Pose) -> tuple[Variables, float]:
        """The numbers that Adam moves, and the unit of its learning rate."""
        if self._params.variables == LOOK_AT:
            look_at: Variables = LookAt(start.center, self._model.center, self._lens.focal)
            return look_at, self._model.radius
        free: Variables = FreePose(start, self._model.center, self._model.radius)
        return free, 1.0

    def _ending(self, pose: Pose, loss: float, trail: list[Array]) -> Ending:
        seen = self._lens.draw(self._shape, pose, NEAR * self._model.radius).seen
        inside = self._target.mask > 0.5
        overlap = float((seen & inside).sum()) / max(1.0, float((seen | inside).sum()))
        chosen = np.unique(np.linspace(0, len(trail) - 1, _TRAIL).round().astype(int))
        places = np.array([trail[number] for number in chosen[:-1]] + [pose.center])
        return Ending(pose, loss, float(overlap), places)


def _stands(history: list[float]) -> bool:
    if len(history) <= _PATIENCE:
        return False
    before, since = min(history[:-_PATIENCE]), min(history[-_PATIENCE:])
    return since > (1 - _LEAST_GAIN) * before
