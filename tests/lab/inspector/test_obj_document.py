"""OBJ files and material lists, looked at."""

from __future__ import annotations

import pytest
from PIL import Image

from lab.inspector.inspect import open_document

OBJ = """# a square and a triangle
mtllib my list.mtl
v 0 0 0
v 1 0 0 1 0 0.5
v 1 1 0
v 0 1 0
vt 0 0
vn 0 0 1
g part
usemtl wood
f 1/1/1 2/1/1 3/1/1 4/1/1
usemtl nowhere
f -1/-1/-1 -2/-1/-1 -3/-1/-1
f 1 2 3 4 1
wobble 1
"""
MTL = """newmtl wood # inline
Ka 0.1 0.1 0.1 # ambient
Kd 0.5 0.25 1
Ns 10
map_Kd old wood.png
newmtl unused
map_Kd gone.png
"""


@pytest.fixture
def document(tmp_path):
    (tmp_path / "a.obj").write_text(OBJ)
    (tmp_path / "my list.mtl").write_text(MTL)
    Image.new("RGB", (6, 4)).save(tmp_path / "old wood.png")
    return open_document(tmp_path / "a.obj")


def test_statements_are_counted(document):
    assert [(p.element, p.name, p.count, p.use) for p in document.parts] == [
        ("#", "comment", 1, "passed over"),
        ("mtllib", "file", 1, "materials"),
        ("v", "x y z [red green blue]", 4, "coordinates"),
        ("vt", "u [v]", 1, "texture coordinates"),
        ("vn", "x y z", 1, "normals"),
        ("g", "names", 1, "dropped"),
        ("usemtl", "name", 2, "materials"),
        ("f", "a/b/c: 1 triangle, 1 quad, 1 polygon, negative indices", 3, "faces"),
        ("wobble", "", 1, "dropped"),
    ]
    assert sum(part.nbytes for part in document.parts) == len(OBJ)
    assert (document.total, document.vertices) == (15, 4)


def test_every_line_is_explained(document):
    meanings = [line.meaning for line in document.page(1, 100)]
    assert meanings == [
        "words for people; programs pass over them",
        "the materials are in this file",
        "vertex 0, called 1 in faces: 0 0 0",
        "vertex 1, called 2 in faces: 1 0 0, colour 1 0 0.5",
        "vertex 2, called 3 in faces: 1 1 0",
        "vertex 3, called 4 in faces: 0 1 0",
        "texture coordinate 0, called 1 in faces: 0 0",
        "normal 0, called 1 in faces: 0 0 1",
        "the group “part” begins; dropped",
        "the faces from here on have the material “wood”",
        "face 0: vertices 0 1 2 3 (from 0), 2 triangles",
        "the faces from here on have the material “nowhere”",
        "face 1: vertices 3 2 1 (from 0)",
        "face 2: vertices 0 1 2 3 0 (from 0), 3 triangles",
        "not understood; passed over",
    ]
    assert [document.line_of(vertex) for vertex in (-1, 0, 3, 4)] == [None, 3, 6, None]


def test_materials_with_all_that_they_say(document):
    wood, unused, nowhere = document.materials
    assert (wood.name, wood.place, wood.faces) == ("wood", "my list.mtl, line 1", 1)
    assert wood.values == (("Ka", "0.1 0.1 0.1"), ("Kd", "0.5 0.25 1"), ("Ns", "10"), ("map_Kd", "old wood.png"))
    assert (wood.texture, wood.picture) == ("old wood.png", "6 × 4 pixels")
    assert (unused.faces, unused.picture) == (0, "missing: there is no such file in the model's folder")
    assert (nowhere.name, nowhere.place, nowhere.faces) == ("nowhere", "in no list", 2)


def test_a_missing_list_is_told_at_its_line(tmp_path):
    (tmp_path / "a.obj").write_text(OBJ)
    line = open_document(tmp_path / "a.obj").page(2, 1)[0]
    assert line.meaning.endswith("my list.mtl: there is no such file in the model's folder")


def test_a_material_list_of_its_own(tmp_path):
    (tmp_path / "a.mtl").write_text(MTL)
    document = open_document(tmp_path / "a.mtl")
    assert document.kind == "Wavefront MTL, a material list"
    assert [(p.element, p.count, p.use) for p in document.parts] == [
        ("newmtl", 2, "materials"),
        ("Ka", 1, "dropped"),
        ("Kd", 1, "materials"),
        ("Ns", 1, "dropped"),
        ("map_Kd", 2, "materials"),
    ]
    assert document.page(3, 1)[0].meaning == "diffuse colour: the colour of the surface"
    assert [material.name for material in document.materials] == ["wood", "unused"]


def test_a_statement_over_two_lines_is_one(tmp_path):
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 \\\n  3\nf -3 -2 -1\n")
    document = open_document(tmp_path / "a.obj")
    assert [(line.text, line.meaning) for line in document.page(4, 3)] == [
        ("f 1 2 \\", "face 0: vertices 0 1 2 (from 0)"),
        ("3", "goes on with the line above"),
        ("f -3 -2 -1", "face 1: vertices 0 1 2 (from 0)"),
    ]
    assert [(part.element, part.count) for part in document.parts] == [("v", 3), ("f", 2)]
