"""Barycentric coordinates that stay within their face, and how gradients go back through them: helpers of kernels."""

from __future__ import annotations

from typing import Any

from lab.kernels.jit import inlined

_LEAST_SUM = 1e-5  # as PyTorch3D has it


@inlined
def clipped(w0: Any, w1: Any, w2: Any) -> Any:
    """Barycentric coordinates brought back into the face: without negative ones, divided by their sum."""
    w0, w1, w2 = max(0.0, w0), max(0.0, w1), max(0.0, w2)
    total = max(w0 + w1 + w2, _LEAST_SUM)
    return w0 / total, w1 / total, w2 / total


@inlined
def spread_back(
    x: Any,
    y: Any,
    ax: Any,
    ay: Any,
    az: Any,
    bx: Any,
    by: Any,
    bz: Any,
    cx: Any,
    cy: Any,
    cz: Any,
    w0: Any,
    w1: Any,
    w2: Any,
    area: Any,
    g0: Any,
    g1: Any,
    g2: Any,
    gz: Any,
    perspective: bool,
    out: Any,
) -> None:
    """Add to ``out`` (3, 3) the gradient of the corners (a, b, c), through clipped and perspective-correct coordinates.

    w: affine coordinates of the pixel, area: twice the triangle's. g: the gradient of the final coordinates, gz: of the
    pixel's depth.
    """
    c0, c1, c2 = max(0.0, w0), max(0.0, w1), max(0.0, w2)
    total = max(c0 + c1 + c2, _LEAST_SUM)
    b0, b1, b2 = c0 / total, c1 / total, c2 / total
    if perspective:
        z = 1.0 / (b0 / az + b1 / bz + b2 / cz)
        common = -(g0 * b0 / az + g1 * b1 / bz + g2 * b2 / cz) * z * z - gz * z * z
        q0, q1, q2 = g0 * z + common, g1 * z + common, g2 * z + common
        out[0, 2] -= q0 * b0 / (az * az)
        out[1, 2] -= q1 * b1 / (bz * bz)
        out[2, 2] -= q2 * b2 / (cz * cz)
        g0, g1, g2 = q0 / az, q1 / bz, q2 / cz
    else:
        out[0, 2] += gz * b0
        out[1, 2] += gz * b1
        out[2, 2] += gz * b2
        g0, g1, g2 = g0 + gz * az, g1 + gz * bz, g2 + gz * cz
    common = -(g0 * b0 + g1 * b1 + g2 * b2)
    g0 = (g0 + common) / total if w0 > 0.0 else 0.0
    g1 = (g1 + common) / total if w1 > 0.0 else 0.0
    g2 = (g2 + common) / total if w2 > 0.0 else 0.0
    common = -(g0 * w0 + g1 * w1 + g2 * w2)
    e0, e1, e2 = (g0 + common) / area, (g1 + common) / area, (g2 + common) / area
    out[0, 0] += e1 * (cy - y) + e2 * (y - by)
    out[0, 1] += e1 * (x - cx) + e2 * (bx - x)
    out[1, 0] += e2 * (ay - y) + e0 * (y - cy)
    out[1, 1] += e2 * (x - ax) + e0 * (cx - x)
    out[2, 0] += e0 * (by - y) + e1 * (y - ay)
    out[2, 1] += e0 * (x - bx) + e1 * (ax - x)
