"""Layers against matrix products of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from lab.fields.hashed.layers import choose, multiply, relu, relu_back, weights_back
from lab.scene import Array

COUNT, ROOM = 13, 20


@pytest.fixture
def numbers() -> np.random.Generator:
    return np.random.default_rng(8)


@pytest.mark.parametrize(("outputs", "inputs"), [(4, 4), (16, 8), (8, 20)])
def test_products(outputs: int, inputs: int, numbers: np.random.Generator) -> None:
    weights, values = numbers.normal(size=(outputs, inputs)), numbers.normal(size=(inputs, ROOM))
    out = np.full((outputs, ROOM), 7.0)
    multiply(weights, values, out, COUNT)
    np.testing.assert_allclose(out[:, :COUNT], weights @ values[:, :COUNT], atol=1e-12)
    assert (out[:, COUNT:] == 7.0).all()


@pytest.mark.parametrize(("outputs", "inputs"), [(4, 4), (16, 8), (8, 20)])
def test_gradients_of_weights_are_added(outputs: int, inputs: int, numbers: np.random.Generator) -> None:
    changes, values = numbers.normal(size=(outputs, ROOM)), numbers.normal(size=(inputs, ROOM))
    gradient = np.ones((outputs, inputs))
    weights_back(changes, values, gradient, COUNT)
    np.testing.assert_allclose(gradient, 1 + changes[:, :COUNT] @ values[:, :COUNT].T, atol=1e-12)


def test_relu_and_its_gradient(numbers: np.random.Generator) -> None:
    values, changes = numbers.normal(size=(3, ROOM)), numbers.normal(size=(3, ROOM))
    after, back = values.copy(), changes.copy()
    relu(after, COUNT)
    np.testing.assert_array_equal(after[:, :COUNT], np.maximum(values[:, :COUNT], 0))
    np.testing.assert_array_equal(after[:, COUNT:], values[:, COUNT:])
    relu_back(after, back, COUNT)
    np.testing.assert_array_equal(back[:, :COUNT], np.where(values[:, :COUNT] > 0, changes[:, :COUNT], 0))


def test_columns_move_to_the_front() -> None:
    values: Array = np.arange(12.0).reshape(2, 6)
    choose(values, np.array([0, 2, 5]), 3)
    assert values[:, :3].tolist() == [[0, 2, 5], [6, 8, 11]]
