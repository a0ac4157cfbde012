"""Directions towards lights."""

from __future__ import annotations

import numpy as np

from lab.shading.lights import AmbientLights, DirectionalLights, PointLights, towards

POINTS = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])


def test_point_light_is_seen_from_each_point() -> None:
    found = towards(PointLights((1.0, 1.0, 1.0)), POINTS)
    np.testing.assert_array_equal(found, [[0, -1, -2], [1, 1, 1]])


def test_directional_light_points_to_the_light_from_everywhere() -> None:
    found = towards(DirectionalLights((0.0, 3.0, 0.0)), POINTS)
    np.testing.assert_array_equal(found, [[0, 3, 0], [0, 3, 0]])


def test_ambient_light_has_no_direction() -> None:
    assert towards(AmbientLights(), POINTS) is None
