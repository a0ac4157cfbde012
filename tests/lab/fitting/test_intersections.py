"""Self-intersections: pairs by hand, and Open3D's on soups and crumpled spheres."""

from __future__ import annotations

import numpy as np
import open3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.fitting.intersections import self_intersecting_faces
from lab.kernels.crew import Crew
from lab.scene import Array
from tests.lab.fitting.fitting_help import cube, grid, noisy_sphere

FLAT = [(0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (0.0, 4.0, 0.0)]


def by_open3d(verts: Array, faces: Array) -> Array:
    mesh = open3d.geometry.TriangleMesh(
        open3d.utility.Vector3dVector(verts.astype(np.float64)), open3d.utility.Vector3iVector(faces.copy())
    )
    hit = np.zeros(len(faces), bool)
    hit[np.asarray(mesh.get_self_intersecting_triangles()).reshape(-1)] = True
    return hit


def two_faces(other: list[tuple[float, float, float]]) -> Array:
    verts = np.array(FLAT + other)
    return self_intersecting_faces(verts, np.array([[0, 1, 2], [3, 4, 5]], np.int32))


@pytest.mark.parametrize(
    ("other", "cut"),
    [
        ([(1, 1, -1), (1, 1, 1), (9, 9, 1)], True),  # an edge goes through the middle
        ([(1, 1, 0.5), (1, 2, 0.5), (2, 1, 0.5)], False),  # parallel, above
        ([(3, 3, -1), (3, 3, 1), (9, 9, 1)], False),  # passes beside the long side
        ([(-1, 1, -1), (-1, 1, 1), (9, 1, 0.1)], True),  # cut by an edge of the first
        ([(1, 1, 0), (2, 1, 0), (1, 2, 0)], True),  # coplanar, inside
        ([(-9, -9, 0), (19, -9, 0), (-9, 19, 0)], True),  # coplanar, around
        ([(3, 3, 0), (9, 3, 0), (3, 9, 0)], False),  # coplanar, beside
        ([(1, 1, 0), (1, 1, 5), (2, 2, 5)], True),  # a corner touches
    ],
)
def test_two_faces_without_a_common_vertex(other: list[tuple[float, float, float]], cut: bool) -> None:
    assert two_faces(other).tolist() == [cut, cut]


@pytest.mark.parametrize(
    ("far", "cut"),
    [([(1, 1, 1), (2, 1, -1)], True), ([(1, 1, 1), (2, 1, 2)], False), ([(-1, 1, 1), (-1, -1, -1)], False)],
)
def test_two_faces_with_one_common_vertex(far: list[tuple[float, float, float]], cut: bool) -> None:
    verts = np.array(FLAT + far)
    assert self_intersecting_faces(verts, np.array([[0, 1, 2], [0, 3, 4]], np.int32)).tolist() == [cut, cut]


def test_whole_meshes_have_none() -> None:
    for verts, faces in (cube(), grid(6), grid(6, 0.2)):
        assert not self_intersecting_faces(verts, faces).any()
    verts, topology = noisy_sphere(3, 0.0)
    assert not self_intersecting_faces(verts, topology.faces).any()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 60))
def test_a_soup_is_cut_as_open3d_says(seed: int, count: int) -> None:
    verts = np.random.default_rng(seed).normal(size=(3 * count, 3))
    faces = np.arange(3 * count, dtype=np.int32).reshape(-1, 3)
    assert np.array_equal(self_intersecting_faces(verts, faces), by_open3d(verts, faces))


def test_a_crumpled_sphere_is_cut_at_least_where_open3d_says() -> None:
    """Open3D leaves out faces with a common vertex."""
    verts, topology = noisy_sphere(3, 0.06)
    ours, theirs = self_intersecting_faces(verts, topology.faces), by_open3d(verts, topology.faces)
    assert theirs.sum() > 10
    assert not (theirs & ~ours).any()
    with Crew(3) as crew:
        assert np.array_equal(self_intersecting_faces(verts, topology.faces, crew), ours)


def test_two_spheres_are_cut_along_their_common_circle() -> None:
    verts, topology = noisy_sphere(3, 0.0)
    both = np.concatenate([verts, verts + np.array([1.0, 0.0, 0.0])])
    faces = np.concatenate([topology.faces, topology.faces + len(verts)])
    hit = self_intersecting_faces(both, faces)
    assert hit.sum() > 50
    middles = both[faces].mean(axis=1)[hit]
    assert np.abs(middles[:, 0] - 0.5).max() < 0.2


def test_degenerate_and_missing_faces_cut_nothing() -> None:
    verts = np.array([*FLAT, (1, 1, -1), (1, 1, 1), (np.nan, 0, 0)])
    faces = np.array([[0, 1, 2], [3, 4, 4], [3, 4, 5]], np.int32)
    assert not self_intersecting_faces(verts, faces).any()
    assert self_intersecting_faces(verts, np.zeros((0, 3), np.int32)).shape == (0,)
