"""The background as a smooth surface of colour."""

from __future__ import annotations

import numpy as np
import pytest

from lab.photo.backdrop import backdrop, near_backdrop
from lab.photo.masks import from_background
from tests.lab.photo.photo_help import disc, orange_on_grey


def polynomial(height: int, width: int, surface: np.ndarray) -> np.ndarray:
    """(H, W, 3): the surface at every pixel, from its definition."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1) @ surface


def test_a_known_surface_is_found_again() -> None:
    surface = np.array([[60, 2, -3], [9, 1, 0], [-7, 0, 2], [-4, 0.5, 0], [3, 0, 0], [-5, 0, 1]], float)
    places = polynomial(50, 70, surface).astype(np.float32)
    np.testing.assert_allclose(polynomial(50, 70, backdrop(places)), places, atol=0.02)
    assert near_backdrop(places, backdrop(places), 0.1).all()


def test_an_object_over_a_third_of_the_border_does_not_matter() -> None:
    surface = np.zeros((6, 3))
    surface[0], surface[1] = (70, 0, 5), (8, 0, 0)
    rng = np.random.default_rng(0)
    places = (polynomial(60, 80, surface) + rng.normal(0, 0.7, (60, 80, 3))).astype(np.float32)
    covered = places.copy()
    covered[:, :10] = (30, 40, 40)  # the whole left side: 60 + 2 * 10 of 280
    covered[:4, :25] = (30, 40, 40)
    found = near_backdrop(covered, backdrop(covered), 5.0)
    assert not found[:, :10].any()
    assert found[4:, 10:].all()


def test_uneven_light_needs_no_larger_tolerance() -> None:
    mask = disc(120, 160, 35)
    y, x = np.mgrid[-1:1:120j, -1:1:160j]
    light = 1.0 - 0.25 * (x * x + y * y) + 0.1 * x  # a dark corner, a lamp on the right
    pixels = np.clip(orange_on_grey(mask, noise=2.0) * light[..., None], 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(from_background(pixels), mask)
    even = from_background(pixels, np.median(pixels[0], axis=0) / 255)
    assert (even & ~mask).any(), "one colour for all of it is not enough"


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_the_smallest_photos_have_a_background_too(size: tuple[int, int]) -> None:
    places = np.full((*size, 3), 50, np.float32)
    assert near_backdrop(places, backdrop(places), 1.0).all()
