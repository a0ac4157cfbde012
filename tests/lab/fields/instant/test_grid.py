"""The sparse grid: hulls, finer grids, and which pixels see it."""

from __future__ import annotations

import numpy as np
import pytest

from lab.fields.instant.grid import carved, doubled, first_cells, grid_of, pixels_that_meet, taken_over, widened
from lab.kernels.crew import Crew

VIEW = np.concatenate([np.eye(3).reshape(-1), [0.0, 0.0, 4.0], [16.0, 16.0, 8.0, 8.0]])[None]
"""A camera at (0, 0, 4) that looks along -Z: 16 x 16 pixels, half a metre to a pixel at a distance of 8 m."""


def test_cells_are_cubes_and_cover_the_box() -> None:
    cells, lower, edge = first_cells(np.array([-1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.3]), 8)
    assert cells.shape == (8, 4, 2)
    assert edge == pytest.approx(0.25)
    np.testing.assert_allclose(lower, [-1.0, 0.0, -0.1])


def test_a_cell_has_eight_vertices_and_neighbours_share_four() -> None:
    cells = np.zeros((3, 3, 3), np.uint8)
    cells[1, 1, 1] = 1
    assert grid_of(cells, np.zeros(3), 1.0).vertices == 8
    cells[2, 1, 1] = 1
    grid = grid_of(cells, np.zeros(3), 1.0)
    assert grid.vertices == 12
    np.testing.assert_array_equal(grid.cells, cells)
    assert grid.blocks.any()


def test_a_finer_grid_interpolates_what_was_there() -> None:
    cells = np.ones((4, 4, 4), np.uint8)
    old, new = grid_of(cells, np.zeros(3), 1.0), grid_of(doubled(cells), np.zeros(3), 0.5)
    taken_over(old, np.zeros((old.vertices, 1)), old, 1, np.zeros(1))  # its places
    values = (old.places @ np.array([1.0, 10.0, 100.0]))[:, None]
    finer = taken_over(new, values, old, 2, np.zeros(1))
    np.testing.assert_allclose(finer[:, 0], new.places @ np.array([0.5, 5.0, 50.0]))


def test_vertices_that_were_not_there_get_the_usual() -> None:
    few, all_ = np.zeros((4, 4, 4), np.uint8), np.ones((4, 4, 4), np.uint8)
    few[0, 0, 0] = 1
    old, new = grid_of(few, np.zeros(3), 1.0), grid_of(all_, np.zeros(3), 1.0)
    values = taken_over(new, np.full((8, 2), 3.0), old, 1, np.array([-5.0, 7.0]))
    assert (values[new.rows[1, 1, 1]] == 3.0).all()
    np.testing.assert_array_equal(values[new.rows[3, 3, 3]], [-5.0, 7.0])


def test_the_hull_is_what_all_masks_leave() -> None:
    cells, lower, edge = first_cells(-np.ones(3), np.ones(3), 8)
    mask = np.zeros((1, 16, 16), np.uint8)
    mask[:, :, 8:] = 1  # the right half
    with Crew(2) as crew:
        left = carved(cells, lower, edge, VIEW, mask, crew)
    assert not left[:4].any()
    assert left[4:].all()


def test_widening_reaches_one_cell_to_all_sides() -> None:
    cells = np.zeros((12, 5, 5), np.uint8)
    cells[9, 2, 0] = 1
    with Crew(2) as crew:
        wide = widened(cells, crew)
    assert wide.sum() == 3 * 3 * 2
    assert wide[8:11, 1:4, :2].all()


def test_only_pixels_that_look_at_cells_are_taken() -> None:
    cells = np.zeros((8, 8, 8), np.uint8)
    cells[6, 4, 4] = 1  # right of the middle
    grid = grid_of(cells, -np.ones(3), 0.25)
    with Crew(2) as crew:
        found = pixels_that_meet(grid, VIEW, 16, 16, crew)
    assert 0 < len(found) <= 8
    assert (found % 16 >= 9).all()
