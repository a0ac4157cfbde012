"""Colours of a mesh's own: textures against numbers by hand and PyTorch3D's TexturesUV."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from pytorch3d.renderer import TexturesUV

from lab.scene import Array, Material, Mesh
from lab.shading.texture import Texels, sample

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
TWO_BY_TWO = np.array([[RED, GREEN], [BLUE, WHITE]], np.uint8)  # row 0 is the top

VERTS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32)
FACES = np.array([[0, 1, 2], [1, 3, 2]], np.int32)
UVS = np.array([[[0, 0], [1, 0], [0, 1]], [[1, 0], [1, 1], [0, 1]]], np.float32)


class Fragments(NamedTuple):
    """What TexturesUV asks of a rasteriser."""

    pix_to_face: torch.Tensor
    bary_coords: torch.Tensor


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixels_and_the_places_between(dtype: type) -> None:
    uv = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0.5, 1], [0, 0.75], [0.5, 0.5]], dtype)
    found = sample(TWO_BY_TWO, uv)
    assert found.dtype == dtype
    middle = [0.5, 0.5, 0.5]
    expected = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0.5, 0.5, 0], [0.75, 0, 0.25], middle]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_outside_it_repeats_or_takes_the_border() -> None:
    uv = np.array([[1.25, 1.0], [-0.75, 2.75], [-0.25, 1.0]])
    np.testing.assert_allclose(
        sample(TWO_BY_TWO, uv, "repeat"), [[0.75, 0.25, 0], [0.625, 0.25, 0.25], [0.25, 0.75, 0]]
    )
    np.testing.assert_allclose(sample(TWO_BY_TWO, uv, "clamp"), [[0, 1, 0], [1, 0, 0], [1, 0, 0]])


def test_a_texture_of_one_pixel_and_coordinates_that_are_not_finite() -> None:
    uv = np.array([[0.3, 0.9], [np.nan, np.inf]])
    np.testing.assert_allclose(sample(TWO_BY_TWO[:1, :1], uv), [[1, 0, 0], [1, 0, 0]])


def test_a_texture_is_sampled_as_pytorch3d_does() -> None:
    rng = np.random.default_rng(5)
    texture = rng.integers(0, 256, (7, 5, 3), np.uint8)
    uvs = rng.random((2, 3, 2), np.float32)
    mesh = Mesh(VERTS, FACES, uvs=uvs, materials=(Material(texture=texture),))
    face = rng.integers(0, 2, (6, 8))
    bary = rng.dirichlet((1, 1, 1), (6, 8)).astype(np.float32)
    found = Texels(mesh).at(face.reshape(-1), bary.reshape(-1, 3))
    theirs = TexturesUV(
        torch.tensor(texture / 255.0, dtype=torch.float32)[None],
        torch.arange(6).reshape(1, 2, 3),
        torch.tensor(uvs.reshape(1, 6, 2)),
    )
    fragments = Fragments(torch.tensor(face)[None, :, :, None], torch.tensor(bary)[None, :, :, None])
    expected = theirs.sample_textures(fragments)[0, :, :, 0]
    np.testing.assert_allclose(found, expected.reshape(-1, 3), atol=2e-6)


def middle_of(mesh: Mesh, **options: object) -> Array:
    """The colours of the two faces' middles."""
    return Texels(mesh, **options).at(np.array([0, 1]), np.full((2, 3), 1 / 3))  # type: ignore[arg-type]


def test_each_face_has_the_map_of_its_material() -> None:
    maps = (Material(texture=TWO_BY_TWO[:1, :1]), Material(diffuse=(0.2, 0.4, 0.6)))
    mesh = Mesh(VERTS, FACES, uvs=UVS, materials=maps, face_materials=np.array([1, 0]))
    np.testing.assert_allclose(middle_of(mesh), [[0.2, 0.4, 0.6], [1, 0, 0]], atol=1e-6)


def test_a_material_out_of_range_counts_as_the_first() -> None:
    mesh = Mesh(VERTS, FACES, materials=(Material(diffuse=(0.5, 0.25, 0.125)),), face_materials=np.array([7, -1]))
    np.testing.assert_allclose(middle_of(mesh), [[0.5, 0.25, 0.125]] * 2)


def test_colours_of_vertices_are_blended_and_go_before_plain_materials() -> None:
    colors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], np.float32)
    mesh = Mesh(VERTS, FACES, colors=colors, materials=(Material(),))
    np.testing.assert_allclose(middle_of(mesh), [[1 / 3] * 3, [1 / 3, 2 / 3, 2 / 3]], atol=1e-6)


def test_without_colours_or_with_the_texture_off_it_is_plain() -> None:
    bare = Mesh(VERTS, FACES)
    textured = Mesh(VERTS, FACES, uvs=UVS, materials=(Material(texture=TWO_BY_TWO),))
    np.testing.assert_array_equal(middle_of(bare), np.ones((2, 3)))
    np.testing.assert_array_equal(middle_of(textured, textured=False, plain=(0.5, 0.25, 0.75)), [[0.5, 0.25, 0.75]] * 2)
    assert Texels(textured).verts is None
