"""Slices: which numbers, which way up, which colours, and the plane in the world."""

from __future__ import annotations

import numpy as np
import pytest

from lab.data.grid import Grid
from lab.data.slices import coordinate, cut_open, enlarged, slice_index, slice_picture, slice_plane, slice_values
from lab.geometry import face_areas
from lab.render.colormaps import table
from lab.scene import Mesh
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS

GRID = Grid(np.array([1.0, 2.0, 3.0]), 0.5, (4, 3, 2))
DEPTH, HEIGHT, WIDTH = np.meshgrid(np.arange(4), np.arange(3), np.arange(2), indexing="ij")
FIELD = (100 * DEPTH + 10 * HEIGHT + WIDTH).astype(np.float32)
"""The digits of a value are its z, y and x."""


def test_which_layer() -> None:
    assert [slice_index(GRID, "z", at) for at in (0.0, 0.24, 0.25, 0.5, 1.0)] == [0, 0, 1, 2, 3]
    assert coordinate(GRID, "z", 3) == 4.5
    assert coordinate(GRID, "x", 1) == 1.5


def test_each_slice_is_seen_from_the_upper_end_of_its_axis() -> None:
    assert slice_values(FIELD, "z", 2).tolist() == [[220, 221], [210, 211], [200, 201]]  # x right, y up
    assert slice_values(FIELD, "x", 1).tolist() == [[321, 221, 121, 21], [311, 211, 111, 11], [301, 201, 101, 1]]
    assert slice_values(FIELD, "y", 0).tolist() == [[0, 1], [100, 101], [200, 201], [300, 301]]  # x right, z down


def test_colours_values_and_the_unknown() -> None:
    values = np.array([[-1.0, 1.0], [np.nan, 0.6]], np.float32)
    picture = slice_picture(values, -1.0, 1.0, "coolwarm", zero_line=False)
    side = len(picture.pixels) // 2
    assert side == 240
    assert picture.pixels[5, 5].tolist() == table("coolwarm")[0].tolist()
    assert picture.pixels[5, -5].tolist() == table("coolwarm")[255].tolist()
    assert picture.pixels[-5, 5].tolist() == [115, 115, 115]
    assert picture.values is not None
    assert picture.values.shape == picture.pixels.shape[:2]
    assert picture.values[-5, -5] == np.float32(0.6)
    assert np.isnan(picture.values[-5, 5])


def test_the_zero_line_lies_where_the_values_are_zero() -> None:
    values = np.tile(np.array([-1.0, -1.0, 3.0, 3.0], np.float32), (4, 1))  # zero a quarter of the way from 1 to 2
    picture = slice_picture(values, -1.0, 1.0, "coolwarm")
    dark = np.flatnonzero((picture.pixels[100] < 30).all(axis=1))
    assert dark.mean() == pytest.approx(1.75 * 120, abs=1.0)
    assert len(dark) == 2


def test_enlarging_is_linear_between_centres() -> None:
    row = np.array([[0.0, 3.0]], np.float32)
    assert enlarged(row, 3)[1].tolist() == pytest.approx([0.0, 0.0, 1.0, 2.0, 3.0, 3.0])
    assert enlarged(np.array([[7.0]], np.float32), 2).tolist() == [[7.0, 7.0], [7.0, 7.0]]


@pytest.mark.parametrize(("axis", "index"), [("x", 1), ("y", 2), ("z", 3)])
def test_the_plane_stands_at_its_voxels_and_carries_their_values(axis: str, index: int) -> None:
    field = FIELD / 1000.0
    plane = slice_plane(field, GRID, axis, index, "TSDF", np.zeros(3))
    voxels, _ = GRID.index(plane.verts.astype(np.float64))
    assert (voxels[:, "zyx".index(axis)] == index).all()
    assert plane.scalars["TSDF"] == pytest.approx(field[voxels[:, 0], voxels[:, 1], voxels[:, 2]])
    extent = np.ptp(plane.verts, axis=0)
    assert face_areas(plane.verts, plane.faces).sum() == pytest.approx(np.prod(extent[extent > 0]))


def test_what_is_unknown_or_cut_off_has_no_plane() -> None:
    field = np.zeros((1, 3, 4), np.float32)
    field[0, 0, 0] = np.nan
    grid = Grid(np.zeros(3), 1.0, (1, 3, 4))
    assert len(slice_plane(field, grid, "z", 0, "TSDF", np.zeros(3)).faces) == 2 * 5
    field[0, :, 2:] = 1.0
    assert len(slice_plane(field, grid, "z", 0, "TSDF", np.zeros(3)).faces) == 2 * 3


def test_cutting_open_takes_away_what_lies_beyond() -> None:
    mesh = Mesh(CUBE_VERTS, CUBE_FACES)
    half = cut_open(mesh, "x", 0.0)
    assert half.verts is mesh.verts
    assert len(half.faces) == 6  # the side at x = -1, and one half of each of the four between
    assert (mesh.verts[half.faces][..., 0].mean(axis=1) <= 0.0).all()
    assert len(cut_open(mesh, "y", 2.0).faces) == 12
