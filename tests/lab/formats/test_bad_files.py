"""Files that are damaged in a way that no format is special about, and files mutated at random."""

from __future__ import annotations

import os
import struct
import warnings
from pathlib import Path

import laspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.formats import READABLE, FormatError, read, write
from lab.scene import Mesh, Points


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


# --- mutations ------------------------------------------------------------------------------------------------------


def _valid_files(folder: Path) -> list[Path]:
    """One small valid file of every kind that can be read."""
    rng = np.random.default_rng(7)
    verts = rng.normal(size=(12, 3)).astype(np.float32)
    faces = np.array([rng.choice(12, 3, replace=False) for _ in range(10)])
    mesh = Mesh(verts, faces, verts, rng.random((12, 3)), rng.random((10, 3, 2)), scalars={"a": rng.random(12)})
    for name in ("a.ply", "a.obj", "a.glb", "a.stl", "a.off", "a.xyz"):
        write(folder / name, mesh)
    write(folder / "text.ply", mesh, ascii=True)
    (folder / "a.csv").write_bytes(b"x,y,z,r,g,b,kind\n1,2,3,4,5,6,roof\n2,3,4,5,6,7,tree\n")
    (folder / "text.stl").write_text("solid a\n" + "vertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\n" * 3 + "endsolid\n")
    glb = (folder / "a.glb").read_bytes()
    size = struct.unpack_from("<I", glb, 12)[0]
    (folder / "data.bin").write_bytes(glb[28 + size :])
    (folder / "a.gltf").write_bytes(glb[20 : 20 + size].replace(b'"byteLength":', b'"uri":"data.bin","byteLength":', 1))
    text = (folder / "a.gltf").read_text().replace('"uri":"data.bin",', "")
    at = text.rindex('"buffers":[{') + len('"buffers":[{')
    (folder / "a.gltf").write_text(text[:at] + '"uri":"data.bin",' + text[at:])
    head = "FIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F U\nCOUNT 1 1 1 1\nWIDTH 4\nHEIGHT 1\nPOINTS 4\nDATA "
    body = rng.random((4, 4)).astype(np.float32).tobytes()
    (folder / "a.pcd").write_bytes((head + "binary\n").encode() + body)
    packed = b"".join(bytes([31]) + body[i : i + 32] for i in (0, 32))
    (folder / "packed.pcd").write_bytes(
        (head + "binary_compressed\n").encode() + struct.pack("<II", len(packed), 64) + packed
    )
    (folder / "text.pcd").write_text(head + "ascii\n" + "1 2 3 255\n" * 4)
    for version, kind, names in [("1.2", 3, ("a.las", "a.laz")), ("1.4", 7, ("new.las", "new.laz"))]:
        las = laspy.LasData(laspy.LasHeader(version=version, point_format=kind))
        las.X, las.Y, las.Z = rng.integers(0, 1000, (3, 20))
        for name in names:
            las.write(folder / name)
    return sorted(path for path in folder.iterdir() if path.suffix in READABLE)


@pytest.fixture(scope="module")
def valid_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    files = _valid_files(tmp_path_factory.mktemp("valid"))
    for path in files:
        read(path)
    assert {path.suffix for path in files} == set(READABLE) - {".txt", ".asc", ".pts", ".xyzn", ".xyzrgb"}
    return files


_NUMBERS = [
    b"-1",
    b"0",
    b"99999999999999999999",
    b"nan",
    b"inf",
    b"1e400",
    b"1.5",
    b"x",
    b"",
    b'"',
    b"\xff\xfe",
    b"[]",
    b"{}",
    b"null",
    b"2147483648",
]


def _mutate(draw: st.DrawFn, content: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "insert", "repeat", "number", "word", "swap"])):
            case "flip":
                content = content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]
            case "cut":
                content = content[:at]
            case "insert":
                content = content[:at] + draw(st.binary(min_size=1, max_size=8)) + content[at:]
            case "repeat":
                content = content[:at] + content[at : at + 40] * 3 + content[at + 40 :]
            case "number":  # replace a number of the text by a worse one
                starts = [
                    i for i in range(len(content)) if content[i : i + 1].isdigit() and not content[i - 1 : i].isdigit()
                ]
                if starts:
                    start = draw(st.sampled_from(starts))
                    end = next(
                        (i for i in range(start, len(content)) if not content[i : i + 1].isdigit()), len(content)
                    )
                    content = content[:start] + draw(st.sampled_from(_NUMBERS)) + content[end:]
            case "word":  # replace four bytes, as of a count
                content = (
                    content[:at]
                    + struct.pack("<I", draw(st.sampled_from([0, 1, 2**16, 2**31, 2**32 - 1])))
                    + content[at + 4 :]
                )
            case "swap":
                content = content[:at].replace(b" ", b"\t", 3) + content[at:].replace(b"\n", b"", 1)
    return content


def _read_or_refuse(path: Path) -> tuple[Mesh | Points | None, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return read(path).entity, ""
    except FormatError as error:
        return None, str(error)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_escapes_as_anything_but_a_format_error(valid_files, data):
    """Mutated files load, perhaps with warnings, into sound entities, or are refused with a sentence; nothing else."""
    original = data.draw(st.sampled_from(valid_files))
    content = _mutate(data.draw, original.read_bytes())
    path = original.with_name(f"mutated{original.suffix}")
    path.write_bytes(content)
    entity, sentence = _read_or_refuse(path)
    path.unlink()
    if entity is None:
        assert sentence.startswith("mutated")
        assert sentence.endswith(".")
        return
    assert len(entity.verts) > 0
    assert np.isfinite(entity.verts).all()
    assert np.isfinite(entity.origin).all()
    if isinstance(entity, Mesh):
        assert 0 <= entity.faces.min() <= entity.faces.max() < len(entity.verts)
    for part in (entity.normals, entity.colors, *entity.scalars.values()):
        assert part is None or np.isfinite(part).all()
