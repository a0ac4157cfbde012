"""Which cells hold anything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.fields.hashed.occupancy import Look, Occupancy, blocks_of, looker
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.trainer import HashedField
from lab.fields.hull import hull_of
from lab.fields.instant.grid import first_cells
from lab.kernels.crew import Crew
from lab.posed.images import PosedImages
from lab.posed.make import spot_images
from lab.scene import Array
from tests.lab.fields.hashed.small_space import network, space_of

FULL = np.ones((4, 4, 4), np.uint8)


def seeing(thickness: Array) -> Look:
    return lambda chosen, inside: thickness.reshape(-1)[chosen].astype(np.float32)


@pytest.fixture
def thick() -> Array:
    found = np.zeros((4, 4, 4))
    found[1, 2, 3] = found[0, 0, 0] = 5.0
    return found


def test_what_absorbs_something_stays(thick: Array) -> None:
    occupancy = Occupancy(FULL, 0.01)
    occupancy.update(seeing(thick), True, np.random.default_rng(0))
    assert np.argwhere(occupancy.cells).tolist() == [[0, 0, 0], [1, 2, 3]]


def test_what_was_there_fades_and_comes_back(thick: Array) -> None:
    occupancy, rng = Occupancy(FULL, 0.01), np.random.default_rng(0)
    occupancy.update(seeing(thick), True, rng)
    for _ in range(80):  # 5 x 0.9^60 is less than 0.01
        occupancy.update(seeing(np.where(thick > 0, 1e-9, 1.0)), True, rng)
    assert occupancy.cells[1, 2, 3] == 0
    occupancy.update(seeing(thick), True, rng)
    assert occupancy.cells[1, 2, 3] == 1


def test_later_only_a_part_is_looked_at(thick: Array) -> None:
    occupancy, asked = Occupancy(FULL, 0.01), []

    def look(chosen: Array, inside: Array) -> Array:
        assert inside.shape == (len(chosen), 3)
        asked.append(chosen)
        return thick.reshape(-1)[chosen].astype(np.float32)

    for _ in range(4):
        occupancy.update(look, False, np.random.default_rng(0))
    assert [len(chosen) for chosen in asked] == [16] * 4
    assert sorted(np.concatenate(asked).tolist()) == list(range(64))


def test_dark_cells_go_for_good(thick: Array) -> None:
    occupancy, rng = Occupancy(FULL, 0.01), np.random.default_rng(0)
    occupancy.update(seeing(thick), True, rng)
    dark = np.zeros((4, 4, 4), bool)
    dark[1, 2, 3] = True
    occupancy.leave_out(dark)
    occupancy.update(seeing(thick), True, rng)
    assert np.argwhere(occupancy.cells).tolist() == [[0, 0, 0]]
    occupancy.leave_out(np.ones((4, 4, 4), bool))  # not everything
    assert occupancy.cells.any()


def test_a_checkpoint_brings_all_of_it_back(thick: Array) -> None:
    first, rng = Occupancy(FULL, 0.01), np.random.default_rng(0)
    first.update(seeing(thick), False, rng)
    second = Occupancy(FULL, 0.01)
    second.restore(first.state())
    for occupancy in (first, second):
        occupancy.update(seeing(thick), False, np.random.default_rng(1))
    np.testing.assert_array_equal(first.cells, second.cells)
    np.testing.assert_array_equal(first.blocks, second.blocks)
    np.testing.assert_array_equal(first.thickness, second.thickness)


def test_blocks_cover_their_cells() -> None:
    cells = np.zeros((18, 9, 8), np.uint8)
    cells[17, 8, 7] = 1
    blocks = blocks_of(cells)
    assert blocks.sum() == 1
    assert blocks[-1, -1, -1] == 1


def test_the_look_is_what_a_step_absorbs() -> None:
    """A table of zeros: the density is the scale, everywhere."""
    options = HashOptions(levels=2, base=4, finest=8, table_bits=9, width=8)
    net = network(options)
    net.table[:] = 0
    space = space_of(FULL, scale=3.0)
    with Crew(1) as crew:
        found = looker(net, space, crew)(np.arange(64), np.full((64, 3), 0.5, np.float32))
    np.testing.assert_allclose(found, 3.0 * space.step, rtol=1e-6)


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return spot_images(size=40, views=8, held_out=2).training


def test_the_hull_holds_the_object(images: PosedImages) -> None:
    field = HashedField(images, HashOptions(cells=24))
    cells, lower, edge = first_cells(images.lower, images.upper, 24)
    with Crew(1) as crew:
        hull = hull_of(images, cells, lower, edge, field._pictures.views, crew)
        nothing = replace(images, alphas=np.zeros_like(images.alphas))
        assert hull_of(nothing, cells, lower, edge, field._pictures.views, crew) is cells
        assert hull_of(replace(images, alphas=None), cells, lower, edge, field._pictures.views, crew) is cells
    field.close()
    assert 0.02 < hull.mean() < 0.7
