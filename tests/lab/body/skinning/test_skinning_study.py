"""The study "Skinning from the ground", asked as the window asks it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.skeleton import JOINTS
from lab.body.skinning.study import SkinningStudy
from lab.chapters.body.skinning import (
    ADD,
    AIR,
    BLENDED,
    BONES,
    CLAY,
    CORRECTIVES,
    CYLINDER,
    DUAL,
    ERASE,
    LINEAR,
    ORIGINAL,
    SKINNING,
    UNDO,
    WEIGHT,
    SkinningParams,
)
from lab.motions import so3
from lab.params import build, with_components
from lab.params import values as values_of
from lab.scene import Lines, Mesh
from lab.study import Board, Data, Handle, Plot, StudyContext, StudyError, Table, Text, View3D


class Form:
    """What the window does: it keeps the values, asks, and takes over what the board has."""

    def __init__(self, **values: Any) -> None:
        self.study = SkinningStudy()
        self.values = {**values_of(SkinningParams()), **values}
        self.board = self.ask()

    def ask(self, action: str = "", *, take: bool = True, **values: Any) -> Board:
        self.values.update(with_components(values, self.values))
        (board,) = self.study.boards(build(SkinningParams, self.values), StudyContext({}, action=action))
        if take:
            self.values.update(board.values)
            self.board = board
        return board

    def preset(self, title: str) -> Board:
        found = next(preset for preset in SKINNING.presets if preset.title == title)
        return self.ask(**{**values_of(SkinningParams()), **found.values})

    def handle(self, key: str) -> Handle:
        return next(handle for handle in view(self.board).handles if handle.key == key)

    def drag(self, to: np.ndarray) -> Board:
        """Take the brush in hand and move it to a place of the world."""
        self.ask(**self.handle("brush").sets)
        return self.ask(**dict(zip(("brush_x", "brush_y", "brush_z"), to.tolist(), strict=True)))


def view(board: Board) -> View3D:
    content = board.panes["body"]
    assert isinstance(content, View3D)
    return content


def mesh(board: Board, pane: str = "body") -> Mesh:
    content = board.panes[pane]
    assert isinstance(content, View3D)
    skin = content.entities["skin"]
    assert isinstance(skin, Mesh)
    return skin


def weights(board: Board) -> np.ndarray:
    data = board.results["weights"]
    assert isinstance(data, Data)
    return np.asarray(data.values["weights"])


def percent(board: Board, figure: str) -> float:
    return float(str(board.figures[figure]).removesuffix(" %"))


# --- presets that show something -------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", SKINNING.presets, ids=lambda preset: preset.title)
def test_every_preset_is_answered_with_what_the_study_declares(preset: Any) -> None:
    form = Form()
    board = form.preset(preset.title)
    declared = {pane.key for row in SKINNING.panes for pane in row}
    assert set(board.panes) <= declared
    assert {"body", "vertex", "steps"} <= set(board.panes)
    assert set(board.figures) <= set(SKINNING.figures)
    assert np.isfinite(mesh(board).verts).all()


def test_the_candy_wrapper_collapses_and_vanishes_with_dual_quaternions() -> None:
    form = Form()
    linear, dual = form.preset("Candy wrapper"), form.preset("The same with dual quaternions")
    assert percent(linear, "Thinnest slice") < 30
    assert percent(dual, "Thinnest slice") > 99
    assert percent(linear, "Volume") < 80
    assert percent(dual, "Volume") > 99
    assert float(dual.figures["Length of the blend"]) == pytest.approx(math.sqrt(0.5), abs=1e-4)
    middle = np.abs(mesh(linear).verts[:, 1] - 0.6) < 1e-6  # a twist about y does not change the height
    assert np.hypot(*mesh(linear).verts[middle][:, [0, 2]].T).max() < 1e-6


def test_a_wrist_collapses_too() -> None:
    form = Form()
    assert percent(form.preset("Twisted wrist"), "Thinnest slice") < 60
    assert percent(form.preset("Twisted wrist, dual quaternions"), "Thinnest slice") > 85


def test_the_elbow_is_moved_by_correctives_only_where_they_are_on() -> None:
    form = Form()
    bare = mesh(form.preset("Collapsing elbow")).verts
    full = form.preset("Where correctives act")
    moved = next(iter(mesh(full).scalars.values()))
    away = 1000 * np.linalg.norm(mesh(full).verts - bare, axis=1)
    elbow = load_body("neutral").weights[:, JOINTS.index("left_elbow")] > 0.2
    assert moved.max() > 1.0
    assert moved.argmax() in np.flatnonzero(elbow)
    assert away.max() > 1.0
    assert away[moved == 0].max() < 1e-3
    assert float(str(full.figures["Largest pose corrective"]).removesuffix(" mm")) == pytest.approx(
        moved.max(), abs=0.1
    )


# --- steps ------------------------------------------------------------------------------------------------------------


def test_the_four_steps_begin_at_the_template_on_the_floor_and_end_in_the_pose() -> None:
    form = Form()
    board = form.preset("Four steps")
    template = load_body("neutral").v_template
    np.testing.assert_allclose(mesh(board).verts, template - [0, template[:, 1].min(), 0], atol=1e-6)
    ends = []
    for step, says in ((0.0, "the mean body"), (0.5, "betas"), (1.25, "still stands"), (3.0, "weighted mean")):
        text = form.ask(step=step).panes["steps"]
        assert isinstance(text, Text)
        assert says in text.text.splitlines()[-1]
        ends.append([line.split("  ")[-1] for line in text.text.splitlines()[:4]])
    assert ends == [["✓", "–", "–", "–"], ["✓", "50 %", "–", "–"], ["✓", "✓", "25 %", "–"], ["✓"] * 4]
    assert np.linalg.norm(mesh(form.board).verts - mesh(board).verts, axis=1).max() > 0.3


def test_before_skinning_is_a_view_of_its_own() -> None:
    form = Form(rest=True, **dict(next(p for p in SKINNING.presets if p.title == "Collapsing elbow").values))
    data = load_body("neutral")
    lift = -data.v_template[:, 1].min()
    np.testing.assert_allclose(mesh(form.board, "rest").verts, data.v_template + np.array([0, lift, 0]), atol=1e-6)
    assert "rest" not in form.ask(rest=False).panes


# --- the vertex -------------------------------------------------------------------------------------------------------


def rows(board: Board) -> dict[str, np.ndarray]:
    """The rows of the vertex' table: words -> x, y, z."""
    table = board.panes["vertex"]
    assert isinstance(table, Table)
    return dict(zip(map(str, table.cells[0]), np.array(table.cells[2:], float).T, strict=True))


