"""The study of batches as the lab asks it."""

from __future__ import annotations

import numpy as np
import pytest

from lab.batching.study import EDGES_AT_ONCE, Batching
from lab.chapters.data.batching import AS_THEY_ARE, BATCHING, BUNDLED_BATCH, BatchingParams
from lab.fitting.templates import ico_sphere
from lab.params import build
from lab.scene import Mesh, Points
from lab.study import Board, StudyContext, StudyError, Table, View3D

FACE = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]], np.int32))
CLOUD = Points(np.zeros((5, 3), np.float32))


def ask(study: Batching, inputs=None, **values) -> list[Board]:
    return list(study.boards(build(BatchingParams, values), StudyContext(inputs=inputs or {})))


def table(board: Board, key: str) -> Table:
    content = board.panes[key]
    assert isinstance(content, Table)
    return content


def view(board: Board) -> View3D:
    content = board.panes["view"]
    assert isinstance(content, View3D)
    return content


def test_the_first_board_is_the_course_s_batch_in_all_panes() -> None:
    (board,) = ask(Batching(), code=True)
    assert set(board.panes) == {pane.key for row in BATCHING.panes for pane in row}
    assert board.status == "34 rows: meshes.verts_packed()"
    assert "code" not in ask(Batching())[0].panes
    assert len(table(board, "rows")) == 34
    assert board.figures["Padded rows"] == 60
    assert board.figures["Round trip is exact"] is True
    assert "diamond" in board.notes[0].text


def test_a_picked_vertex_is_the_packed_row_and_is_marked_everywhere() -> None:
    (board,) = ask(Batching(), vertex=14, form="padded")
    assert table(board, "rows").marked == 40
    assert table(board, "batch").marked == 2
    picked, whole = view(board).entities["vertex"], view(board).entities["batch"]
    assert np.array_equal(picked.verts[0], whole.verts[14])
    (beyond,) = ask(Batching(), vertex=34)
    assert "vertex" not in view(beyond).entities
    assert "none has this number" in beyond.notes[-1].text


def test_what_did_not_change_is_the_same_object() -> None:
    study = Batching()
    (first,), (second,) = ask(study, vertex=3), ask(study, vertex=4)
    assert view(first).entities["batch"] is view(second).entities["batch"]
    assert table(first, "rows").cells[0] is table(second, "rows").cells[0]


def test_side_by_side_all_have_one_size_and_as_they_are_their_own() -> None:
    study = Batching()
    (beside,), (true,) = ask(study), ask(study, display=AS_THEY_ARE)
    verts = view(beside).entities["batch"].verts
    for part in (verts[:8], verts[8:14], verts[14:]):
        middle = 0.5 * (part.min(axis=0) + part.max(axis=0))
        assert np.linalg.norm(part - middle, axis=1).max() == pytest.approx(1.0, abs=1e-5)
    assert verts[:8, 0].max() < verts[8:14, 0].min()
    assert np.abs(view(true).entities["batch"].verts).max() == pytest.approx(78.75)


def test_every_mesh_has_its_colour_and_its_name() -> None:
    (board,) = ask(Batching())
    colors = view(board).entities["batch"].colors
    assert len(np.unique(colors, axis=0)) == 3
    assert [label.text for label in view(board).labels] == ["0 cube", "1 diamond", "2 dodecahedron"]
    assert np.allclose(colors[0], view(board).labels[0].color)


def test_own_meshes_take_the_place_and_clouds_are_left_out() -> None:
    (board,) = ask(Batching(), {"meshes": (FACE, CLOUD, FACE)}, meshes=("a/one.ply", "cloud.ply", "b/one.ply"))
    assert table(board, "batch").cells[0] == ("one", "one'")
    assert "cloud" in board.notes[0].text
    with pytest.raises(StudyError, match="no batch of meshes"):
        ask(Batching(), {"meshes": (CLOUD,)}, meshes=("cloud",))


def test_bundled_models_are_the_files() -> None:
    (board,) = ask(Batching(), batch=BUNDLED_BATCH, form="padded")
    assert table(board, "batch").cells[1].tolist() == [2930, 250, 792]
    assert board.figures["Padding (%)"] == pytest.approx(57.5, abs=0.05)


def test_a_large_batch_comes_first_without_its_edges() -> None:
    verts, faces = ico_sphere(6)
    large = Mesh(verts, faces)
    assert len(faces) > EDGES_AT_ONCE
    study = Batching()
    first, second = ask(study, {"meshes": (large,)}, meshes=("large",))
    assert "E" not in table(first, "batch").columns
    assert table(second, "batch").cells[-2].tolist() == [30 * 4**6]
    assert len(ask(study, {"meshes": (large,)}, meshes=("large",), form="list")) == 1  # they are known now


def test_another_mesh_under_the_same_name_is_another_batch() -> None:
    study = Batching()
    verts, faces = ico_sphere(0)
    (one,) = ask(study, {"meshes": (FACE,)}, meshes=("a",))
    (other,) = ask(study, {"meshes": (Mesh(verts, faces),)}, meshes=("a",))
    assert [board.figures["Packed vertices"] for board in (one, other)] == [3, 12]
