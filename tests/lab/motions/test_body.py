"""Objects are brought to size, and moving them moves their normals as well."""

from __future__ import annotations

import math

import numpy as np

from lab.motions import se3, so3
from lab.motions.airplane import airplane
from lab.motions.body import LENGTH, body, copies, moved
from lab.scene import Mesh, Points

TRIANGLE = Mesh([[0, 0, 0], [4, 0, 0], [0, 1, 0]], [[0, 1, 2]], normals=np.tile([0.0, 0, 1], (3, 1)))


def test_an_object_is_centred_and_two_metres_long() -> None:
    shown = body(Mesh(TRIANGLE.verts + 100, TRIANGLE.faces, scalars={"a": np.zeros(3)}, origin=[1e6, 0, 0]))
    np.testing.assert_allclose(shown.verts.max(axis=0), [LENGTH / 2, LENGTH / 8, 0], atol=1e-5)
    np.testing.assert_allclose(shown.verts.min(axis=0), [-LENGTH / 2, -LENGTH / 8, 0], atol=1e-5)
    np.testing.assert_array_equal(shown.origin, np.zeros(3))
    assert not shown.scalars


def test_nothing_and_an_empty_object_are_the_airplane() -> None:
    assert body(None) is airplane()
    assert body(Points(np.zeros((0, 3)))) is airplane()


def test_a_huge_object_becomes_points() -> None:
    rng = np.random.default_rng(0)
    shown = body(Points(rng.normal(size=(100_000, 3)), colors=rng.uniform(size=(100_000, 3))))
    assert isinstance(shown, Points)
    assert len(shown.verts) == 60_000
    assert shown.colors is not None
    assert len(shown.colors) == 60_000


def test_a_motion_moves_vertices_and_turns_normals() -> None:
    pose = se3.matrix(so3.exp([math.pi / 2, 0, 0]), [0, 0, 5])
    there = moved(TRIANGLE, pose)
    np.testing.assert_allclose(there.verts, [[0, 0, 5], [4, 0, 5], [0, 0, 6]], atol=1e-6)
    np.testing.assert_allclose(there.normals, np.tile([0.0, -1, 0], (3, 1)), atol=1e-6)
    assert there.faces is TRIANGLE.faces


def test_normals_stay_normal_under_a_squeeze_and_are_dropped_when_flat() -> None:
    slope = Mesh([[0, 0, 0], [1, 1, 0], [0, 0, 1]], [[0, 1, 2]], normals=np.tile([2**-0.5, -(2**-0.5), 0], (3, 1)))
    squeezed = moved(slope, se3.matrix(np.diag([0.5, 1.0, 1.0]), np.zeros(3)))
    assert squeezed.normals is not None
    np.testing.assert_allclose(squeezed.normals @ squeezed.verts[1], 0, atol=1e-6)
    assert moved(slope, se3.matrix(np.diag([0.0, 1.0, 1.0]), np.zeros(3))).normals is None
    assert np.isfinite(moved(slope, np.full((4, 4), np.nan)).verts).all()


def test_copies_are_one_mesh_or_a_cloud_when_too_many() -> None:
    poses = se3.matrix(np.eye(3), [[0, 0, 0], [0, 0, 7]])
    both = copies(TRIANGLE, poses)
    assert isinstance(both, Mesh)
    np.testing.assert_allclose(both.verts[3:], TRIANGLE.verts + np.array([0, 0, 7]))
    np.testing.assert_array_equal(both.faces, [[0, 1, 2], [3, 4, 5]])
    thin = copies(Points(np.zeros((1000, 3))), poses, most=100)
    assert isinstance(thin, Points)
    assert len(thin.verts) == 100
