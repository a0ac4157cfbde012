"""Curless-Levoy fusion, number by number (REFERENCE I.1)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.caster import Caster
from lab.data.depth import DepthCamera, look_at, orbit
from lab.data.grid import Grid, grid_around
from lab.data.marching_cubes import surface_of
from lab.data.tsdf_volume import TsdfVolume
from lab.fitting.templates import ico_sphere
from lab.kernels.crew import Crew
from lab.scene import Array

LINE = Grid(np.array([0.0, 0.0, 0.0]), 0.5, (9, 1, 1))
"""Voxels at z = 0, 0.5, ..., 4 before the camera below."""
AHEAD = DepthCamera(np.array([[10.0, 0.0, 0.5], [0.0, 10.0, 0.5], [0.0, 0.0, 1.0]]), np.eye(4), 1, 1)
"""At the origin, looking along +Z; one pixel."""


def image(depth: float) -> Array:
    return np.full((1, 1), depth, np.float32)


def test_one_image_by_hand() -> None:
    volume = TsdfVolume(LINE, truncation=1.0)
    volume.integrate(image(2.0), AHEAD)
    # d = 2 - z; z = 0 is not before the camera; d < -1 is hidden
    assert volume.values[:, 0, 0].tolist() == [1.0, 1.0, 1.0, 0.5, 0.0, -0.5, -1.0, 1.0, 1.0]
    assert volume.weights[:, 0, 0].tolist() == [0, 1, 1, 1, 1, 1, 1, 0, 0]
    assert np.isnan(volume.observed()[[0, 7, 8], 0, 0]).all()


def test_two_images_are_their_mean() -> None:
    volume = TsdfVolume(LINE, truncation=1.0)
    volume.integrate(image(2.0), AHEAD)
    volume.integrate(image(2.5), AHEAD, weight=3.0)
    assert volume.values[3, 0, 0] == pytest.approx((0.5 + 3.0 * 1.0) / 4.0)
    assert volume.values[4, 0, 0] == pytest.approx((0.0 + 3.0 * 0.5) / 4.0)
    assert volume.values[7, 0, 0] == pytest.approx(-1.0)  # the second alone
    assert volume.weights[:, 0, 0].tolist() == [0, 4, 4, 4, 4, 4, 4, 3, 0]


def test_the_largest_weight_lets_new_images_count() -> None:
    volume = TsdfVolume(LINE, truncation=1.0, most_weight=2.0)
    for _ in range(5):
        volume.integrate(image(2.0), AHEAD)
    volume.integrate(image(2.5), AHEAD)
    assert volume.weights[4, 0, 0] == 2.0
    assert volume.values[4, 0, 0] == pytest.approx((2.0 * 0.0 + 0.5) / 3.0)


def test_a_pixel_without_a_depth_says_nothing() -> None:
    volume = TsdfVolume(LINE, truncation=1.0)
    for depth in (np.inf, np.nan):
        volume.integrate(image(depth), AHEAD)
    assert not volume.weights.any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 5))
def test_as_written_in_numpy(seed: int, count: int) -> None:
    """The formula for whole arrays, on random images of random cameras."""
    rng = np.random.default_rng(seed)
    grid = Grid(np.full(3, -1.0), 0.25, (9, 8, 7))
    mu, most = 0.6, 3.0
    volume = TsdfVolume(grid, mu, most)
    index = np.stack(np.indices(grid.shape), axis=-1).reshape(-1, 3)
    centres = grid.lower + grid.voxel * index[:, ::-1]
    values, weights = np.ones(grid.count), np.zeros(grid.count)
    with Crew(2) as crew:
        for _ in range(count):
            camera = look_at(orbit(np.zeros(3), *rng.uniform(-80, 80, 2), 2.0), rng.normal(size=3) * 0.2, 60.0, 12, 9)
            depth = rng.uniform(0.5, 3.0, (9, 12)).astype(np.float32)
            depth[rng.random((9, 12)) < 0.2] = np.inf
            volume.integrate(depth, camera, 1.0, crew)
            pixels, z = camera.project(centres)
            column, row = np.floor(np.nan_to_num(pixels, nan=-1.0)).astype(int).T
            within = (z > 0) & (column >= 0) & (column < 12) & (row >= 0) & (row < 9)
            d = depth[np.where(within, row, 0), np.where(within, column, 0)] - z
            use = within & np.isfinite(d) & (d >= -mu)
            mean = (weights * values + np.minimum(1.0, d / mu)) / (weights + 1.0)
            values = np.where(use, mean, values)
            weights = np.where(use, np.minimum(weights + 1.0, most), weights)
    assert volume.weights.reshape(-1) == pytest.approx(weights)
    assert volume.values.reshape(-1) == pytest.approx(values, abs=1e-5)


def test_a_sphere_seen_from_all_around_is_a_sphere() -> None:
    verts, faces = ico_sphere(4)
    caster = Caster(verts, faces)
    grid = grid_around(verts.min(0), verts.max(0), 40)
    volume = TsdfVolume(grid, 3.0 * grid.voxel)
    for azimuth in range(0, 360, 60):
        for elevation in (-45.0, 45.0):
            camera = look_at(orbit(np.zeros(3), azimuth, elevation, 3.0), np.zeros(3), 50.0, 160, 120)
            volume.integrate(caster.depth(camera)[0], camera)
    assert np.abs(volume.values).max() <= 1.0
    level, triangles = surface_of(volume.observed(), grid)
    radius = np.linalg.norm(level[np.unique(triangles)], axis=1)
    assert np.mean(np.abs(radius - 1.0)) < 0.25 * grid.voxel
    assert len(triangles) > 3000


def test_what_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="truncation"):
        TsdfVolume(LINE, 0.0)
    with pytest.raises(ValueError, match="depth"):
        TsdfVolume(LINE, 1.0).integrate(np.ones((2, 2), np.float32), AHEAD)
