"""Smaller entities in the place of large ones, in numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.render.coarse import Limits, clustered, coarse_mesh, every, fewer_lines, is_large, picked
from lab.render.drawing import Piece
from lab.render.topology import Memory
from lab.scene import Lines, Material, Mesh, Points
from tests.lab.render.render_help import sphere

LIMITS = Limits(faces=4000, lines=100, points=50)


def test_a_coarse_mesh_looks_like_the_fine_one():
    fine = sphere(6)  # 81,920 faces
    used, faces = clustered(fine.verts, fine.faces, 10_000)
    assert 6_000 < len(faces) < 16_000
    verts = fine.verts[used]
    assert faces.max() < len(verts)
    a, b, c = (verts[faces[:, i]] for i in range(3))
    turned = np.cross(b - a, c - a)
    middle = (a + b + c) / 3
    assert (np.einsum("ij,ij->i", turned, middle) > 0).mean() > 0.99  # still facing outward
    assert np.linalg.norm(middle, axis=1).min() > 0.99
    assert np.linalg.norm(turned, axis=1).sum() / 2 == pytest.approx(4 * np.pi, rel=0.03)
    assert len(np.unique(np.sort(faces, axis=1), axis=0)) == len(faces)


def test_small_meshes_stay_and_large_ones_keep_what_belongs_to_their_vertices():
    memory, small = Memory(), sphere(3)
    assert coarse_mesh(small, 4000, memory) is small
    fine = sphere(5)
    fine = replace(fine, normals=fine.verts, colors=np.abs(fine.verts), scalars={"x": fine.verts[:, 0].copy()})
    fewer = coarse_mesh(replace(fine, origin=np.array([5.0, 0, 0])), 4000, memory)
    assert 2000 < len(fewer.faces) < 6500
    np.testing.assert_array_equal(fewer.normals, fewer.verts)
    np.testing.assert_array_equal(fewer.colors, np.abs(fewer.verts))
    np.testing.assert_array_equal(fewer.scalars["x"], fewer.verts[:, 0])
    np.testing.assert_array_equal(fewer.origin, (5, 0, 0))


def test_a_coarse_mesh_holds_while_the_vertices_move():
    memory, fine = Memory(), sphere(5)
    first = coarse_mesh(fine, 4000, memory)
    moved = coarse_mesh(replace(fine, verts=fine.verts * np.float32(2)), 4000, memory)
    assert moved.faces is first.faces
    np.testing.assert_allclose(moved.verts, 2 * first.verts)


def test_textures_and_materials_become_colours():
    """A red and green texture on the upper half of a sphere, split at x = 0; a blue material on the lower half."""
    fine = sphere(5)
    middle = fine.verts[fine.faces].mean(axis=1)
    texture = np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)
    corners = fine.verts[fine.faces]
    uvs = np.stack([np.where(corners[..., 0] > 0, 0.9, 0.1), np.full(corners.shape[:2], 0.5)], axis=2)
    materials = (Material("picture", (0.5, 0.5, 0.5), texture), Material("blue", (0, 0, 1)))
    painted = replace(fine, uvs=uvs, materials=materials, face_materials=(middle[:, 1] < 0).astype(np.int32))
    fewer = coarse_mesh(painted, 4000, Memory())
    x, y, _ = fewer.verts.T
    seen = np.abs(y) > 0.05
    wanted = np.where((y < 0)[:, None], (0, 0, 1), np.where((x > 0)[:, None], (0, 1, 0), (1, 0, 0)))
    np.testing.assert_allclose(fewer.colors[seen], wanted[seen], atol=1e-6)
    assert fewer.uvs is None
    assert not fewer.materials


def test_the_colours_of_the_mesh_go_before_those_of_plain_materials():
    fine = replace(sphere(5), materials=(Material("blue", (0, 0, 1)),))
    own = replace(fine, colors=np.full((len(fine.verts), 3), 0.25))
    assert coarse_mesh(fine, 4000, Memory()).colors[0].tolist() == [0, 0, 1]
    assert coarse_mesh(own, 4000, Memory()).colors[0].tolist() == [0.25, 0.25, 0.25]


def test_lines_are_thinned_with_their_colours():
    edges = np.stack([np.arange(250), np.arange(1, 251)], axis=1).astype(np.int32)
    piece = Piece("lines", np.zeros((251, 3), np.float32), np.repeat(edges[:, :1], 3, axis=1).astype(np.float32), edges)
    fewer = fewer_lines(piece, 100)
    assert fewer.indices[:, 0].tolist() == list(range(0, 250, 3))
    np.testing.assert_array_equal(fewer.albedo[:, 0], fewer.indices[:, 0])
    assert fewer_lines(piece, 250) is piece
    mesh = Piece("mesh", piece.verts, piece.verts, np.zeros((500, 3), np.int32))
    assert fewer_lines(mesh, 100) is mesh


def test_picked_points_keep_what_belongs_to_them():
    verts = np.arange(30, dtype=np.float32).reshape(10, 3)
    cloud = Points(verts, normals=verts, colors=verts, scalars={"i": verts[:, 0].copy()}, origin=np.array([1.0, 2, 3]))
    some = picked(cloud, np.array([7, 2]))
    for values in (some.verts, some.normals, some.colors):
        np.testing.assert_array_equal(values, verts[[7, 2]])
    assert some.scalars["i"].tolist() == [21, 6]
    assert some.origin.tolist() == [1, 2, 3]


def test_what_is_large():
    mesh = sphere(3)  # 1,280 faces, 1,920 edges
    assert not is_large(mesh, LIMITS, wireframe=False)
    assert is_large(mesh, LIMITS, wireframe=True)
    assert is_large(sphere(4), LIMITS, wireframe=False)
    assert is_large(Points(np.zeros((51, 3))), LIMITS, wireframe=False)
    assert not is_large(Points(np.zeros((50, 3))), LIMITS, wireframe=True)
    assert is_large(Lines(np.zeros((2, 3)), np.tile([[0, 1]], (101, 1))), LIMITS, wireframe=False)
    assert is_large(Mesh(np.zeros((51, 3)), np.zeros((0, 3))), LIMITS, wireframe=False)


def test_strides():
    assert [every(10, most) for most in (20, 10, 9, 5, 3)] == [1, 1, 2, 2, 4]
