"""Soft points: PyTorch3D's fragments, pictures and gradients; finite differences; the same for any threads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.renderer import AlphaCompositor, NormWeightedCompositor
from pytorch3d.renderer.points import rasterize_points as their_points
from pytorch3d.structures import Pointclouds

from lab.kernels.crew import Crew
from lab.raster.points import SoftPoints, rasterize_points

COMPOSITORS = {"alpha": AlphaCompositor, "weighted": NormWeightedCompositor}


def cloud(seed: int, count: int, dtype=np.float32) -> tuple[np.ndarray, np.ndarray]:
    """(P, 3) NDC with some behind the camera and some beside the image, (P, 4) features."""
    rng = np.random.default_rng(seed)
    ndc = np.c_[rng.uniform(-1.4, 1.4, (count, 2)), rng.uniform(-0.3, 4, count)]
    return ndc.astype(dtype), rng.uniform(size=(count, 4)).astype(dtype)


@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.integers(1, 60),
    st.tuples(st.integers(4, 40), st.integers(4, 40)),
    st.floats(0.05, 0.6),
    st.integers(1, 8),
    st.sampled_from(["alpha", "weighted"]),
)
def test_pictures_and_gradients_are_pytorch3ds(seed, count, size, radius, most, compositing):
    ndc, features = cloud(seed, count)
    place, paint = torch.tensor(ndc, requires_grad=True), torch.tensor(features, requires_grad=True)
    clouds = Pointclouds([place])
    idx, _, dists = their_points(clouds, size, radius, most, bin_size=0)
    weights = (1 - dists / radius**2).permute(0, 3, 1, 2)
    expected = COMPOSITORS[compositing]()(idx.long().permute(0, 3, 1, 2), weights, paint.T)[0].permute(1, 2, 0)
    ours = SoftPoints(size, radius, points_per_pixel=most, compositing=compositing)
    image = ours.forward(ndc, features)
    fragments = rasterize_points(ndc, size, radius, points_per_pixel=most)
    same = (fragments.idx == idx[0].numpy()).all(axis=2)  # a pixel on a disc's rim: either way in float32
    assert same.mean() >= 0.99
    if not same.all():
        return
    assert np.abs(image - expected.detach().numpy()).max() < 1e-4
    grad = np.random.default_rng(seed).normal(size=image.shape).astype(np.float32)
    (expected * torch.tensor(grad)).sum().backward()
    to_ndc, to_features = ours.backward(grad)
    assert np.linalg.norm(to_features - paint.grad.numpy()) <= 1e-4 * np.linalg.norm(to_features) + 1e-5
    assert np.linalg.norm(to_ndc - place.grad.numpy()) <= 1e-3 * np.linalg.norm(to_ndc) + 1e-4


@pytest.mark.parametrize("compositing", ["alpha", "weighted"])
def test_the_gradient_is_that_of_finite_differences(compositing):
    ndc, features = cloud(3, 12, np.float64)
    size = (11, 17)
    weights = np.random.default_rng(0).normal(size=(*size, 4))
    soft = SoftPoints(size, 0.5, points_per_pixel=12, compositing=compositing, dtype=np.float64)
    soft.forward(ndc, features)
    found = soft.backward(weights)
    step = 1e-7
    for gradient, array in zip(found, (ndc, features), strict=True):
        for place in np.ndindex(array.shape):
            if array is ndc and place[1] == 2:
                assert gradient[place] == 0
                continue
            before, sides = array[place], []
            for shift in (-step, step):
                array[place] = before + shift
                sides.append((soft.forward(ndc, features) * weights).sum())
            array[place] = before
            assert gradient[place] == pytest.approx((sides[1] - sides[0]) / (2 * step), rel=1e-3, abs=1e-3)


def test_the_weight_falls_from_the_middle_to_the_radius():
    """One point in the middle of pixel (1, 1) of 3 x 3; its neighbours' middles are 2/3 away."""
    ndc, features = np.array([[0.0, 0, 1]]), np.array([[2.0]])
    image = SoftPoints((3, 3), 1.0).forward(ndc, features)[..., 0]
    assert image[1, 1] == pytest.approx(2)
    assert image[0, 1] == pytest.approx(2 * (1 - 4 / 9))
    assert image[0, 0] == pytest.approx(2 * (1 - 8 / 9), abs=1e-6)
    near = SoftPoints((3, 3), 0.6).forward(ndc, features)[..., 0]
    assert near[1, 1] == pytest.approx(2)
    assert near.sum() == pytest.approx(2)


def test_radii_may_differ():
    ndc = np.array([[0.5, 0.5, 1], [-0.5, -0.5, 1]], np.float32)
    found = rasterize_points(ndc, (40, 40), np.array([0.1, 0.3]), points_per_pixel=1)
    small, large = ((found.idx == i).sum() for i in (0, 1))
    assert large == pytest.approx(9 * small, rel=0.1)


def test_threads_change_nothing():
    ndc, features = cloud(9, 400)
    alone = SoftPoints((90, 70), 0.1)
    with Crew(3) as crew:
        shared = SoftPoints((90, 70), 0.1, crew=crew)
        assert np.array_equal(alone.forward(ndc, features), shared.forward(ndc, features))
        grad = np.ones((90, 70, 4), np.float32)
        for one, other in zip(alone.backward(grad), shared.backward(grad), strict=True):
            assert np.array_equal(one, other)


def test_wrong_use_is_told():
    with pytest.raises(ValueError, match="radius: expected more than 0"):
        SoftPoints((4, 4), 0)
    with pytest.raises(ValueError, match="points_per_pixel"):
        rasterize_points(np.zeros((1, 3)), (4, 4), 1.0, points_per_pixel=0)
    with pytest.raises(ValueError, match="features: expected 2 rows"):
        SoftPoints((4, 4), 1).forward(np.zeros((2, 3)), np.zeros((1, 3)))
    with pytest.raises(RuntimeError, match="call forward first"):
        SoftPoints((4, 4), 1).backward(np.zeros((4, 4, 1)))
