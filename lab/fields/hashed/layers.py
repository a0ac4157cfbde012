"""Layers of small networks for many points at once: matrices times columns, written so that they fill the registers.

Values are (features, M), one column for each point, so that the innermost loops run along memory. Four rows times four
rows are multiplied at once: numbers of features are multiples of 4. As fast as BLAS here, without its threads, and the
same result every time.
"""

from __future__ import annotations

from lab.kernels.jit import kernel
from lab.scene import Array


@kernel
def multiply(weights: Array, inputs: Array, outputs: Array, count: int) -> None:
    """outputs = weights @ inputs, of the first ``count`` columns. weights: (O, I); O and I multiples of 4."""
    for o in range(0, weights.shape[0], 4):
        y0, y1, y2, y3 = outputs[o], outputs[o + 1], outputs[o + 2], outputs[o + 3]
        for s in range(count):
            y0[s] = 0
            y1[s] = 0
            y2[s] = 0
            y3[s] = 0
        for i in range(0, weights.shape[1], 4):
            a0, a1, a2, a3 = weights[o, i], weights[o, i + 1], weights[o, i + 2], weights[o, i + 3]
            b0, b1, b2, b3 = weights[o + 1, i], weights[o + 1, i + 1], weights[o + 1, i + 2], weights[o + 1, i + 3]
            c0, c1, c2, c3 = weights[o + 2, i], weights[o + 2, i + 1], weights[o + 2, i + 2], weights[o + 2, i + 3]
            d0, d1, d2, d3 = weights[o + 3, i], weights[o + 3, i + 1], weights[o + 3, i + 2], weights[o + 3, i + 3]
            x0, x1, x2, x3 = inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3]
            for s in range(count):
                p, q, r, t = x0[s], x1[s], x2[s], x3[s]
                y0[s] += a0 * p + a1 * q + a2 * r + a3 * t
                y1[s] += b0 * p + b1 * q + b2 * r + b3 * t
                y2[s] += c0 * p + c1 * q + c2 * r + c3 * t
                y3[s] += d0 * p + d1 * q + d2 * r + d3 * t


@kernel
def weights_back(changes: Array, inputs: Array, gradient: Array, count: int) -> None:
    """gradient += changes @ inputs.T, of the first ``count`` columns: what ``multiply`` is for its weights (O, I)."""
    zero = gradient.dtype.type(0)
    for o in range(0, gradient.shape[0], 2):
        u, v = changes[o], changes[o + 1]
        for i in range(0, gradient.shape[1], 4):
            x0, x1, x2, x3 = inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3]
            a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = zero
            for s in range(count):
                p, q, r, t = x0[s], x1[s], x2[s], x3[s]
                a, b = u[s], v[s]
                a0 += a * p
                a1 += a * q
                a2 += a * r
                a3 += a * t
                b0 += b * p
                b1 += b * q
                b2 += b * r
                b3 += b * t
            gradient[o, i] += a0
            gradient[o, i + 1] += a1
            gradient[o, i + 2] += a2
            gradient[o, i + 3] += a3
            gradient[o + 1, i] += b0
            gradient[o + 1, i + 1] += b1
            gradient[o + 1, i + 2] += b2
            gradient[o + 1, i + 3] += b3


@kernel
def relu(values: Array, count: int) -> None:
    """max(values, 0), in place."""
    for row in range(values.shape[0]):
        line = values[row]
        for s in range(count):
            line[s] = line[s] if line[s] > 0 else line[s] * 0


@kernel
def relu_back(values: Array, changes: Array, count: int) -> None:
    """Clear ``changes`` where ``values``, after ``relu``, are 0."""
    for row in range(values.shape[0]):
        line, change = values[row], changes[row]
        for s in range(count):
            change[s] = change[s] if line[s] > 0 else change[s] * 0


@kernel
def choose(values: Array, index: Array, count: int) -> None:
    """Move the columns ``index`` (ascending), ``count`` of them, to the front."""
    for row in range(values.shape[0]):
        line = values[row]
        for s in range(count):
            line[s] = line[index[s]]
