"""Soft points: each a disc whose weight falls from 1 in its middle to 0 at its radius, the K nearest of each pixel.

Fragments are those of PyTorch3D's ``rasterize_points``, compositing is that of its ``AlphaCompositor`` ("alpha": from
front to back) and ``NormWeightedCompositor`` ("weighted": the mean by weight).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lab.kernels.crew import Crew
from lab.kernels.jit import kernel, kernel_with
from lab.raster import triangle
from lab.raster.tiles import TILE, Tiles, fill_tiles
from lab.raster.triangle import pixel_box, pixel_x, pixel_y
from lab.scene import Array

Compositing = Literal["alpha", "weighted"]
_LEAST_SUM = 1e-4  # of weights, as PyTorch3D has it


@dataclass(frozen=True, eq=False)
class PointFragments:
    """idx: (H, W, K) int32, from near to far. zbuf, dists: (H, W, K), metres and squared NDC. Empty places are -1."""

    idx: Array
    zbuf: Array
    dists: Array


def rasterize_points(
    ndc: Array,
    size: tuple[int, int],
    radius: float | Array,
    *,
    points_per_pixel: int = 8,
    crew: Crew | None = None,
) -> PointFragments:
    """The points that reach each pixel. ndc: (P, 3); radius: NDC, one or (P,); points with z < 0 are left out."""
    if points_per_pixel < 1:
        raise ValueError(f"points_per_pixel: expected 1 or more, found {points_per_pixel}")
    reach = np.broadcast_to(np.asarray(radius, ndc.dtype), (len(ndc),))
    tiles = _bin_points(np.ascontiguousarray(ndc), np.ascontiguousarray(reach), size)
    shape = (*size, points_per_pixel)
    idx = np.full(shape, -1, np.int32)
    zbuf, dists = np.full(shape, -1, ndc.dtype), np.full(shape, -1, ndc.dtype)

    def work(first: int, last: int) -> None:
        _nearest(tiles.corners, reach, tiles.boxes, tiles.starts, tiles.faces, first, last, idx, zbuf, dists)

    tiles.share(crew, work)
    return PointFragments(idx, zbuf, dists)


class SoftPoints:
    """Soft pictures of points, forward and backward. radius: NDC. dtype: of all arrays."""

    def __init__(
        self,
        size: tuple[int, int],
        radius: float,
        *,
        points_per_pixel: int = 8,
        compositing: Compositing = "alpha",
        dtype: npt.DTypeLike = np.float32,
        crew: Crew | None = None,
    ) -> None:
        if radius <= 0:
            raise ValueError(f"radius: expected more than 0, found {radius}")
        self.size, self.radius, self.points_per_pixel = size, radius, points_per_pixel
        self._alpha = compositing == "alpha"
        self._dtype, self._crew = np.dtype(dtype), crew
        self._last: tuple[Array, Array, PointFragments] | None = None
        self.passes = 0  # how many times forward was called: whose gradient backward gives

    def forward(self, ndc: Array, features: Array) -> Array:
        """(H, W, C), zeros where no point is. ndc: (P, 3); features: (P, C)."""
        ndc = np.ascontiguousarray(ndc, self._dtype)
        features = np.ascontiguousarray(features, self._dtype)
        if len(features) != len(ndc):
            raise ValueError(f"features: expected {len(ndc)} rows, one for each point, found {len(features)}")
        found = rasterize_points(ndc, self.size, self.radius, points_per_pixel=self.points_per_pixel, crew=self._crew)
        self._last = ndc, features, found
        self.passes += 1
        image = np.zeros((*self.size, features.shape[1]), self._dtype)
        _composite(found.idx, found.dists, 1 / self.radius**2, features, self._alpha, image)
        return image

    def backward(self, grad: Array) -> tuple[Array, Array]:
        """(grad_ndc (P, 3), its z part 0; grad_features (P, C)) of the last ``forward``. grad: (H, W, C)."""
        if self._last is None:
            raise RuntimeError("backward: call forward first")
        ndc, features, found = self._last
        to_ndc, to_features = np.zeros_like(ndc), np.zeros_like(features)
        grad = np.ascontiguousarray(grad, self._dtype)
        _composite_back(
            found.idx, found.dists, 1 / self.radius**2, ndc, features, self._alpha, grad, to_ndc, to_features
        )
        return to_ndc, to_features


def _bin_points(ndc: Array, reach: Array, size: tuple[int, int]) -> Tiles:
    height, width = size
    columns, rows = -(-width // TILE), -(-height // TILE)
    boxes = np.empty((len(ndc), 4), np.int32)
    starts = np.zeros(rows * columns + 1, np.int32)
    _measure(ndc, reach, height, width, boxes, starts, columns)
    return Tiles(ndc, *fill_tiles(boxes, starts, columns), columns, boxes)


@kernel_with(triangle)
def _measure(ndc: Any, reach: Any, height: int, width: int, boxes: Any, counts: Any, columns: int) -> None:
    """First and last row and column that each point can touch; counts[t + 1]: the points of tile t."""
    for p in range(ndc.shape[0]):
        x, y, r = ndc[p, 0], ndc[p, 1], reach[p]
        boxes[p, 0], boxes[p, 1], boxes[p, 2], boxes[p, 3] = 0, -1, 0, -1
        if not ndc[p, 2] >= 0.0:
            continue
        r0, r1, c0, c1 = pixel_box(x + r, x - r, y + r, y - r, width, height)
        if r1 < r0:
            continue
        boxes[p, 0], boxes[p, 1], boxes[p, 2], boxes[p, 3] = r0, r1, c0, c1
        for row in range(r0 // TILE, r1 // TILE + 1):
            for column in range(c0 // TILE, c1 // TILE + 1):
                counts[row * columns + column + 1] += 1


@kernel_with(triangle)
def _nearest(
    ndc: Any, reach: Any, boxes: Any, starts: Any, found: Any, first: int, last: int, idx: Any, zbuf: Any, dists: Any
) -> None:
    """Keep the nearest points of each pixel, sorted; of equally near ones the first."""
    height, width, most = idx.shape
    columns = -(-width // TILE)
    for tile in range(first, last):
        top, left = tile // columns * TILE, tile % columns * TILE
        for i in range(starts[tile], starts[tile + 1]):
            p = found[i]
            x, y, z = ndc[p]
            for row in range(max(top, boxes[p, 0]), min(top + TILE - 1, boxes[p, 1]) + 1):
                dy = pixel_y(row, width, height) - y
                for column in range(max(left, boxes[p, 2]), min(left + TILE - 1, boxes[p, 3]) + 1):
                    dx = pixel_x(column, width, height) - x
                    distance = dx * dx + dy * dy
                    if distance >= reach[p] * reach[p]:
                        continue
                    if idx[row, column, most - 1] >= 0 and zbuf[row, column, most - 1] <= z:
                        continue
                    k = most - 1
                    while k > 0 and (idx[row, column, k - 1] < 0 or zbuf[row, column, k - 1] > z):
                        idx[row, column, k] = idx[row, column, k - 1]
                        zbuf[row, column, k] = zbuf[row, column, k - 1]
                        dists[row, column, k] = dists[row, column, k - 1]
                        k -= 1
                    idx[row, column, k], zbuf[row, column, k], dists[row, column, k] = p, z, distance


@kernel
def _composite(idx: Any, dists: Any, per_area: float, features: Any, alpha: bool, image: Any) -> None:
    height, width, most = idx.shape
    for row in range(height):
        for column in range(width):
            left, total = 1.0, 0.0
            for k in range(most):
                p = idx[row, column, k]
                if p < 0:
                    break
                weight = 1.0 - dists[row, column, k] * per_area
                share = left * weight if alpha else weight
                left *= 1.0 - weight
                total += weight
                for channel in range(features.shape[1]):
                    image[row, column, channel] += share * features[p, channel]
            if not alpha:
                for channel in range(features.shape[1]):
                    image[row, column, channel] /= max(total, _LEAST_SUM)


@kernel_with(triangle)
def _composite_back(
    idx: Any,
    dists: Any,
    per_area: float,
    ndc: Any,
    features: Any,
    alpha: bool,
    grad: Any,
    to_ndc: Any,
    to_features: Any,
) -> None:
    """From the back to the front: ``behind`` is what the farther points make of the pixel, dotted with its gradient."""
    height, width, most = idx.shape
    for row in range(height):
        y = pixel_y(row, width, height)
        for column in range(width):
            x = pixel_x(column, width, height)
            total, mean, count = 0.0, 0.0, 0
            for k in range(most):
                p = idx[row, column, k]
                if p < 0:
                    break
                weight = 1.0 - dists[row, column, k] * per_area
                total += weight
                count += 1
                for channel in range(features.shape[1]):
                    mean += weight * features[p, channel] * grad[row, column, channel]
            held = max(total, _LEAST_SUM)
            mean /= held
            behind = 0.0
            for k in range(count - 1, -1, -1):
                p = idx[row, column, k]
                weight = 1.0 - dists[row, column, k] * per_area
                dot = 0.0
                for channel in range(features.shape[1]):
                    dot += features[p, channel] * grad[row, column, channel]
                if alpha:
                    before = 1.0
                    for j in range(k):
                        before *= dists[row, column, j] * per_area
                    share = before * weight
                    to_weight = before * (dot - behind)
                    behind = weight * dot + (1.0 - weight) * behind
                else:
                    share = weight / held
                    to_weight = (dot - mean) / held if total > _LEAST_SUM else dot / held
                for channel in range(features.shape[1]):
                    to_features[p, channel] += share * grad[row, column, channel]
                slope = -2.0 * per_area * to_weight
                to_ndc[p, 0] += slope * (ndc[p, 0] - x)
                to_ndc[p, 1] += slope * (ndc[p, 1] - y)