@pytest.mark.parametrize("skinning", [LINEAR, DUAL])
def test_the_numbers_of_the_vertex_end_where_it_is(skinning: str) -> None:
    form = Form(joint="left_knee", skinning=skinning)
    board = form.ask(**{"pose[12]": 1.1, "pose[13]": -0.4})
    found = rows(board)
    np.testing.assert_allclose(found["= v in the view"], mesh(board).verts[int(board.figures["Vertex"])], atol=2e-6)
    last = "v by dual quaternions" if skinning == DUAL else "= mean, Σ w"
    np.testing.assert_allclose(found[last] + found["+ translation"], found["= v in the view"], atol=3e-6)
    if skinning == DUAL:
        assert np.linalg.norm(found[last] - found["= mean, Σ w"]) > 1e-3


def test_the_terms_of_the_template_and_of_linear_blending_add_up() -> None:
    form = Form()
    form.preset("The same with pose correctives")
    board = form.ask(betas=(1.0, -2.0, *(0.0,) * 8))
    found = rows(board)
    np.testing.assert_allclose(found["T̄"] + found["+ B_S(β)"] + found["+ B_P(θ)"], found["= T_P"], atol=3e-6)
    for name in ("+ B_S(β)", "+ B_P(θ)"):
        assert np.linalg.norm(found[name]) > 1e-3
    table = board.panes["vertex"]
    assert isinstance(table, Table)
    shares = {str(row): float(w) for row, w in zip(table.cells[0], table.cells[1], strict=True) if w}
    assert shares.pop("= mean, Σ w") == pytest.approx(1.0, abs=1e-3)
    total = sum(share * found[row] for row, share in shares.items())
    np.testing.assert_allclose(total, found["= mean, Σ w"], atol=2e-3)


def test_the_table_has_the_weights_of_the_vertex_and_marks_the_chosen_joint() -> None:
    data = load_body("neutral")
    shoulder = JOINTS.index("left_shoulder")
    shared = int((data.weights[:, shoulder] * data.weights[:, JOINTS.index("left_collar")]).argmax())
    table = Form(joint="left_shoulder").ask(vertex=shared).panes["vertex"]
    assert isinstance(table, Table)
    row = data.weights[shared]
    held = int((row > 0).sum())
    np.testing.assert_allclose(
        [float(word) for word in table.cells[1][4 : 4 + held]], np.sort(row[row > 0])[::-1], atol=1e-3
    )
    assert table.marked is not None
    assert table.cells[0][table.marked] == "G′ Left shoulder"


def test_the_slider_of_the_vertex_ends_at_the_last_one() -> None:
    assert Form(object=CYLINDER).board.spans == {"vertex": (-1.0, 97 * 48 + 1.0)}


