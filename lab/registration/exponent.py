"""Gradient descent on the six numbers of a rigid motion: exact gradients through SE(3)'s exponential, and Adam.

Source: REFERENCE II.2; Barfoot (2017), "State Estimation for Robotics", section 7.1; Kingma, Ba (2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab.motions import se3, so3
from lab.scene import Array

BETAS = (0.9, 0.999)
_EPSILON = 1e-8
_MOST_TERMS = 200  # the series is long for a turn of several times 2 pi only
_SMALLEST = 1e-17


def left_jacobian(xi: Array) -> Array:
    """J (6, 6) with exp(xi + d) ≈ exp(J d) exp(xi) for small d. xi: (6,) as [rho | omega].

    J is the sum of ad^n / (n + 1)!, ad = [[hat(omega), hat(rho)], [0, hat(omega)]].
    """
    ad = np.zeros((6, 6))
    ad[:3, :3] = ad[3:, 3:] = so3.hat(xi[3:])
    ad[:3, 3:] = so3.hat(xi[:3])
    total = term = np.eye(6)
    for n in range(1, _MOST_TERMS):
        term = term @ ad / (n + 1)
        total = total + term
        if np.abs(term).max() <= _SMALLEST:
            break
    return total


def loss_and_gradient(xi: Array, points: Array, goals: Array, weights: Array) -> tuple[float, Array]:
    """The weighted mean of |exp(xi) p - q|², and its gradient (6,) by the exponent.

    xi: (6,) as [rho | omega]; points p, goals q: (N, 3); weights: (N,), constants of the gradient as the pairs are.
    """
    moved = se3.apply(se3.exp(xi), points)
    miss = moved - goals
    share = weights / max(float(weights.sum()), 1e-300)
    pull = 2.0 * share[:, None] * miss
    twist = np.concatenate([pull.sum(axis=0), np.cross(moved, pull).sum(axis=0)])  # by a small motion on the left
    return float((share * (miss**2).sum(axis=1)).sum()), left_jacobian(xi).T @ twist


class Adam:
    """Adam for one vector, as ``torch.optim.Adam`` does it."""

    def __init__(self, size: int) -> None:
        self._first, self._second, self._count = np.zeros(size), np.zeros(size), 0

    def step(self, gradient: Array, rate: float) -> Array:
        """The update to add."""
        self._count += 1
        self._first = BETAS[0] * self._first + (1.0 - BETAS[0]) * gradient
        self._second = BETAS[1] * self._second + (1.0 - BETAS[1]) * gradient**2
        first = self._first / (1.0 - BETAS[0] ** self._count)
        second = self._second / (1.0 - BETAS[1] ** self._count)
        return -rate * first / (np.sqrt(second) + _EPSILON)

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"first": self._first.copy(), "second": self._second.copy(), "count": self._count}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._first, self._second = np.array(state["first"]), np.array(state["second"])
        self._count = int(state["count"])
