"""Rays against the rasteriser, and shadows worked by hand."""

import numpy as np
import pytest

from lab.rendering.raycast import Caster, cast_picture
from lab.rendering.views import camera_at
from lab.scene import Mesh
from lab.shading.lights import AmbientLights, DirectionalLights, PointLights, grey
from lab.shading.look import Look
from lab.shading.materials import Materials
from lab.shading.surface import Surface

FLOOR = [[-4.0, 0.0, -4.0], [4.0, 0.0, -4.0], [4.0, 0.0, 4.0], [-4.0, 0.0, 4.0]]
ROOF = [[-1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]]
QUADS = [[0, 2, 1], [0, 3, 2]]


def picture(caster, camera, look, shadows):
    fine = camera.resized(camera.width * look.samples, camera.height * look.samples)
    return cast_picture(caster, caster.look(fine), Surface(caster.mesh, look, camera.center), shadows)


@pytest.fixture(scope="module")
def roofed():
    """A floor at y = 0, 8 m wide, and a roof of 2 m at y = 1 over its middle."""
    return Mesh(np.array(FLOOR + ROOF), np.array(QUADS + [[a + 4, b + 4, c + 4] for a, b, c in QUADS]))


def test_rays_find_faces_weights_and_depths(roofed):
    camera = camera_at(np.zeros(3), 3.0, 90.0, 0.0, 60.0, (31, 31))
    seen = Caster(roofed).look(camera)
    assert seen.depth[15, 15] == pytest.approx(2.0)  # the roof is 2 m below the eye
    assert seen.depth[0, 0] == pytest.approx(3.0)
    assert seen.face[0, 0] in (0, 1)
    points = np.einsum("hwc,hwcd->hwd", seen.bary, roofed.verts[roofed.faces[seen.face]])
    assert points[15, 15] == pytest.approx([0, 1, 0], abs=1e-6)
    assert np.isnan(Caster(roofed).look(camera_at(np.zeros(3), 3.0, 90.0, 0.0, 120.0, (31, 31))).depth[0, 0])


@pytest.mark.parametrize(
    "light",
    [
        PointLights((0.0, 2.0, 0.0), grey(0.2), grey(0.8), grey(0.0)),
        DirectionalLights((0.0, 3.0, 0.0), grey(0.2), grey(0.8), grey(0.0)),
    ],
)
def test_the_floor_below_the_roof_lies_in_shadow(roofed, light):
    """From the height of 2 m the roof's shadow is 4 m wide, in parallel light 2 m."""
    caster = Caster(roofed)
    reach = 2.0 if isinstance(light, PointLights) else 1.0
    offsets = np.array([0.0, 0.9 * reach, 1.1 * reach])
    points = np.stack([offsets, 0 * offsets, 0 * offsets], axis=1)
    towards = np.array([0.0, 2.0, 0.0]) - points if reach == 2 else np.tile([0.0, 3e3, 0.0], (3, 1))
    assert caster.dark(points, towards, np.tile([0.0, 1.0, 0.0], (3, 1))).tolist() == [True, True, False]
    camera = camera_at(np.zeros(3), 0.5, 90.0, 0.0, 60.0, (9, 9))  # below the roof, straight down
    look = Look((light,), Materials(), interpolation="flat")
    dark, bright = (picture(caster, camera, look, shadows) for shadows in (True, False))
    assert dark == pytest.approx(0.2, abs=1e-5)
    assert bright.min() > 0.5


def test_ambient_light_has_no_shadows(roofed):
    camera = camera_at(np.zeros(3), 0.5, 90.0, 0.0, 60.0, (9, 9))
    assert picture(Caster(roofed), camera, Look((AmbientLights(grey(0.7)),)), True) == pytest.approx(0.7)


def test_samples_smooth_the_edge(roofed):
    camera = camera_at(np.zeros(3), 3.0, 90.0, 0.0, 130.0, (41, 41))
    shades = [
        len(
            np.unique(picture(Caster(roofed), camera, Look((AmbientLights(),), background=(0, 0, 0), samples=n), False))
        )
        for n in (1, 3)
    ]
    assert shades[0] == 2
    assert shades[1] > 2
