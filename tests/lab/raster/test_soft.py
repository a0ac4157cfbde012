"""Soft pictures: PyTorch3D's blending, finite differences, occlusion, the same for any threads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.ops import interpolate_face_attributes
from pytorch3d.renderer.blending import BlendParams, softmax_rgb_blend
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.structures import Meshes

from lab.kernels.crew import Crew
from lab.raster.soft import SoftRender
from tests.lab.raster.test_silhouette import triangles

NEAR, FAR = 0.1, 10.0
BACKGROUND = (0.2, 0.5, 0.9)


def colors_of(faces: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(len(faces), 3, 3))


def render(faces, size, **options):
    settings_ = {"sigma": 1e-3, "gamma": 1e-2, "background": BACKGROUND, "z_near": NEAR, "z_far": FAR} | options
    return SoftRender(faces, size, **settings_)


@settings(max_examples=20)
@given(
    st.integers(0, 10_000),
    st.integers(1, 8),
    st.tuples(st.integers(5, 24), st.integers(5, 24)),
    st.sampled_from([1e-4, 1e-3, 1e-2]),
    st.sampled_from([1e-4, 1e-2, 1e-1]),
)
def test_pixels_and_gradients_are_pytorch3ds(seed, count, size, sigma, gamma):
    ndc, faces = triangles(seed, count)
    corner_colors = colors_of(faces, seed)
    ours = render(faces, size, sigma=sigma, gamma=gamma, perspective=False)
    picture = ours.forward(ndc, corner_colors)
    verts = torch.tensor(ndc, requires_grad=True)
    colors = torch.tensor(corner_colors, dtype=torch.float32, requires_grad=True)
    meshes = Meshes([verts], [torch.tensor(faces, dtype=torch.int64)])
    options = {"perspective_correct": False, "clip_barycentric_coords": True}
    found = Fragments(*rasterize_meshes(meshes, size, ours.blur_radius, len(faces), **options))
    texels = interpolate_face_attributes(found.pix_to_face, found.bary_coords, colors)
    blend = BlendParams(sigma=sigma, gamma=gamma, background_color=BACKGROUND)
    expected = softmax_rgb_blend(texels, found, blend, znear=NEAR, zfar=FAR)[0]
    got = np.concatenate([picture.rgb, picture.alpha[..., None]], axis=2)
    off = np.abs(got - expected.detach().numpy()).max(axis=2)
    assert (off > 1e-4).mean() <= 1 / 200  # a pixel on the rim of the blur: either way in float32
    if (off > 1e-4).any():
        return
    grad = np.random.default_rng(seed).normal(size=(*size, 4)).astype(np.float32)
    (expected * torch.tensor(grad)).sum().backward()
    to_ndc, to_colors = ours.backward(grad[..., :3], grad[..., 3])
    assert np.linalg.norm(to_colors - colors.grad.numpy()) <= 1e-3 * np.linalg.norm(to_colors) + 1e-4
    scale = np.linalg.norm(to_ndc)
    assert np.linalg.norm(to_ndc - verts.grad.numpy()) <= 5e-3 * scale + 1e-3


@pytest.mark.parametrize("perspective", [True, False])
@pytest.mark.parametrize("gamma", [1e-2, 0.3])
def test_the_gradient_is_that_of_finite_differences(perspective, gamma):
    size = (18, 26)
    ndc, faces = triangles(11, 4)
    ndc = ndc.astype(np.float64)
    colors = colors_of(faces)
    soft = render(
        faces, size, sigma=3e-3, gamma=gamma, blur_radius=9.0, perspective=perspective, dtype=np.float64
    )  # no rim within the image
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(*size, 3)), rng.normal(size=size), 0.1 * rng.normal(size=size)

    def value(place, paint):
        picture = soft.forward(place, paint)
        return sum((w * p).sum() for w, p in zip(weights, (picture.rgb, picture.alpha, picture.depth), strict=True))

    value(ndc, colors)
    to_ndc, to_colors = soft.backward(*weights)
    step = 1e-6
    for found, array in ((to_ndc, ndc), (to_colors, colors)):
        for place in np.ndindex(array.shape):
            before = array[place]
            sides = []
            for shift in (-step, step):
                array[place] = before + shift
                sides.append(value(ndc, colors))
            array[place] = before
            assert found[place] == pytest.approx((sides[1] - sides[0]) / (2 * step), rel=2e-3, abs=2e-3)


def test_the_nearer_of_two_faces_is_seen():
    quad = np.array([[-0.9, -0.9], [0.9, -0.9], [0, 0.9]])
    ndc = np.concatenate([np.c_[quad, np.full(3, 3.0)], np.c_[quad, np.full(3, 2.0)]])
    faces = np.array([[0, 1, 2], [3, 4, 5]])
    colors = np.stack([np.tile([1.0, 0, 0], (3, 1)), np.tile([0, 1.0, 0], (3, 1))])
    picture = render(faces, (9, 9), sigma=1e-5, gamma=1e-4).forward(ndc, colors)
    assert picture.nearest[4, 4] == 1
    assert np.allclose(picture.rgb[4, 4], [0, 1, 0], atol=1e-4)
    assert picture.depth[4, 4] == pytest.approx(2, abs=1e-3)
    assert picture.nearest[0, 0] == -1
    assert np.allclose(picture.rgb[0, 0], BACKGROUND, atol=1e-4)
    assert picture.depth[0, 0] == pytest.approx(FAR)


def test_colors_run_across_a_face_as_a_perspective_camera_sees_them():
    """REFERENCE II.1: vertices at depths 1, 3, 1; the pixel at (0.5, -0.5) has (.2143, .3571, .4286), z = 1.7143."""
    ndc = np.array([[-1.0, -1, 1], [1, -1, 3], [0, 1, 1]])
    colors = np.eye(3)[None]
    soft = render(np.array([[0, 1, 2]]), (2, 2), sigma=1e-6, gamma=1e-4, dtype=np.float64)
    picture = soft.forward(ndc, colors)
    row, column = 1, 0  # +x is left, +y is up: the pixel with its middle at (0.5, -0.5)
    assert np.allclose(picture.rgb[row, column], [0.2143, 0.3571, 0.4286], atol=1e-4)
    assert picture.depth[row, column] == pytest.approx(1.7143, abs=1e-4)


def test_gradients_stay_small_where_the_corrected_coordinates_of_pytorch3d_explode():
    """A face that ends close to the camera, seen from pixels beside it, within the blur."""
    ndc = np.array([[0.0, 0, 0.02], [0.3, 0.1, 4.0], [0.1, 0.3, 4.0]])
    faces = np.array([[0, 1, 2]])
    soft = render(faces, (32, 32), sigma=1e-2, gamma=1e-1, dtype=np.float64)
    picture = soft.forward(ndc, colors_of(faces))
    assert np.isfinite(picture.rgb).all()
    assert picture.rgb.min() >= 0
    assert picture.rgb.max() <= 1
    to_ndc, _ = soft.backward(np.ones((32, 32, 3)))
    assert np.isfinite(to_ndc).all()


def test_threads_change_nothing():
    ndc, faces = triangles(4, 60)
    colors = colors_of(faces)
    grad = np.random.default_rng(0).normal(size=(70, 50, 3)).astype(np.float32)
    alone = render(faces, (70, 50))
    with Crew(3) as crew:
        shared = render(faces, (70, 50), crew=crew)
        for one, other in zip(
            vars(alone.forward(ndc, colors)).values(), vars(shared.forward(ndc, colors)).values(), strict=True
        ):
            assert np.array_equal(one, other)
        for one, other in zip(alone.backward(grad), shared.backward(grad), strict=True):
            assert np.array_equal(one, other)


def test_wrong_use_is_told():
    faces = np.array([[0, 1, 2]])
    with pytest.raises(ValueError, match="sigma, gamma"):
        SoftRender(faces, (4, 4), gamma=0)
    with pytest.raises(ValueError, match="z_near < z_far"):
        SoftRender(faces, (4, 4), z_near=3, z_far=2)
    with pytest.raises(ValueError, match=r"expected shape \(1, 3, 3\)"):
        SoftRender(faces, (4, 4)).forward(np.zeros((3, 3)), np.zeros((3, 3)))
    with pytest.raises(RuntimeError, match="call forward first"):
        SoftRender(faces, (4, 4)).backward()
