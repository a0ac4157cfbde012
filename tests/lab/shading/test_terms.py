"""The shading equation: numbers by hand, REFERENCE II.1's checks, and PyTorch3D's lighting."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch3d.renderer import lighting

from lab.scene import Array
from lab.shading.lights import AmbientLights, DirectionalLights, Light, PointLights
from lab.shading.materials import Materials
from lab.shading.terms import cosines, highlight, phong

UP = np.array([[0.0, 1.0, 0.0]])
AT = np.zeros((1, 3))
WHITE = {"ambient": (0.0, 0.0, 0.0), "diffuse": (1.0, 1.0, 1.0), "specular": (1.0, 1.0, 1.0)}


def slanted(degrees: float) -> tuple[float, float, float]:
    """A direction so many degrees from +Y, towards +X."""
    return (math.sin(math.radians(degrees)), math.cos(math.radians(degrees)), 0.0)


def test_lambert_at_60_degrees_is_a_half() -> None:
    terms = phong(AT, UP, [DirectionalLights(slanted(60), **WHITE)], Materials(), np.array([0.0, 5.0, 0.0]))
    np.testing.assert_allclose(terms.diffuse, 0.5, atol=1e-12)


def test_light_behind_gives_nothing() -> None:
    terms = phong(AT, UP, [DirectionalLights((0.3, -1.0, 0.1), **WHITE)], Materials(), np.array([0.0, 5.0, 0.0]))
    assert not terms.diffuse.any()
    assert not terms.specular.any()


@pytest.mark.parametrize("shininess", [1.0, 10.0, 64.0])
def test_mirror_direction_shines_fully_for_any_exponent(shininess: float) -> None:
    eye = 4 * np.array(slanted(-35))
    terms = phong(AT, UP, [DirectionalLights(slanted(35), **WHITE)], Materials(shininess=shininess), eye)
    np.testing.assert_allclose(terms.specular, 1.0, atol=1e-12)


def test_highlight_30_degrees_off_the_mirror() -> None:
    eye = 4 * np.array(slanted(-5))
    terms = phong(AT, UP, [DirectionalLights(slanted(35), **WHITE)], Materials(shininess=10), eye)
    np.testing.assert_allclose(terms.specular, 0.2373, atol=5e-5)  # cos(30°)^10


def test_half_vector_bends_by_half_of_it() -> None:
    eye = 4 * np.array(slanted(-5))
    light = DirectionalLights(slanted(35), **WHITE)
    _, half = cosines(AT, UP, light, eye, "Blinn-Phong")
    np.testing.assert_allclose(half, math.cos(math.radians(15)), atol=1e-12)


def test_lambert_has_no_highlight() -> None:
    terms = phong(
        AT, UP, [DirectionalLights((0.0, 1.0, 0.0), **WHITE)], Materials(), np.array([0.0, 5.0, 0.0]), "Lambert"
    )
    assert not terms.specular.any()
    np.testing.assert_allclose(terms.diffuse, 1.0)


def test_ambient_light_times_texel_is_the_colour() -> None:
    terms = phong(AT, UP, [AmbientLights((0.5, 0.25, 1.0))], Materials(ambient=(1.0, 0.5, 0.5)), np.ones(3))
    np.testing.assert_allclose(terms.color(np.array([[0.8, 0.8, 0.2]])), [[0.4, 0.1, 0.1]])


def test_specular_is_not_multiplied_by_the_texture() -> None:
    light = DirectionalLights(
        (0.0, 1.0, 0.0), specular=(0.2, 0.2, 0.2), diffuse=(0.3, 0.3, 0.3), ambient=(0.5, 0.5, 0.5)
    )
    terms = phong(AT, UP, [light], Materials(), np.array([0.0, 5.0, 0.0]))
    np.testing.assert_allclose(terms.color(np.zeros((1, 3))), 0.2)


def test_two_lights_add_up() -> None:
    one, other = PointLights((1.0, 2.0, 0.0)), DirectionalLights((-1.0, 2.0, 0.5))
    eye = np.array([0.0, 3.0, 1.0])
    both = phong(AT, UP, [one, other], Materials(shininess=4), eye)
    alone = [phong(AT, UP, [light], Materials(shininess=4), eye) for light in (one, other)]
    for name in ("ambient", "diffuse", "specular"):
        np.testing.assert_allclose(getattr(both, name), sum(getattr(terms, name) for terms in alone))


def test_exponent_zero_is_a_tint_of_everything() -> None:
    """0⁰ = 1, in PyTorch3D, too: also where the light does not reach."""
    np.testing.assert_array_equal(highlight(np.array([0.5, -0.5]), np.array([-0.2, 0.9]), 0.0), 1.0)


def test_negative_exponent_is_refused() -> None:
    with pytest.raises(ValueError, match="shininess: expected 0 or more, found -1"):
        Materials(shininess=-1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shininess", [0.0, 7.0, 64.0])
@pytest.mark.parametrize("kind", ["point", "directional"])
def test_terms_are_those_of_pytorch3d(dtype: type, shininess: float, kind: str) -> None:
    rng = np.random.default_rng(3)
    points, normals = rng.normal(size=(50, 3)).astype(dtype), rng.normal(size=(50, 3)).astype(dtype)
    normals[0] = 0
    eye = np.array([0.3, 1.5, 2.0])
    place = (0.5, 2.0, 1.5)
    light: Light = PointLights(place) if kind == "point" else DirectionalLights(place)
    theirs = (
        lighting.PointLights(location=(place,)) if kind == "point" else lighting.DirectionalLights(direction=(place,))
    )
    terms = phong(points, normals, [light], Materials(shininess=shininess), eye)
    at, along = torch.tensor(points)[None].float(), torch.tensor(normals)[None].float()
    diffuse = theirs.diffuse(normals=along[:, :, None, None], points=at[:, :, None, None])
    specular = theirs.specular(
        normals=along[:, :, None, None],
        points=at[:, :, None, None],
        camera_position=torch.tensor(eye)[None].float(),
        shininess=torch.tensor([shininess]),
    )
    assert terms.diffuse.dtype == dtype
    np.testing.assert_allclose(terms.diffuse, diffuse[0, :, 0, 0], atol=2e-6)
    np.testing.assert_allclose(terms.specular, specular[0, :, 0, 0], atol=2e-5)


@given(st.integers(0, 10_000), st.floats(0.1, 100.0))
def test_length_of_normals_and_directions_does_not_count(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    points, normals, eye = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=3)
    way: Array = rng.normal(size=3)

    def shade(a: float, b: float) -> Array:
        light = DirectionalLights((float(b * way[0]), float(b * way[1]), float(b * way[2])))
        return phong(points, a * normals, [light], Materials(shininess=3), eye).color(np.ones((5, 3)))

    np.testing.assert_allclose(shade(scale, 1 / scale), shade(1.0, 1.0), atol=1e-9)
