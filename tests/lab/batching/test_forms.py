"""The forms of the course's batch, worked out by hand, and their tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.batching.code import code_text
from lab.batching.forms import Forms
from lab.batching.shapes import course_batch
from lab.batching.tables import PADDING, batch_table, form_table, marked_row, memory_table
from lab.scene import Mesh

MESHES = course_batch()
FORMS = Forms(tuple(MESHES.values()))
TRIANGLE = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]], np.int32))


def column(table, name):
    return table.cells[table.columns.index(name)]


def test_packed_indices_count_through() -> None:
    assert FORMS.verts_first.tolist() == [0, 8, 14]
    assert FORMS.faces_first.tolist() == [0, 12, 21]
    assert FORMS.verts_to_mesh.tolist() == [0] * 8 + [1] * 6 + [2] * 20
    assert np.array_equal(FORMS.faces_packed[12:21], MESHES["diamond"].faces + 8)
    assert np.array_equal(FORMS.faces_packed[21:], MESHES["dodecahedron"].faces + 14)


def test_padded_form_is_filled_with_zero_and_minus_one() -> None:
    assert FORMS.verts_padded.shape == (3, 20, 3)
    assert FORMS.faces_padded.shape == (3, 36, 3)
    assert not FORMS.verts_padded[1, 6:].any()
    assert (FORMS.faces_padded[1, 9:] == -1).all()
    assert np.array_equal(FORMS.faces_padded[1, :9], MESHES["diamond"].faces)
    assert FORMS.padded_to_packed[8] == 20  # the diamond's first vertex is in padded row 1 * 20 + 0


def test_edges_in_all_forms() -> None:
    assert FORMS.edges_count.tolist() == [18, 13, 54]
    assert FORMS.edges_first.tolist() == [0, 18, 31]
    assert FORMS.edges_padded.shape == (3, 54, 2)
    assert (FORMS.edges_padded[1, 13:] == -1).all()
    local = FORMS.edges_list[1]
    assert local.min() == 0
    assert local.max() == 5
    assert np.array_equal(local + 8, FORMS.edges_packed[18:31])


def test_memory_of_the_forms() -> None:
    assert FORMS.memory["list"].verts == 34 * 3 * 4
    assert FORMS.memory["list"].faces == 57 * 3 * 8
    assert FORMS.memory["list"].total == 1776
    assert FORMS.memory["padded"].verts == 60 * 3 * 4
    assert FORMS.memory["padded"].faces == 108 * 3 * 8
    assert FORMS.memory["packed"].index == (34 + 57) * 8 + 2 * 3 * 8
    table = memory_table(FORMS)
    assert column(table, "form") == ("list", "padded", "packed")
    assert column(table, "KiB")[0] == pytest.approx(1776 / 1024)
    assert column(table, "padding %").tolist() == pytest.approx([0.0, 100.0 * (1.0 - 1776 / 3312), 0.0])


def test_packed_table_shows_the_offset_faces_in_the_hue_of_their_mesh() -> None:
    table = form_table(FORMS, "packed", "faces")
    assert table.columns == ("mesh", "a", "b", "c")
    assert len(table) == 57
    assert column(table, "a")[12:21].tolist() == (MESHES["diamond"].faces[:, 0] + 8).tolist()
    assert table.hues.tolist() == [0] * 12 + [1] * 9 + [2] * 36


def test_list_table_counts_within_each_mesh() -> None:
    table = form_table(FORMS, "list", "faces")
    assert column(table, "row")[12:21].tolist() == list(range(9))
    assert np.array_equal(np.stack(table.cells[2:], axis=1)[12:21], MESHES["diamond"].faces)


@pytest.mark.parametrize(("what", "room", "used", "filling"), [("vertices", 20, 34, 0), ("faces", 36, 57, -1)])
def test_padded_table_marks_the_padding(what, room, used, filling) -> None:
    table = form_table(FORMS, "padded", what)
    assert len(table) == 3 * room
    padding = table.hues == PADDING
    assert (~padding).sum() == used
    values = np.stack(table.cells[2:], axis=1)
    assert (values[padding] == filling).all()
    assert column(table, "mesh")[padding].tolist() == sorted(column(table, "mesh")[padding].tolist())


def test_index_vectors_lead_from_form_to_form() -> None:
    padded = form_table(FORMS, "padded", "index vectors")
    packed = form_table(FORMS, "packed", "index vectors")
    back = column(padded, "packed row")
    flat = column(packed, "verts_padded_to_packed_idx")
    assert np.array_equal(back[flat], np.arange(34))
    assert (back == -1).sum() == 60 - 34
    one = form_table(FORMS, "list", "index vectors")
    assert column(one, "row")[8:14].tolist() == list(range(6))


@pytest.mark.parametrize("form", ["list", "padded", "packed"])
@pytest.mark.parametrize("what", ["vertices", "faces", "edges", "index vectors"])
def test_the_marked_row_is_that_of_the_vertex(form, what) -> None:
    vertex = 10  # the third of the diamond
    table, row = form_table(FORMS, form, what), marked_row(FORMS, form, what, vertex)
    assert row is not None
    assert column(table, "mesh")[row] == 1 if "mesh" in table.columns else table.hues[row] == 1
    if what == "vertices":
        assert [float(c[row]) for c in table.cells[-3:]] == MESHES["diamond"].verts[2].tolist()
    elif what == "index vectors":
        assert 10 in [int(c[row]) for c in table.cells]
    else:
        corners = [int(c[row]) for c in table.cells[-3 if what == "faces" else -2 :]]
        assert (vertex if form == "packed" else vertex - 8) in corners
    assert marked_row(FORMS, form, what, None) is None


def test_a_vertex_of_no_face_marks_no_face() -> None:
    lonely = Mesh(np.zeros((4, 3), np.float32), np.array([[0, 1, 2]], np.int32))
    assert marked_row(Forms([lonely]), "packed", "faces", 3) is None
    assert marked_row(Forms([lonely]), "padded", "vertices", 3) == 3


def test_a_row_for_each_mesh() -> None:
    table = batch_table(FORMS, tuple(MESHES), edges=True)
    assert column(table, "mesh") == ("cube", "diamond", "dodecahedron")
    assert column(table, "E").tolist() == [18, 13, 54]
    assert "E" not in batch_table(FORMS, tuple(MESHES), edges=False).columns


def test_bad_batches_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Forms([])
    with pytest.raises(ValueError, match="faces in each"):
        Forms([Mesh(np.zeros((3, 3), np.float32), np.zeros((0, 3), np.int32))])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_round_trips_are_exact_for_any_sizes(sizes, random) -> None:
    meshes = []
    for size in sizes:
        verts = np.array([[random.uniform(-9, 9) for _ in range(3)] for _ in range(size + 2)], np.float32)
        faces = [random.sample(range(size + 2), 3) for _ in range(size)]
        meshes.append(Mesh(verts, np.array(faces, np.int32)))
    forms = Forms(meshes)
    assert forms.round_trip_is_exact
    for number, mesh in enumerate(meshes):
        start = forms.verts_first[number]
        assert np.array_equal(forms.verts_packed[start : start + len(mesh.verts)], mesh.verts)
        assert np.array_equal(forms.verts_padded[number, : len(mesh.verts)], mesh.verts)
        own = forms.faces_packed[forms.faces_to_mesh == number]
        assert np.array_equal(own - start, mesh.faces)


@pytest.mark.parametrize("form", ["list", "padded", "packed"])
@pytest.mark.parametrize("what", ["vertices", "faces", "edges", "index vectors"])
def test_the_code_runs_and_its_last_line_has_the_shape_that_it_names(form, what) -> None:
    text = code_text(FORMS, tuple(MESHES), form, what)
    scope = {
        "verts": FORMS.meshes.verts_list(),
        "faces": FORMS.meshes.faces_list(),
    }
    *lines, last = text.splitlines()
    exec("\n".join(lines), scope)
    call, _, said = last.partition("  # ")
    result = eval(call.partition(" = ")[2] or call, scope)
    if said.startswith("rows "):
        assert said == "rows " + ", ".join(str(len(part)) for part in result)
    elif result.dim() == 1 and len(result) == 3:
        assert str(tuple(result.tolist())) == said
    else:
        assert str(tuple(result.shape)) == said


def test_code_of_many_meshes_is_short() -> None:
    many = Forms([TRIANGLE] * 9)
    text = code_text(many, [str(n) for n in range(9)], "list", "vertices")
    assert "rows 3, 3, 3, 3, ..." in text
    assert "0, 1, 2, 3, ..." in text
