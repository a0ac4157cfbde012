"""PLY, by files written by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from lab.scene import Mesh, Points

HEADER = """ply
format {format} 1.0
comment made by hand
element vertex 4
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
element face 2
property list uchar int {name}
end_header
"""
VERTS = [(0, 0, 0, 255, 0, 0), (1, 0, 0, 0, 255, 0), (1, 1, 0, 0, 0, 255), (0, 1, 0, 51, 102, 204)]
TEXT = "".join(f"{' '.join(map(str, row))} \n" for row in VERTS) + "3 0 1 2\n3 0 2 3 \n\n\n"


def _binary(order: str) -> bytes:
    body = b"".join(struct.pack(f"{order}3f3B", *row) for row in VERTS)
    return body + struct.pack(f"{order}B3i", 3, 0, 1, 2) + struct.pack(f"{order}B3i", 3, 0, 2, 3)


@pytest.mark.parametrize("name", ["vertex_index", "vertex_indices", "corners"])
@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_all_three_forms_give_the_same_mesh(load, form, name):
    body = TEXT.encode() if form == "ascii" else _binary("<" if "little" in form else ">")
    loaded = load("quad.ply", HEADER.format(format=form, name=name).encode() + body)
    assert loaded.name == "quad"
    assert loaded.warnings == loaded.dropped == ()
    mesh = loaded.entity
    assert mesh.verts.tolist() == [list(map(float, row[:3])) for row in VERTS]
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    np.testing.assert_array_equal(mesh.colors, np.array([row[3:] for row in VERTS], np.float32) / np.float32(255))


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_of_other_systems(load, newline):
    text = (HEADER.format(format="ascii", name="vertex_index") + TEXT).replace("\n", newline)
    assert load("a.ply", text.encode()).entity.faces.tolist() == [[0, 1, 2], [0, 2, 3]]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        *[("char", "b"), ("int8", "b"), ("uchar", "B"), ("uint8", "B"), ("short", "h"), ("int16", "h")],
        *[("ushort", "H"), ("uint16", "H"), ("int", "i"), ("int32", "i"), ("uint", "I"), ("uint32", "I")],
        *[("float", "f"), ("float32", "f"), ("double", "d"), ("float64", "d")],
    ],
)
@pytest.mark.parametrize("order", ["little", "big"])
def test_every_type_in_both_spellings(load, kind, code, order):
    header = f"ply\nformat binary_{order}_endian 1.0\nelement vertex 2\n"
    header += f"property {kind} label\nproperty {kind} x\nproperty {kind} y\nproperty {kind} z\nend_header\n"
    sign = "<" if order == "little" else ">"
    points = load(
        "t.ply", header.encode() + struct.pack(f"{sign}4{code}", 9, 1, 2, 3) + struct.pack(f"{sign}4{code}", 8, 4, 5, 6)
    ).entity
    assert isinstance(points, Points)
    assert points.verts.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert points.scalars["label"].tolist() == [9, 8]


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_polygons_of_different_sizes_become_fans(load, form):
    header = f"ply\nformat {form} 1.0\nelement vertex 5\nproperty float x\nproperty float y\nproperty float z\n"
    header += "element face 4\nproperty list uchar int vertex_indices\nproperty uchar flags\nend_header\n"
    verts = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1)]
    faces = [(0, 1, 2, 3), (0, 1, 4), (0, 1), (0, 1, 2, 3, 4)]
    if form == "ascii":
        body = "".join(f"{x} {y} {z}\n" for x, y, z in verts).encode()
        body += "".join(f"{len(face)} {' '.join(map(str, face))} 7\n" for face in faces).encode()
    else:
        sign = "<" if "little" in form else ">"
        body = b"".join(struct.pack(f"{sign}3f", *vert) for vert in verts)
        body += b"".join(struct.pack(f"{sign}B{len(face)}iB", len(face), *face, 7) for face in faces)
    loaded = load("fan.ply", header.encode() + body)
    assert loaded.entity.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 4], [0, 1, 2], [0, 2, 3], [0, 3, 4]]
    assert any("1 face with fewer than three corners" in warning for warning in loaded.warnings)
    assert loaded.dropped == ("face property “flags”",)


def test_normals_floating_colours_and_further_properties(load):
    header = "ply\nformat ascii 1.0\nelement vertex 2\n"
    for kind, name in [
        ("float", "x"),
        ("float", "y"),
        ("float", "z"),
        ("float", "nx"),
        ("float", "ny"),
        ("float", "nz"),
    ]:
        header += f"property {kind} {name}\n"
    header += (
        "property float red\nproperty float green\nproperty float blue\nproperty uchar alpha\nproperty float quality\n"
    )
    header += "property list uchar float weights\nelement camera 1\nproperty float f\nend_header\n"
    loaded = load("p.ply", header + "0 0 0 0 0 2 0.5 0.25 1 255 3.5 2 1 1\n1 0 0 0 1 0 0 0 0 255 4.5 0\n35\n")
    points = loaded.entity
    assert points.normals.tolist() == [[0, 0, 1], [0, 1, 0]]  # made unit
    assert points.colors.tolist() == [[0.5, 0.25, 1], [0, 0, 0]]
    assert points.scalars["quality"].tolist() == [3.5, 4.5]
    assert set(loaded.dropped) == {"opacity (alpha)", "vertex property “weights”", "element “camera”"}


def test_texture_coordinates_of_corners(load, tmp_path):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    Image.fromarray(pixels).save(tmp_path / "my skin.png")
    header = (
        "ply\nformat ascii 1.0\ncomment TextureFile my skin.png\nelement vertex 3\nproperty float x\nproperty float y\n"
    )
    header += "property float z\nelement face 1\nproperty list uchar int vertex_indices\n"
    header += "property list uchar float texcoord\nend_header\n"
    loaded = load("t.ply", header + "0 0 0\n1 0 0\n0 1 0\n3 0 1 2 6 0 0 1 0 0.5 0.75\n")
    mesh = loaded.entity
    assert isinstance(mesh, Mesh)
    assert mesh.uvs.tolist() == [[[0, 0], [1, 0], [0.5, 0.75]]]
    np.testing.assert_array_equal(mesh.materials[0].texture, pixels)
    (tmp_path / "my skin.png").unlink()
    loaded = load("t.ply", header + "0 0 0\n1 0 0\n0 1 0\n3 0 1 2 6 0 0 1 0 0.5 0.75\n")
    assert "my skin.png" in loaded.warnings[0]
    assert loaded.entity.uvs.tolist() == [[[0, 0], [1, 0], [0.5, 0.75]]]  # the coordinates stay, without a picture
    assert loaded.entity.materials == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("ply\n", "plx\n", "line 1"),
        ("format ascii 1.0", "format ascci 1.0", "line 2"),
        ("format ascii 1.0\n", "", "format"),
        ("element vertex 4", "element vertex four", "line 4: “four” is no count"),
        ("element vertex 4", "element vertex 99999999999", "declares 99,999,999,999"),
        ("element vertex 4", "element vertex 400", "declares 400"),
        ("element face 2", "element face 3", "face 2 (counted from 0) of 3: the file ends before it"),
        ("element face 2", "element face 99999999", "declares 99,999,999"),
        ("property float x", "property flaot x", "line 5: “flaot” is no type"),
        ("property float x", "property float a", "no property “x”"),
        ("list uchar int", "list float int", "line 12"),
        ("end_header", "end_heade", "end_header"),
        ("element vertex 4", "element corner 4", "no element “vertex”"),
        ("0 1 0 51", "0 O 0 51", "line 17: “O” is not a number"),
        ("3 0 1 2", "3 0 1 4", "line 18, face 0 (counted from 0): it uses vertex 4"),
        ("3 0 1 2", "3 0 1 -1", "line 18, face 0 (counted from 0): it uses vertex -1"),
        ("3 0 1 2", "3 0 1 1.5", "line 18, face 0 (counted from 0): a vertex index is not a whole number"),
        ("3 0 1 2", "-3 0 1 2", "line 18, face 0 (counted from 0) of 2"),
        ("3 0 1 2", "nan 0 1 2", "line 18, face 0 (counted from 0) of 2"),
    ],
)
def test_damage_is_named(refusal, old, new, expected):
    text = HEADER.format(format="ascii", name="vertex_indices") + TEXT
    assert old in text
    assert expected in refusal("bad.ply", text.replace(old, new, 1))


def test_cut_off_binary_files(refusal):
    whole = HEADER.format(format="binary_little_endian", name="vertex_indices").encode() + _binary("<")
    start = whole.index(b"end_header\n") + 11 + 4 * 15  # the faces begin behind four vertices of 15 bytes
    assert f"byte {start + 13}, face 1 (counted from 0) of 2" in refusal("cut.ply", whole[:-1])
    assert f"byte {start + 13}, face 1 (counted from 0) of 2" in refusal("cut.ply", whole[:-13])
    assert "element “face”" in refusal("cut.ply", whole[: -2 * 13])
    assert "element “vertex”" in refusal("cut.ply", whole[: -2 * 13 - 1])


def test_data_after_the_end_are_a_warning(load):
    whole = HEADER.format(format="binary_little_endian", name="vertex_indices").encode() + _binary("<")
    assert load("long.ply", whole + b"\r\n").warnings == ()
    assert load("long.ply", whole + b"abc").warnings == ("Ignored 3 bytes after the last element.",)


def test_digits_of_scalars_that_are_lost_are_said(load):
    """Single precision has steps of 64 at 1,000,000,000 (2^30 / 2^24): seconds since 1970 cannot stay apart in it."""
    text = "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    text += "property double time\nproperty double fine\nproperty int id\nend_header\n"
    rows = "0 0 0 1000000000 0.1 16777216\n1 0 0 1000000010 0.2 16777217\n2 0 0 1000000020 0.3 16777218\n"
    loaded = load("a.ply", text + rows)
    assert loaded.dropped == ("last digits of time (up to 20)", "last digits of id (up to 1)")
    assert set(loaded.entity.scalars) == {"time", "fine", "id"}


@pytest.mark.parametrize("kind", ["uchar", "ushort", "int", "float"])
def test_colours_that_are_no_colours_become_ones(load, kind):
    text = "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\n"
    text += "".join(f"property {kind} {name}\n" for name in ("red", "green", "blue"))
    colors = load("a.ply", text + "end_header\n0 0 0 nan 1e9 -5\n1 0 0 0 0 0\n").entity.colors
    assert colors.tolist() == [[0, 1, 0], [0, 0, 0]]
