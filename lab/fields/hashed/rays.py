"""Samples along rays, where the occupancy grid says that something may be."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lab.fields import march_kernels
from lab.fields.march_kernels import BLOCK, block_end, ray_span
from lab.fields.rays import view_numbers
from lab.kernels.jit import inlined, kernel_with
from lab.posed.images import PosedImages
from lab.scene import Array

MOST_SAMPLES = 384
"""Of one ray; there are fewer than 2 sqrt(3) times the cells along the longest side."""


class Space(NamedTuple):
    """Where something may be. cells: (X, Y, Z) uint8, and blocks of them; lower: (3,) float64, metres.

    inverse: cells a metre. step: metres between samples. unit: what takes cells to the unit cube of the encoding.
    scale: of the density, per metre.
    """

    cells: Array
    blocks: Array
    lower: Array
    inverse: float
    step: float
    unit: float
    scale: float


class Pictures(NamedTuple):
    """What is trained on. views: (N, 16) float64, each camera's rotation, centre, fx, fy, cx, cy.

    pixels: (N, H, W, 3) uint8; alphas: (N, H, W) uint8, or of no pictures.
    """

    views: Array
    pixels: Array
    alphas: Array


def pictures_of(images: PosedImages) -> Pictures:
    """The same, as kernels take them."""
    alphas = np.zeros((0, 1, 1), np.uint8) if images.alphas is None else images.alphas
    return Pictures(view_numbers(images.cameras), images.pixels, alphas)


@inlined
def aim(view: Array, line: int, column: int, direction: Array) -> None:
    """Fill the unit direction (3,) of a pixel's ray, world."""
    x = (column + 0.5 - view[14]) / view[12]
    y = -(line + 0.5 - view[15]) / view[13]
    length = 1.0 / math.sqrt(x * x + y * y + 1.0)
    for axis in range(3):
        direction[axis] = (view[3 * axis] * x + view[3 * axis + 1] * y - view[3 * axis + 2]) * length


@kernel_with(march_kernels)
def sample(
    space: Space, origin: Array, along: Array, far: Array, jitter: float, points: Array, depths: Array, count: int
) -> int:
    """Put the samples of a ray behind the first ``count`` of ``points`` (3, M), and return how many there are then.

    origin: in cells; along: cells a metre; far: (3,), cells of the grid. Samples stand whole steps apart, the first
    after ``jitter`` of one. points: in the unit cube. depths: (M,), metres along the ray.
    """
    cells, blocks = space.cells, space.blocks
    at, leave = ray_span(origin, along, far)
    at += jitter * space.step
    most = min(count + MOST_SAMPLES, points.shape[1])
    while at < leave and count < most:
        x, y, z = origin[0] + at * along[0], origin[1] + at * along[1], origin[2] + at * along[2]
        i = min(max(int(x), 0), cells.shape[0] - 1)
        j = min(max(int(y), 0), cells.shape[1] - 1)
        k = min(max(int(z), 0), cells.shape[2] - 1)
        if blocks[i // BLOCK, j // BLOCK, k // BLOCK] == 0:
            end = block_end(i, j, k, origin, along, leave)
            at += space.step * max(1.0, math.ceil((end - at) / space.step))
            continue
        if cells[i, j, k]:
            points[0, count] = min(max(x * space.unit, 0.0), 1.0)
            points[1, count] = min(max(y * space.unit, 0.0), 1.0)
            points[2, count] = min(max(z * space.unit, 0.0), 1.0)
            depths[count] = at
            count += 1
        at += space.step
    return count
