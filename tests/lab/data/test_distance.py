"""Distance fields: by formula, by Open3D, and what the truncation does (REFERENCE I.1)."""

from __future__ import annotations

import numpy as np
import open3d as o3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.benches import bumpy_torus, cube
from lab.data.distance import DistanceField
from lab.data.grid import Grid, grid_around
from lab.examples import example_path
from lab.formats import read
from lab.geometry import stats
from lab.scene import Mesh
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS, sample_grid


def test_a_cube_by_hand() -> None:
    grid = Grid(np.array([-0.5, 0.0, 0.0]), 0.5, (1, 1, 6))  # x = -0.5, 0, ..., 2
    field = DistanceField(CUBE_VERTS, CUBE_FACES, grid)
    assert field.signed(10.0)[0, 0, :3].tolist() == [-0.5, -1.0, -0.5]
    assert field.signed(10.0)[0, 0, 4:].tolist() == [0.5, 1.0]
    assert field.tsdf(1.0)[0, 0].tolist() == [-1.0, -1.0, -1.0, 0.0, 1.0, 1.0]  # mu = 0.5
    assert field.tsdf(4.0)[0, 0].tolist() == [-0.25, -0.5, -0.25, 0.0, 0.25, 0.5]  # mu = 2


def test_a_corner_is_as_far_as_its_diagonal() -> None:
    grid = Grid(np.array([2.0, 2.0, 2.0]), 0.5, (1, 1, 1))
    field = DistanceField(CUBE_VERTS, CUBE_FACES, grid)
    assert field.signed(10.0).item() == pytest.approx(np.sqrt(3.0))


@pytest.mark.parametrize("name", ["spot", "bob"])
def test_as_open3d_says(name: str) -> None:
    mesh = read(example_path(name)).entity
    grid = grid_around(mesh.verts.min(0), mesh.verts.max(0), 40)
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(mesh.verts.copy(), mesh.faces.astype(np.uint32))
    expected = scene.compute_signed_distance(sample_grid(grid.axes)).numpy()
    mu = 4.0 * grid.voxel
    found = DistanceField(mesh.verts, mesh.faces, grid).tsdf(4.0)
    assert np.abs(found - np.clip(expected / mu, -1.0, 1.0)).max() < 1e-5
    assert (np.abs(found) < 1.0).mean() > 0.05


def test_the_mesh_of_the_bench_is_closed_and_has_50000_faces() -> None:
    figures = stats(Mesh(*bumpy_torus(250, 100)))
    assert figures.faces == 50_000
    assert figures.watertight
    assert cube(bumpy_torus(20, 10)[0], 16).shape == (16, 16, 16)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.3, 12.0), min_size=1, max_size=4))
def test_a_field_says_the_same_whatever_was_asked_before(bands: list[float]) -> None:
    verts, faces = bumpy_torus(40, 16)
    grid = cube(verts, 24)
    field = DistanceField(verts, faces, grid)
    for band in bands:
        field.tsdf(band)
    for band in bands:
        assert np.array_equal(field.tsdf(band), DistanceField(verts, faces, grid).tsdf(band))


def test_a_smaller_band_is_not_measured_again() -> None:
    verts, faces = bumpy_torus(40, 16)
    field = DistanceField(verts, faces, cube(verts, 24))
    first = field.distance(4.0)
    assert field.distance(2.0) is first
    assert field.band == 4.0


def test_the_band_is_exact_and_the_rest_is_infinite_or_exact() -> None:
    verts, faces = bumpy_torus(40, 16)
    grid = cube(verts, 24)
    exact = DistanceField(verts, faces, grid).distance(1000.0)
    assert np.isfinite(exact).all()
    narrow = DistanceField(verts, faces, grid).distance(2.0)
    assert np.array_equal(narrow[exact < 2.0 * grid.voxel], exact[exact < 2.0 * grid.voxel])
    assert np.isinf(narrow[exact > 2.001 * grid.voxel]).all()


def test_measuring_tells_how_far_it_is_and_goes_on_after_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.data.distance._AT_ONCE", 500)
    verts, faces = bumpy_torus(40, 16)
    field = DistanceField(verts, faces, cube(verts, 24))

    def stop(share: float) -> None:
        if share > 0.4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        field.tsdf(4.0, stop)
    assert field.band == 0.0
    shares: list[float] = []
    after = field.tsdf(4.0, shares.append)
    assert shares == sorted(shares)
    assert 0.0 == shares[0] < shares[-1] < 1.0
    assert np.array_equal(after, DistanceField(verts, faces, cube(verts, 24)).tsdf(4.0))


def test_what_cannot_be_asked() -> None:
    grid = Grid(np.zeros(3), 1.0, (2, 2, 2))
    with pytest.raises(ValueError, match="truncation"):
        DistanceField(CUBE_VERTS, CUBE_FACES, grid).tsdf(0.0)
    with pytest.raises(ValueError, match="faces"):
        DistanceField(CUBE_VERTS, CUBE_FACES[:0], grid)
