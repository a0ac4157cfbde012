"""The picture whose cost is told: a sphere, and how many faces each pixel and each tile has to look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lab.cameras.model import CameraModel, look_at, on_sphere
from lab.fitting.templates import ico_sphere
from lab.kernels.crew import Crew
from lab.kernels.jit import kernel_with
from lab.raster import triangle
from lab.raster.projection import to_ndc
from lab.raster.silhouette import course_blur_radius
from lab.raster.tiles import TILE, Tiles, bin_faces
from lab.raster.triangle import edge, nearest_edge, pixel_x, pixel_y
from lab.scene import Array

_DISTANCE, _FOCAL = 2.7, 1.2  # metres from the unit sphere; focal length in sides of the image


@dataclass(frozen=True)
class Case:
    """One picture: size (pixels a side), level of the sphere, sigma (squared NDC)."""

    size: int
    level: int
    sigma: float

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.size, self.size

    @property
    def faces(self) -> int:
        """How many there are."""
        return int(20 * 4**self.level)

    @property
    def blur_radius(self) -> float:
        """Squared NDC, that of the course for this sigma."""
        return course_blur_radius(self.sigma)

    @property
    def blur_pixels(self) -> float:
        """How far the blur radius reaches, in pixels."""
        return float(np.sqrt(self.blur_radius)) * self.size / 2

    @cached_property
    def mesh(self) -> tuple[Array, Array]:
        """(ndc (V, 3) float32, faces (F, 3) int32) of the sphere, which nearly fills the image."""
        verts, faces = ico_sphere(self.level)
        side = self.size
        place = look_at(on_sphere(_DISTANCE, 20.0, 30.0, np.zeros(3)), np.zeros(3))
        camera = CameraModel(place, _FOCAL * side, _FOCAL * side, side / 2, side / 2, side, side)
        return to_ndc(verts, camera), np.ascontiguousarray(faces, np.int32)


@dataclass(frozen=True, eq=False)
class Counts:
    """What is looked at for one picture.

    faces: of the mesh. all_pairs: faces times pixels. boxed: pixels in the boxes of the faces. depth: (H, W) int32,
    faces of each pixel within the blur. load: (rows, columns) int32, faces of each tile.
    """

    faces: int
    all_pairs: int
    boxed: int
    depth: Array
    load: Array


def count(case: Case, crew: Crew | None = None) -> Counts:
    """The counts of the silhouette's kernels, which look at all pixels of a face's box."""
    ndc, faces = case.mesh
    tiles = bin_faces(ndc, faces, case.shape, case.blur_radius)
    depth = np.zeros(case.shape, np.int32)

    def work(first: int, last: int) -> None:
        _count_reached(tiles.corners, tiles.boxes, tiles.starts, tiles.faces, first, last, case.blur_radius, depth)

    tiles.share(crew, work)
    sides = np.maximum(tiles.boxes[:, 1::2].astype(np.int64) - tiles.boxes[:, ::2] + 1, 0)
    boxed = int(sides.prod(axis=1).sum())
    return Counts(len(faces), len(faces) * case.size**2, boxed, depth, _load(tiles))


def _load(tiles: Tiles) -> Array:
    return np.diff(tiles.starts).reshape(-1, tiles.columns)


@kernel_with(triangle)
def _count_reached(
    corners: Any, boxes: Any, starts: Any, found: Any, first: int, last: int, blur_radius: float, depth: Any
) -> None:
    height, width = depth.shape
    columns = -(-width // TILE)
    for tile in range(first, last):
        top, left = tile // columns * TILE, tile % columns * TILE
        for i in range(starts[tile], starts[tile + 1]):
            f = found[i]
            ax, ay, _, bx, by, _, cx, cy, _ = corners[f]
            turn = 1.0 if edge(cx, cy, ax, ay, bx, by) > 0.0 else -1.0
            for row in range(max(top, boxes[f, 0]), min(top + TILE - 1, boxes[f, 1]) + 1):
                y = pixel_y(row, width, height)
                for column in range(max(left, boxes[f, 2]), min(left + TILE - 1, boxes[f, 3]) + 1):
                    x = pixel_x(column, width, height)
                    inside = (
                        turn * edge(x, y, bx, by, cx, cy) > 0.0
                        and turn * edge(x, y, cx, cy, ax, ay) > 0.0
                        and turn * edge(x, y, ax, ay, bx, by) > 0.0
                    )
                    distance, _, _ = nearest_edge(x, y, ax, ay, bx, by, cx, cy)
                    if inside or distance < blur_radius:
                        depth[row, column] += 1
