"""PLY files, looked at: every line and row with its meaning, and the bytes of each property."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from lab.formats import FormatError, write
from lab.formats.base import Source
from lab.formats.ply_transcode import transcode_ply
from lab.formats.ply_write import PlyStyle
from lab.inspector.inspect import open_document
from lab.scene import Mesh

HEADER = """ply
format ascii 1.0
comment TextureFile skin.png
element vertex 3
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
property uchar alpha
element face 2
property list uchar int vertex_index
property short grade
element camera 1
property double f
end_header
"""
BODY = """0 0 0 255 0 0 255
1 0 0 0 255 0 255

0 1
0 0 0 255 255
3 0 1 2 -7
4 0 1 2 0 7 35.5
left over
"""


@pytest.fixture
def opened(tmp_path):
    def write_and_open(data, name="a.ply"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return open_document(path)

    return write_and_open


def test_the_header_is_explained(opened):
    document = opened(HEADER + BODY)
    assert document.kind == "PLY, ASCII"
    meanings = {line.text: (line.meaning, line.element) for line in document.header}
    assert meanings["format ascii 1.0"][0] == "the body is as text; version 1.0"
    assert meanings["comment TextureFile skin.png"][0] == "the picture of the surface: “skin.png”"
    assert meanings["element vertex 3"] == (
        "3 rows “vertex” follow in the body, each with the properties below",
        "vertex",
    )
    assert meanings["property uchar red"] == ("the red of each vertex: whole, not negative, 1 byte", "vertex")
    assert meanings["property list uchar int vertex_index"] == (
        "the corners of a face: how many (whole, not negative, 1 byte), then so many numbers (whole, 4 bytes)",
        "face",
    )
    assert meanings["property double f"] == ("the f of each camera: real, 8 bytes", "camera")
    assert [line.number for line in document.header] == list(range(1, 18))


def test_every_line_of_an_ascii_body_is_explained(opened):
    """Also rows that go over lines, several rows in a line, blank lines, and what is left over."""
    document = opened(HEADER + BODY.replace("left over\n", ""))
    lines = document.page(18, 100)
    assert [(line.place, line.text, line.meaning, line.element) for line in lines] == [
        ("line 18", "0 0 0 255 0 0 255", "vertex 0: x 0, y 0, z 0, red 255, green 0, blue 0, alpha 255", "vertex"),
        ("line 19", "1 0 0 0 255 0 255", "vertex 1: x 1, y 0, z 0, red 0, green 255, blue 0, alpha 255", "vertex"),
        ("line 20", "", "blank", ""),
        ("line 21", "0 1", "several rows, from vertex 2 on", "vertex"),
        ("line 22", "0 0 0 255 255", "goes on with vertex 2", "vertex"),
        ("line 23", "3 0 1 2 -7", "face 0: vertex_index (3) 0 1 2, grade -7", "face"),
        ("line 24", "4 0 1 2 0 7 35.5", "several rows, from face 1 on", "face"),
    ]
    assert document.total == 24
    assert [document.line_of(vertex) for vertex in (-1, 0, 1, 2, 3)] == [None, 18, 19, 21, None]
    assert document.vertices == 3


def test_a_body_that_is_not_all_numbers_is_shown_all_the_same(opened):
    document = opened(HEADER + BODY)
    assert {line.meaning for line in document.page(18, 100)} == {"not understood", "blank"}
    assert document.line_of(0) is None
    assert len(document.parts) == 10


def parts(document):
    return {(p.element, p.name): (p.type, p.count, p.nbytes, p.use) for p in document.parts}


def test_elements_bytes_and_uses(opened, tmp_path):
    text = HEADER + BODY.replace("left over\n", "")
    binary = transcode_ply(text.encode(), PlyStyle("binary_big_endian"), Source(tmp_path / "a.ply"))
    document = opened(binary)
    assert document.kind == "PLY, binary, big-endian"
    assert parts(document) == {
        ("vertex", "x"): ("float", 3, 12, "coordinates"),
        ("vertex", "y"): ("float", 3, 12, "coordinates"),
        ("vertex", "z"): ("float", 3, 12, "coordinates"),
        ("vertex", "red"): ("uchar", 3, 3, "colours"),
        ("vertex", "green"): ("uchar", 3, 3, "colours"),
        ("vertex", "blue"): ("uchar", 3, 3, "colours"),
        ("vertex", "alpha"): ("uchar", 3, 3, "dropped"),
        ("face", "vertex_indices"): ("list uchar int", 2, 2 + 7 * 4, "faces"),
        ("face", "grade"): ("short", 2, 4, "dropped"),
        ("camera", "f"): ("double", 1, 8, "dropped"),
    }
    body = sum(part.nbytes for part in document.parts)
    assert body == len(binary) - binary.index(b"end_header\n") - len(b"end_header\n")


def test_binary_rows_are_shown_in_hexadecimal_with_their_place(opened, tmp_path):
    text = HEADER + BODY.replace("left over\n", "")
    binary = transcode_ply(text.encode(), PlyStyle("binary_little_endian"), Source(tmp_path / "a.ply"))
    document = opened(binary)
    start = binary.index(b"end_header\n") + 11
    rows = document.page(18, 100)
    assert document.total == 17 + 3 + 2 + 1
    assert rows[1].place == f"byte {start + 16}"
    assert rows[1].text == struct.pack("<3f4B", 1, 0, 0, 0, 255, 0, 255).hex(" ")
    assert rows[4].meaning == "face 1: vertex_indices (4) 0 1 2 0, grade 7"
    assert rows[4].text == struct.pack("<B4ih", 4, 0, 1, 2, 0, 7).hex(" ")
    assert rows[5].meaning == "camera 0: f 35.5"
    assert document.line_of(2) == 20
    assert document.page(20, 1)[0].meaning.startswith("vertex 2: ")


def test_bytes_of_text_are_those_of_the_numbers_and_what_ends_them(opened):
    rows = "0 0 0\n10 0 0\n0 -1.5 0\n"
    header = "ply\nformat ascii 1.0\nelement vertex 3\n" + "".join(f"property float {axis}\n" for axis in "xyz")
    assert [part.nbytes for part in opened(header + "end_header\n" + rows).parts] == [2 + 3 + 2, 2 + 2 + 5, 2 + 2 + 2]


def test_a_cut_off_body_is_shown_as_far_as_it_goes(opened, tmp_path):
    text = HEADER + BODY.replace("left over\n", "")
    binary = transcode_ply(text.encode(), PlyStyle("binary_little_endian"), Source(tmp_path / "a.ply"))
    document = opened(binary[: -8 - 19])  # no camera, no second face
    assert document.total == 17 + 3 + 1
    assert document.page(21, 5)[-1].meaning == "face 0: vertex_indices (3) 0 1 2, grade -7"


def test_every_variant_of_a_mesh_tells_the_same_meaning(opened, tmp_path):
    rng = np.random.default_rng(3)
    verts = rng.normal(size=(40, 3)).astype(np.float32)
    mesh = Mesh(verts, rng.permuted(np.tile(np.arange(40), (30, 1)), axis=1)[:, :3])
    told = []
    for encoding in ("ascii", "binary_little_endian", "binary_big_endian"):
        write(tmp_path / "v.ply", mesh, ply=PlyStyle(encoding))
        document = open_document(tmp_path / "v.ply")
        told.append([line.meaning for line in document.page(len(document.header) + 1, 100)])
        assert [document.line_of(vertex) for vertex in range(40)] == list(range(11, 51))
    assert told[0] == told[1] == told[2]
    assert len(told[0]) == 70


def test_a_damaged_header_is_refused_with_its_line(opened):
    with pytest.raises(FormatError, match=r"a\.ply, line 5: “flaot” is no type"):
        opened(HEADER.replace("property float x", "property flaot x") + BODY)
