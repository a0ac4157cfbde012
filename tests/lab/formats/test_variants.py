"""Round trips through every variant of PLY and OBJ, bit for bit, and PLY files put into another variant whole."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab.formats import FormatError, read, write
from lab.formats.base import Source
from lab.formats.obj_write import ObjStyle
from lab.formats.ply_header import parse_header
from lab.formats.ply_transcode import transcode_ply
from lab.formats.ply_write import PlyStyle
from lab.scene import Material, Mesh, Points

ENCODINGS = ("ascii", "binary_little_endian", "binary_big_endian")
STYLES = [
    PlyStyle(*values)
    for values in itertools.product(ENCODINGS, ("old", "new"), ("vertex_indices", "vertex_index"), ("uchar", "float"))
]


def assert_same_bits(first, second, what):
    assert (first is None) == (second is None), what
    if first is not None:
        assert first.dtype == second.dtype, what
        assert first.tobytes() == second.tobytes(), what


def assert_same(saved, loaded):
    """Everything but the materials' names."""
    assert type(saved) is type(loaded)
    for name in ("verts", "normals", "colors", "origin"):
        assert_same_bits(getattr(saved, name), getattr(loaded, name), name)
    assert list(saved.scalars) == list(loaded.scalars)
    for name in saved.scalars:
        assert_same_bits(saved.scalars[name], loaded.scalars[name], name)
    if isinstance(saved, Mesh):
        for name in ("faces", "uvs"):
            assert_same_bits(getattr(saved, name), getattr(loaded, name), name)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: "-".join(vars(style).values()))
def test_every_variant_of_ply_keeps_a_mesh_bit_for_bit(painted, tmp_path, style):
    """Positions, faces, normals, colours, texture coordinates, pictures and scalar fields."""
    lost = write(tmp_path / "a.ply", painted, ply=style)
    assert lost == ("materials but for their textures",)
    loaded = read(tmp_path / "a.ply")
    assert loaded.warnings == loaded.dropped == ()
    assert_same(painted, loaded.entity)
    for face in range(12):
        before, after = (m.materials[m.face_materials[face]] for m in (painted, loaded.entity))
        np.testing.assert_array_equal(before.texture, after.texture)
    text = (tmp_path / "a.ply").read_bytes()
    header = text[: text.index(b"end_header")].decode().splitlines()
    assert f"format {style.encoding} 1.0" in header
    real, byte, whole = ("float", "uchar", "int") if style.spelling == "old" else ("float32", "uint8", "int32")
    assert f"property {real} x" in header
    assert f"property list {byte} {whole} {style.face_list}" in header
    assert f"property {byte if style.colors == 'uchar' else real} red" in header


@pytest.mark.parametrize("style", STYLES, ids=lambda style: "-".join(vars(style).values()))
def test_every_variant_of_ply_keeps_a_cloud_bit_for_bit(cloud, tmp_path, style):
    assert write(tmp_path / "a.ply", cloud, ply=style) == ()
    assert_same(cloud, read(tmp_path / "a.ply").entity)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("parts", list(itertools.product([False, True], repeat=3)))
def test_every_spelling_of_obj_keeps_a_mesh_bit_for_bit(painted, tmp_path, relative, parts):
    """f a, f a/b, f a//c and f a/b/c, with indices from the front and from the back."""
    uvs, normals, colors = parts
    mesh = Mesh(
        painted.verts,
        painted.faces,
        painted.normals if normals else None,
        painted.colors if colors else None,
        painted.uvs if uvs else None,
        painted.face_materials if uvs else None,
        painted.materials if uvs else (),
    )
    write(tmp_path / "a.obj", mesh, obj=ObjStyle(relative=relative))
    loaded = read(tmp_path / "a.obj")
    assert_same(mesh, loaded.entity)
    face = next(line for line in (tmp_path / "a.obj").read_text().splitlines() if line.startswith("f "))
    assert face.split()[1].count("/") == (2 if normals else int(uvs))
    assert ("-" in face) is relative
    if uvs:
        assert [m.diffuse for m in loaded.entity.materials] == [m.diffuse for m in painted.materials]


