"""Gradient descent with momentum, and Adam, as in ``torch.optim``, on numpy arrays or torch tensors alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECOND_BETA = 0.999
EPSILON = 1e-8


@dataclass
class Optimiser:
    """The state of the optimiser, "SGD" or "Adam": arrays or tensors of the shape of what it moves.

    first: SGD's momentum buffer, or Adam's first moment. second: Adam's second moment. updates: how many were made.
    """

    kind: str
    first: Any
    second: Any
    updates: int = 0

    def step(self, values: Any, gradient: Any, rate: float, momentum: float) -> None:
        """Move ``values`` in place against ``gradient``. momentum: SGD's factor (no dampening), Adam's first beta."""
        self.updates += 1
        if self.kind == "SGD":
            self.first *= momentum
            self.first += gradient
            values -= rate * self.first
            return
        self.first *= momentum
        self.first += (1.0 - momentum) * gradient
        self.second *= SECOND_BETA
        self.second += (1.0 - SECOND_BETA) * gradient * gradient
        first_scale = rate / (1.0 - momentum**self.updates)
        second_scale = 1.0 / math.sqrt(1.0 - SECOND_BETA**self.updates)
        values -= first_scale * self.first / (second_scale * self.second**0.5 + EPSILON)

    def clear(self) -> None:
        """Forget the past updates."""
        self.first *= 0.0
        self.second *= 0.0
        self.updates = 0

    def map(self, function: Callable[[Any], Any]) -> None:
        """Replace both moments by ``function`` of them, such as their refinement on a finer mesh."""
        self.first, self.second = function(self.first), function(self.second)
