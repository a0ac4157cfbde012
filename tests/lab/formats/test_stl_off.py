"""STL and OFF, by files written by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from lab.geometry import stats
from lab.scene import Points

TRIANGLES = [[(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(1, 0, 0), (1, 1, 0), (0, 1, -0.0)]]
TEXT = "solid two\n" + "".join(
    "  facet normal 0 0 1\n    outer loop\n"
    + "".join(f"      vertex {x} {y} {z:e}\n" for x, y, z in corners)
    + "    endloop\n  endfacet\n"
    for corners in TRIANGLES
)


def _binary(head: bytes = b"made by hand", count: int | None = None) -> bytes:
    body = b"".join(struct.pack("<12fH", 0, 0, 1, *sum(corners, ()), 0) for corners in TRIANGLES)
    return head.ljust(80, b" ") + struct.pack("<I", len(TRIANGLES) if count is None else count) + body


def test_attributes_of_triangles_are_dropped_and_said(load):
    assert load("a.stl", _binary()).dropped == ()
    painted = _binary()[:-2] + b"\x1f\x80"
    assert load("a.stl", painted).dropped == ("attributes of the triangles (some programs put colours there)",)


@pytest.mark.parametrize("content", [TEXT + "endsolid\n", TEXT.upper(), _binary(), _binary(b"solid it is not")])
def test_equal_corners_are_joined(load, content):
    mesh = load("two.stl", content).entity
    assert mesh.verts.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]
    assert mesh.faces.tolist() == [[0, 1, 2], [1, 3, 2]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (_binary(count=3), "declares 3 triangles, but has room for only 2"),
        (_binary(count=2**32 - 1), "declares 4,294,967,295 triangles"),
        (_binary()[:-1], "declares 2 triangles, but has room for only 1"),
        (_binary(count=0), "declares no triangles"),
        (b"abc", "at least 84 bytes"),
        ("solid nothing\nendsolid\n", "no triangles"),
        (TEXT.replace("vertex 1 1 ", "vertex 1 "), "line 12: a corner has three coordinates, this one has 2 numbers"),
        (TEXT.replace("vertex 1 1 ", "vertex 1 I "), "line 12: “I” is not a number"),
        (TEXT[: TEXT.rindex("      vertex")], "the last triangle has only 2 corners of three"),
    ],
)
def test_damage_in_stl_is_named(refusal, content, expected):
    assert expected in refusal("bad.stl", content)


OFF = "OFF\n# a comment\n4 2 5\n0 0 0\n1 0 0 # another\n\n1 1 0\n0 1 0\n3 0 1 2\n4 0 1 2 3 255 0 0\n"


@pytest.mark.parametrize(
    "text", [OFF, OFF.replace("OFF\n# a comment\n4", "OFF 4"), OFF.replace("OFF\n# a comment\n", "OFF"), OFF[4:]]
)
def test_off(load, text):
    loaded = load("a.off", text)
    assert loaded.entity.verts.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert loaded.entity.faces.tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3]]
    assert loaded.dropped == ("colours of faces",)


def test_off_with_colours_and_normals(load):
    points = load("c.off", "CNOFF\n2 0 0\n0 0 0 0 0 1 255 0 51 255\n1 2 3 0 1 0 0 0 0 255\n").entity
    assert isinstance(points, Points)
    assert points.normals.tolist() == [[0, 0, 1], [0, 1, 0]]
    np.testing.assert_array_equal(points.colors, np.float32([[1, 0, 0.2], [0, 0, 0]]))
    points = load("c.off", "COFF\n2 0 0\n0 0 0 1 0.5 0 1\n1 2 3 0 0 0 1\n").entity
    assert points.colors.tolist() == [[1, 0.5, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PLY\n", "line 1"),
        ("OFF BINARY\n", "binary OFF is not supported"),
        ("4OFF\n1 0 0\n0 0 0 0\n", "three dimensions"),
        ("OFF\n", "numbers of vertices and faces are missing"),
        ("OFF\n4 two 5\n", "line 2: the numbers"),
        (OFF.replace("4 2 5", "4 3 5"), "line 3: it declares 4 vertices and 3 faces, but only 6 lines follow"),
        (OFF.replace("4 2 5", "999999999 2 5"), "line 3: it declares 999,999,999"),
        (OFF.replace("1 1 0", "1 1"), "line 7: “1 1” has 2 numbers"),
        (OFF.replace("1 1 0", "1 1 O"), "line 7: “O” is not a number"),
        (OFF.replace("3 0 1 2", "3 0 1"), "line 9: it says that it has 3 corners, then come 2 numbers"),
        (OFF.replace("3 0 1 2", "3 0 1 7"), "line 9: it uses vertex 7"),
        (OFF.replace("3 0 1 2", "3 0 1 1.5"), "line 9: an index is not a whole number"),
        (OFF.replace("3 0 1 2", "nan 0 1 2"), "line 9"),
    ],
)
def test_damage_in_off_is_named(refusal, text, expected):
    assert expected in refusal("bad.off", text)


def test_a_cube_of_triangles_becomes_watertight(load, cube):
    text = "solid\n" + "".join(f"vertex {x} {y} {z}\n" for x, y, z in cube.verts[cube.faces].reshape(-1, 3))
    figures = stats(load("cube.stl", text).entity)
    assert (figures.verts, figures.faces, figures.edges, figures.watertight) == (8, 12, 18, True)
