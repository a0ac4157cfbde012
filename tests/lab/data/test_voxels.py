"""Voxels: which are full, and that their blocks close."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from lab.data.benches import bumpy_torus, cube
from lab.data.distance import DistanceField
from lab.data.grid import Grid
from lab.data.voxels import blocks, occupied_by_points, occupied_by_solid, occupied_by_surface
from lab.fitting.sampling import signed_volume
from lab.geometry import face_areas, face_normals
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS

GRID = Grid(np.zeros(3), 1.0, (3, 3, 3))


def test_points_fill_their_voxels() -> None:
    filled = occupied_by_points(np.array([[0.2, 1.4, 2.0], [0.0, 1.0, 2.0], [5.0, 0.0, 0.0]], np.float32), GRID)
    assert np.argwhere(filled).tolist() == [[2, 1, 0]]  # z, y, x


def test_a_block_is_a_cube_that_faces_outwards() -> None:
    filled = np.zeros(GRID.shape, bool)
    filled[2, 1, 0] = True
    verts, normals, faces = blocks(filled, GRID)
    assert (len(verts), len(faces)) == (24, 12)
    assert verts.min(axis=0).tolist() == [-0.5, 0.5, 1.5]
    assert verts.max(axis=0).tolist() == [0.5, 1.5, 2.5]
    assert signed_volume(verts, faces) == pytest.approx(1.0)
    assert np.array_equal(face_normals(verts, faces), normals[faces[:, 0]])


def test_sides_between_full_voxels_are_left_out() -> None:
    verts, _, faces = blocks(np.ones(GRID.shape, bool), GRID)
    assert len(faces) == 2 * 6 * 9
    assert signed_volume(verts, faces) == pytest.approx(27.0)
    assert face_areas(verts, faces).sum() == pytest.approx(54.0)
    assert len(blocks(np.zeros(GRID.shape, bool), GRID)[2]) == 0


def test_a_cube_fills_its_inside_and_its_shell() -> None:
    grid = Grid(np.full(3, -1.75), 0.5, (8, 8, 8))  # centres at -1.75, -1.25, -0.75, ...
    field = DistanceField(CUBE_VERTS, CUBE_FACES, grid)
    assert occupied_by_solid(field).sum() == 4**3
    shell = occupied_by_surface(field)
    assert shell[4, 4, [1, 2, 5, 6]].all()  # a quarter from the wall on either side
    assert not shell[4, 4, [0, 3, 4, 7]].any()


def test_nobody_steps_through_the_shell() -> None:
    """From voxel to voxel through faces, the inside cannot be reached from outside the shell."""
    verts, faces = bumpy_torus(60, 24)
    field = DistanceField(verts, faces, cube(verts, 30))
    shell = occupied_by_surface(field)
    parts, count = ndimage.label(~shell)
    assert count >= 2
    outside = parts[0, 0, 0]
    assert not occupied_by_solid(field)[parts == outside].any()
