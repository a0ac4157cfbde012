"""The probed pixel: PyTorch3D's pixel, numbers by hand, and sums that are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch3d.renderer import BlendParams, MeshRasterizer, RasterizationSettings, SoftPhongShader

from lab.cameras.model import CameraModel
from lab.scene import Mesh
from lab.shading.blending import Blend
from lab.shading.lights import AmbientLights
from lab.shading.look import Look
from lab.shading.picture import Renderer
from lab.shading.probe import probe_pixel
from tests.lab.shading.shading_help import LOOK, camera, colored_ball, torch_scene

SOFT = Blend(sigma=1e-3, gamma=1e-1, blur_radius=8e-3, faces_per_pixel=30, sane=False)


def test_hard_pixels_are_the_renders() -> None:
    mesh, view = colored_ball(), camera(32, 24)
    picture = Renderer().render(mesh, view, LOOK)
    for row, col in [(12, 16), (8, 11), (0, 0), (23, 31)]:
        probe = probe_pixel(mesh, view, LOOK, row, col)
        np.testing.assert_allclose(probe.rgb, picture.rgb[row, col], atol=1e-5)
        if picture.face[row, col] < 0:
            assert not len(probe.face)
            assert probe.nearest is None
            np.testing.assert_array_equal(probe.rgb, LOOK.background)
            assert probe.alpha == 0
        else:
            assert probe.face.tolist() == [picture.face[row, col]]
            np.testing.assert_allclose(probe.z[0], picture.depth[row, col], atol=1e-5)
            np.testing.assert_allclose(probe.bary[0], picture.bary[row, col], atol=1e-4)
            np.testing.assert_allclose(probe.corrected[0], probe.bary[0], atol=1e-9)
            assert probe.nearest is not None
            np.testing.assert_allclose(probe.nearest.color, probe.rgb, atol=1e-12)


def test_soft_pixels_are_pytorch3ds() -> None:
    mesh, view = colored_ball(), camera(32, 24)
    meshes, cameras, others = torch_scene(mesh, view, LOOK)
    settings = RasterizationSettings(image_size=(24, 32), blur_radius=SOFT.blur_radius, faces_per_pixel=30)
    params = BlendParams(SOFT.sigma, SOFT.gamma, LOOK.background)
    fragments = MeshRasterizer(cameras, settings)(meshes)
    picture = SoftPhongShader(cameras=cameras, blend_params=params, **others)(fragments, meshes)[0]
    counts = (fragments.pix_to_face[0] >= 0).sum(dim=-1)
    rows, cols = torch.nonzero(counts > 2, as_tuple=True)
    for i in range(0, len(rows), 23):
        row, col = int(rows[i]), int(cols[i])
        probe = probe_pixel(mesh, view, LOOK, row, col, SOFT)
        count = int(counts[row, col])
        assert probe.face.tolist() == fragments.pix_to_face[0, row, col, :count].tolist()
        np.testing.assert_allclose(probe.dist, fragments.dists[0, row, col, :count], atol=1e-6)
        np.testing.assert_allclose(probe.z, fragments.zbuf[0, row, col, :count], atol=1e-4)
        np.testing.assert_allclose(probe.bary, fragments.bary_coords[0, row, col, :count], atol=1e-3)
        np.testing.assert_allclose(np.append(probe.rgb, probe.alpha), picture[row, col], atol=1e-3)


@pytest.mark.parametrize("sane", [True, False])
def test_the_numbers_add_up(sane: bool) -> None:
    mesh, view = colored_ball(), camera(32, 24)
    blend = replace(SOFT, sane=sane)
    for row, col in [(12, 16), (5, 12), (6, 10), (0, 0)]:
        probe = probe_pixel(mesh, view, LOOK, row, col, blend)
        np.testing.assert_allclose(probe.weight.sum() + probe.background_weight, 1.0, atol=1e-12)
        total = sum(w * color for w, color in zip(probe.weight, probe.parts.color, strict=True))
        np.testing.assert_array_equal(probe.contributions.sum(axis=0), probe.rgb)
        np.testing.assert_allclose(total + probe.background_weight * np.array(LOOK.background), probe.rgb, atol=1e-12)
        np.testing.assert_allclose(probe.alpha, 1 - np.prod(1 - probe.coverage))
        np.testing.assert_allclose(probe.affine.sum(axis=1), 1.0)
        assert (np.diff(probe.z) >= 0).all()


def test_the_references_triangle() -> None:
    """REFERENCE II.1: affine (.125, .625, .25), corrected (.2143, .3571, .4286), z 1.7143 at pixel centre (.5, -.5)."""
    depths = np.array([1.0, 3.0, 1.0])
    x, y = np.array([1, -1, 0]) * depths, np.array([-1, -1, 1]) * depths
    mesh = Mesh(np.stack([x, y, -depths], axis=1), np.array([[0, 1, 2]]))
    view = CameraModel(np.eye(4), 1, 1, 1, 1, 2, 2)
    probe = probe_pixel(mesh, view, Look(lights=(AmbientLights(),)), 1, 0)
    np.testing.assert_allclose(probe.ndc, [0.5, -0.5])
    np.testing.assert_allclose(probe.affine[0], [0.125, 0.625, 0.25], atol=1e-7)
    np.testing.assert_allclose(probe.corrected[0], [0.2143, 0.3571, 0.4286], atol=5e-5)
    np.testing.assert_allclose(probe.z, [1.7143], atol=5e-5)
    np.testing.assert_allclose(probe.dist, [-(0.5**2) / 5], atol=1e-7)  # from the side y = 1 + 2 x... 0.5 / sqrt 5
    np.testing.assert_allclose(probe.pixels, [-0.5 / np.sqrt(5)], atol=1e-7)
    np.testing.assert_allclose(probe.rgb, 1.0)


def test_distance_in_pixels_is_of_the_image() -> None:
    """A pixel two pixels beside a vertical edge, in an image that is not square."""
    mesh = Mesh(np.array([[-5, -5, -1], [0, -5, -1], [0, 5, -1]], np.float32), np.array([[0, 1, 2]]))
    view = CameraModel(np.eye(4), 20, 20, 16, 8, 32, 16)
    probe = probe_pixel(mesh, view, Look(), 8, 17, Blend(blur_radius=0.5, faces_per_pixel=2))
    np.testing.assert_allclose(probe.pixels, [1.5], atol=1e-6)
    np.testing.assert_allclose(probe.dist, [(1.5 * 2 / 16) ** 2], atol=1e-7)


def test_a_pixel_outside_of_the_image_is_refused() -> None:
    with pytest.raises(IndexError, match=r"pixel \(24, 0\): the image has 24 rows and 32 columns"):
        probe_pixel(colored_ball(), camera(32, 24), LOOK, 24, 0)
