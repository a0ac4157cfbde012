"""Soft silhouettes: PyTorch3D's pixels and gradients, numbers by hand, finite differences, the same for any threads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.renderer.blending import BlendParams, sigmoid_alpha_blend
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.structures import Meshes

from lab.kernels.crew import Crew
from lab.raster.silhouette import SoftSilhouette, course_blur_radius


def triangles(seed: int, count: int, spread: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """(3 count, 3) float32 NDC and (count, 3) faces: loose triangles, of either winding, that overlap."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(-spread, spread, (count, 1, 2))
    xy = middle + rng.normal(0, 0.25, (count, 3, 2))
    z = rng.uniform(0.5, 5, (count, 3, 1))
    ndc = np.concatenate([xy, z], axis=2).reshape(-1, 3).astype(np.float32)
    return ndc, np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def theirs(ndc, faces, size, sigma, blur_radius):
    """PyTorch3D's alpha (H, W) with every face of the pixel, and its input."""
    verts = torch.tensor(ndc, dtype=torch.float32, requires_grad=True)
    meshes = Meshes([verts], [torch.tensor(faces, dtype=torch.int64)])
    options = {"perspective_correct": False, "clip_barycentric_coords": True}  # as MeshRasterizer has it with a blur
    found = rasterize_meshes(meshes, size, blur_radius, len(faces), **options)
    colors = torch.ones(*found[0].shape, 3)
    return sigmoid_alpha_blend(colors, Fragments(*found), BlendParams(sigma=sigma))[0, ..., 3], verts


@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.integers(1, 12),
    st.tuples(st.integers(5, 40), st.integers(5, 40)),
    st.sampled_from([1e-5, 1e-4, 1e-3, 1e-2]),
)
def test_pixels_and_gradients_are_pytorch3ds(seed, count, size, sigma):
    ndc, faces = triangles(seed, count)
    expected, verts = theirs(ndc, faces, size, sigma, course_blur_radius(sigma))
    ours = SoftSilhouette(faces, size, sigma=sigma)
    alpha = ours.forward(ndc)
    grad = np.random.default_rng(seed).normal(size=size).astype(np.float32)
    gradient = ours.backward(grad)
    (expected * torch.tensor(grad)).sum().backward()
    # where a pixel's middle lies on the rim of the blur or of a face, float32 may decide either way
    off = np.abs(alpha - expected.detach().numpy())
    assert (off > 2e-5).mean() <= 1 / 400
    if (off <= 2e-5).all():
        assert np.linalg.norm(gradient - verts.grad.numpy()) <= 1e-3 * np.linalg.norm(gradient) + 1e-4


def test_an_edge_through_the_middle_of_a_pixel_shows_half():
    # pixel (1, 1) of 4 x 4 has its middle at NDC (0.25, 0.25)
    one = np.array([[0.25, -0.9, 1], [0.25, 0.9, 1], [-0.9, 0, 1]], np.float32)
    faces = np.array([[0, 1, 2]])
    assert SoftSilhouette(faces, (4, 4)).forward(one)[1, 1] == pytest.approx(0.5, abs=1e-6)
    both = SoftSilhouette(np.concatenate([faces, faces]), (4, 4)).forward(one)
    assert both[1, 1] == pytest.approx(0.75, abs=1e-6)


def test_a_small_sigma_gives_the_hard_mask():
    ndc, faces = triangles(3, 5)
    alpha = SoftSilhouette(faces, (48, 64), sigma=1e-9, blur_radius=0.0, dtype=np.float64).forward(ndc)
    meshes = Meshes([torch.tensor(ndc)], [torch.tensor(faces, dtype=torch.int64)])
    hard = rasterize_meshes(meshes, (48, 64), 0.0, 1)[0][0, ..., 0].numpy() >= 0
    assert hard.any()
    assert ((alpha > 0.5) == hard).all()


@pytest.mark.parametrize("size", [(24, 24), (20, 36)])
def test_the_gradient_is_that_of_finite_differences(size):
    ndc, faces = triangles(5, 4)
    ndc = ndc.astype(np.float64)
    weights = np.random.default_rng(1).normal(size=size)
    soft = SoftSilhouette(faces, size, sigma=2e-3, blur_radius=1.0, dtype=np.float64)  # no rim within the image
    soft.forward(ndc)
    found = soft.backward(weights)
    step = 1e-6
    for vertex in range(len(ndc)):
        for axis in range(3):
            moved = [ndc.copy(), ndc.copy()]
            moved[0][vertex, axis] -= step
            moved[1][vertex, axis] += step
            low, high = ((soft.forward(place) * weights).sum() for place in moved)
            assert found[vertex, axis] == pytest.approx((high - low) / (2 * step), rel=1e-4, abs=1e-4)


def test_faces_behind_or_across_the_camera_plane_and_without_area_are_left_out():
    whole = np.array([[-0.5, -0.5, 1], [0.5, -0.5, 1], [0, 0.5, 1]], np.float32)
    faces = np.array([[0, 1, 2]])
    for z in (-1.0, 0.0):
        across = whole.copy()
        across[1, 2] = z
        soft = SoftSilhouette(faces, (16, 16))
        assert not soft.forward(across).any()
        assert not soft.backward(np.ones((16, 16))).any()
    flat = whole.copy()
    flat[2] = flat[0]
    assert not SoftSilhouette(faces, (16, 16)).forward(flat).any()
    not_a_number = whole.copy()
    not_a_number[0, 0] = np.nan
    assert not SoftSilhouette(faces, (16, 16)).forward(not_a_number).any()


def test_threads_change_nothing_and_a_silhouette_can_be_asked_again():
    ndc, faces = triangles(8, 60)
    grad = np.random.default_rng(0).normal(size=(100, 70)).astype(np.float32)
    alone = SoftSilhouette(faces, (100, 70))
    with Crew(3) as crew:
        shared = SoftSilhouette(faces, (100, 70), crew=crew)
        shared.forward(np.roll(ndc, 3, axis=0))
        assert np.array_equal(alone.forward(ndc), shared.forward(ndc))
        assert np.array_equal(alone.backward(grad), shared.backward(grad))


def test_wrong_use_is_told():
    with pytest.raises(ValueError, match="sigma: expected more than 0, found 0"):
        SoftSilhouette(np.zeros((0, 3)), (8, 8), sigma=0)
    with pytest.raises(RuntimeError, match="call forward first"):
        SoftSilhouette(np.zeros((0, 3)), (8, 8)).backward(np.zeros((8, 8)))
    empty = SoftSilhouette(np.zeros((0, 3)), (8, 8))
    assert not empty.forward(np.zeros((0, 3))).any()
    assert empty.backward(np.ones((8, 8))).shape == (0, 3)
