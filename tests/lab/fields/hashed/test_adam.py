"""Adam for entries that were touched, and for matrices."""

from __future__ import annotations

import numpy as np
import pytest

from lab.fields.hashed.adam import descend, descend_table


def test_the_first_step_by_hand() -> None:
    """mean = 0.1 g, spread = 0.01 g²: it moves by rate 0.1 g / (0.1 |g|), which is the rate."""
    values, mean, spread = np.array([1.0, 1.0]), np.zeros(2), np.zeros(2)
    descend(values, mean, spread, np.array([3.0, -0.2]), 0.01)
    np.testing.assert_allclose(values, [0.99, 1.01], atol=1e-12)
    np.testing.assert_allclose(mean, [0.3, -0.02], atol=1e-12)
    np.testing.assert_allclose(spread, [0.09, 0.0004], atol=1e-12)


def test_where_there_never_was_a_gradient_nothing_moves() -> None:
    values = np.ones(3)
    descend(values, np.zeros(3), np.zeros(3), np.zeros(3), 0.5)
    assert values.tolist() == [1, 1, 1]


def test_only_touched_entries_move_and_parts_are_added_up() -> None:
    rng = np.random.default_rng(1)
    table, moments = rng.normal(size=(6, 4)), np.zeros((2, 6, 4))
    before, gradients = table.copy(), np.zeros((2, 6, 4))
    touched = np.zeros((2, 6), np.uint8)
    gradients[0, 2], gradients[1, 2], gradients[1, 4] = 1.0, 0.5, -2.0
    touched[0, 2] = touched[1, 2] = touched[1, 4] = 1
    descend_table(0, 6, table, moments[0], moments[1], gradients, touched, 0.1)
    assert moments[0, 2] == pytest.approx(np.full(4, 0.15))
    np.testing.assert_allclose(table[[2, 4]], before[[2, 4]] + [[-0.1], [0.1]], atol=1e-9)
    np.testing.assert_array_equal(table[[0, 1, 3, 5]], before[[0, 1, 3, 5]])
    assert not gradients.any()
    assert not touched.any()


def test_many_steps_find_the_lowest_place() -> None:
    values, mean, spread = np.array([4.0]), np.zeros(1), np.zeros(1)
    for step in range(800):
        descend(values, mean, spread, 2 * (values - 1.5), 0.05 * 0.99**step)
    assert values[0] == pytest.approx(1.5, abs=1e-3)