def test_materials_without_a_picture_survive_in_ply_as_no_texture(painted, tmp_path):
    plain = (painted.materials[0], Material("plain", (0.5, 0.5, 0.5)))
    write(
        tmp_path / "a.ply", Mesh(painted.verts, painted.faces, None, None, painted.uvs, painted.face_materials, plain)
    )
    mesh = read(tmp_path / "a.ply").entity
    textured = [mesh.materials[number].texture is not None for number in mesh.face_materials]
    assert textured == [True] * 4 + [False] * 4 + [True] * 4


# --- any content ----------------------------------------------------------------------------------------------------

REALS = st.floats(-(2.0**60), 2.0**60, width=32)
UNIT = st.floats(0, 1, width=32)


@st.composite
def meshes(draw: st.DrawFn) -> Mesh:
    count = draw(st.integers(3, 9))
    verts = draw(arrays(np.float32, (count, 3), elements=st.floats(-1, 1, width=32)))
    verts[:2] = [[-1, -1, -1], [1, 1, 1]]  # so that nothing is far from zero
    faces = draw(arrays(np.int32, (draw(st.integers(1, 6)),), elements=st.integers(0, count - 1)))
    faces = np.stack([faces, (faces + 1) % count, (faces + 2) % count], axis=1)
    names = draw(
        st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}[A-Za-z0-9]", fullmatch=True), max_size=3, unique=True)
    )
    scalars = {name: draw(arrays(np.float32, count, elements=REALS)) for name in ["x", "u", "alpha", *names]}
    normals = np.zeros((count, 3), np.float32)
    normals[np.arange(count), draw(arrays(np.int8, count, elements=st.integers(0, 2)))] = 1
    colors = draw(arrays(np.float32, (count, 3), elements=UNIT))
    uvs = draw(arrays(np.float32, (len(faces), 3, 2), elements=REALS)) if draw(st.booleans()) else None
    return Mesh(verts, faces, normals, colors, uvs, scalars=scalars)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(mesh=meshes(), encoding=st.sampled_from(ENCODINGS), spelling=st.sampled_from(["old", "new"]))
def test_any_mesh_comes_back_from_ply_bit_for_bit(tmp_path_factory, mesh, encoding, spelling):
    """With colours in single precision, and scalar fields called like coordinates."""
    path = tmp_path_factory.mktemp("any") / "a.ply"
    write(path, mesh, ply=PlyStyle(encoding, spelling, colors="float"))
    assert_same(mesh, read(path).entity)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(mesh=meshes(), relative=st.booleans())
def test_any_mesh_comes_back_from_obj_bit_for_bit(tmp_path_factory, mesh, relative):
    path = tmp_path_factory.mktemp("any") / "a.obj"
    plain = Mesh(mesh.verts, mesh.faces, mesh.normals, mesh.colors, mesh.uvs)
    write(path, plain, obj=ObjStyle(relative=relative))
    assert_same(plain, read(path).entity)


def test_colours_that_bytes_cannot_hold_are_told(tmp_path):
    fine = Points(np.eye(3), colors=np.full((3, 3), 0.3))  # 0.3 * 255 = 76.5
    even = Points(np.eye(3), colors=np.full((3, 3), np.float32(76 / 255)))
    for name in ("a.ply", "a.off", "a.xyz"):
        assert "colours finer than 256 levels" in write(tmp_path / name, fine)
        assert "colours finer than 256 levels" not in write(tmp_path / name, even)
    assert write(tmp_path / "a.ply", fine, ply=PlyStyle(colors="float")) == ()
    assert write(tmp_path / "a.obj", fine) == ()


def test_dark_colours_stay_dark_in_tables_of_points(tmp_path):
    """Levels 0 and 1 of 255 could be taken for black and white."""
    dark = Points(np.eye(3) * 3, colors=np.array([[0, 1, 1], [1, 0, 0], [0, 0, 1]]) / 255)
    for name in ("a.xyz", "a.ply", "a.off", "a.obj"):
        write(tmp_path / name, dark)
        np.testing.assert_array_equal(read(tmp_path / name).entity.colors, dark.colors)


# --- a PLY file put into another variant ----------------------------------------------------------------------------

