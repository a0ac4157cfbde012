"""Files that are damaged in a way that no format is special about. Random damage is in test_fuzz.py."""

from __future__ import annotations

import os

import numpy as np
import pytest

from lab.formats import READABLE, FormatError, read
from lab.scene import Points


@pytest.mark.parametrize("suffix", list(READABLE))
def test_empty_missing_and_foreign_files(refusal, tmp_path, suffix):
    assert "is empty (0 bytes)" in refusal(f"a{suffix}", b"")
    refusal(f"a{suffix}", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8)
    refusal(f"a{suffix}", b"\n\n\n")
    with pytest.raises(FormatError, match=f"^gone{suffix} cannot be read: there is no such file"):
        read(tmp_path / f"gone{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(FormatError, match="it is a folder"):
        read(tmp_path / f"folder{suffix}")


def test_unknown_endings(refusal):
    assert refusal("a.docx", b"x").startswith(
        "a.docx cannot be opened: it has the ending “.docx”. Known are .ply, .obj"
    )
    assert "it has no ending" in refusal("a", b"x")


def test_pipes_and_devices_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.ply")
    with pytest.raises(FormatError, match="not a file"):
        read(tmp_path / "pipe.ply")
    (tmp_path / "zero.ply").symlink_to("/dev/zero")
    with pytest.raises(FormatError, match="not a file"):
        read(tmp_path / "zero.ply")


def test_no_permission(tmp_path):
    (tmp_path / "a.ply").touch(0)
    if os.access(tmp_path / "a.ply", os.R_OK):
        pytest.skip("the administrator may read everything")
    with pytest.raises(FormatError, match="no permission"):
        read(tmp_path / "a.ply")


def _off(verts: str, faces: str) -> str:
    return f"OFF\n{verts.count(';')} {faces.count(';')} 0\n{verts.replace(';', chr(10))}{faces.replace(';', chr(10))}"


TRIANGLE = "0 0 0;1 0 0;0 1 0;"


def test_points_that_are_not_finite_are_left_out_with_their_faces(load):
    loaded = load("n.off", _off("nan 0 0;" + TRIANGLE + "1 inf 0;1e31 0 0;", "3 0 1 2;3 1 2 3;3 3 4 5;"))
    assert loaded.entity.verts.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert loaded.entity.faces.tolist() == [[0, 1, 2]]
    points = "Left out 3 points with coordinates that are NaN, infinite or beyond 1e30 (the first: line 3)"
    assert loaded.warnings == (f"{points}, and 2 faces that used them.",)


def test_when_nothing_is_finite_it_is_refused(refusal):
    assert "all of its 2 points are NaN" in refusal("n.off", _off("nan 0 0;0 inf 0;", ""))


def test_faces_without_area_and_with_a_vertex_twice(load):
    loaded = load("z.off", _off(TRIANGLE + "2 0 0;", "3 0 1 2;3 0 1 3;3 0 1 1;"))
    assert loaded.entity.faces.tolist() == [[0, 1, 2], [0, 1, 3]]
    assert loaded.warnings == (
        "Left out 1 face that used one vertex twice (the first: line 9).",
        "1 face without area.",
    )
    loaded = load("z.off", _off(TRIANGLE, "3 0 1 1;"))
    assert isinstance(loaded.entity, Points)
    assert loaded.warnings[1] == "No face was left, so the vertices are shown as points."


def test_edges_of_three_faces(load):
    loaded = load("m.off", _off(TRIANGLE + "0 0 1;0 0 -1;", "3 0 1 2;3 0 1 3;3 0 1 4;"))
    assert loaded.warnings == ("1 edge shared by three or more faces: the surface is not a manifold there.",)


def test_bad_normals_colours_and_scalars(load):
    names = ["x", "y", "z", "nx", "ny", "nz", "red", "green", "blue", "a", "b"]
    header = "ply\nformat ascii 1.0\nelement vertex 3\n" + "".join(f"property float {name}\n" for name in names)
    loaded = load(
        "b.ply", header + "end_header\n0 0 0 nan 0 1 0 0 nan 1 2\n1 0 0 0 0 0 0 0 1 nan 2\n0 1 0 0 0 1 2 0 1 1 1e39\n"
    )
    points = loaded.entity
    assert points.normals.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert points.colors.tolist() == [
        [0, 0, 0],
        [0, 0, np.float32(1 / 255)],
        [np.float32(2 / 255), 0, np.float32(1 / 255)],
    ]
    assert dict(points.scalars) == {}
    assert loaded.warnings == ("Left 2 normals at zero, because the file gives them no direction.",)
    assert loaded.dropped == tuple(f"{name} (not all of its values are finite numbers)" for name in "ab")


def test_warnings_do_not_flood(load):
    text = "v 0 0 0\nv 1 0 0\nv 0 1 0\n" + "".join(f"mtllib gone{i}.mtl\n" for i in range(100)) + "usemtl a\nf 1 2 3\n"
    warnings_ = load("w.obj", text).warnings
    assert len(warnings_) == 21
    assert warnings_[-1] == "There are 80 more warnings like these."
