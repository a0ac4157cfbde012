"""The soft silhouette of a mesh, forward and backward in one pass over tiles, without a limit of faces per pixel.

``A = 1 - prod_j (1 - sigmoid(-d_j / sigma))`` over all faces j within the blur, d the signed squared distance of the
pixel to the projected triangle in NDC, negative inside. Source: Liu et al. 2019 (arXiv 1904.01786), as PyTorch3D's
``SoftSilhouetteShader`` computes it for the K nearest faces (REFERENCE III.2).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.kernels.crew import Crew
from lab.kernels.jit import kernel_with
from lab.raster import triangle
from lab.raster.tiles import TILE, Tiles, bin_faces, sum_of_entries
from lab.raster.triangle import edge, nearest_edge, outline_back, pixel_x, pixel_y
from lab.scene import Array

_COVERED = 1e-10
"""A pixel whose background shows through by less is covered: nothing more changes it, and no gradient comes from it."""


def course_blur_radius(sigma: float) -> float:
    """The blur radius, squared NDC, at which a face's probability has fallen to 1e-4: ln(1 / 1e-4 - 1) sigma."""
    return math.log(1.0 / 1e-4 - 1.0) * sigma


class SoftSilhouette:
    """Soft silhouettes of one topology. The same object may be asked for many poses, one after the other.

    faces: (F, 3) integers. size: (H, W). sigma: squared NDC. blur_radius: squared NDC, by default that of the course.
    dtype: of all arrays. crew: threads that share the tiles.
    """

    def __init__(
        self,
        faces: Array,
        size: tuple[int, int],
        *,
        sigma: float = 1e-4,
        blur_radius: float | None = None,
        dtype: npt.DTypeLike = np.float32,
        crew: Crew | None = None,
    ) -> None:
        if sigma <= 0:
            raise ValueError(f"sigma: expected more than 0, found {sigma}")
        self.size, self.sigma = size, sigma
        self.blur_radius = course_blur_radius(sigma) if blur_radius is None else blur_radius
        self._faces = np.ascontiguousarray(faces, np.int32)
        self._dtype, self._crew = np.dtype(dtype), crew
        self._tiles: Tiles | None = None
        self._count = 0
        self.passes = 0  # how many times forward was called: whose gradient backward gives
        self._shows = np.zeros(size, self._dtype)

    def forward(self, ndc: Array) -> Array:
        """(H, W) alpha, row 0 at the top. ndc: (V, 3), z the depth in metres; faces that reach z <= 0 are left out."""
        ndc = np.ascontiguousarray(ndc, self._dtype)
        tiles = bin_faces(ndc, self._faces, self.size, self.blur_radius)
        shows = np.ones(self.size, self._dtype)

        def work(first: int, last: int) -> None:
            _forward(tiles.corners, tiles.boxes, tiles.starts, tiles.faces, first, last, *self._scales, shows)

        tiles.share(self._crew, work)
        self._tiles, self._shows, self._count = tiles, shows, len(ndc)
        self.passes += 1
        return np.asarray(1 - shows)

    def backward(self, grad_alpha: Array) -> Array:
        """(V, 3) gradient with respect to the last ``forward``'s ndc; its z part is 0. grad_alpha: (H, W)."""
        tiles, shows = self._tiles, self._shows
        if tiles is None:
            raise RuntimeError("backward: call forward first")
        grad = np.ascontiguousarray(grad_alpha, self._dtype)
        values = np.zeros((len(tiles.faces), 3, 3), self._dtype)

        def work(first: int, last: int) -> None:
            _backward(
                tiles.corners, tiles.boxes, tiles.starts, tiles.faces, first, last, *self._scales, shows, grad, values
            )

        tiles.share(self._crew, work)
        return sum_of_entries(tiles, values, self._faces, self._count)

    @property
    def _scales(self) -> tuple[float, float]:
        return 1.0 / self.sigma, self.blur_radius


