"""OBJ and MTL, by files written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lab.scene import Mesh, Points

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def test_a_quad_becomes_a_fan(load):
    mesh = load("quad.obj", SQUARE + "f 1 2 3 4\n").entity
    assert mesh.verts.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]


def test_negative_indices_count_back_from_the_line_they_are_on(load):
    text = SQUARE + "f -3 -2 -1\nv 5 5 5\nf -1 1 2\n"
    assert load("n.obj", text).entity.faces.tolist() == [[1, 2, 3], [4, 0, 1]]


@pytest.mark.parametrize(
    "face",
    [
        "f 1/3/2 2/1/2 3/2/2",
        "f 1/3/ 2/1/ 3/2/",
        "f 1/3 2/1 3/2",
        "f -4/-1/2 -3/-3/2 -2/-2/2",
        "  f\t1/3/2   2/1 3/2/2  # a comment",
        "f 1/3/2 \\\n 2/1/2 3/2/2",
    ],
)
def test_every_spelling_of_a_corner(load, tmp_path, face):
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    (tmp_path / "m.mtl").write_text("newmtl m\nmap_Kd a.png\n")
    text = (
        "mtllib m.mtl\n" + SQUARE + "vt 0.25 0\nvt 0.5 1\nvt 0.75 0.5 0\nvn 1 0 0\nvn 0 0 1\nusemtl m\n" + face + "\n"
    )
    mesh = load("c.obj", text).entity
    assert mesh.faces.tolist() == [[0, 1, 2]]
    assert mesh.uvs.tolist() == [[[0.75, 0.5], [0.25, 0], [0.5, 1]]]


def test_mixed_spellings_on_one_line_and_between_lines(load):
    text = SQUARE + "vt 0 0\nvn 0 0 1\nf 1 2/1 3//1\nf 1//1 3/1/1 4//1\n"
    mesh = load("m.obj", text).entity
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.uvs.shape == (2, 3, 2)


def test_normals_are_kept_where_each_vertex_has_one(load):
    text = SQUARE + "vn 0 0 1\nvn 0 0 -2\nf 1//1 2//1 3//1\nf 1//1 3//1 4//2\n"
    mesh = load("n.obj", text).entity
    assert mesh.normals.tolist() == [[0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, -1]]
    loaded = load("n.obj", text.replace("3//1 4//2", "3//2 4//2"))
    assert loaded.entity.normals is None
    assert loaded.dropped == ("normals per corner (sharp edges)",)


def test_missing_normals_come_from_the_faces(load):
    loaded = load("n.obj", SQUARE + "vn 0 0 1\nf 1//1 2//1 3//1\nf 1 3 4\n")
    assert loaded.entity.normals.tolist() == [[0, 0, 1]] * 4
    assert loaded.warnings == ("Computed 1 normal from the faces, because the file gives them no direction.",)


def test_vertex_colours(load):
    text = "v 0 0 0 1 0 0.5\nv 1 0 0 0 1 0\nv 0 1 0\nv 0 0 1 1\nf 1 2 3\nf 1 2 4\n"
    assert load("c.obj", text).entity.colors.tolist() == [[1, 0, 0.5], [0, 1, 0], [1, 1, 1], [1, 1, 1]]


def test_without_faces_it_is_a_point_cloud(load):
    loaded = load("p.obj", "vn 0 0 1\nv 1 2 3\nvn 0 1 0\nv 4 5 6\n")
    assert isinstance(loaded.entity, Points)
    assert loaded.entity.verts.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert loaded.entity.normals.tolist() == [[0, 0, 1], [0, 1, 0]]


def test_materials_and_textures(load, tmp_path):
    wood, stone = np.full((2, 3, 3), 90, np.uint8), np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    Image.fromarray(wood).save(tmp_path / "old wood.png")
    (tmp_path / "maps").mkdir()
    Image.fromarray(stone).save(tmp_path / "maps" / "Stone.PNG")
    (tmp_path / "my list.mtl").write_text(
        "# list\nnewmtl wood # inline comment\nKd 0.5 0.25 1 # red green blue\nNs 10\n"
        "map_Kd -s 1 1 1 -clamp on old wood.png\nnewmtl unused\nKd 1 1 1\nmap_Kd missing.png\n\n"
        "newmtl stone\nKd 0.5\nmap_Kd maps\\stone.png\nd 0.5\nmap_Bump b.png\n"
    )
    text = (
        "mtllib my list.mtl\no thing\ng part\ns off\n"
        + SQUARE
        + "vt 0 0\nf 1/1 2/1 3/1\nusemtl wood\nf 1/1 3/1 4/1\nusemtl stone\nf 1/1 2/1 4/1\n"
    )
    loaded = load("m.obj", text)
    mesh = loaded.entity
    assert isinstance(mesh, Mesh)
    assert [(m.name, m.diffuse) for m in mesh.materials] == [
        ("", (0.8, 0.8, 0.8)),
        ("wood", (0.5, 0.25, 1.0)),
        ("stone", (0.5, 0.5, 0.5)),
    ]
    assert mesh.face_materials.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(mesh.materials[1].texture, wood)
    np.testing.assert_array_equal(mesh.materials[2].texture, stone)
    assert loaded.warnings == ()
    assert loaded.dropped == (
        "names of objects (1)",
        "groups (1)",
        "material values Ns",
        "opacity",
        "texture maps map_Bump",
        "materials that no face uses (1)",
    )


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "/etc/passwd", "C:\\secret.png", "\\\\host\\secret.png", "sub/../../secret.png", "link.png"],
)
def test_textures_stay_in_the_models_folder(tmp_path, load, name):
    inside = tmp_path / "model"
    inside.mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / "secret.png")
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    (inside / "m.mtl").write_text(f"newmtl m\nKd 1 0 0\nmap_Kd {name}\n")
    loaded = load("model/a.obj", f"mtllib m.mtl\n{SQUARE}vt 0 0\nusemtl m\nf 1/1 2/1 3/1\n")
    assert loaded.entity.materials[0].texture is None
    assert loaded.entity.materials[0].diffuse == (1.0, 0.0, 0.0)
    assert len(loaded.warnings) == 1
    assert "outside the model's own folder" in loaded.warnings[0]


@pytest.mark.parametrize(
    ("library", "reason"),
    [
        ("../m.mtl", "outside"),
        ("gone.mtl", "no such file"),
        (".", "outside"),
        ("sub", "it is a folder"),
        ("x" * 300, "valid file name"),
    ],
)
def test_a_missing_or_outside_pointing_list_is_a_warning(load, tmp_path, library, reason):
    (tmp_path.parent / "m.mtl").write_text("newmtl m\nKd 1 0 0\n")
    (tmp_path / "sub").mkdir()
    loaded = load("a.obj", f"mtllib {library}\n{SQUARE}usemtl m\nf 1 2 3\n")
    assert loaded.entity.materials[0].diffuse == (0.8, 0.8, 0.8)
    assert len(loaded.warnings) == 1
    assert reason in loaded.warnings[0]


def test_a_damaged_or_oversized_picture_is_a_warning(load, tmp_path):
    (tmp_path / "m.mtl").write_text("newmtl m\nmap_Kd a.png\n")
    text = f"mtllib m.mtl\n{SQUARE}vt 0 0\nusemtl m\nf 1/1 2/1 3/1\n"
    (tmp_path / "a.png").write_bytes(b"\x89PNG rubbish")
    assert "not a picture" in load("a.obj", text).warnings[0]
    Image.new("1", (70_000, 1000)).save(tmp_path / "a.png")
    assert "70,000 x 1,000 pixels" in load("a.obj", text).warnings[0]


def test_text_of_other_encodings(load):
    text = SQUARE + "f 1 2 3\n"
    for encoding in ("utf-8-sig", "utf-16"):
        assert load("a.obj", text.encode(encoding)).entity.faces.tolist() == [[0, 1, 2]]


def test_unknown_lines_are_counted_once(load):
    loaded = load("u.obj", SQUARE + "banana 1\nf 1 2 3\nl 1 2\napple\n")
    assert loaded.warnings == ("Ignored 2 lines of unknown meaning (the first: line 5, “banana”).",)
    assert loaded.dropped == ("lines",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# nothing\n", "no vertices"),
        (SQUARE + "v 1 2\n", "line 5: “v 1 2” has 2 numbers, expected 3"),
        (SQUARE + "v 1 2 x\n", "line 5: “x” is not a number"),
        (SQUARE + "v 1,5 2 3\n", "line 5: “1,5” is not a number"),
        (SQUARE + "\n\nf 1 2 five\n", "line 7: “five” is not a corner"),
        (SQUARE + "f 1 2 3\nf 1/2/3/4 2 3\n", "line 6: “1/2/3/4” is not a corner"),
        (SQUARE + "f 1 2 3.5\n", "line 5: “3.5” is not a corner"),
        (SQUARE + "f 0 1 2\n", "line 5: the index 0 points at nothing"),
        (SQUARE + "f 1 2 -5\n", "line 5: the index -5 points at nothing"),
        (SQUARE + "f 1 2 3\nf 1 2 9\n", "line 6: it uses vertex 8 (counted from 0), but there are only 4 vertices"),
        (SQUARE + "f 1 2 99999999999999999999\n", "line 5"),
        (b"\x7fELF\x02\x01\x00\x00 v 1\n" * 20, "byte 6: it should be text"),
    ],
)
def test_damage_is_named(refusal, text, expected):
    assert expected in refusal("bad.obj", text)


def test_lines_that_go_on_in_the_next_one_keep_the_count_of_lines(load, refusal):
    square = SQUARE.replace("v 1 1 0", "v 1 \\\n1 \\\r\n0")
    assert load("c.obj", square + "f 1 2 3\n").entity.verts.tolist()[2] == [1, 1, 0]
    assert "line 8: “x” is not a corner" in refusal("c.obj", square + "f 1 2 3\nf 1 2 x\n")


def test_texture_coordinates_out_of_range_are_left_out(load):
    loaded = load("t.obj", SQUARE + "vt 0 0\nf 1/1 2/1 3/2\n")
    assert loaded.entity.uvs is None
    assert "texture coordinates" in loaded.warnings[0]


def test_blocks_join_seamlessly(load, monkeypatch):
    """A file in many small blocks gives the same mesh as in one: indices, materials and line numbers carry over."""
    rng = np.random.default_rng(3)
    lines = [*(f"v {x} {y} {z}" for x, y, z in rng.random((40, 3)).round(3)), "vt 0 0"]
    for number in range(60):
        lines.append(
            f"usemtl m{number % 3}"
            if number % 7 == 0
            else "f " + " ".join(f"{i}/1" for i in rng.choice(40, 3, False) - 40)
        )
    text = "\n".join(lines) + "\n"
    whole = load("w.obj", text).entity
    monkeypatch.setattr("lab.formats.text.blocks.__defaults__", (0, 50))
    pieces = load("w.obj", text).entity
    for name in ("verts", "faces", "uvs", "face_materials"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))
    assert len(whole.faces) == 51