MIXED = b"""ply
format ascii 1.0
comment kept as it is
obj_info kept, too
element vertex 4
property double x
property float32 y
property float z
property short flag
property list uint8 float weights
element face 3
property list uchar uint vertex_indices
property uchar grade
element camera 1
property double f
property list ushort char bits
element nothing 2
end_header
0.1 0.1 0.1 -300 2 0.5 0.25
1e-300 1 2 7 0
3 4 5 32767 1 1
6 7 8 -32768 3 1 2 3
3 0 1 2 200
4 0 1 2 3 0
2 0 1 255
35.000000000000001 2 -128 127
"""


def transcode(tmp_path, data, style):
    path = tmp_path / "t.ply"
    path.write_bytes(data)
    return transcode_ply(data, style, Source(path))


def test_transcoding_keeps_everything_and_is_exact(tmp_path):
    """Lists of many lengths, elements that the lab does not know, and every type."""
    binary = transcode(tmp_path, MIXED, PlyStyle("binary_big_endian", "new", "vertex_index"))
    header, _, body = binary.partition(b"end_header\n")
    assert header.decode().splitlines() == [
        "ply", "format binary_big_endian 1.0", "comment kept as it is", "obj_info kept, too", "element vertex 4",
        "property float64 x", "property float32 y", "property float32 z", "property int16 flag",
        "property list uint8 float32 weights", "element face 3", "property list uint8 uint32 vertex_index",
        "property uint8 grade", "element camera 1", "property float64 f", "property list uint16 int8 bits",
        "element nothing 2",
    ]  # fmt: skip
    expected = b"".join(
        struct.pack(f">dffhB{len(w)}f", x, y, z, flag, len(w), *w)
        for x, y, z, flag, w in [
            (0.1, 0.1, 0.1, -300, (0.5, 0.25)), (1e-300, 1, 2, 7, ()), (3, 4, 5, 32767, (1,)),
            (6, 7, 8, -32768, (1, 2, 3)),
        ]
    )  # fmt: skip
    expected += struct.pack(">B3IB", 3, 0, 1, 2, 200) + struct.pack(">B4IB", 4, 0, 1, 2, 3, 0)
    expected += struct.pack(">B2IB", 2, 0, 1, 255) + struct.pack(">dH2b", 35.000000000000001, 2, -128, 127)
    assert body == expected


@pytest.mark.parametrize("style", [s for s in STYLES if s.colors == "uchar"], ids=lambda s: "-".join(vars(s).values()))
def test_transcoding_there_and_back_gives_the_same_bytes(tmp_path, style):
    first = transcode(tmp_path, MIXED, PlyStyle("binary_little_endian"))
    there = transcode(tmp_path, first, style)
    assert transcode(tmp_path, there, PlyStyle("binary_little_endian")) == first
    assert transcode(tmp_path, there, style) == there


def test_what_a_declared_type_cannot_hold_is_refused_with_its_place(tmp_path):
    bad = MIXED.replace(b"2 0 1 255\n", b"2 0 1 256\n")
    line = bad[: bad.index(b"2 0 1 256")].count(b"\n") + 1
    with pytest.raises(FormatError, match=f"t.ply, line {line}, face 2 .*“grade” is 256.*“uchar” cannot hold"):
        transcode(tmp_path, bad, PlyStyle())


def test_a_lone_carriage_return_ends_the_header_and_no_more(tmp_path, load):
    """The first byte of the body may be a line feed."""
    lines = [b"ply", b"format binary_little_endian 1.0", b"element vertex 1"]
    lines += [b"property float " + axis for axis in (b"x", b"y", b"z")]
    value = struct.unpack("<f", b"\n\x00\x80\x3f")[0]
    data = b"\r".join([*lines, b"end_header", b""]) + struct.pack("<3f", value, 1, 2)
    assert load("a.ply", data).entity.verts.tolist() == [[value, 1, 2]]


def test_a_name_that_is_there_twice_is_kept_twice(load, tmp_path):
    text = "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\n"
    text += "property float a\nproperty float a\nend_header\n1 2 3 4 5\n"
    loaded = load("a.ply", text)
    assert {name: values.tolist() for name, values in loaded.entity.scalars.items()} == {"a": [4], "a_": [5]}
    header = parse_header(transcode(tmp_path, text.encode(), PlyStyle("ascii")), Source(tmp_path / "t.ply"))
    assert [line for line in header.lines if " a" in line and "property" in line] == ["property float a"] * 2
