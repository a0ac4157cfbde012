"""Geometry of one projected triangle and one pixel, as PyTorch3D's rasteriser defines it: helpers of kernels.

Coordinates are NDC (x left, y up); distances are squared. Sources: REFERENCE II.1; PyTorch3D 0.7.9
``csrc/utils/geometry_utils.h``.
"""

from __future__ import annotations

import math
from typing import Any

from lab.kernels.jit import inlined

EPSILON = 1e-8
"""PyTorch3D's: areas, squared lengths and depths below it count as none."""


@inlined
def edge(px: Any, py: Any, ax: Any, ay: Any, bx: Any, by: Any) -> Any:
    """Twice the signed area of the triangle (p, a, b)."""
    return (px - ax) * (by - ay) - (py - ay) * (bx - ax)


@inlined
def segment(px: Any, py: Any, ax: Any, ay: Any, bx: Any, by: Any) -> Any:
    """(squared distance of p to the segment a b, where on it the nearest point is: 0 at a, 1 at b)."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    if length <= EPSILON:  # a point, and PyTorch3D takes b
        return (px - bx) * (px - bx) + (py - by) * (py - by), 1.0
    t = min(1.0, max(0.0, (dx * (px - ax) + dy * (py - ay)) / length))
    rx, ry = px - (ax + t * dx), py - (ay + t * dy)
    return rx * rx + ry * ry, t


@inlined
def nearest_edge(px: Any, py: Any, ax: Any, ay: Any, bx: Any, by: Any, cx: Any, cy: Any) -> Any:
    """(squared distance of p to the triangle's outline, number of the nearest edge, where on it).

    The edges are (a, b), (a, c), (b, c), in PyTorch3D's order; of equally near ones the first counts.
    """
    best, on = segment(px, py, ax, ay, bx, by)
    which = 0
    d, t = segment(px, py, ax, ay, cx, cy)
    if d < best:
        best, on, which = d, t, 1
    d, t = segment(px, py, bx, by, cx, cy)
    if d < best:
        best, on, which = d, t, 2
    return best, which, on


@inlined
def pixel_x(column: Any, width: Any, height: Any) -> Any:
    """NDC x of a column's middle: the image's short side spans -1 to 1, and +x is left."""
    return width / min(width, height) * (1.0 - (2.0 * column + 1.0) / width)


@inlined
def pixel_y(row: Any, width: Any, height: Any) -> Any:
    """NDC y of a row's middle; row 0 is at the top, and +y is up."""
    return height / min(width, height) * (1.0 - (2.0 * row + 1.0) / height)


@inlined
def pixel_box(left: Any, right: Any, top: Any, bottom: Any, width: Any, height: Any) -> Any:
    """(first row, last row, first column, last column) of the pixels whose middles lie in a box of NDC.

    left >= right, as +x is left. A hair's breadth more, against rounding; a last before its first where there is none,
    also beside the image and where a number is not one.
    """
    side = min(height, width)
    u, v = width / side, height / side
    if not (left >= -u and right <= u and top >= -v and bottom <= v):
        return 0, -1, 0, -1
    row0 = max(0, math.ceil((1.0 - min(top, v) / v) * height / 2 - 0.5 - 1e-6 * height))
    row1 = min(height - 1, math.floor((1.0 - max(bottom, -v) / v) * height / 2 - 0.5 + 1e-6 * height))
    column0 = max(0, math.ceil((1.0 - min(left, u) / u) * width / 2 - 0.5 - 1e-6 * width))
    column1 = min(width - 1, math.floor((1.0 - max(right, -u) / u) * width / 2 - 0.5 + 1e-6 * width))
    if column1 < column0:
        return 0, -1, 0, -1
    return row0, row1, column0, column1


@inlined
def outline_back(
    x: Any, y: Any, ax: Any, ay: Any, bx: Any, by: Any, cx: Any, cy: Any, which: Any, t: Any, slope: Any, out: Any
) -> None:
    """Add to ``out`` (3, 3) the gradient of the corners (a, b, c), given that of the squared distance."""
    if which == 0:
        i, j, px, py, qx, qy = 0, 1, ax, ay, bx, by
    elif which == 1:
        i, j, px, py, qx, qy = 0, 2, ax, ay, cx, cy
    else:
        i, j, px, py, qx, qy = 1, 2, bx, by, cx, cy
    rx, ry = -2.0 * slope * (x - px - t * (qx - px)), -2.0 * slope * (y - py - t * (qy - py))
    out[i, 0] += (1.0 - t) * rx
    out[i, 1] += (1.0 - t) * ry
    out[j, 0] += t * rx
    out[j, 1] += t * ry
