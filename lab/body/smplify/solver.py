"""Levenberg and Marquardt's method for sums of terms that bring their own Gauss-Newton matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from lab.body.smplify.objective import Look
from lab.scene import Array

Evaluate = Callable[[Array], Look]
_TRIES = 8
_DAMPING, _LEAST, _MOST = 1e-3, 1e-9, 1e9
_FLOOR = 1e-3
"""Added to the diagonal that damping multiplies, so that an unknown that nothing depends on stays where it is."""


@dataclass(frozen=True, eq=False)
class Iterate:
    """x: (U,). look: the objective there. damping: for the next step. done: no step made it better by ``tolerance``."""

    x: Array
    look: Look
    damping: float = _DAMPING
    done: bool = False


def step(
    now: Iterate, evaluate: Evaluate, *, free: Array | None = None, tolerance: float = 1e-4, stride: float = np.inf
) -> Iterate:
    """One step that does not make it worse.

    free: which unknowns may change, None for all. tolerance: of the value's relative decrease, below which it is done.
    stride: the most by which any unknown may change; a longer step is shortened.
    """
    which = np.arange(len(now.x)) if free is None else free
    hessian, gradient = now.look.hessian[np.ix_(which, which)], now.look.gradient[which]
    diagonal, damping = np.diag(hessian), now.damping
    for _ in range(_TRIES):
        damped = hessian + np.diag(damping * (diagonal + _FLOOR))
        try:
            factor = scipy.linalg.cho_factor(damped, lower=True, check_finite=False)
            move = -scipy.linalg.cho_solve(factor, gradient, check_finite=False)
        except np.linalg.LinAlgError:
            damping = min(_MOST, 10.0 * damping)
            continue
        share = min(1.0, stride / max(float(np.abs(move).max()), 1e-12))
        move = share * move
        x = now.x.copy()
        x[which] += move
        look = evaluate(x)
        if look.value < now.look.value:
            gained = now.look.value - look.value
            expected = -float(gradient @ move + 0.5 * move @ hessian @ move)
            damping = damping / 5.0 if gained > 0.5 * expected else damping
            done = share == 1.0 and gained <= tolerance * abs(now.look.value)
            return Iterate(x, look, float(np.clip(damping, _LEAST, _MOST)), done)
        damping = min(_MOST, 8.0 * damping)
    return Iterate(now.x, now.look, _DAMPING, True)


def descend(start: Array, evaluate: Evaluate, most: int, *, free: Array | None = None) -> Iterate:
    """Steps until it is done, at most ``most``."""
    now = Iterate(start, evaluate(start))
    for _ in range(most):
        now = step(now, evaluate, free=free)
        if now.done:
            break
    return now
