"""How much light from outside reaches each vertex."""

from __future__ import annotations

import numpy as np
import pytest

from lab.fields.out.reach import optical_depths

EDGE = np.array([0.1, 0.2, 0.3])


def test_in_an_even_block_the_shortest_ways_count() -> None:
    block = np.full((9, 9, 9), 2.0, np.float32)
    depth = optical_depths(block, EDGE, 1)
    assert depth[4, 4, 4] == pytest.approx(2.0 * 0.1 * 4.5)  # along x, where the cells are shortest
    assert depth[4, 0, 4] == pytest.approx(2.0 * 0.2 * 0.5)  # half a step from the face of y
    np.testing.assert_allclose(depth, depth[::-1, ::-1, ::-1], rtol=1e-5)
    both = optical_depths(block, EDGE, 2)
    assert both[4, 4, 4] == pytest.approx(depth[4, 4, 4])  # from +x as from -x
    assert both[1, 4, 4] == pytest.approx(2.0 * np.hypot(0.1, 0.2) * 1.5)  # after x alone, x with y


def test_light_comes_along_a_diagonal_tunnel() -> None:
    sigma = np.full((9, 9, 9), 1000.0, np.float32)
    for k in range(5):
        sigma[k, 8 - k, k] = 0.0
    depth = optical_depths(sigma, EDGE, 1)
    assert depth[4, 4, 4] == 0.0
    assert depth[4, 4, 5] >= 0.5 * 1000.0 * 0.1
    assert optical_depths(sigma, EDGE)[4, 4, 4] > 100.0, "one hole lets no light in"


def test_nothing_stops_light_where_nothing_is() -> None:
    assert optical_depths(np.zeros((3, 4, 5), np.float32), EDGE).max() == 0.0