def test_a_click_on_the_skin_chooses_the_vertex_and_the_joint_that_holds_it() -> None:
    form = Form()
    knee = int(load_body("neutral").weights[:, JOINTS.index("right_knee")].argmax())
    board = form.ask(picked=knee)
    assert form.values["joint"] == "right_knee"
    assert form.values["vertex"] == knee
    assert form.values["picked"] == -1
    assert form.ask().values == {}
    assert f"vertex {knee}" in {label.text for label in view(board).labels}


def test_a_vertex_that_is_not_there_is_told() -> None:
    board = Form().ask(vertex=9_000_000)
    assert "not there" in board.notes[0].text


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_the_colours_are_what_they_are_named() -> None:
    form = Form(joint="head")
    data = load_body("neutral")
    skin = mesh(form.board)
    np.testing.assert_array_equal(skin.scalars["weight of head"], data.weights[:, JOINTS.index("head")])
    assert view(form.board).styles["skin"].scalar == "weight of head"
    blended = mesh(form.ask(colours=BLENDED)).colors
    assert blended is not None
    alone = data.weights.max(axis=1) == 1.0
    assert len(np.unique(np.round(blended[alone], 4), axis=0)) == len(np.unique(data.weights[alone].argmax(axis=1)))
    assert view(form.ask(colours=CLAY)).styles["skin"].color is not None
    assert "no pose correctives" in form.ask(object=CYLINDER, colours=CORRECTIVES).notes[0].text


def test_dots_choose_joints_and_rings_turn_the_chosen_one_in_its_parents_frame() -> None:
    form = Form(joint="left_elbow", pose=tuple(0.3 * math.sin(n) for n in range(72)))
    assert form.handle("joint right_hip").sets == {"joint": "right_hip"}
    ring = form.handle("turn")
    elbow = JOINTS.index("left_elbow")
    assert ring.params == ("", "", "", *(f"pose[{3 * elbow + axis}]" for axis in range(3)))
    np.testing.assert_allclose(ring.rotation, form.values["pose"][3 * elbow : 3 * elbow + 3])
    pose = np.reshape(form.values["pose"], (24, 3))
    chain, index = np.eye(3), JOINTS.index("left_shoulder")
    while index >= 0:
        chain = so3.exp(pose[index]) @ chain
        index = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)[index]
    np.testing.assert_allclose(so3.exp(ring.basis), chain, atol=1e-9)
    form.ask(step=2.5)
    assert not [handle for handle in view(form.board).handles if handle.key == "turn"]


def test_the_cylinder_has_handles_of_its_own() -> None:
    form = Form(object=CYLINDER)
    assert form.handle("joint lower").sets == {"bone": "lower"}
    assert form.handle("turn").params[3:] == ("turn[3]", "turn[4]", "turn[5]")
    assert len(view(form.board).handles) == len(BONES) + 1


def test_bones_are_lines_in_a_body_that_one_looks_into() -> None:
    board = Form(bones=True).board
    bones = view(board).entities["bones"]
    assert isinstance(bones, Lines)
    assert len(bones.edges) == 23
    assert view(board).styles["skin"].opacity < 1


def test_the_plot_has_both_ways_of_blending() -> None:
    plot = Form().preset("Candy wrapper").panes["profile"]
    assert isinstance(plot, Plot)
    middle = len(plot.curves["at rest"][0]) // 2
    thick = {name: float(curve[1][middle]) for name, curve in plot.curves.items()}
    assert thick["linear"] < 0.3 * thick["at rest"]
    assert thick["dual quaternion"] == pytest.approx(thick["at rest"], rel=0.02)


def test_what_does_not_change_is_the_same_object() -> None:
    form = Form()
    first = mesh(form.board)
    turned = mesh(form.ask(**{"pose[55]": -0.5}))
    assert turned.faces is first.faces
    assert turned.scalars["weight of left elbow"] is first.scalars["weight of left elbow"]
    assert turned.verts is not first.verts
    other = mesh(form.ask(joint="head"))
    assert other.verts is turned.verts
    assert other.normals is turned.normals


# --- painting ---------------------------------------------------------------------------------------------------------


