"""Cutting pieces at a plane, against what was worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.fitting.templates import ico_sphere
from lab.geometry import face_areas, face_normals
from lab.render.camera import Camera
from lab.render.clipping import clipped, local_plane
from lab.render.drawing import Piece
from lab.render.messages import Style
from lab.render.picking import Picker
from lab.scene import Mesh, Points

UP = (0.0, 1.0, 0.0, 0.0)  # y >= 0 is kept
TRIANGLE = np.array([[0, -1, 0], [2, 1, 0], [-2, 1, 0]], np.float32)


def mesh_piece(verts, faces) -> Piece:
    verts = np.asarray(verts, np.float32)
    return Piece("mesh", verts, verts + 1, np.asarray(faces, np.int32), normals=verts, uvs=verts[:, :2])


def test_a_triangle_with_two_corners_above_becomes_two():
    left = clipped(mesh_piece(TRIANGLE, [[0, 1, 2]]), UP)
    assert len(left.indices) == 2
    corners = left.verts[left.indices]
    assert corners[..., 1].min() == 0
    assert face_areas(left.verts, left.indices).sum() == pytest.approx(3.0)  # of 4, without the tip of 1
    np.testing.assert_array_equal(np.sign(face_normals(left.verts, left.indices)[:, 2]), 1)  # the same sense
    np.testing.assert_allclose(left.albedo, left.verts + 1)  # everything is interpolated alike
    np.testing.assert_allclose(left.normals, left.verts)
    np.testing.assert_allclose(left.uvs, left.verts[:, :2])


def test_a_triangle_with_one_corner_above_becomes_one():
    left = clipped(mesh_piece(TRIANGLE * [1, -1, 1], [[0, 1, 2]]), UP)
    assert len(left.indices) == 1
    assert face_areas(left.verts, left.indices).sum() == pytest.approx(1.0)
    np.testing.assert_array_equal(np.sign(face_normals(left.verts, left.indices)[:, 2]), -1)


def test_lines_and_points():
    verts = np.array([[0, -1, 0], [0, 3, 0], [1, -1, 0], [1, -2, 0]], np.float32)
    lines = Piece("lines", verts, np.eye(3, dtype=np.float32), np.array([[0, 1], [1, 0], [2, 3]], np.int32))
    left = clipped(lines, UP)
    ends = left.verts[left.indices][..., :2]
    np.testing.assert_array_equal(ends, [[[0, 3], [0, 0]], [[0, 3], [0, 0]]])
    np.testing.assert_array_equal(left.albedo, np.eye(3)[:2])
    points = clipped(Piece("points", verts, verts, normals=verts), UP)
    np.testing.assert_array_equal(points.verts, verts[1:2])


def test_what_lies_above_stays_the_same_object_and_what_lies_below_goes():
    piece = mesh_piece(TRIANGLE + np.array([0, 5, 0]), [[0, 1, 2]])
    assert clipped(piece, UP) is piece
    assert len(clipped(piece, (0.0, -1.0, 0.0, 0.0)).indices) == 0


@given(st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda n: np.linalg.norm(n) > 0.1), st.floats(-0.9, 0.9))
@settings(max_examples=40, deadline=None)
def test_both_sides_together_are_the_whole(normal, d):
    verts, faces = ico_sphere(2)
    n = np.array(normal) / np.linalg.norm(normal)
    piece = mesh_piece(verts, faces)
    plane = (*map(float, n), float(d))
    other = (*map(float, -n), float(-d))
    areas = [face_areas(p.verts, p.indices).sum() for p in (clipped(piece, plane), clipped(piece, other), piece)]
    assert areas[0] + areas[1] == pytest.approx(areas[2], rel=1e-4)
    left = clipped(piece, plane)
    assert (left.verts[left.indices].reshape(-1, 3) @ n + d).min(initial=0) > -1e-5


def test_the_plane_of_an_aerial_scan_keeps_its_digits():
    assert local_plane((1.0, 0.0, 0.0, -500_000.25), np.array([5e5, 0, 0])) == (1.0, 0.0, 0.0, -0.25)


def test_picking_sees_only_what_is_left():
    verts, faces = ico_sphere(4)
    sphere = Mesh(verts, faces)
    camera = Camera(distance=4.0)  # looks along -z at the front of the sphere, z = 1
    entities, styles, size = {"s": sphere}, {"s": Style()}, (200, 200)

    def hit(clip=None, entities=entities, camera=camera):
        return Picker().pick(entities, styles, camera, 100, 100, size, clip=clip)

    assert hit().position[2] == pytest.approx(1.0, abs=1e-2)
    assert hit((0.0, 0.0, -1.0, 0.0)).position[2] == pytest.approx(-1.0, abs=1e-2)  # the front half is gone
    assert hit((0.0, 0.0, 1.0, 0.5)).position[2] == pytest.approx(1.0, abs=1e-2)
    assert hit((0.0, 0.0, 1.0, -2.0)) is None
    front = hit((0.0, 0.0, -1.0, 0.0), camera=Camera(distance=4.0, orthographic=True))
    assert front.position[2] == pytest.approx(-1.0, abs=1e-2)
    cloud = {"s": Points(np.array([[0, 0, 1], [0, 0, -1]], np.float32))}
    assert hit(entities=cloud).index == 0
    assert hit((0.0, 0.0, -1.0, 0.0), entities=cloud).index == 1
