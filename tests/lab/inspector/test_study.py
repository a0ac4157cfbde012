"""The study "inspector": what its boards show for good files, damaged files and other variants."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from lab.chapter import find_study
from lab.chapters.data.inspector import OBJ, PLY_ASCII, PLY_BIG, PLY_LITTLE, InspectorParams
from lab.examples import example_path
from lab.formats import read, write
from lab.inspector.study import Inspector
from lab.params import build
from lab.scene import Lines, Mesh, Points
from lab.study import Board, StudyContext, StudyError, Table, Text, View3D
from tests.lab.formats.good_files import make_good_files


@pytest.fixture
def ask():
    study = Inspector()

    def answer(changed: tuple[str, ...] = (), **values: object) -> Board:
        context = StudyContext({}, frozenset(changed))
        return list(study.boards(build(InspectorParams, {"file": "spot", **values}), context))[-1]

    return answer


def rows(board: Board, pane: str) -> list[tuple[object, ...]]:
    table = board.panes[pane]
    assert isinstance(table, Table)
    return list(zip(*table.cells, strict=True))


def test_the_declaration_leads_to_the_study():
    activity = find_study("inspector")
    assert isinstance(activity.load(), Inspector)
    for preset in activity.presets:
        build(activity.params, dict(preset.values))
    assert activity.examples_of("file") == ("spot.ply",)


def test_spot(ask):
    board = ask()
    view, about = board.panes["view"], board.panes["about"]
    assert isinstance(view, View3D)
    assert isinstance(about, Text)
    mesh = view.entities["file"]
    assert isinstance(mesh, Mesh)
    assert len(mesh.faces) == 5856
    assert board.results["spot"] is mesh
    assert board.notes == ()
    assert rows(board, "elements")[-1] == ("face", "vertex_indices", "faces", "list uchar int", 5856, 76_128)
    assert rows(board, "content")[0] == ("line 1", "ply", "this is a PLY file")
    assert "materials" not in board.panes
    assert "element face 5856" in about.text
    assert board.figures["File size"] == "111 kB"
    assert board.figures["As PLY, binary"] == "111 kB"
    assert board.status == "PLY, binary, little-endian, 111 kB"


def test_panes_are_those_that_are_declared(ask, tmp_path):
    declared = {pane.key: pane.kind for row in find_study("inspector").panes for pane in row}
    make_good_files(tmp_path)
    board = ask(file=str(tmp_path / "polygons.obj"))
    kinds = {"view": View3D, "table": Table, "text": Text}
    assert set(board.panes) == set(declared)
    assert all(isinstance(board.panes[key], kinds[kind]) for key, kind in declared.items())


def test_a_picked_vertex_is_marked_in_the_picture_and_in_the_content(ask):
    board = ask(vertex=5)
    content, view = board.panes["content"], board.panes["view"]
    assert rows(board, "content")[content.marked][2].startswith("vertex 5: ")
    cross = view.entities["vertex"]
    assert isinstance(cross, Lines)
    np.testing.assert_allclose(cross.verts.mean(axis=0), view.entities["file"].verts[5], atol=1e-6)
    assert view.labels[0].text == "vertex 5"
    assert "vertex" not in ask(vertex=-1).panes["view"].entities
    assert ask(vertex=-1).panes["content"].marked is None
    assert "vertex" not in ask(vertex=2930).panes["view"].entities


def test_the_content_follows_a_vertex_that_was_picked(ask):
    ask()
    board = ask(("vertex",), vertex=2000)
    assert board.panes["content"].marked is None
    first = board.values["first_line"]
    board = ask(("first_line",), vertex=2000, first_line=first)
    assert rows(board, "content")[board.panes["content"].marked][2].startswith("vertex 2,000: ")
    assert board.values == {}
    assert ask(("vertex", "file"), vertex=2000).values == {}, "a file that was just opened is shown from its beginning"


def test_paging_stops_at_the_end(ask):
    board = ask(first_line=10**8)
    assert rows(board, "content")[-1][2].startswith("face 5,855: ")
    assert len(board.panes["content"]) > 10


def test_what_did_not_change_is_the_same_object(ask):
    first, second = ask(), ask(first_line=50)
    for entity in ("file", "vertex"):
        assert first.panes["view"].entities[entity] is second.panes["view"].entities[entity]


def test_boards_do_not_depend_on_what_was_asked_before(ask):
    ask(show_as=OBJ, vertex=7, first_line=30)
    ask(file="teapot")
    again = ask(first_line=20)
    fresh = list(Inspector().boards(build(InspectorParams, {"file": "spot", "first_line": 20}), StudyContext({})))[-1]
    assert rows(again, "content") == rows(fresh, "content")
    assert again.figures == fresh.figures


@pytest.mark.parametrize("shown", [PLY_ASCII, PLY_LITTLE, PLY_BIG, OBJ])
@pytest.mark.parametrize("file", ["spot", "teapot", "b9"])
def test_other_variants_of_the_same_content(ask, file, shown):
    """The vertices mean the same in every variant."""
    as_it_is, other = ask(file=file, vertex=3), ask(file=file, vertex=3, show_as=shown)
    assert "Shown size" in other.figures
    meaning = [rows(board, "content")[board.panes["content"].marked][2] for board in (as_it_is, other)]
    words = [text.replace(",", "").split(":")[1].split() for text in meaning]
    numbers = [[float(word) for word in line if word[-1].isdigit()][:3] for line in words]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-6)
    assert other.status.startswith("Wavefront OBJ" if shown == OBJ else "PLY")
    assert other.panes["view"].entities["file"] is as_it_is.panes["view"].entities["file"]


def test_a_ply_file_keeps_all_that_it_holds_in_another_variant(ask, tmp_path):
    make_good_files(tmp_path)
    board = ask(file=str(tmp_path / "polygons.ply"), show_as=PLY_BIG, spelling="new", face_list="vertex_indices")
    names = [(row[0], row[1], row[3]) for row in rows(board, "elements")]
    assert ("camera", "f", "float32") in names
    assert ("vertex", "weights", "list uint8 float32") in names
    assert ("face", "vertex_indices", "list uint8 uint32") in names


def test_a_cube_wound_inwards_is_warned_about(ask, cube, tmp_path):
    write(tmp_path / "in.ply", Mesh(cube.verts, cube.faces[:, ::-1]))
    board = ask(file=str(tmp_path / "in.ply"))
    (note,) = board.notes
    assert note.level == "warning"
    assert note.text.startswith("Wound inwards: the signed volume is -1.")
    assert board.figures["Signed volume"] == pytest.approx(-1)


def test_a_damaged_file_is_shown_with_its_error(ask, tmp_path):
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n")
    board = ask(file=str(tmp_path / "a.obj"), show_as=PLY_ASCII)
    assert "view" not in board.panes
    assert [note.level for note in board.notes] == ["info", "error"]
    assert "line 4: it uses vertex 8" in board.notes[1].text
    assert len(board.panes["content"]) == 4


def test_a_material_list_of_its_own(ask, tmp_path):
    make_good_files(tmp_path)
    board = ask(file=str(tmp_path / "materials.mtl"))
    assert "view" not in board.panes
    assert rows(board, "materials")[0] == ("red", "line 1", "0", "Ka", "1 0 0")
    assert "a picture.png  (3 × 2 pixels)" in rows(board, "materials")[2][4]


def test_a_file_that_was_changed_is_read_again(ask, tmp_path):
    path = tmp_path / "a.ply"
    write(path, Points(np.eye(3)))
    assert ask(file=str(path)).figures["Vertices"] == 3
    write(path, Points(np.eye(4)[:, :3]))
    assert ask(file=str(path)).figures["Vertices"] == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "No file is chosen"),
        ("gone.ply", "There is no file 'gone.ply'"),
        ("README.md", "it has the ending “.md”"),
    ],
)
def test_what_cannot_be_answered(ask, name, expected):
    with pytest.raises(StudyError, match=expected):
        ask(file=name if name != "README.md" else str(example_path("spot").parents[2] / name))


def test_a_large_file_shows_its_text_before_it_was_read(tmp_path, monkeypatch):
    monkeypatch.setattr("lab.inspector.study._QUICK", 1000)
    boards = list(Inspector().boards(build(InspectorParams, {"file": "spot"}), StudyContext({})))
    assert ["view" in board.panes for board in boards] == [False, True, True]
    assert rows(boards[0], "content") == rows(boards[-1], "content")


def test_a_file_too_large_for_another_form_is_shown_as_it_is(ask, monkeypatch):
    monkeypatch.setattr("lab.inspector.study._MOST_SHOWN", 1000)
    board = ask(show_as=PLY_ASCII)
    assert board.status.startswith("PLY, binary, little-endian")
    assert board.notes[0].text == "The file is shown as it is, because it has 111 kB."


def test_figures_are_explained():
    explained = find_study("inspector").figures
    board = list(Inspector().boards(build(InspectorParams, {"file": "spot", "show_as": OBJ}), StudyContext({})))[-1]
    plain = {"Vertices", "Triangles", "Edges", "Area", "Size", "Lower corner", "Upper corner"}
    assert [f for f in board.figures if f not in plain and not any(map(f.startswith, explained))] == []
    assert len(fields(InspectorParams)) == 6
    assert read(example_path("spot")).entity.verts.shape == (board.figures["Vertices"], 3)