@kernel_with(triangle)
def _forward(
    corners: Any,
    boxes: Any,
    starts: Any,
    found: Any,
    first: int,
    last: int,
    sharpness: float,
    blur_radius: float,
    shows: Any,
) -> None:
    """shows[row, column]: how much of the background shows, multiplied by what each face leaves of it."""
    height, width = shows.shape
    columns = -(-width // TILE)
    for tile in range(first, last):
        top, left = tile // columns * TILE, tile % columns * TILE
        for i in range(starts[tile], starts[tile + 1]):
            f = found[i]
            ax, ay, bx, by, cx, cy = (
                corners[f, 0], corners[f, 1], corners[f, 3], corners[f, 4], corners[f, 6], corners[f, 7],
            )  # fmt: skip
            turn = 1.0 if edge(cx, cy, ax, ay, bx, by) > 0.0 else -1.0
            for row in range(max(top, boxes[f, 0]), min(top + TILE - 1, boxes[f, 1]) + 1):
                y = pixel_y(row, width, height)
                for column in range(max(left, boxes[f, 2]), min(left + TILE - 1, boxes[f, 3]) + 1):
                    shown = shows[row, column]
                    if shown < _COVERED:
                        continue
                    x = pixel_x(column, width, height)
                    inside = (
                        turn * edge(x, y, bx, by, cx, cy) > 0.0
                        and turn * edge(x, y, cx, cy, ax, ay) > 0.0
                        and turn * edge(x, y, ax, ay, bx, by) > 0.0
                    )
                    distance, _, _ = nearest_edge(x, y, ax, ay, bx, by, cx, cy)
                    if inside:
                        distance = -distance
                    elif distance >= blur_radius:
                        continue
                    shows[row, column] = shown * (1.0 - 1.0 / (1.0 + math.exp(distance * sharpness)))


@kernel_with(triangle)
def _backward(
    corners: Any,
    boxes: Any,
    starts: Any,
    found: Any,
    first: int,
    last: int,
    sharpness: float,
    blur_radius: float,
    shows: Any,
    grad: Any,
    values: Any,
) -> None:
    """values[i]: the gradient of entry i's corners (3, 3). d A / d d_j = -shows p_j / sigma: no division by 1 - p."""
    height, width = shows.shape
    columns = -(-width // TILE)
    for tile in range(first, last):
        top, left = tile // columns * TILE, tile % columns * TILE
        for i in range(starts[tile], starts[tile + 1]):
            f = found[i]
            ax, ay, bx, by, cx, cy = (
                corners[f, 0], corners[f, 1], corners[f, 3], corners[f, 4], corners[f, 6], corners[f, 7],
            )  # fmt: skip
            turn = 1.0 if edge(cx, cy, ax, ay, bx, by) > 0.0 else -1.0
            for row in range(max(top, boxes[f, 0]), min(top + TILE - 1, boxes[f, 1]) + 1):
                y = pixel_y(row, width, height)
                for column in range(max(left, boxes[f, 2]), min(left + TILE - 1, boxes[f, 3]) + 1):
                    weight = grad[row, column] * shows[row, column]
                    if weight == 0.0 or shows[row, column] < _COVERED:
                        continue
                    x = pixel_x(column, width, height)
                    inside = (
                        turn * edge(x, y, bx, by, cx, cy) > 0.0
                        and turn * edge(x, y, cx, cy, ax, ay) > 0.0
                        and turn * edge(x, y, ax, ay, bx, by) > 0.0
                    )
                    distance, which, t = nearest_edge(x, y, ax, ay, bx, by, cx, cy)
                    if not inside and distance >= blur_radius:
                        continue
                    signed = -distance if inside else distance
                    slope = -weight * sharpness / (1.0 + math.exp(signed * sharpness))
                    outline_back(x, y, ax, ay, bx, by, cx, cy, which, t, -slope if inside else slope, values[i])
