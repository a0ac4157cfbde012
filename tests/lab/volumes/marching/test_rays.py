"""Rays and depths: PyTorch3D's ray sampler, norms of the directions, strata, and places of Monte Carlo rays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pytorch3d.renderer import NDCMultinomialRaysampler

from lab.cameras.code import code
from lab.cameras.model import CameraModel
from lab.rendering.views import camera_at
from lab.volumes.marching.rays import Sampling, bundle, grid_pixels, monte_carlo, sparse_grid


def square(side: int, fov: float = 60.0) -> CameraModel:
    return camera_at(np.zeros(3), 2.7, 15.0, 30.0, fov, (side, side))


def theirs(camera: CameraModel) -> object:
    """The camera as PyTorch3D's, by the code that the lab shows."""
    names: dict[str, object] = {}
    exec(code(camera, "PyTorch3D", "y"), names)
    return names["cameras"]


@pytest.mark.parametrize("size", [(16, 16), (24, 16)])
def test_rays_are_those_of_pytorch3d(size: tuple[int, int]) -> None:
    camera = camera_at(np.zeros(3), 2.7, 15.0, 30.0, 60.0, size)
    sampler = NDCMultinomialRaysampler(
        image_width=size[0], image_height=size[1], n_pts_per_ray=5, min_depth=0.1, max_depth=3.0
    )
    rays = sampler(theirs(camera))
    mine = bundle(camera, grid_pixels(*size), Sampling(5, 0.1, 3.0))
    assert np.abs(rays.origins.reshape(-1, 3).numpy() - mine.origins).max() < 1e-5
    assert np.abs(rays.directions.reshape(-1, 3).numpy() - mine.directions).max() < 1e-5
    assert np.abs(rays.lengths.reshape(-1, 5).numpy() - mine.lengths).max() < 1e-6


def test_the_first_ray_is_at_the_centre_of_the_first_pixel() -> None:
    sampler = NDCMultinomialRaysampler(image_width=64, image_height=64, n_pts_per_ray=2, min_depth=1, max_depth=2)
    first = sampler(theirs(square(64))).xys[0, 0, 0]
    assert torch.allclose(first, torch.tensor([1 - 1 / 64, 1 - 1 / 64]))
    assert grid_pixels(64, 64)[0].tolist() == [0.5, 0.5]


def test_directions_are_as_long_as_the_reference_says() -> None:
    norms = bundle(square(64), grid_pixels(64, 64), Sampling(2, 1.0, 2.0)).norms
    assert norms.min() == pytest.approx(1.0001, abs=5e-5)
    assert norms.max() == pytest.approx(1.2830, abs=5e-5)


def test_lengths_are_depths() -> None:
    camera = square(8)
    points = bundle(camera, grid_pixels(8, 8), Sampling(3, 0.5, 4.0)).points
    forward = -np.asarray(camera.c2w)[:3, 2]
    depths = (points - np.asarray(camera.c2w)[:3, 3]) @ forward
    assert np.abs(depths - [0.5, 2.25, 4.0]).max() < 1e-9


def test_stratified_depths_stay_in_their_strata_and_repeat() -> None:
    sampling = Sampling(6, 1.0, 2.0, stratified=True, seed=5)
    lengths = sampling.lengths(0, 400)
    assert (np.diff(lengths, axis=1) >= 0).all()
    edges = np.array([1.0, 1.1, 1.3, 1.5, 1.7, 1.9, 2.0])
    assert (lengths >= edges[:-1]).all()
    assert (lengths <= edges[1:]).all()
    assert np.abs(lengths.mean(axis=0) - (edges[:-1] + edges[1:]) / 2).max() < 0.02
    assert (lengths == sampling.lengths(0, 400)).all()
    assert (lengths[37] == sampling.lengths(37, 1)[0]).all(), "a ray alone has the depths that it has in the picture"
    assert (lengths != Sampling(6, 1.0, 2.0, True, 6).lengths(0, 400)).any()


def test_a_sparse_grid_is_some_of_the_pixels() -> None:
    grid = sparse_grid(96, 96, 36)
    assert grid.shape == (36, 2)
    every = {tuple(pixel) for pixel in grid_pixels(96, 96).tolist()}
    assert {tuple(pixel) for pixel in grid.tolist()} <= every
    assert sparse_grid(4, 4, 100).shape == (16, 2)


def test_monte_carlo_rays_are_anywhere_in_the_picture() -> None:
    places = monte_carlo(40, 20, 2000, np.random.default_rng(0))
    assert (places >= 0).all()
    assert (places < (40, 20)).all()
    assert places.mean(axis=0) == pytest.approx((20.0, 10.0), rel=0.05)
