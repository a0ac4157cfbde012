"""All pictures of a film at once: each one's own objective, one shape for all, and joints that do not jerk.

The unknowns of a picture touch those of two pictures before and after it, by the accelerations of the joints, and the
shape touches all. So the system is a band with an arrow, which takes time in proportion to the number of pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.linalg

from lab.body.joint_model import Places
from lab.body.smplify.objective import Look, Objective
from lab.scene import Array

OWN: Final = 75
"""Unknowns of a picture: pose and transl."""
_SECOND: Final = (1.0, -2.0, 1.0)
_DAMPING, _MOST, _FLOOR = 1e-3, 1e9, 1e-3
_TRIES = 6


def acceleration_weight(fps: float, usual: float = 5.0, pixels: float = 3.0) -> float:
    """Counted pixels a metre: how much a second difference of a joint's place weighs as a residual.

    It makes joints that are ``pixels`` off as likely as accelerations of ``usual`` metres a second squared.
    """
    return pixels * fps**2 / usual


@dataclass(frozen=True, eq=False)
class Film:
    """xs: (T, 75), pose and transl of each picture. betas: (B,). looks: of each. value: the sum; smooth: E_smooth."""

    xs: Array
    betas: Array
    looks: tuple[Look, ...]
    value: float
    smooth: float
    damping: float = _DAMPING
    done: bool = False


class Smoother:
    """Levenberg and Marquardt's method on a whole film.

    objectives: of each picture. weights: the lambdas of the terms. jerk: counted pixels a metre, see
    ``acceleration_weight``; times the root of what a person multiplies the term with.
    """

    def __init__(self, objectives: Sequence[Objective], weights: Mapping[str, float], jerk: float) -> None:
        self._objectives, self._weights, self._jerk = objectives, weights, jerk

    def look(self, xs: Array, betas: Array) -> Film:
        """The sum at a place."""
        looks = tuple(
            objective.evaluate(np.concatenate([x, betas]), self._weights)
            for objective, x in zip(self._objectives, xs, strict=True)
        )
        smooth = float(np.square(self._jerk * accelerations([look.places for look in looks])).sum())
        return Film(xs, betas, looks, sum(look.value for look in looks) + smooth, smooth)

    def step(self, now: Film, tolerance: float = 1e-4) -> Film:
        """One step that does not make it worse; ``done`` where none is better by ``tolerance``."""
        band, arrow, corner, gradient, shape_gradient = self._system(now)
        diagonal, corner_diagonal = band[0].copy(), np.diag(corner).copy()
        damping = now.damping
        for _ in range(_TRIES):
            band[0] = diagonal + damping * (diagonal + _FLOOR)
            damped = corner + np.diag(damping * (corner_diagonal + _FLOOR))
            try:
                move, shape = solve(band, arrow, damped, gradient, shape_gradient)
            except np.linalg.LinAlgError:
                damping = min(_MOST, 10.0 * damping)
                continue
            found = self.look(now.xs - move.reshape(-1, OWN), now.betas - shape)
            if found.value < now.value:
                done = now.value - found.value <= tolerance * abs(now.value)
                return Film(found.xs, found.betas, found.looks, found.value, found.smooth, damping / 5.0, done)
            damping = min(_MOST, 8.0 * damping)
        return Film(now.xs, now.betas, now.looks, now.value, now.smooth, _DAMPING, True)

    def _system(self, now: Film) -> tuple[Array, Array, Array, Array, Array]:
        """(lower band (3 OWN, T OWN), arrow (T OWN, B), corner (B, B), gradient (T OWN,), by betas (B,))."""
        count, betas = len(now.xs), len(now.betas)
        blocks = np.zeros((3, count, OWN, OWN))  # [how many pictures later, of which, row, column]
        arrow, corner = np.zeros((count, OWN, betas)), np.zeros((betas, betas))
        gradient, shape_gradient = np.zeros((count, OWN)), np.zeros(betas)
        for number, look in enumerate(now.looks):
            blocks[0, number] += look.hessian[:OWN, :OWN]
            arrow[number] += look.hessian[:OWN, OWN:]
            corner += look.hessian[OWN:, OWN:]
            gradient[number] += look.gradient[:OWN]
            shape_gradient += look.gradient[OWN:]
        jacobians = [self._jerk * self._joints(look.places) for look in now.looks]
        second = self._jerk * accelerations([look.places for look in now.looks])
        for middle in range(1, count - 1):
            residual = second[middle - 1].ravel()
            near = [factor * jacobians[middle - 1 + offset] for offset, factor in enumerate(_SECOND)]
            by_shape = np.sum([part[:, OWN:] for part in near], axis=0)
            shape_gradient += 2.0 * residual @ by_shape
            corner += 2.0 * by_shape.T @ by_shape
            for a, first in enumerate(near):
                at = middle - 1 + a
                gradient[at] += 2.0 * residual @ first[:, :OWN]
                arrow[at] += 2.0 * first[:, :OWN].T @ by_shape
                for b in range(a, 3):  # the lower triangle: row of the later picture
                    blocks[b - a, at] += 2.0 * near[b][:, :OWN].T @ first[:, :OWN]
        return banded(blocks), arrow.reshape(-1, betas), corner, gradient.ravel(), shape_gradient

    def _joints(self, places: Places) -> Array:
        """(72, U): d joints / d unknowns of one picture."""
        return self._objectives[0].model.jacobian(places)[:24].reshape(72, -1)


def accelerations(places: Sequence[Places]) -> Array:
    """(T - 2, 24, 3): second differences of the joints' places, metres a picture squared."""
    points = np.stack([place.points[:24] for place in places])
    if len(points) < 3:
        return np.zeros((0, 24, 3))
    return np.asarray(points[:-2] - 2.0 * points[1:-1] + points[2:])


def banded(blocks: Array) -> Array:
    """The lower band as LAPACK stores it, (3 n, T n): band[i - j, j] = H[i, j]. blocks: (3, T, n, n), see above."""
    _, count, size, _ = blocks.shape
    band = np.zeros((3 * size, count * size))
    for later in range(3):
        for column in range(size):
            for number in range(count - later):
                rows = np.arange(column if later == 0 else 0, size)
                band[later * size + rows - column, number * size + column] = blocks[later, number, rows, column]
    return band


def solve(band: Array, arrow: Array, corner: Array, right: Array, right_shape: Array) -> tuple[Array, Array]:
    """Solve [[band, arrow], [arrow^T, corner]] (x, s) = (right, right_shape) by Schur's complement.

    Raises numpy.linalg.LinAlgError where it is not positive definite.
    """
    both = scipy.linalg.solveh_banded(band, np.column_stack([right, arrow]), lower=True, check_finite=False)
    schur = corner - arrow.T @ both[:, 1:]
    shape = scipy.linalg.solve(schur, right_shape - arrow.T @ both[:, 0], assume_a="pos", check_finite=False)
    return both[:, 0] - both[:, 1:] @ shape, shape
