"""Which voxels lie inside: worked by hand, by formula, and by Open3D's own rays."""

from __future__ import annotations

import numpy as np
import open3d as o3d
import pytest

from lab.data.grid import Grid, grid_around
from lab.data.inside import consistently_wound, inside
from lab.examples import example_path
from lab.fitting.templates import ico_sphere
from lab.formats import read
from lab.kernels.crew import Crew
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS, joined, moved, sample_grid

LINE = Grid(np.array([-2.25, 0.0, 0.0]), 0.5, (1, 1, 10))
"""Voxels at x = -2.25, -1.75, ..., 2.25, with y = z = 0."""


def line(verts: np.ndarray, faces: np.ndarray) -> list[float]:
    """The x of the voxels of LINE that lie inside."""
    return LINE.axes[0][inside(verts, faces, LINE)[0, 0]].tolist()


def test_a_cube_by_hand() -> None:
    assert line(CUBE_VERTS, CUBE_FACES) == [-0.75, -0.25, 0.25, 0.75]


def test_inward_faces_make_no_difference() -> None:
    assert line(CUBE_VERTS, CUBE_FACES[:, ::-1]) == [-0.75, -0.25, 0.25, 0.75]


def test_overlapping_bodies_are_one_body() -> None:
    both = joined((CUBE_VERTS, CUBE_FACES), (moved(CUBE_VERTS, (0.6, 0.0, 0.0)), CUBE_FACES))
    assert line(*both) == [-0.75, -0.25, 0.25, 0.75, 1.25]


def test_a_cavity_is_outside() -> None:
    hollow = joined((2.0 * CUBE_VERTS, CUBE_FACES), (0.5 * CUBE_VERTS, CUBE_FACES[:, ::-1]))
    assert line(*hollow) == [-1.75, -1.25, -0.75, 0.75, 1.25, 1.75]


def test_faces_of_mixed_directions_count_crossings() -> None:
    mixed = CUBE_FACES.copy()
    mixed[3] = mixed[3, ::-1]
    assert consistently_wound(CUBE_FACES)
    assert not consistently_wound(mixed)
    assert line(CUBE_VERTS, mixed) == [-0.75, -0.25, 0.25, 0.75]


def test_a_small_hole_does_no_harm() -> None:
    verts, faces = ico_sphere(3)
    grid = grid_around(verts.min(0), verts.max(0), 40)
    whole, holed = inside(verts, faces, grid), inside(verts, faces[1:], grid)
    radius = np.linalg.norm(sample_grid(grid.axes), axis=-1)
    assert np.array_equal(whole[radius < 0.9], holed[radius < 0.9])
    assert not holed[radius > 1.01].any()


def test_a_plane_has_no_inside() -> None:
    verts = np.array([[-1, 0.1, -1], [1, 0.1, -1], [1, 0.1, 1], [-1, 0.1, 1]], np.float32)
    grid = Grid(np.full(3, -1.0), 0.1, (21, 21, 21))
    assert not inside(verts, np.array([[0, 1, 2], [0, 2, 3]], np.int32), grid).any()


@pytest.mark.parametrize("name", ["spot", "bob"])
def test_as_open3d_says(name: str) -> None:
    mesh = read(example_path(name)).entity
    grid = grid_around(mesh.verts.min(0), mesh.verts.max(0), 45)
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(mesh.verts.copy(), mesh.faces.astype(np.uint32))
    expected = scene.compute_occupancy(sample_grid(grid.axes), nsamples=3).numpy() > 0.5
    assert np.array_equal(inside(mesh.verts, mesh.faces, grid), expected)


def test_threads_make_no_difference() -> None:
    verts, faces = ico_sphere(2)
    grid = grid_around(verts.min(0), verts.max(0), 33)
    with Crew(3) as crew:
        assert np.array_equal(inside(verts, faces, grid), inside(verts, faces, grid, crew))


def test_a_mesh_on_the_voxel_centres_is_still_closed() -> None:
    """Faces, edges and vertices right on the rays: no ray may slip through."""
    grid = Grid(np.full(3, -2.0), 0.5, (9, 9, 9))
    found = inside(CUBE_VERTS, CUBE_FACES, grid)
    assert found[3:6, 3:6, 3:6].all()
    assert not found[[0, 1, 7, 8]].any()
    assert not found[:, [0, 1, 7, 8]].any()
    assert not found[:, :, [0, 1, 7, 8]].any()
