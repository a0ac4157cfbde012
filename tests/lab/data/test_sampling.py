"""Choosing points: each rule by hand, and what holds for any points."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.ops import sample_farthest_points

from lab.data.disturb import outliers, with_noise
from lab.data.neighbours import spacing
from lab.data.sampling import FarthestFirst, cell_for, voxel_downsample
from lab.scene import Array


def some_points(count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)


def test_the_farthest_comes_next() -> None:
    on_a_line = np.zeros((5, 3), np.float32)
    on_a_line[:, 0] = [0.0, 1.0, 2.1, 4.0, 9.0]
    assert FarthestFirst(on_a_line).take(5).tolist() == [0, 4, 3, 2, 1]


def test_farthest_points_as_pytorch3d() -> None:
    points = some_points(500)
    _, expected = sample_farthest_points(torch.tensor(points)[None], K=60)
    assert FarthestFirst(points).take(60).tolist() == expected[0].tolist()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_more_points_keep_those_before(counts: list[int]) -> None:
    points = some_points(50)
    whole = FarthestFirst(points).take(50)
    sampler = FarthestFirst(points)
    for count in counts:
        assert sampler.take(count).tolist() == whole[:count].tolist()
    assert sorted(whole.tolist()) == list(range(50))


def test_farthest_points_leave_smaller_gaps_than_chance() -> None:
    points = some_points(3000)
    chosen = FarthestFirst(points).take(100)
    assert widest_gap(points, points[chosen]) < 0.6 * widest_gap(points, points[:100])


def widest_gap(points: Array, chosen: Array) -> float:
    return float(np.linalg.norm(points[:, None] - chosen, axis=-1).min(axis=1).max())


def test_a_cell_gives_the_mean_of_its_points() -> None:
    points = np.array([[0, 0, 0], [0.5, 0, 0], [0.9, 0.3, 0], [1.1, 0, 0], [0, 0, 2.5]], np.float32)
    means, cells = voxel_downsample(points, 1.0)
    assert cells.tolist()[:3] == [cells[0]] * 3
    assert np.allclose(means[cells[0]], [1.4 / 3, 0.1, 0.0])
    assert means[cells[3]].tolist() == pytest.approx([1.1, 0.0, 0.0])
    assert len(means) == 3


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 400), st.integers(1, 500), st.integers(0, 5))
def test_a_voxel_grid_of_about_as_many_points(count: int, total: int, seed: int) -> None:
    points = some_points(total, seed)
    found, cells = voxel_downsample(points, cell_for(points, count))
    assert 1 <= len(found) <= count
    assert len(cells) == total
    if total > 4 * count > 200:
        assert len(found) > 0.5 * count


def test_points_in_one_place_are_one_point() -> None:
    points = np.ones((7, 3), np.float32)
    assert len(voxel_downsample(points, cell_for(points, 5))[0]) == 1
    assert spacing(points) == 0.0


def test_spacing_of_a_lattice_is_its_step() -> None:
    lattice = 0.25 * np.stack(np.meshgrid(*[np.arange(6)] * 3), axis=-1).reshape(-1, 3).astype(np.float32)
    assert spacing(np.concatenate([lattice, lattice])) == pytest.approx(0.25)


def test_noise_has_the_asked_deviation_and_keeps_its_beginning() -> None:
    points = some_points(20_000)
    noisy = with_noise(points, 0.05, np.random.default_rng(3))
    assert noisy.dtype == np.float32
    assert (noisy - points).std(axis=0) == pytest.approx([0.05] * 3, rel=0.03)
    assert np.array_equal(noisy[:100], with_noise(points[:100], 0.05, np.random.default_rng(3)))
    assert with_noise(points, 0.0, np.random.default_rng(3)) is points


def test_outliers_fill_the_enlarged_box() -> None:
    found = outliers(np.array([0.0, 0.0, 0.0]), np.array([10.0, 20.0, 0.0]), 5000, np.random.default_rng(0))
    assert found.shape == (5000, 3)
    assert found.min(axis=0) == pytest.approx([-1.5, -3.0, 0.0], abs=0.05)
    assert found.max(axis=0) == pytest.approx([11.5, 23.0, 0.0], abs=0.05)


def test_no_points_cannot_be_sampled() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FarthestFirst(np.zeros((0, 3), np.float32))
