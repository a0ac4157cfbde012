"""Conversions between every format that can be read and every one that can be written, and the two file commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lab import cli
from lab.convert import DROPPABLE, NotSavedError, convert, without
from lab.examples import example_path
from lab.formats import READABLE, WRITABLE, FormatError, read, write
from lab.formats.obj_write import ObjStyle
from lab.formats.ply_write import PlyStyle
from lab.geometry import stats
from lab.scene import Mesh, Points
from tests.lab.formats.conftest import CUBE_FACES, CUBE_VERTS, cloud, painted
from tests.lab.formats.good_files import POLYGONS, make_good_files

__all__ = ["cloud", "painted"]  # fixtures


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    make_good_files(folder)
    return folder


@pytest.mark.parametrize("target", list(WRITABLE))
@pytest.mark.parametrize("source", list(READABLE))
def test_every_format_into_every_format(good_files, tmp_path, source, target):
    path = next(path for path in sorted(good_files.iterdir()) if path.suffix == source)
    out = tmp_path / f"out{target}"
    before = read(path).entity
    if target == ".stl" and isinstance(before, Points):
        with pytest.raises(NotSavedError, match="STL holds triangles"):
            convert(path, out)
        return
    conversion = convert(path, out)
    after = read(out).entity
    assert conversion.loaded.entity.verts.shape == before.verts.shape
    if target == ".stl":
        first, second = (mesh.verts[mesh.faces] + mesh.origin for mesh in (before, after))
    else:
        first, second = before.verts + before.origin, after.verts + after.origin
    np.testing.assert_allclose(second, first, rtol=1e-6, atol=1e-6)
    held = ("normals" if after.normals is not None else "", "colours" if after.colors is not None else "")
    for name, part in (("normals", before.normals), ("colours", before.colors)):
        assert (part is None) or (name in held) != (name in conversion.lost), f"{name} were neither kept nor told lost"


def test_scale_and_axis(tmp_path):
    write(tmp_path / "a.obj", Mesh(CUBE_VERTS * [1, 2, 3], CUBE_FACES))
    convert(tmp_path / "a.obj", tmp_path / "a.ply", scale=0.5, up="z")
    mesh = read(tmp_path / "a.ply").entity
    assert stats(mesh).bounds_upper.tolist() == [0.5, 1.5, 0]
    assert stats(mesh).bounds_lower.tolist() == [0, 0, -1]


def test_what_was_to_be_dropped_is_dropped(painted, cloud):
    def held(entity: Mesh | Points) -> set[str]:
        parts = {"normals": entity.normals, "colors": entity.colors, "scalars": entity.scalars or None}
        if isinstance(entity, Mesh):
            parts |= {"faces": entity.faces, "textures": entity.uvs}
            assert (entity.uvs is None) == (entity.materials == ()) == (entity.face_materials is None)
        return {name for name, part in parts.items() if part is not None}

    for entity in (painted, cloud):
        for part in DROPPABLE:
            gone = {part, "textures"} if part == "faces" else {part}
            assert held(without(entity, frozenset({part}))) == held(entity) - gone
        assert held(without(entity, frozenset(DROPPABLE))) == set()
    with pytest.raises(ValueError, match="found 'hair'"):
        without(cloud, frozenset({"hair"}))


def test_ply_to_ply_keeps_what_the_lab_does_not_know(tmp_path):
    (tmp_path / "a.ply").write_text(POLYGONS)
    conversion = convert(tmp_path / "a.ply", tmp_path / "b.ply", ply=PlyStyle("binary_big_endian"))
    assert conversion.complete
    assert conversion.lost == ()
    convert(tmp_path / "b.ply", tmp_path / "c.ply", ply=PlyStyle("ascii", face_list="vertex_index"))
    header, _, body = (tmp_path / "c.ply").read_text().partition("end_header\n")
    assert header == POLYGONS.partition("end_header\n")[0]
    assert list(map(float, body.split())) == list(map(float, POLYGONS.partition("end_header\n")[2].split()))
    assert body.count("\n") == 9
    assert not convert(tmp_path / "a.ply", tmp_path / "d.ply", scale=2).complete
    assert b"camera" not in (tmp_path / "d.ply").read_bytes()


def test_pictures_that_stay_behind_are_told(good_files, tmp_path):
    conversion = convert(good_files / "textured.ply", tmp_path / "b.ply")
    assert conversion.notes == (
        "It refers to the pictures “textured_texture.png”, which stay in the folder of textured.ply: copy them.",
    )
    assert convert(good_files / "textured.ply", good_files / "copy.ply").notes == ()
    (good_files / "copy.ply").unlink()


def test_obj_with_indices_from_the_back(tmp_path):
    convert(example_path("teapot"), tmp_path / "a.obj", obj=ObjStyle(relative=True))
    assert "f -792 -791 -790" in (tmp_path / "a.obj").read_text()
    np.testing.assert_array_equal(read(tmp_path / "a.obj").entity.faces, read(example_path("teapot")).entity.faces)


def test_what_cannot_be_read_is_no_failure_to_save(tmp_path):
    (tmp_path / "a.ply").write_bytes(b"plx\n")
    with pytest.raises(FormatError, match="line 1") as caught:
        convert(tmp_path / "a.ply", tmp_path / "b.ply")
    assert not isinstance(caught.value, NotSavedError)
    assert not (tmp_path / "b.ply").exists()


# --- on the command line --------------------------------------------------------------------------------------------

Said = tuple[int, str, str]


@pytest.fixture
def dl3d(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Said:
        try:
            status = cli.execute(cli.parse([str(argument) for argument in arguments]))
        except SystemExit as ended:
            status = int(str(ended.code))
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_convert_says_what_became_of_the_file(dl3d, tmp_path):
    status, said, wrong = dl3d("convert", "autzen", "a.glb", "--up", "z")
    assert (status, wrong) == (0, "")
    lines = said.splitlines()
    assert lines[0].startswith("Read autzen_trim.laz: 110,000 points, colours, scalar field “intensity”")
    assert any(line.startswith("Note: The coordinates are far from zero") for line in lines)
    assert any(line.startswith("Not read: return_number") for line in lines)
    assert "Not kept by glTF binary: scalar fields." in lines
    assert lines[-1] == "Saved a.glb (2.64 MB)."
    assert dl3d("convert", "spot", "b.ply", "--encoding", "ascii", "--spelling", "new", "--quiet") == (0, "", "")
    assert (tmp_path / "b.ply").read_bytes().startswith(b"ply\nformat ascii 1.0\n")
    assert b"property float32 x\n" in (tmp_path / "b.ply").read_bytes()
    assert "Everything that the file holds was kept." in dl3d("convert", "b.ply", "c.ply", "--encoding", "big")[1]


def test_convert_drops_what_it_is_told_to(dl3d, tmp_path):
    assert dl3d("convert", "spot", "a.ply", "--drop", "faces", "--scale", "2")[0] == 0
    points = read(tmp_path / "a.ply").entity
    assert isinstance(points, Points)
    np.testing.assert_array_equal(points.verts, read(example_path("spot")).entity.verts * 2)


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["nowhere.ply", "b.obj"], 2, "There is no file 'nowhere.ply'"),
        (["spot", "b.docx"], 2, "OUT 'b.docx': the name must end in .ply"),
        (["spot", "gone/b.ply"], 2, "the folder 'gone' does not exist"),
        (["bad.ply", "b.obj"], 2, "bad.ply, line 1"),
        (["same.obj", "same.obj"], 2, "'same.obj' is the file to convert; give OUT another name."),
        (["spot", "b.obj", "--encoding", "big"], 2, "--encoding is for PLY files, but 'b.obj' is none"),
        (["spot", "b.ply", "--relative"], 2, "--relative is for OBJ files"),
        (["b9", "b.stl"], 1, "STL holds triangles, not points"),
        (["spot", "b.ply", "--scale", "0"], 2, "expected a number above zero, found '0'"),
        (["spot", "b.ply", "--up", "w"], 2, "--up"),
        (["README.md", "b.ply"], 2, "'README.md' cannot be read: it has the ending “.md”"),
    ],
)
def test_convert_refuses_with_one_sentence(dl3d, tmp_path, arguments, status, expected):
    (tmp_path / "bad.ply").write_text("plx\n")
    (tmp_path / "README.md").write_text("x")
    write(tmp_path / "same.obj", Points(np.eye(3)))
    before = sorted(tmp_path.iterdir())
    ended, said, wrong = dl3d("convert", *arguments)
    assert (ended, said) == (status, "")
    assert wrong.startswith("dl3d convert: ")
    assert expected in wrong
    assert wrong.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_inspect_prints_and_saves_what_is_in_a_file(dl3d, tmp_path):
    status, said, wrong = dl3d("inspect", "teapot", "--first", "792", "--lines", "2", "--json", "a.json")
    assert (status, wrong) == (0, "")
    assert said.startswith("teapot.obj: Wavefront OBJ, 34.3 kB (34,297 bytes)\n")
    assert "line 793  f 1 2 3             face 0: vertices 0 1 2 (from 0)" in said
    saved = json.loads((tmp_path / "a.json").read_text())
    assert saved["figures"]["Boundary edges"] == 528
    assert [line["number"] for line in saved["lines"]] == [792, 793]
    assert "Geometry" not in dl3d("inspect", "teapot", "--quick")[1]


def test_inspect_of_a_damaged_file_fails_after_showing_it(dl3d, tmp_path):
    (tmp_path / "a.obj").write_text("v 0 0 0\nf 1 2 3\n")
    status, said, _ = dl3d("inspect", "a.obj")
    assert status == 1
    assert "error: a.obj, line 2: it uses vertex 1" in said
    assert "line 2  f 1 2 3" in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere.ply"], "There is no file 'nowhere.ply'"),
        (["a.docx"], "a.docx cannot be inspected: it has the ending “.docx”"),
        (["spot", "--json", "gone/a.json"], "the folder 'gone' does not exist"),
        (["spot", "--lines", "x"], "expected a whole number from 0 to 10,000, found 'x'"),
    ],
)
def test_inspect_refuses_with_one_sentence(dl3d, tmp_path, arguments, expected):
    (tmp_path / "a.docx").write_text("x")
    status, said, wrong = dl3d("inspect", *arguments)
    assert (status, said) == (2, "")
    assert wrong.startswith("dl3d inspect: ")
    assert expected in wrong
    assert wrong.count("\n") == 1
