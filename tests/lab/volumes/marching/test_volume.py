"""Volumes and fields as media: PyTorch3D's VolumeSampler, extents, voxels, and the lab's renderer of fields."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pytorch3d.renderer.implicit.renderer import VolumeSampler
from pytorch3d.renderer.implicit.utils import RayBundle
from pytorch3d.structures import Volumes

from lab.fields.march import FieldView
from lab.kernels.crew import Crew
from lab.rendering.views import camera_at
from lab.scene import Array
from lab.volumes.marching.compositing import Form, march
from lab.volumes.marching.picture import render
from lab.volumes.marching.rays import Sampling, bundle, grid_pixels
from lab.volumes.marching.volume import FieldMedium, Medium, Volume
from tests.lab.fields.small_fields import ball


def some(aligned: bool = True) -> Volume:
    values = np.random.default_rng(1).random((4, 5, 6, 4)).astype(np.float32)
    return Volume(values, 0.3, aligned)


def at(medium: Medium, points: Array) -> Array:
    """(N, 4) at points (N, 3): rays of one sample."""
    out = np.empty((len(points), 1, 4), np.float32)
    medium.sample(0, len(points), np.zeros_like(points), points, np.ones((len(points), 1)), out)
    return out[:, 0]


@pytest.mark.parametrize("aligned", [True, False])
def test_values_are_those_of_pytorch3d(aligned: bool) -> None:
    volume = some(aligned)
    points = np.random.default_rng(2).uniform(-1.0, 1.0, (300, 3))
    tensor = torch.from_numpy(volume.values.transpose(3, 0, 1, 2).copy())[None]
    volumes = Volumes(densities=tensor[:, :1], features=tensor[:, 1:], voxel_size=0.3, align_corners=aligned)
    directions = torch.from_numpy(points.astype(np.float32))[None]
    rays = RayBundle(torch.zeros_like(directions), directions, torch.ones(1, 300, 1), torch.zeros(1, 300, 2))
    densities, features = VolumeSampler(volumes)(rays)
    theirs = torch.cat([densities, features], -1)[0, :, 0].numpy()
    assert (theirs[:, 0] == 0).any()
    assert np.abs(at(volume, points) - theirs).max() < 2e-6


@pytest.mark.parametrize("aligned", [True, False])
def test_at_a_voxel_s_centre_is_its_value(aligned: bool) -> None:
    volume = some(aligned)
    place = np.array([[2.0, 3.0, 1.0]])
    assert at(volume, volume.world(place))[0] == pytest.approx(volume.values[1, 3, 2], abs=1e-6)


@pytest.mark.parametrize(("side", "size", "extent"), [(128, 3 / 128, 1.48828), (64, 0.1, 3.15)])
def test_extents_are_those_of_the_reference(side: int, size: float, extent: float) -> None:
    volume = Volume(np.zeros((side,) * 3 + (4,), np.float32), size)
    assert volume.extent == pytest.approx(extent, abs=5e-6)
    assert volume.box[1] == pytest.approx(extent, abs=5e-6)
    assert volume.voxel == size


def test_voxels_move_together_where_corners_are_not_aligned() -> None:
    volume = some(aligned=False)
    assert volume.extent == pytest.approx([0.75, 0.6, 0.45])
    assert volume.box[1] == pytest.approx(volume.extent * [5 / 6, 4 / 5, 3 / 4])
    assert volume.voxel == pytest.approx(0.3 * 3 / 4)


def test_eight_voxels_make_the_value_of_a_sample() -> None:
    volume = some()
    for point in ([0.1, -0.2, 0.33], [0.74, 0.5, -0.4]):
        found = volume.corners(np.array(point))
        assert found.weights.sum() == pytest.approx(1.0)
        assert found.weights @ found.centres == pytest.approx(point)
        assert found.weights @ found.values == pytest.approx(float(at(volume, np.array([point]))[0, 0]), abs=1e-6)


def test_voxels_outside_count_as_zero() -> None:
    found = some().corners(np.array([0.9, 0.0, 0.0]))
    assert (found.values[found.index[:, 0] > 5] == 0).all()
    assert (found.values[found.index[:, 0] == 5] > 0).all()


def test_a_field_has_the_density_of_its_vertices() -> None:
    medium = FieldMedium(ball())
    rows = medium.field.rows
    place = np.argwhere(rows >= 0)[len(np.argwhere(rows >= 0)) // 2]
    lower, upper = medium.box
    point = lower + place * (upper - lower) / (np.array(rows.shape) - 1)
    found = medium.corners(point)
    own = found.values[(found.index == place).all(axis=1)][0]
    raw = float(medium.field.density[rows[tuple(place)]])
    assert own == pytest.approx(medium.field.scale * np.log1p(np.exp(raw)), rel=1e-6)


def test_a_field_looks_as_the_viewport_draws_it() -> None:
    field = ball()
    lower, upper = field.lower, field.upper
    camera = camera_at((lower + upper) / 2, 3.0, 20.0, 30.0, 50.0, (24, 24))
    distance = float(np.linalg.norm(upper - lower))
    sampling = Sampling(1500, 3.0 - distance, 3.0 + distance)
    mine = render(FieldMedium(field), camera, sampling, Form(1.0, True), Crew())
    seen = FieldView(field).render(camera, stop=1e-4)
    assert mine[..., 3].max() > 0.5
    assert np.abs(mine[..., 3] - seen.opacity).mean() < 0.01


def test_a_picture_is_the_same_whatever_the_tiles() -> None:
    camera = camera_at(np.zeros(3), 2.7, 10.0, 20.0, 60.0, (20, 20))
    sampling, form = Sampling(30, 1.0, 4.0, stratified=True, seed=2), Form(3.0, True)
    picture = render(some(), camera, sampling, form, Crew())
    one = bundle(camera, grid_pixels(20, 20)[205:206], sampling, 205)
    values = np.empty((1, 30, 4), np.float32)
    some().sample(0, 1, one.origins, one.directions, one.lengths, values)
    found = march(values[0], one.lengths[0], float(one.norms[0]), 4.0, form)
    assert picture[10, 5, :4] == pytest.approx(found.result, abs=1e-9)
