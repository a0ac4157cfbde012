"""Values inside faces."""

from __future__ import annotations

import numpy as np
import pytest

from lab.shading.interpolate import interpolate, interpolate_corners

FACES = np.array([[0, 1, 2], [2, 1, 3]], np.int32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_vertices_are_weighted(dtype: type) -> None:
    values = np.array([[0.0, 1.0], [4.0, 0.0], [8.0, 0.0], [0.0, 16.0]])
    bary = np.array([[0.5, 0.25, 0.25], [0.0, 0.5, 0.5]], dtype)
    found = interpolate(values, FACES, np.array([0, 1]), bary)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, [[3.0, 0.5], [2.0, 8.0]])


def test_corners_have_values_of_their_own() -> None:
    values = np.arange(6.0).reshape(2, 3, 1)
    found = interpolate_corners(values, np.array([1, 0]), np.array([[0.0, 0.0, 1.0], [0.5, 0.5, 0.0]]))
    np.testing.assert_allclose(found, [[5.0], [0.5]])
