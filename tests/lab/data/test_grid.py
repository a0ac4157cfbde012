"""Grids: where their voxels lie, and their limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data.grid import FINEST, Grid, grid_around


def test_centres_count_x_y_z_and_indices_z_y_x() -> None:
    grid = Grid(np.array([10.0, 20.0, 30.0]), 0.5, (4, 3, 2))
    assert grid.centres(np.array([[3, 2, 1]])).tolist() == [[10.5, 21.0, 31.5]]
    assert grid.upper.tolist() == [10.5, 21.0, 31.5]
    assert grid.count == 24
    assert [axis.tolist() for axis in grid.axes] == [[10.0, 10.5], [20.0, 20.5, 21.0], [30.0, 30.5, 31.0, 31.5]]


def test_a_point_belongs_to_the_voxel_whose_cube_it_lies_in() -> None:
    grid = Grid(np.zeros(3), 1.0, (2, 2, 2))
    index, within = grid.index(np.array([[0.49, 0.51, -0.49], [1.51, 0.0, 0.0]]))
    assert index[0].tolist() == [0, 1, 0]
    assert within.tolist() == [True, False]


def test_a_box_gets_a_margin_of_six_percent() -> None:
    grid = grid_around(np.array([0.0, 0.0, 0.0]), np.array([44.0, 22.0, 11.0]), 50)
    assert grid.voxel == pytest.approx(1.0)  # 50 voxels less three at either end
    assert grid.shape == (17, 28, 50)
    assert np.allclose(0.5 * (grid.lower + grid.upper), [22.0, 11.0, 5.5])


@given(
    st.tuples(*[st.floats(0.0, 50.0)] * 3).filter(lambda extent: max(extent) > 1e-3),
    st.integers(8, FINEST),
)
def test_the_box_lies_inside_with_two_voxels_to_spare(extent: tuple[float, float, float], resolution: int) -> None:
    low = np.array([-3.0, 7.0, 100.0])
    grid = grid_around(low, low + extent, resolution)
    assert max(grid.shape) == resolution
    assert (grid.lower <= low - 1.49 * grid.voxel).all()
    assert (grid.upper >= low + np.array(extent) + 1.49 * grid.voxel).all()


@pytest.mark.parametrize("resolution", [0, 7, 257, 100_000])
def test_a_resolution_out_of_bounds_is_refused_before_memory_is_taken(resolution: int) -> None:
    with pytest.raises(ValueError, match="resolution"):
        grid_around(np.zeros(3), np.ones(3), resolution)


def test_a_grid_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        Grid(np.zeros(3), 1.0, (1, 1, FINEST + 1))
    with pytest.raises(ValueError, match="voxel"):
        Grid(np.zeros(3), 0.0, (1, 1, 1))
    with pytest.raises(ValueError, match="no size"):
        grid_around(np.ones(3), np.ones(3), 16)
