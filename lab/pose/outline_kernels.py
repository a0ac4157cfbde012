"""The outline of an object in the image, and its distance from another one with the normal equations of the pose.

The derivatives are by the seven numbers of ``lab.pose.normal_kernels``. Float64; one thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.kernels.jit import inlined, kernel

COUNT = 7


@kernel
def outline(
    ndc: Any,
    edges: Any,
    offsets: Any,
    opposites: Any,
    left: float,
    top: float,
    step: float,
    found: Any,
    near: float,
    spacing: float,
    ends: Any,
    places: Any,
) -> int:
    """Samples along the outline of what ``hard_faces`` found; how many there are.

    An edge is on the outline where all its faces lie on one side of it in the image, and nothing is drawn on the other.
    edges: (E, 2); its faces' third corners: opposites[offsets[e]:offsets[e + 1]]. spacing: pixels. Filled, up to their
    length: ends (M, 2) int32, the edge's vertices; places (M, 6) in pixels, whose centres are whole numbers: column,
    row, the way out (2), length that the sample stands for, and where on the edge it lies (0 to 1).
    """
    height, width = found.shape
    count = 0
    for e in range(len(edges)):
        a, b = edges[e, 0], edges[e, 1]
        if min(ndc[a, 2], ndc[b, 2]) < near:
            continue
        ax, ay = (left - ndc[a, 0]) / step - 0.5, (top - ndc[a, 1]) / step - 0.5
        bx, by = (left - ndc[b, 0]) / step - 0.5, (top - ndc[b, 1]) / step - 0.5
        ex, ey = bx - ax, by - ay
        length = np.sqrt(ex * ex + ey * ey)
        if length < 1e-6:
            continue
        nx, ny = ey / length, -ex / length
        low, high = 0.0, 0.0
        for o in range(offsets[e], offsets[e + 1]):
            c = opposites[o]
            side = nx * ((left - ndc[c, 0]) / step - 0.5 - ax) + ny * ((top - ndc[c, 1]) / step - 0.5 - ay)
            low, high = min(low, side), max(high, side)
        if low < -1e-4 and high > 1e-4:
            continue
        if high > 1e-4:  # the faces lie that way: out is the other one
            nx, ny = -nx, -ny
        parts = int(np.ceil(length / spacing))
        for n in range(parts):
            t = (n + 0.5) / parts
            x, y = ax + t * ex, ay + t * ey
            column, row = int(np.floor(x + nx + 0.5)), int(np.floor(y + ny + 0.5))
            if x < -0.5 or y < -0.5 or x > width - 0.5 or y > height - 0.5 or count >= len(ends):
                continue
            if 0 <= row < height and 0 <= column < width and found[row, column] >= 0:
                continue
            ends[count, 0], ends[count, 1] = a, b
            places[count, 0], places[count, 1], places[count, 2], places[count, 3] = x, y, nx, ny
            places[count, 4], places[count, 5] = length / parts, t
            count += 1
    return count


@inlined
def _robust(apart: float, scale: float) -> Any:
    """Cost and weight of a residual: Geman and McClure's, which no single part can dominate."""
    square = apart * apart
    total = scale * scale + square
    return scale * scale * square / total, (scale * scale / total) ** 2


@kernel
def outline_normal(
    jac: Any,
    ends: Any,
    places: Any,
    step: float,
    field: Any,
    valid: Any,
    contour: Any,
    scale: float,
    weight: float,
    matrix: Any,
    vector: Any,
) -> float:
    """Add both outlines' distances from each other to ``matrix`` (7, 7) and ``vector`` (7,); returns the cost, pixels².

    Each sample of the model's outline asks ``field`` (H, W), the signed distance from the target's outline in pixels;
    each point of the target's ``contour`` (M, 2: column, row) asks the nearest sample. scale: pixels, of the robust
    cost. Samples beyond the image (``valid`` below one half) do not count.
    """
    height, width = field.shape
    cost = 0.0
    row = np.empty(COUNT)
    for s in range(len(ends)):
        x, y = places[s, 0], places[s, 1]
        c = min(max(int(np.floor(x)), 0), width - 2)
        r = min(max(int(np.floor(y)), 0), height - 2)
        if valid[r, c] < 0.5:
            continue
        u, w = x - c, y - r
        f00, f01, f10, f11 = field[r, c], field[r, c + 1], field[r + 1, c], field[r + 1, c + 1]
        apart = (1 - w) * ((1 - u) * f00 + u * f01) + w * ((1 - u) * f10 + u * f11)
        gx = (1 - w) * (f01 - f00) + w * (f11 - f10)
        gy = (1 - u) * (f10 - f00) + u * (f11 - f01)
        one, share = _robust(apart, scale)
        use = weight * places[s, 4]
        cost += use * one
        a, b, t = ends[s, 0], ends[s, 1], places[s, 5]
        for n in range(COUNT):
            mx = (1.0 - t) * jac[a, n] + t * jac[b, n]
            my = (1.0 - t) * jac[a, n + 7] + t * jac[b, n + 7]
            row[n] = -(gx * mx + gy * my) / step
        for n in range(COUNT):
            vector[n] += use * share * row[n] * apart
            for m in range(n + 1):
                matrix[n, m] += use * share * row[n] * row[m]
    for p in range(len(contour)):
        best, nearest = 1e30, -1
        for s in range(len(ends)):
            dx, dy = places[s, 0] - contour[p, 0], places[s, 1] - contour[p, 1]
            square = dx * dx + dy * dy
            if square < best:
                best, nearest = square, s
        if nearest < 0:
            cost += weight * scale * scale
            continue
        s = nearest
        ex, ey = places[s, 0] - contour[p, 0], places[s, 1] - contour[p, 1]
        nx, ny = places[s, 2], places[s, 3]
        apart = ex * nx + ey * ny
        if best > 2.25 and abs(apart) < 0.7 * np.sqrt(best):  # beside the end of a part: straight to it
            apart = np.sqrt(best)
            nx, ny = ex / apart, ey / apart
        one, share = _robust(apart, scale)
        cost += weight * one
        a, b, t = ends[s, 0], ends[s, 1], places[s, 5]
        for n in range(COUNT):
            mx = (1.0 - t) * jac[a, n] + t * jac[b, n]
            my = (1.0 - t) * jac[a, n + 7] + t * jac[b, n + 7]
            row[n] = -(nx * mx + ny * my) / step
        for n in range(COUNT):
            vector[n] += weight * share * row[n] * apart
            for m in range(n + 1):
                matrix[n, m] += weight * share * row[n] * row[m]
    return cost
