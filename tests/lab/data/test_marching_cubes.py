"""Marching cubes: by hand, closed whatever the field, and against PyTorch3D's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.ops.marching_cubes import marching_cubes as torch_marching_cubes
from scipy.spatial import cKDTree

from lab.data.benches import bumpy_torus, cube
from lab.data.cube_table import EDGES, ambiguous_faces, edge_pairs_in_faces, triangle_table
from lab.data.distance import DistanceField
from lab.data.grid import Grid
from lab.data.marching_cubes import marching_cubes, surface_of
from lab.fitting.sampling import signed_volume
from lab.geometry import face_areas, stats, unique_edges
from lab.scene import Array, Mesh

COUNTS, TABLE = triangle_table()


def single(corners: list[int]) -> Array:
    """A cell whose named corners are -1, the others 1."""
    field = np.ones((2, 2, 2), np.float32)
    for corner in corners:
        field[corner >> 2 & 1, corner >> 1 & 1, corner & 1] = -1.0
    return field


def test_one_corner_is_one_triangle_that_faces_away_from_it() -> None:
    verts, faces = marching_cubes(single([0]))
    assert sorted(verts.tolist()) == [[0.0, 0.0, 0.5], [0.0, 0.5, 0.0], [0.5, 0.0, 0.0]]
    a, b, c = verts[faces[0]]
    assert np.cross(b - a, c - a) == pytest.approx([0.25, 0.25, 0.25])


def test_where_the_level_lies_between_two_values() -> None:
    field = np.empty((2, 2, 2), np.float32)
    field[:, :, 0], field[:, :, 1] = -1.0, 3.0
    assert set(marching_cubes(field)[0][:, 0].tolist()) == {0.25}
    assert set(marching_cubes(field, 2.0)[0][:, 0].tolist()) == {0.75}


def test_the_table_has_the_known_number_of_triangles() -> None:
    """As in Lorensen and Cline 1987: none to four, and five where their rotations leave it to the table."""
    assert COUNTS[[0, 255]].tolist() == [0, 0]
    assert COUNTS[[1, 3, 0b1001, 0b0111, 0b1111]].tolist() == [1, 2, 2, 3, 2]
    assert COUNTS.max() == 5
    assert len(EDGES) == 12


@pytest.mark.parametrize("case", range(256))
def test_each_case_of_the_table(case: int) -> None:
    """Exactly the crossed edges are used; no triangle's side lies in a face but along the cut of that face."""
    triangles = TABLE[case, : COUNTS[case]]
    crossed = {e for e, (a, b) in enumerate(EDGES) if (case >> a & 1) != (case >> b & 1)}
    assert {int(e) for e in triangles.reshape(-1)} == crossed
    sides: dict[tuple[int, int], int] = {}
    for triangle in triangles.tolist():
        for i in range(3):
            side = tuple(sorted((triangle[i], triangle[(i + 1) % 3])))
            sides[side] = sides.get(side, 0) + 1
    rim = {side for side, uses in sides.items() if uses == 1}
    assert max(sides.values(), default=1) <= 2
    assert {side for side in sides if side in edge_pairs_in_faces()} == rim


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.tuples(*[st.integers(1, 7)] * 3))
def test_any_field_has_a_closed_surface(seed: int, inner: tuple[int, int, int]) -> None:
    """Noise within a rim of ones: every edge has two faces, each vertex is used, and the normals point out."""
    field = np.ones(tuple(side + 2 for side in inner), np.float32)
    field[1:-1, 1:-1, 1:-1] = np.random.default_rng(seed).normal(size=inner)
    verts, faces = marching_cubes(field)
    assert (unique_edges(faces)[1] % 2 == 0).all()
    assert len(np.unique(faces)) == len(verts)
    if (field < 0.0).any():
        assert signed_volume(verts, faces) > 0.0


@pytest.mark.parametrize("resolution", [24, 57])
def test_against_pytorch3d(resolution: int) -> None:
    """Where no value is nearly zero: there PyTorch3D moves vertices, and drops the triangles that become thin."""
    torus, torus_faces = bumpy_torus(80, 30)
    field = DistanceField(torus, torus_faces, cube(torus, resolution)).tsdf(3.0)
    assert np.abs(field).min() > 1e-5
    verts, faces = marching_cubes(field)
    found, found_faces = torch_marching_cubes(torch.tensor(field)[None], 0.0, return_local_coords=False)
    peer_verts, peer_faces = found[0].numpy(), found_faces[0].numpy().astype(np.int32)
    assert len(faces) == len(peer_faces)
    for some, others in ((verts, peer_verts), (peer_verts, verts)):
        assert cKDTree(others).query(some)[0].max() < 1e-4
    assert signed_volume(verts, faces) == pytest.approx(signed_volume(peer_verts, peer_faces), rel=1e-3)
    assert face_areas(verts, faces).sum() == pytest.approx(face_areas(peer_verts, peer_faces).sum(), rel=1e-3)


def test_a_torus_comes_back_with_its_hole() -> None:
    verts, faces = bumpy_torus(80, 30)
    grid = cube(verts, 48)
    level = Mesh(*surface_of(DistanceField(verts, faces, grid).tsdf(3.0), grid))
    figures = stats(level)
    assert figures.watertight
    assert figures.verts - figures.edges + figures.faces == 0  # Euler characteristic of a torus
    assert signed_volume(level.verts, level.faces) == pytest.approx(signed_volume(verts, faces), rel=0.01)


def test_a_sphere_in_metres() -> None:
    grid = Grid(np.array([3.0, -1.0, -1.0]), 0.1, (21, 21, 21))
    x, y, z = grid.axes
    field = np.sqrt((x - 4.0) ** 2 + y[:, None] ** 2 + z[:, None, None] ** 2) - 0.7
    verts, _ = surface_of(field.astype(np.float32), grid)
    assert np.linalg.norm(verts - [4.0, 0.0, 0.0], axis=1) == pytest.approx(0.7, abs=0.004)


def test_nothing_is_made_beside_what_is_not_known() -> None:
    field = np.ones((4, 4, 4), np.float32)
    field[:, :, :2] = -1.0
    assert len(marching_cubes(field)[1]) == 18  # nine cells are cut, two triangles each
    field[0, 0, 0] = np.nan
    assert len(marching_cubes(field)[1]) == 18  # its cell is not one of them
    field[0, 0, 2] = np.nan
    verts, faces = marching_cubes(field)
    assert len(faces) == 16
    assert np.isfinite(verts).all()


def test_ambiguous_faces_are_counted() -> None:
    assert ambiguous_faces(0b0110) == 1  # two corners across a face
    assert ambiguous_faces(0b01101001) == 6  # a checkerboard
    assert ambiguous_faces(0b1111) == 0


def test_a_field_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        marching_cubes(np.zeros((2, 2), np.float32))
