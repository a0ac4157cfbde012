"""Alpha along a line across the image, between the pixels too: how an edge becomes a slope as sigma grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.kernels.jit import kernel_with
from lab.raster import triangle
from lab.raster.triangle import EPSILON, edge, nearest_edge
from lab.scene import Array
from lab.shading.blending import sigmoid

_LEAST = 1e-4  # a D below it is taken for 0; the blur radius of a sigma is where D falls to it


def distances(points: Array, triangles: Array) -> Array:
    """(N, M) float64: signed squared distances from points (N, 2) to triangles (M, 3, 2), negative inside."""
    found = np.empty((len(points), len(triangles)))
    _distances(np.ascontiguousarray(points, np.float64), np.ascontiguousarray(triangles, np.float64), found)
    return found


@kernel_with(triangle)
def _distances(points: Any, triangles: Any, out: Any) -> None:
    for j in range(len(triangles)):
        ax, ay = triangles[j, 0, 0], triangles[j, 0, 1]
        bx, by = triangles[j, 1, 0], triangles[j, 1, 1]
        cx, cy = triangles[j, 2, 0], triangles[j, 2, 1]
        for i in range(len(points)):
            x, y = points[i, 0], points[i, 1]
            least, _, _ = nearest_edge(x, y, ax, ay, bx, by, cx, cy)
            one, two, three = edge(x, y, ax, ay, bx, by), edge(x, y, bx, by, cx, cy), edge(x, y, cx, cy, ax, ay)
            inside = (one > 0 and two > 0 and three > 0) or (one < 0 and two < 0 and three < 0)
            out[i, j] = -least if inside else least


def radius_of(sigma: float) -> float:
    """The squared distance at which D has fallen to 1e-4: ln(1e4 - 1) sigma."""
    return float(np.log(1 / _LEAST - 1) * sigma)


def near_line(ndc: Array, faces: Array, y: float, x_range: tuple[float, float], radius: float) -> Array:
    """(M, 3, 2): the projected faces whose boxes come within sqrt(radius) of a horizontal stretch of the image.

    ndc: (V, 3), with depth; what lies behind the camera or is seen edge-on is left out.
    """
    corners = ndc[faces]
    reach = np.sqrt(radius)
    low, high = corners.min(axis=1), corners.max(axis=1)
    with np.errstate(invalid="ignore"):
        keep = (low[:, 1] <= y + reach) & (high[:, 1] >= y - reach) & (low[:, 2] > 0)
        keep &= (low[:, 0] <= x_range[1] + reach) & (high[:, 0] >= x_range[0] - reach)
    near = corners[keep][..., :2]
    one, other = near[:, 1] - near[:, 0], near[:, 2] - near[:, 0]
    return np.asarray(near[np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) > EPSILON], np.float64)


def alphas(found: Array, sigmas: tuple[float, ...]) -> list[Array]:
    """For each sigma the alphas (N,) of points whose distances to all faces are ``found`` (N, M)."""
    return [1 - np.prod(np.where(found < radius_of(s), 1 - sigmoid(-found / s), 1), axis=1) for s in sigmas]


def hard(found: Array) -> Array:
    """(N,): 1 within any face, else 0."""
    return np.asarray((found < 0).any(axis=1), np.float64)


@dataclass(frozen=True, eq=False)
class Lost:
    """Of one pixel: how many faces come within the blur radius, how many K left out, and the alpha of all of them."""

    reaching: int
    left_out: int
    alpha: float


def lost_at(ndc: Array, faces: Array, at: Array, radius: float, sigma: float, kept: int) -> Lost:
    """What a pixel with ``kept`` faces loses; at: (2,), NDC of its centre, radius: NDC²."""
    near = near_line(ndc, faces, float(at[1]), (float(at[0]), float(at[0])), radius)
    found = distances(at[None], near)[0]
    found = found[found < radius]
    alpha = 1 - float(np.prod(1 - sigmoid(-found / sigma)))
    return Lost(len(found), max(len(found) - kept, 0), alpha)
