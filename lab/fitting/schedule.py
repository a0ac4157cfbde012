"""The course of a run: learning rate, subdivisions, early stop."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lab.scene import Array

COSINE_END = 0.01
PLATEAU_STEPS = 200
PLATEAU_GAIN = 0.001


def learning_rate(kind: str, rate: float, step: int, steps: int) -> float:
    """The rate of the update that follows ``step`` of ``steps``.

    constant; cosine: from ``rate`` down to a hundredth of it; step: a tenth at half, a hundredth at three quarters.
    """
    done = min(1.0, step / max(1, steps))
    if kind == "cosine":
        return rate * (COSINE_END + (1.0 - COSINE_END) * 0.5 * (1.0 + math.cos(math.pi * done)))
    if kind == "step":
        return rate * (0.01 if done >= 0.75 else 0.1 if done >= 0.5 else 1.0)
    return rate


def subdivides_after(step: int, steps: int, levels: int, done: int) -> bool:
    """Whether the mesh is subdivided after ``step``, when ``done`` of ``levels`` times are behind.

    Twice at a quarter and at half of the run; once at half of it.
    """
    if done >= levels:
        return False
    quarter = done + 1 if levels > 1 else 2
    return step >= math.ceil(quarter * steps / 4)


class Plateau:
    """Tells when a loss has stopped falling: its mean over 200 steps is not 0.1 % below that of the 200 before."""

    def __init__(self, losses: Sequence[float] | Array = ()) -> None:
        self._losses: list[float] = [float(loss) for loss in losses]

    def add(self, loss: float) -> None:
        """The loss of one more step."""
        self._losses.append(loss)
        del self._losses[: -2 * PLATEAU_STEPS]

    def clear(self) -> None:
        """Begin anew, because losses cannot be compared with those before."""
        self._losses.clear()

    @property
    def reached(self) -> bool:
        if len(self._losses) < 2 * PLATEAU_STEPS:
            return False
        before, now = np.mean(self._losses[:PLATEAU_STEPS]), np.mean(self._losses[PLATEAU_STEPS:])
        return bool(now > (1.0 - PLATEAU_GAIN) * before)

    @property
    def losses(self) -> Array:
        """The losses that it remembers (N,) float64, to make another one of."""
        return np.array(self._losses)
