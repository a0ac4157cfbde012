"""Cameras on circles, domes and spheres."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.posed.paths import PATHS, camera_at, directions, spread


@pytest.mark.parametrize("path", PATHS)
def test_every_camera_looks_at_the_origin_from_its_distance(path):
    for azimuth, elevation in directions(path, 20, 15.0).tolist():
        camera = camera_at(azimuth, elevation, 2.7, 60.0, 128)
        assert np.linalg.norm(camera.center) == pytest.approx(2.7)
        assert -camera.rotation[:, 2] @ camera.center == pytest.approx(-2.7)
        assert camera.fx == pytest.approx(64 / np.tan(np.radians(30)))


def test_a_circle_leaves_out_the_end_and_the_courses_does_not():
    assert directions("circle", 4)[:, 0].tolist() == [-180, -90, 0, 90]
    assert directions("course's circle", 5)[:, 0].tolist() == [-180, -90, 0, 90, 180]


@pytest.mark.parametrize(("path", "low"), [("dome", np.sin(np.radians(5))), ("sphere", -1.0)])
def test_spirals_fill_equal_bands_with_equal_shares(path, low):
    heights = np.sin(np.radians(directions(path, 300)[:, 1]))
    counts, _ = np.histogram(heights, bins=10, range=(low, 1.0))
    assert counts.tolist() == [30] * 10
    azimuth = np.histogram(directions(path, 300)[:, 0], bins=6, range=(-180, 180))[0]
    assert abs(azimuth - 50).max() <= 4


@given(st.integers(1, 400), st.integers(0, 400))
def test_as_many_are_chosen_as_asked_at_even_distances(count, chosen):
    chosen = min(count, chosen)
    marks = spread(count, chosen)
    assert marks.sum() == chosen
    if chosen > 1:
        gaps = np.diff(np.flatnonzero(marks))
        assert gaps.max() - gaps.min() <= 1
