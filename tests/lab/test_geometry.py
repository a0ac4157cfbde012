"""Figures, normals and edges, against numbers worked by hand and those of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab.geometry import extremes, face_normals, merge_equal, stats, unique_edges, vertex_normals
from lab.scene import Mesh, Points

TETRAHEDRON = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
TETRAHEDRON_FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


def _ico_sphere(level: int) -> tuple[np.ndarray, np.ndarray]:
    """Twelve vertices of the golden ratio, each face split in four, all put on the unit sphere."""
    g = (1 + 5**0.5) / 2
    verts = [(-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g)]
    verts += [(0, -1, -g), (0, 1, -g), (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)]
    faces = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2)]
    faces += [(10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5)]
    faces += [(2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1)]
    points, triangles = np.array(verts, float), np.array(faces)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for _ in range(level):
        corners = points[triangles]
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        ab, bc, ca = ((p + q) / np.linalg.norm(p + q, axis=1, keepdims=True) for p, q in ((a, b), (b, c), (c, a)))
        soup = np.round(np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1).reshape(-1, 3), 12) + 0.0
        first, inverse = merge_equal(soup)
        points, triangles = soup[first], inverse.reshape(-1, 3)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points, triangles


@pytest.mark.parametrize(
    ("level", "verts", "area"), [(0, 12, 9.574541), (1, 42, 11.665932), (2, 162, 12.329848), (3, 642, 12.506494)]
)
def test_ico_spheres(level, verts, area):
    """REFERENCE I.1: V, E = 30 * 4^l, F = 20 * 4^l and the area. Level 0 is 5 sqrt(3) a^2 with a = 1.0514622 (there its
    12 vertices are rounded, and the area is 9.575028)."""
    figures = stats(Mesh(*_ico_sphere(level)))
    assert (figures.verts, figures.faces, figures.edges) == (verts, 20 * 4**level, 30 * 4**level)
    assert figures.area == pytest.approx(area, abs=2e-6)
    assert figures.watertight
    assert figures.components == 1


def test_a_tetrahedron_by_hand():
    mesh = Mesh(TETRAHEDRON, TETRAHEDRON_FACES, origin=np.array([10.0, 20, 30]))
    figures = stats(mesh)
    assert figures.area == pytest.approx(1.5 + 3**0.5 / 2)
    assert figures.bounds_lower.tolist() == [10, 20, 30]
    assert figures.bounds_upper.tolist() == [11, 21, 31]
    assert figures.nbytes == 4 * 12 + 4 * 12 + 24
    assert (figures.boundary_edges, figures.nonmanifold_edges) == (0, 0)
    diagonal = 1 / 3**0.5
    np.testing.assert_allclose(
        face_normals(mesh.verts, mesh.faces), [[0, 0, -1], [0, -1, 0], [-1, 0, 0], [diagonal] * 3], atol=1e-7
    )
    # around the origin three equal faces; around (1, 0, 0) two halves of area and the slanted face of cross (1, 1, 1)
    normals = vertex_normals(mesh.verts, mesh.faces)
    np.testing.assert_allclose(normals[0], [-diagonal] * 3, atol=1e-7)
    np.testing.assert_allclose(normals[1], [1, 0, 0], atol=1e-7)


def test_open_split_and_crossed_surfaces():
    open_one = stats(Mesh(TETRAHEDRON, TETRAHEDRON_FACES[:3]))
    assert (open_one.edges, open_one.boundary_edges, open_one.watertight) == (6, 3, False)
    two = stats(Mesh(np.tile(TETRAHEDRON, (2, 1)), np.concatenate([TETRAHEDRON_FACES, TETRAHEDRON_FACES + 4])))
    assert (two.edges, two.components, two.watertight) == (12, 2, True)
    fan = stats(Mesh(np.random.default_rng(0).random((5, 3)), np.array([[0, 1, 2], [0, 1, 3], [1, 0, 4]])))
    assert (fan.edges, fan.boundary_edges, fan.nonmanifold_edges, fan.watertight) == (7, 6, 1, False)


def test_points_and_nothing():
    figures = stats(Points(TETRAHEDRON))
    assert (figures.verts, figures.faces, figures.edges, figures.components, figures.area) == (4, 0, 0, None, 0.0)
    assert not figures.watertight
    empty = stats(Mesh(np.zeros((0, 3)), np.zeros((0, 3), int)))
    assert (empty.verts, empty.edges, empty.components, empty.watertight) == (0, 0, 0, False)
    assert empty.bounds_lower.tolist() == [0, 0, 0]


def test_faces_without_area_have_no_normal():
    assert face_normals(np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]]), np.array([[0, 1, 2]])).tolist() == [[0, 0, 0]]
    tiny = face_normals(np.array([[0, 0, 0], [1e-20, 0, 0], [0, 1e-20, 0]], np.float32), np.array([[0, 1, 2]]))
    assert tiny.tolist() == [[0, 0, 1]]


@settings(max_examples=60, deadline=None)
@given(arrays(np.int32, st.tuples(st.integers(0, 30), st.integers(1, 4)), elements=st.integers(0, 3)))
def test_equal_rows_are_found(rows):
    first, inverse = merge_equal(rows)
    np.testing.assert_array_equal(rows[first][inverse], rows)
    assert len(first) == len({tuple(row) for row in rows.tolist()})
    assert first.tolist() == sorted(first.tolist())
    for number, row in enumerate(rows.tolist()):
        assert first[inverse[number]] == rows.tolist().index(row)


def test_equal_rows_are_found_when_their_hashes_collide(monkeypatch):
    monkeypatch.setattr("lab.geometry._hash", lambda words: (words[:, 0] % 2).astype(np.uint64))
    rows = np.random.default_rng(0).integers(0, 5, (100, 2))
    first, inverse = merge_equal(rows)
    np.testing.assert_array_equal(rows[first][inverse], rows)
    assert len(first) == len(np.unique(rows, axis=0))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 14)] * 3).filter(lambda face: len(set(face)) == 3), min_size=1, max_size=20))
def test_edges_and_components_against_a_plain_count(faces):
    edges, uses = unique_edges(np.array(faces))
    plain: dict[tuple[int, int], int] = {}
    for a, b, c in faces:
        for edge in ((a, b), (b, c), (c, a)):
            key = (min(edge), max(edge))
            plain[key] = plain.get(key, 0) + 1
    assert {tuple(edge): use for edge, use in zip(edges.tolist(), uses.tolist(), strict=True)} == plain
    groups = [set(edge) for edge in plain]
    merged: list[set[int]] = []
    for group in groups:
        touching = [other for other in merged if other & group]
        merged = [other for other in merged if not other & group] + [group.union(*touching)]
    assert stats(Mesh(np.random.default_rng(0).random((15, 3)), np.array(faces))).components == len(merged)


def test_extremes_are_those_of_each_column():
    verts = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    lower, upper = extremes(verts)
    assert lower.tolist() == verts.min(axis=0).tolist()
    assert upper.tolist() == verts.max(axis=0).tolist()
    assert lower.dtype == upper.dtype == np.float64
    assert [corner.tolist() for corner in extremes(np.zeros((0, 3)))] == [[0, 0, 0], [0, 0, 0]]
