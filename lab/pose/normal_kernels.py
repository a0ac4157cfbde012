"""The normal equations of a pose against an image: residuals and their exact derivatives by the pose, summed at once.

Backward passes give the gradient of one number. Gauss-Newton needs that of every pixel, but by six or seven numbers
only: so the derivatives are carried forward, pixel by pixel, and no image of them is kept. Float64; one thread.
The seven numbers: turn (3, radians) about a pivot and shift (3, ``unit`` metres) along the camera's axes, log focal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.kernels.jit import inlined, kernel
from lab.scene import Array

COUNT = 7


@kernel
def project(verts: Any, R: Any, T: Any, focal: Any, principal: Any, pivot: Any, unit: float) -> Any:
    """(V, 3) NDC and depth of verts (V, 3), and (V, 14) derivatives of x and of y by the seven numbers."""
    count = len(verts)
    ndc = np.empty((count, 3))
    jac = np.empty((count, 14))
    px = pivot[0] * R[0, 0] + pivot[1] * R[1, 0] + pivot[2] * R[2, 0] + T[0]
    py = pivot[0] * R[0, 1] + pivot[1] * R[1, 1] + pivot[2] * R[2, 1] + T[1]
    pz = pivot[0] * R[0, 2] + pivot[1] * R[1, 2] + pivot[2] * R[2, 2] + T[2]
    for v in range(count):
        a, b, c = verts[v, 0], verts[v, 1], verts[v, 2]
        x = a * R[0, 0] + b * R[1, 0] + c * R[2, 0] + T[0]
        y = a * R[0, 1] + b * R[1, 1] + c * R[2, 1] + T[1]
        z = a * R[0, 2] + b * R[1, 2] + c * R[2, 2] + T[2]
        inverse = 1.0 / z if z > 1e-9 else 0.0
        u, w = focal[0] * x * inverse, focal[1] * y * inverse
        ndc[v, 0], ndc[v, 1], ndc[v, 2] = u + principal[0], w + principal[1], z
        rx, ry, rz = x - px, y - py, z - pz  # omega x r is how a turn moves the vertex in the view
        fx, fy = focal[0] * inverse, focal[1] * inverse
        jac[v, 0], jac[v, 7] = -u * inverse * ry, -fy * rz - w * inverse * ry
        jac[v, 1], jac[v, 8] = fx * rz + u * inverse * rx, w * inverse * rx
        jac[v, 2], jac[v, 9] = -fx * ry, fy * rx
        jac[v, 3], jac[v, 10] = fx * unit, 0.0
        jac[v, 4], jac[v, 11] = 0.0, fy * unit
        jac[v, 5], jac[v, 12] = -u * inverse * unit, -w * inverse * unit
        jac[v, 6], jac[v, 13] = u, w
    return ndc, jac


@inlined
def _span(low: float, high: float, start: float, step: float, count: int) -> Any:
    """First and last + 1 of the pixels whose centres start - (i + 0.5) step may lie in [low, high]."""
    first = int(np.ceil(max(min((start - high) / step - 0.5, 1e8), -1e8)))
    last = int(np.floor(max(min((start - low) / step - 0.5, 1e8), -1e8))) + 1
    return max(first, 0), min(last, count)


@kernel
def hard_faces(ndc: Any, faces: Any, left: float, top: float, step: float, height: int, width: int, near: float) -> Any:
    """The nearest face of every pixel: (H, W) int32 (-1 for none), and its affine barycentrics (H, W, 2) of 1 and 2."""
    found = np.full((height, width), -1, np.int32)
    nearness = np.zeros((height, width))
    where = np.zeros((height, width, 2))
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        if min(ndc[i, 2], ndc[j, 2], ndc[k, 2]) < near:
            continue
        x0, y0, x1, y1, x2, y2 = ndc[i, 0], ndc[i, 1], ndc[j, 0], ndc[j, 1], ndc[k, 0], ndc[k, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-14:
            continue
        i0, i1, i2 = 1.0 / ndc[i, 2], 1.0 / ndc[j, 2], 1.0 / ndc[k, 2]
        c0, c1 = _span(min(x0, x1, x2), max(x0, x1, x2), left, step, width)
        r0, r1 = _span(min(y0, y1, y2), max(y0, y1, y2), top, step, height)
        for r in range(r0, r1):
            py = top - (r + 0.5) * step
            for c in range(c0, c1):
                px = left - (c + 0.5) * step
                b1 = ((px - x0) * (y2 - y0) - (py - y0) * (x2 - x0)) / area
                b2 = ((py - y0) * (x1 - x0) - (px - x0) * (y1 - y0)) / area
                if b1 < 0.0 or b2 < 0.0 or b1 + b2 > 1.0:
                    continue
                close = (1.0 - b1 - b2) * i0 + b1 * i1 + b2 * i2
                if close > nearness[r, c]:
                    nearness[r, c], found[r, c], where[r, c, 0], where[r, c, 1] = close, f, b1, b2
    return found, where


@kernel
def color_normal(
    ndc: Any,
    jac: Any,
    faces: Any,
    colors: Any,
    found: Any,
    where: Any,
    mask: Any,
    rgb: Any,
    weight: float,
    matrix: Any,
    vector: Any,
    scale: float = 1e6,
) -> Any:
    """Add weight sum(|color - rgb|²) over pixels of both shapes, as above; (cost, how many pixels).

    scale: a difference counts as the robust cost of Geman and McClure has it, at most scale².
    A pixel sees another point of the surface when that moves below it: its colour changes by minus the colour's slope
    over the image times the movement of the surface there.
    """
    cost, pixels = 0.0, 0
    row = np.empty(COUNT)
    for r in range(mask.shape[0]):
        for c in range(mask.shape[1]):
            f = found[r, c]
            if f < 0 or mask[r, c] < 0.999:
                continue
            pixels += 1
            i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
            b1, b2 = where[r, c, 0], where[r, c, 1]
            b0 = 1.0 - b1 - b2
            ux, uy = ndc[j, 0] - ndc[i, 0], ndc[j, 1] - ndc[i, 1]
            wx, wy = ndc[k, 0] - ndc[i, 0], ndc[k, 1] - ndc[i, 1]
            area = ux * wy - wx * uy
            for channel in range(3):
                p0, p1, p2 = colors[f, 0, channel], colors[f, 1, channel], colors[f, 2, channel]
                apart = b0 * p0 + b1 * p1 + b2 * p2 - rgb[r, c, channel]
                trust = scale * scale / (scale * scale + apart * apart)
                cost += weight * trust * apart * apart
                use = weight * trust * trust
                sx = ((p1 - p0) * wy - (p2 - p0) * uy) / area
                sy = ((p2 - p0) * ux - (p1 - p0) * wx) / area
                for n in range(COUNT):
                    mx = b0 * jac[i, n] + b1 * jac[j, n] + b2 * jac[k, n]
                    my = b0 * jac[i, n + 7] + b1 * jac[j, n + 7] + b2 * jac[k, n + 7]
                    row[n] = -(sx * mx + sy * my)
                for n in range(COUNT):
                    vector[n] += use * row[n] * apart
                    for m in range(n + 1):
                        matrix[n, m] += use * row[n] * row[m]
    return cost, pixels


def blank() -> tuple[Array, Array]:
    """A matrix (7, 7), of which the lower half is used, and a vector (7,) of zeros, to be added to."""
    return np.zeros((COUNT, COUNT)), np.zeros(COUNT)