def test_a_click_while_painting_is_a_dab_for_the_chosen_joint() -> None:
    form = Form(paint=True, joint="left_elbow", brush=ADD, strength=1.0, radius=0.08)
    knee = int(load_body("neutral").weights[:, JOINTS.index("right_knee")].argmax())
    before = weights(form.board)
    board = form.ask(picked=knee)
    assert form.values["joint"] == "left_elbow"
    after = weights(board)
    assert after[knee, JOINTS.index("left_elbow")] > 0.99  # a dab is at a whole millimetre
    np.testing.assert_allclose(after.sum(axis=1), 1.0, atol=1e-6)
    assert board.figures["Dabs"] == 1
    near = np.linalg.norm(load_body("neutral").v_template - load_body("neutral").v_template[knee], axis=1) < 0.081
    np.testing.assert_array_equal(after[~near], before[~near])
    assert form.ask(picked=knee).figures["Dabs"] == 2


def test_the_same_click_asked_about_twice_is_one_dab() -> None:
    form = Form(paint=True)
    first = form.ask(picked=50, take=False)
    again = form.ask(picked=50, take=False)
    assert first.values == again.values
    assert first.values["picked"] == -1


def test_painted_skin_follows_its_new_joint() -> None:
    form = Form(paint=True, joint="left_elbow", strength=1.0, pose=_bent())
    spot = int(load_body("neutral").weights[:, JOINTS.index("spine2")].argmax())
    still = mesh(form.board).verts[spot]
    moved = mesh(form.ask(picked=spot)).verts[spot]
    assert np.linalg.norm(moved - still) > 0.1


def _bent() -> tuple[float, ...]:
    pose = [0.0] * 72
    pose[3 * JOINTS.index("left_elbow") + 1] = -1.5
    return tuple(pose)


def test_undo_dab_and_original_weights_take_dabs_back() -> None:
    form = Form(paint=True, brush=ERASE)
    original = weights(form.board)
    form.ask(picked=50)
    once = weights(form.ask())
    form.ask(picked=800)
    assert form.board.figures["Dabs"] == 2
    np.testing.assert_array_equal(weights(form.ask(UNDO)), once)
    form.ask(picked=800)
    np.testing.assert_array_equal(weights(form.ask(ORIGINAL)), original)
    assert form.values["dabs"] == ""
    with pytest.raises(StudyError, match="no dabs"):
        form.ask(UNDO)


def test_the_cylinders_dabs_and_the_bodys_do_not_mix() -> None:
    form = Form(paint=True)
    form.ask(picked=50)
    board = form.ask(object=CYLINDER)
    assert board.figures["Dabs"] == 0
    form.ask(picked=50)
    assert form.board.figures["Dabs"] == 1
    form.ask(ORIGINAL)
    assert form.ask(object="body").figures["Dabs"] == 1


def test_a_dragged_brush_paints_a_stroke_over_the_posed_skin() -> None:
    straight = (0.0,) * 6
    form = Form(
        object=CYLINDER, turn=straight, paint=True, bone="lower", reach=AIR, radius=0.05, strength=1.0, vertex=80 * 48
    )
    start = np.array(form.handle("brush").position)
    np.testing.assert_allclose(start, [0.0, 1.0, 0.12], atol=1e-6)
    form.drag(start - [0.0, 0.2, 0.0])
    lower = weights(form.board)[:, 0]
    verts = mesh(form.board).verts
    line = (np.abs(verts[:, 0]) < 1e-6) & (verts[:, 2] > 0) & (np.abs(verts[:, 1] - 0.89) < 0.08)
    assert lower[line].min() > 0.9
    assert lower[verts[:, 2] < 0].max() == pytest.approx(1.0)  # the lower end is its own
    assert lower[(verts[:, 2] < -0.05) & (verts[:, 1] > 0.8)].max() == 0.0
    dabs = int(form.board.figures["Dabs"])
    assert dabs >= 10
    form.drag(start)
    assert int(form.board.figures["Dabs"]) > dabs
    form.ask(UNDO)
    dabs = int(form.board.figures["Dabs"])
    assert form.ask(**{"turn[5]": 0.4}).figures["Dabs"] == dabs  # the stroke is over: it does not come back


def test_dabs_that_are_none_are_refused_in_a_sentence() -> None:
    with pytest.raises(StudyError, match="Dabs, line 1"):
        Form().ask(dabs="hello")


def test_the_weights_are_saved_with_the_names_of_their_columns() -> None:
    data = Form(paint=True).ask(picked=50).results["weights"]
    assert isinstance(data, Data)
    assert list(np.asarray(data.values["joint_names"])) == list(JOINTS)
    assert np.shape(data.values["weights"]) == (len(load_body("neutral").v_template), 24)
    assert str(data.values["dabs"]).startswith("body left_elbow add skin 60 0.5\n")


def test_unknown_buttons_are_refused() -> None:
    with pytest.raises(StudyError, match="unknown action"):
        Form().ask("dance")


def test_weight_is_the_colour_one_starts_with() -> None:
    assert SkinningParams().colours == WEIGHT
