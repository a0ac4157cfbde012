"""Adam (Kingma and Ba 2015) for the table, of which each step touches a part, and for the matrices."""

from __future__ import annotations

import math

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array

MEAN, SPREAD, TINY = 0.9, 0.99, 1e-15


@kernel
def descend_table(
    first: int, last: int, table: Array, mean: Array, spread: Array, gradients: Array, touched: Array, rate: float
) -> None:
    """A step for the entries ``first`` to ``last`` that rays touched.

    table, mean, spread: (E, 2). gradients: (P, E, 2) and touched: (P, E) uint8, of the parts: they are added up in the
    order of the parts, and cleared.
    """
    for row in range(first, last):
        found = 0
        for part in range(touched.shape[0]):
            found |= touched[part, row]
            touched[part, row] = 0
        if found == 0:
            continue
        for channel in range(table.shape[1]):
            slope = table.dtype.type(0)
            for part in range(gradients.shape[0]):
                slope += gradients[part, row, channel]
                gradients[part, row, channel] = 0
            mean[row, channel] = MEAN * mean[row, channel] + (1 - MEAN) * slope
            spread[row, channel] = SPREAD * spread[row, channel] + (1 - SPREAD) * slope * slope
            table[row, channel] -= rate * mean[row, channel] / (math.sqrt(spread[row, channel]) + TINY)


def descend(values: Array, mean: Array, spread: Array, gradient: Array, rate: float) -> None:
    """A step for all of ``values``, in place; where the gradient was never anything but 0 nothing moves."""
    mean += (1 - MEAN) * (gradient - mean)
    spread += (1 - SPREAD) * (gradient * gradient - spread)
    values -= (rate * mean / (np.sqrt(spread) + TINY)).astype(values.dtype)
