"""What a real scan does to points: noise and outliers."""

from __future__ import annotations

import numpy as np

from lab.scene import Array

OUTLIER_ROOM = 1.3
"""Outliers fill a box this many times the size of the object's own."""


def with_noise(points: Array, sigma: float, rng: np.random.Generator) -> Array:
    """``points`` (N, 3) moved by Gaussian noise of the standard deviation ``sigma``, metres, along each axis: float32.

    The first points of a longer array move as those of a shorter one do.
    """
    if sigma == 0.0:
        return points
    moved = points + np.float32(sigma) * rng.standard_normal(points.shape, np.float32)
    return moved.astype(np.float32)


def outliers(lower: Array, upper: Array, count: int, rng: np.random.Generator) -> Array:
    """``count`` points (count, 3) float32 spread evenly over the enlarged box from ``lower`` to ``upper``, metres."""
    centre, half = 0.5 * (lower + upper), 0.5 * OUTLIER_ROOM * (upper - lower)
    return (centre + half * (2.0 * rng.random((count, 3)) - 1.0)).astype(np.float32)
