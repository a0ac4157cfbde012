"""The probed point: numbers by hand, and a sum that is the surface's colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.scene import Mesh
from lab.shading.lights import AmbientLights, DirectionalLights, PointLights
from lab.shading.look import Look
from lab.shading.materials import Interpolation, Materials, Model
from lab.shading.point_probe import probe_point
from lab.shading.surface import Surface
from tests.lab.shading.shading_help import LIGHT, LOOK, camera, colored_ball, random_points

GROUND = Mesh(
    np.array([[0, 0, 0], [0, 0, 1], [1, 0, 0]]), np.array([[0, 1, 2]]), colors=np.tile(np.float32([0.5, 1, 0]), (3, 1))
)


def test_numbers_by_hand() -> None:
    """A point on the ground, the light at 60 degrees from the normal, the eye in the mirrored direction."""
    light = DirectionalLights((np.sqrt(3.0), 1.0, 0.0), (0.1, 0.1, 0.1), (0.8, 0.8, 0.8), (0.4, 0.4, 0.4))
    look = Look(lights=(light,), material=Materials(shininess=20.0))
    probe = probe_point(GROUND, look, np.array([-np.sqrt(3.0), 1.0, 0.0]), 0, np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(probe.normal, [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(probe.lights[0].to_light, [np.sqrt(3) / 2, 0.5, 0], atol=1e-12)
    np.testing.assert_allclose(probe.lights[0].mirrored, probe.to_eye, atol=1e-12)
    np.testing.assert_allclose(probe.lights[0].halfway, [0, 1, 0], atol=1e-12)
    numbers = {number.name: number.value for number in probe.numbers()}
    np.testing.assert_allclose(numbers["texel"], [0.5, 1, 0])
    np.testing.assert_allclose(numbers["n·l"], [0.5])
    np.testing.assert_allclose(numbers["r·v"], [1.0])
    np.testing.assert_allclose(numbers["max(0, r·v)^p"], [1.0])
    np.testing.assert_allclose(numbers["ambient"], [0.05, 0.1, 0], atol=1e-12)
    np.testing.assert_allclose(numbers["diffuse"], [0.2, 0.4, 0], atol=1e-12)
    np.testing.assert_allclose(numbers["specular"], [0.4, 0.4, 0.4])
    np.testing.assert_allclose(numbers["colour"], [0.65, 0.9, 0.4])


@pytest.mark.parametrize("interpolation", ["flat", "Gouraud", "Phong"])
@pytest.mark.parametrize("model", ["Phong", "Lambert", "Blinn-Phong"])
def test_the_numbers_add_up_to_the_surfaces_colour(interpolation: Interpolation, model: Model) -> None:
    mesh, eye = colored_ball(), camera().center
    lights = (LIGHT, DirectionalLights((-1, 1, 1)), AmbientLights((0.1, 0.1, 0.2)))
    look = replace(LOOK, interpolation=interpolation, model=model, lights=lights)
    face, bary = random_points(mesh, 8, seed=7)
    expected = Surface(mesh, look, eye).colors(face, bary)
    for i in range(8):
        numbers = probe_point(mesh, look, eye, int(face[i]), bary[i]).numbers()
        total = sum(np.array(number.value) for number in numbers if number.adds)
        np.testing.assert_allclose(total, expected[i], atol=1e-12)
        np.testing.assert_allclose(numbers[-1].value, total, atol=1e-12)


@pytest.mark.parametrize(("model", "interpolation"), [("Phong", "Phong"), ("Blinn-Phong", "Phong"), ("Phong", "flat")])
def test_the_terms_are_the_product_of_their_factors(model: Model, interpolation: Interpolation) -> None:
    mesh, eye = colored_ball(), camera().center
    look = replace(LOOK, model=model, interpolation=interpolation)
    face, bary = random_points(mesh, 8, seed=2)
    for i in range(8):
        probe = probe_point(mesh, look, eye, int(face[i]), bary[i])
        light = probe.lights[0]
        diffuse = np.multiply(look.material.diffuse, LIGHT.diffuse) * max(0.0, light.to_light_cosine) * probe.texel
        specular = np.multiply(look.material.specular, LIGHT.specular) * light.power
        np.testing.assert_allclose(light.diffuse, diffuse, atol=1e-7)
        np.testing.assert_allclose(light.specular, specular, atol=1e-7)


def test_ambient_light_has_no_cosines() -> None:
    probe = probe_point(GROUND, Look(lights=(AmbientLights(),)), np.ones(3), 0, np.full(3, 1 / 3))
    assert probe.lights[0].to_light is None
    names = [number.name for number in probe.numbers()]
    assert "n·l" not in names
    np.testing.assert_allclose(probe.color, [0.5, 1.0, 0.0])


def test_the_origin_is_added() -> None:
    mesh = replace(GROUND, origin=np.array([1e6, 2.0, 3.0]))
    probe = probe_point(
        mesh, Look(lights=(PointLights((1e6, 4.0, 3.0)),)), np.array([1e6, 9.0, 3.0]), 0, np.array([1, 0, 0])
    )
    np.testing.assert_allclose(probe.point, mesh.origin)
    np.testing.assert_allclose(probe.lights[0].to_light_cosine, 1.0)
