"""Samples along rays, and what rays see."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.fields.hashed.network import buffers_of, first_values, network_of
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.rays import MOST_SAMPLES, sample
from lab.fields.hashed.train_kernels import reached
from lab.fields.hashed.view_kernels import draw_rays
from lab.scene import Array
from tests.lab.fields.hashed.small_space import NO_SKY, space_of

SMALL = HashOptions(levels=2, base=4, finest=8, table_bits=9, width=8)


def seen(cells: Array, scale: float, origins: Array, directions: Array, ground: float = 0.0) -> Array:
    """Rays through a uniform field: a table of zeros makes the density ``scale``, and no last layer grey of 0.5."""
    table, vector = first_values(SMALL, 0)
    net = network_of(SMALL, np.zeros_like(table), vector)
    net.weights[4][:] = 0
    out = np.empty((len(origins), 5), np.float32)
    draw_rays(
        0, len(origins), origins, directions, space_of(cells, scale), NO_SKY.astype(np.float32), ground, 0.0, net,
        buffers_of(net), out,
    )  # fmt: skip
    return out


@pytest.mark.parametrize("scale", [0.05, 0.7, 3.0])
def test_a_uniform_slab_hides_as_much_as_it_should(scale: float) -> None:
    """1 - e^(-sigma length): 2 m along Z, and along the diagonal of a face with what step it takes."""
    side = math.sqrt(0.5)
    origins = np.array([[0.03, 0.02, 4.0], [3.0, 0.02, 3.0]], np.float32)
    directions = np.array([[0, 0, -1], [-side, 0, -side]], np.float32)
    out = seen(np.ones((8, 8, 8), np.uint8), scale, origins, directions, ground=1.0)
    opaque = 1 - math.exp(-2.0 * scale)
    assert out[0, 3] == pytest.approx(opaque, abs=1e-5)
    assert out[0, :3] == pytest.approx(np.full(3, 0.5 * opaque + (1 - opaque)), abs=1e-5)
    assert out[1, 3] == pytest.approx(1 - math.exp(-math.sqrt(8) * scale), abs=0.5 * 0.125 * scale)


def test_depth_lies_in_the_middle_of_a_thin_slab() -> None:
    out = seen(np.ones((8, 8, 8), np.uint8), 1e-4, np.array([[0, 0, 4.0]], np.float32),
               np.array([[0, 0, -1.0]], np.float32))  # fmt: skip
    assert out[0, 4] / out[0, 3] == pytest.approx(4.0, abs=0.01)


def test_rays_beside_the_box_see_the_ground() -> None:
    out = seen(np.ones((8, 8, 8), np.uint8), 1.0, np.array([[3.0, 0, 4.0]], np.float32),
               np.array([[0, 0, -1.0]], np.float32), ground=0.25)  # fmt: skip
    assert out[0].tolist() == [0.25, 0.25, 0.25, 0.0, 0.0]


def test_samples_stand_where_something_may_be_and_nowhere_else() -> None:
    rng = np.random.default_rng(9)
    cells = np.zeros((16, 16, 16), np.uint8)
    cells[rng.integers(0, 16, 300), rng.integers(0, 16, 300), rng.integers(0, 16, 300)] = 1
    cells[8:, 8:, :] = 0  # whole blocks are empty
    space = space_of(cells)
    for _ in range(40):
        origin, direction = rng.normal(size=3) * 3, rng.normal(size=3)
        direction -= origin
        direction /= np.linalg.norm(direction)
        points, depths = np.zeros((3, MOST_SAMPLES)), np.zeros(MOST_SAMPLES)
        start, along = (origin - space.lower) * space.inverse, direction * space.inverse
        count = sample(space, start, along, np.full(3, 16.0), 0.3, points, depths, 0)
        expected = lattice(cells, start, along, space.step, 0.3)
        np.testing.assert_allclose(depths[:count], expected, atol=1e-9)
        np.testing.assert_allclose(
            points[:, :count] * 16, (start[:, None] + depths[:count] * along[:, None]), atol=1e-9
        )


def lattice(cells: Array, start: Array, along: Array, step: float, jitter: float) -> list[float]:
    """Every whole step from where the ray enters the box, those in cells that hold something."""
    bounds = np.stack([-start / along, (16 - start) / along])
    near, far = max(bounds.min(axis=0).max(), 0.0), bounds.max(axis=0).min()
    found, number = [], 0
    while near + (jitter + number) * step < far:
        at = near + (jitter + number) * step
        i, j, k = np.clip((start + at * along).astype(int), 0, 15)
        if cells[i, j, k]:
            found.append(at)
        number += 1
    return found


def test_samples_behind_what_is_opaque_are_left_out() -> None:
    tau = np.array([0.1, 8.0, 1.0, 1.0, 0.2, 0.3])
    starts, index, owner = np.array([0, 4, 6]), np.zeros(6, np.int64), np.zeros(6, np.int64)
    assert reached(starts, 2, tau, 1e-3, index, owner) == 4  # e^-8.1 is less than that
    assert index[:4].tolist() == [0, 1, 4, 5]
    assert owner[:4].tolist() == [0, 0, 1, 1]
    assert starts.tolist() == [0, 2, 4]
