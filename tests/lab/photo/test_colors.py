"""Colours and their distances."""

from __future__ import annotations

import numpy as np
import pytest

from lab.photo.colors import coordinates, to_lab, within


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # the corners of sRGB in L*a*b* under D65, as tables of colour science give them
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_known_colours(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    np.testing.assert_allclose(to_lab(np.array(rgb, np.uint8)), lab, atol=0.02)
    np.testing.assert_allclose(to_lab(np.array(rgb) / 255), lab, atol=0.02)


def test_rows_are_taken_in_parts_without_a_seam() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (600, 3, 3)).astype(np.uint8)
    places = coordinates(pixels)
    np.testing.assert_allclose(places, to_lab(pixels), atol=1e-5)
    near = within(places, places[300, 1], 20.0)
    np.testing.assert_array_equal(near, np.linalg.norm(places - places[300, 1], axis=-1) <= 20)
    assert near[300, 1]


def test_plain_distances_count_percent() -> None:
    pixels = np.array([[[0, 0, 0], [255, 0, 0]]], np.uint8)
    assert np.linalg.norm(np.subtract(*coordinates(pixels, "rgb")[0])) == pytest.approx(100, abs=1e-4)
    np.testing.assert_allclose(coordinates(pixels / np.float32(255), "rgb"), coordinates(pixels, "rgb"), atol=1e-4)
