"""The kernels of the soft picture."""

from __future__ import annotations

import math
from typing import Any

from lab.kernels.jit import kernel_with
from lab.raster import barycentric, triangle
from lab.raster.barycentric import clipped, spread_back
from lab.raster.tiles import TILE
from lab.raster.triangle import edge, nearest_edge, outline_back, pixel_x, pixel_y

_FAINT = 1e-14  # a share of a pixel that no gradient is worth being computed for


@kernel_with(triangle, barycentric)
def forward(
    corners: Any,
    boxes: Any,
    starts: Any,
    found: Any,
    first: int,
    last: int,
    sharpness: float,
    contrast: float,
    blur_radius: float,
    z_far: float,
    per_metre: float,
    perspective: Any,
    colors: Any,
    top: Any,
    shows: Any,
    weight: Any,
    sums: Any,
    nearest: Any,
    depth: Any,
) -> None:
    """One pass over the faces of each tile. Sums are kept relative to the greatest inverse depth so far."""
    height, width = shows.shape
    columns = -(-width // TILE)
    for tile in range(first, last):
        up, left = tile // columns * TILE, tile % columns * TILE
        for i in range(starts[tile], starts[tile + 1]):
            f = found[i]
            ax, ay, az, bx, by, bz, cx, cy, cz = corners[f]
            area = edge(cx, cy, ax, ay, bx, by)
            for row in range(max(up, boxes[f, 0]), min(up + TILE - 1, boxes[f, 1]) + 1):
                y = pixel_y(row, width, height)
                for column in range(max(left, boxes[f, 2]), min(left + TILE - 1, boxes[f, 3]) + 1):
                    x = pixel_x(column, width, height)
                    w0 = edge(x, y, bx, by, cx, cy) / area
                    w1 = edge(x, y, cx, cy, ax, ay) / area
                    w2 = edge(x, y, ax, ay, bx, by) / area
                    distance, _, _ = nearest_edge(x, y, ax, ay, bx, by, cx, cy)
                    inside = w0 > 0.0 and w1 > 0.0 and w2 > 0.0
                    if inside:
                        distance = -distance
                    elif distance >= blur_radius:
                        continue
                    b0, b1, b2 = clipped(w0, w1, w2)
                    if perspective:
                        b0, b1, b2 = b0 / az, b1 / bz, b2 / cz
                        z = 1.0 / (b0 + b1 + b2)
                        b0, b1, b2 = b0 * z, b1 * z, b2 * z
                    else:
                        z = b0 * az + b1 * bz + b2 * cz
                    if inside and z < depth[row, column]:
                        depth[row, column], nearest[row, column] = z, f
                    probability = 1.0 / (1.0 + math.exp(distance * sharpness))
                    shows[row, column] *= 1.0 - probability
                    inverse = (z_far - z) * per_metre
                    if inverse > top[row, column]:
                        scale = math.exp((top[row, column] - inverse) * contrast)
                        weight[row, column] *= scale
                        for channel in range(4):
                            sums[row, column, channel] *= scale
                        top[row, column] = inverse
                    share = probability * math.exp((inverse - top[row, column]) * contrast)
                    weight[row, column] += share
                    for channel in range(3):
                        color = b0 * colors[f, 0, channel] + b1 * colors[f, 1, channel] + b2 * colors[f, 2, channel]
                        sums[row, column, channel] += share * color
                    sums[row, column, 3] += share * z


@kernel_with(triangle, barycentric)
def backward(
    corners: Any,
    boxes: Any,
    starts: Any,
    found: Any,
    first: int,
    last: int,
    sharpness: float,
    contrast: float,
    blur_radius: float,
    z_far: float,
    per_metre: float,
    perspective: Any,
    colors: Any,
    top: Any,
    shows: Any,
    total: Any,
    blended: Any,
    grad: Any,
    pull: Any,
    to_corners: Any,
    to_colors: Any,
) -> None:
    """to_corners[i], to_colors[i]: (3, 3) the gradients of entry i. grad: (H, W, 5) of colours, depth and alpha."""
    height, width = shows.shape
    columns = -(-width // TILE)
    for tile in range(first, last):
        up, left = tile // columns * TILE, tile % columns * TILE
        for i in range(starts[tile], starts[tile + 1]):
            f = found[i]
            ax, ay, az, bx, by, bz, cx, cy, cz = corners[f]
            area = edge(cx, cy, ax, ay, bx, by)
            out = to_corners[i]
            for row in range(max(up, boxes[f, 0]), min(up + TILE - 1, boxes[f, 1]) + 1):
                y = pixel_y(row, width, height)
                for column in range(max(left, boxes[f, 2]), min(left + TILE - 1, boxes[f, 3]) + 1):
                    x = pixel_x(column, width, height)
                    w0 = edge(x, y, bx, by, cx, cy) / area
                    w1 = edge(x, y, cx, cy, ax, ay) / area
                    w2 = edge(x, y, ax, ay, bx, by) / area
                    distance, which, t = nearest_edge(x, y, ax, ay, bx, by, cx, cy)
                    inside = w0 > 0.0 and w1 > 0.0 and w2 > 0.0
                    if not inside and distance >= blur_radius:
                        continue
                    signed = -distance if inside else distance
                    probability = 1.0 / (1.0 + math.exp(signed * sharpness))
                    b0, b1, b2 = clipped(w0, w1, w2)
                    z = 1.0 / (b0 / az + b1 / bz + b2 / cz) if perspective else b0 * az + b1 * bz + b2 * cz
                    inverse = (z_far - z) * per_metre
                    nearness = math.exp((inverse - top[row, column]) * contrast)
                    share = probability * nearness / total[row, column]
                    if share < _FAINT and shows[row, column] < _FAINT:
                        continue
                    # to the coordinates within the face, through the colours and the depth that they give
                    g0 = g1 = g2 = to_share = 0.0
                    for channel in range(3):
                        g = grad[row, column, channel]
                        c0, c1, c2 = colors[f, 0, channel], colors[f, 1, channel], colors[f, 2, channel]
                        g0, g1, g2 = g0 + g * share * c0, g1 + g * share * c1, g2 + g * share * c2
                        if perspective:
                            color = z * (b0 / az * c0 + b1 / bz * c1 + b2 / cz * c2)
                            p0, p1, p2 = z * b0 / az, z * b1 / bz, z * b2 / cz
                        else:
                            color = b0 * c0 + b1 * c1 + b2 * c2
                            p0, p1, p2 = b0, b1, b2
                        to_share += g * (color - blended[row, column, channel])
                        to_colors[i, 0, channel] += g * share * p0
                        to_colors[i, 1, channel] += g * share * p1
                        to_colors[i, 2, channel] += g * share * p2
                    to_share += grad[row, column, 3] * (z - blended[row, column, 3])
                    to_inverse = to_share * share * contrast
                    if inverse == top[row, column]:
                        to_inverse += pull[row, column]
                    to_z = grad[row, column, 3] * share - to_inverse * per_metre
                    spread_back(
                        x, y, ax, ay, az, bx, by, bz, cx, cy, cz, w0, w1, w2, area, g0, g1, g2, to_z, perspective, out
                    )
                    # to the distance, through the probability
                    slope = (
                        to_share * share * (1.0 - probability) + grad[row, column, 4] * shows[row, column] * probability
                    )
                    slope *= sharpness if inside else -sharpness
                    outline_back(x, y, ax, ay, bx, by, cx, cy, which, t, slope, out)
