"""Points of a mesh under a look: PyTorch3D's three shadings of the same points, and what must not matter."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from pytorch3d.renderer.mesh import shading

from lab.scene import Mesh
from lab.shading.lights import AmbientLights, DirectionalLights, PointLights
from lab.shading.look import Look
from lab.shading.materials import Interpolation, Materials
from lab.shading.surface import Surface
from tests.lab.shading.shading_help import LOOK, camera, colored_ball, random_points, torch_scene


class Fragments(NamedTuple):
    """What the shadings ask of a rasteriser."""

    pix_to_face: torch.Tensor
    bary_coords: torch.Tensor


@pytest.mark.parametrize("interpolation", ["flat", "Gouraud", "Phong"])
def test_colours_are_those_of_pytorch3d(interpolation: Interpolation) -> None:
    mesh, view = colored_ball(), camera()
    face, bary = random_points(mesh, 40)
    found = Surface(mesh, replace(LOOK, interpolation=interpolation), view.center).colors(face, bary)
    meshes, cameras, others = torch_scene(mesh, view, LOOK)
    fragments = Fragments(
        torch.tensor(face).reshape(1, 5, 8, 1), torch.tensor(bary.astype(np.float32)).reshape(1, 5, 8, 1, 3)
    )
    texels = meshes.sample_textures(fragments)
    if interpolation == "Gouraud":
        theirs = shading.gouraud_shading(meshes, fragments, cameras=cameras, **others)
    else:
        of = shading.flat_shading if interpolation == "flat" else shading.phong_shading
        theirs = of(meshes, fragments, cameras=cameras, texels=texels, **others)
    np.testing.assert_allclose(found, theirs.reshape(-1, 3), atol=2e-5)


@pytest.mark.parametrize("interpolation", ["flat", "Gouraud", "Phong"])
def test_parts_add_up_and_both_precisions_agree(interpolation: Interpolation) -> None:
    mesh = colored_ball()
    face, bary = random_points(mesh, 30, seed=1)
    surface = Surface(mesh, replace(LOOK, interpolation=interpolation), camera().center)
    parts = surface.parts(face, bary)
    np.testing.assert_array_equal(parts.ambient + parts.diffuse + parts.specular, surface.colors(face, bary))
    single = surface.colors(face, bary.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, surface.colors(face, bary), atol=1e-5)


def test_where_the_origin_lies_does_not_matter() -> None:
    """The same world, once with coordinates around an origin 5,000 km away, where float32 has steps of half a metre."""
    mesh = colored_ball()
    far = np.array([4.5e6, 120.0, 5.0e6])
    face, bary = random_points(mesh, 20)
    away = replace(mesh, origin=far)
    x, y, z = far + LOOK.lights[0].location  # type: ignore[union-attr]
    look = replace(LOOK, lights=(replace(LOOK.lights[0], location=(x, y, z)),))
    found = Surface(away, look, camera().center + far).colors(face, bary)
    np.testing.assert_allclose(found, Surface(mesh, LOOK, camera().center).colors(face, bary), atol=1e-6)


def test_own_normals_are_used_and_given_up_when_the_vertices_move() -> None:
    mesh = colored_ball()
    upwards = replace(mesh, normals=np.broadcast_to(np.float32([0, 1, 0]), mesh.verts.shape))
    face, bary = random_points(mesh, 5)
    np.testing.assert_allclose(Surface(upwards, LOOK, np.ones(3)).normals(face, bary), [[0, 1, 0]] * 5, atol=1e-7)
    moved = Surface(upwards, LOOK, np.ones(3), mesh.verts.astype(np.float64)).normals(face, bary)
    np.testing.assert_allclose(moved, Surface(mesh, LOOK, np.ones(3)).normals(face, bary), atol=1e-12)


def test_another_look_is_as_a_new_surface() -> None:
    mesh = colored_ball()
    face, bary = random_points(mesh, 9)
    first = Surface(mesh, LOOK, np.ones(3))
    first.colors(face, bary)
    for look in (replace(LOOK, crease_deg=30.0), replace(LOOK, crease_deg=10.0), replace(LOOK, interpolation="flat")):
        eye = camera().center
        np.testing.assert_array_equal(
            first.under(look, eye).colors(face, bary), Surface(mesh, look, eye).colors(face, bary)
        )


def test_sharp_edges_show_under_phong() -> None:
    mesh = colored_ball()
    face, bary = random_points(mesh, 12)
    sharp = Surface(mesh, replace(LOOK, crease_deg=0.0), np.ones(3)).normals(face, bary)
    facets = Surface(mesh, replace(LOOK, interpolation="flat"), np.ones(3)).normals(face, bary)
    np.testing.assert_allclose(sharp, facets, atol=1e-6)


def test_gouraud_multiplies_a_texture_after_blending() -> None:
    """Colours that faces have, not vertices: the light is blended, and the pixel's own texel is multiplied by it."""
    mesh = colored_ball()
    from lab.scene import Material

    materials = tuple(Material(diffuse=(r, 0.5, 0.25)) for r in (0.0, 1.0))
    by_face = Mesh(mesh.verts, mesh.faces, materials=materials, face_materials=np.arange(len(mesh.faces)) % 2)
    face, bary = random_points(mesh, 30)
    look = replace(LOOK, interpolation="Gouraud")
    white = Surface(by_face, replace(look, textured=False), np.ones(3)).parts(face, bary)
    found = Surface(by_face, look, np.ones(3)).parts(face, bary)
    texels = np.stack([face % 2, np.full(30, 0.5), np.full(30, 0.25)], axis=1)
    np.testing.assert_allclose(found.diffuse, white.diffuse * texels, atol=1e-6)
    np.testing.assert_allclose(found.specular, white.specular)


def test_lights_add_up() -> None:
    mesh = colored_ball()
    face, bary = random_points(mesh, 10)
    lights = (AmbientLights((0.1, 0.2, 0.3)), PointLights((0, 3, 0)), DirectionalLights((1, 0, 1)))
    material = Materials(shininess=5)
    together = Surface(mesh, Look(lights, material), np.ones(3)).colors(face, bary)
    alone = [Surface(mesh, Look((light,), material), np.ones(3)).colors(face, bary) for light in lights]
    np.testing.assert_allclose(together, sum(alone), atol=1e-12)


def test_samples_are_checked() -> None:
    with pytest.raises(ValueError, match="samples: expected 1, 2 or 3"):
        Look(samples=4)
