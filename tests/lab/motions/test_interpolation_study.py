"""The study "Interpolation": rows, ghosts, curves, and what it says of each method."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lab.chapters.cameras.interpolation import INTERPOLATION, InterpolationParams
from lab.motions import paths, se3, so3
from lab.motions.airplane import airplane
from lab.motions.interpolation_study import TITLES, InterpolationStudy
from lab.params import build, declared
from lab.scene import Lines, Mesh
from lab.study import Board, Plot, StudyContext, Table, View3D

HALF_TURN = {"av": 0.0, "bu": 0.0, "bv": 180.0, "bw": 0.0}
PRESETS = {preset.title: preset.values for preset in INTERPOLATION.presets}


def ask(study: InterpolationStudy | None = None, **values: Any) -> Board:
    ctx = StudyContext(inputs={})
    return list((study or InterpolationStudy()).boards(build(InterpolationParams, values), ctx))[-1]


def view(board: Board) -> View3D:
    found = board.panes["ways"]
    assert isinstance(found, View3D)
    return found


def verts(board: Board, path: str) -> np.ndarray:
    found = view(board).entities[path]
    assert isinstance(found, Mesh | Lines)
    return found.verts.astype(float)


def volume(board: Board, path: str) -> float:
    found = view(board).entities[path]
    assert isinstance(found, Mesh)
    a, b, c = np.moveaxis(found.verts[found.faces].astype(float) - found.verts.mean(axis=0), 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_there_is_a_switch_and_a_title_for_each_method() -> None:
    switches = {param.name: param.label for param in declared(InterpolationParams) if param.name in paths.METHODS}
    assert switches == TITLES
    assert set(TITLES) == set(paths.METHODS)


@pytest.mark.parametrize("title", PRESETS)
def test_every_preset_fills_every_pane(title: str) -> None:
    board = ask(**PRESETS[title])
    assert set(board.panes) == {pane.key for row in INTERPOLATION.panes for pane in row}
    assert all(any(label.startswith(known) for known in INTERPOLATION.figures) for label in board.figures)


def test_the_object_of_a_mixed_matrix_shrinks_to_a_quarter_at_120_degrees() -> None:
    # half-way, the plane of the turn is scaled by cos(60°) = 1/2 in both directions
    board = ask(**{**HALF_TURN, "bv": 120.0})
    assert volume(board, "matrix/object") == pytest.approx(volume(board, "slerp/object") / 4, rel=1e-4)
    assert board.figures["Volume error of Matrix"] == pytest.approx(0.75)
    assert any("Matrix: the object shrinks to 25%" in note.text for note in board.notes)


def test_at_half_a_turn_the_mixed_matrix_is_flat_and_has_no_way() -> None:
    board = ask(**HALF_TURN)
    assert volume(board, "matrix/object") == pytest.approx(0, abs=1e-9)
    assert board.figures["Way of Matrix (°)"] == "none: it goes flat"
    assert board.figures["Way of Slerp (°)"] == pytest.approx(180)


def test_the_lesson_s_euler_detour_is_told() -> None:
    board = ask(**PRESETS["Detour of Euler angles"])
    assert board.figures["Apart (°)"] == pytest.approx(92.47, abs=0.01)
    assert float(board.figures["Way of Euler angles (°)"]) == pytest.approx(319, abs=1)
    assert any("Euler angles turns 319° where 92° would do" in note.text for note in board.notes)


def test_across_180_the_angle_goes_back_through_0() -> None:
    board = ask(**PRESETS["Across 180°"])
    assert board.figures["Apart (°)"] == pytest.approx(20)
    assert board.figures["Way of Euler angles (°)"] == pytest.approx(340)


def test_the_other_sign_takes_the_rest_of_the_full_turn() -> None:
    board = ask(other_sign=True)
    assert float(board.figures["Way of Slerp (°)"]) == pytest.approx(360 - float(board.figures["Apart (°)"]))


def test_objects_begin_and_end_at_the_poses_of_the_handles() -> None:
    values = {**HALF_TURN, "bv": 90.0, "apart": False}
    first, last = view(ask(**values)).handles
    for t, handle in ((0.0, first), (1.0, last)):
        pose = se3.matrix(so3.exp(np.radians(handle.rotation)), handle.position)
        board = ask(t=t, **values)
        for method in ("slerp", "screw", "euler", "matrix"):
            expected = se3.apply(pose, airplane().verts)
            np.testing.assert_allclose(verts(board, f"{method}/object"), expected, atol=1e-5)
    assert first.params == ("ax", "ay", "az", "au", "av", "aw")
    assert last.rotation == (0.0, 90.0, 0.0)
    assert last.degrees


def test_rows_stand_apart_or_in_one_place() -> None:
    apart, together = ask(apart=True), ask(apart=False)
    assert verts(apart, "matrix/path")[0, 2] < verts(apart, "slerp/path")[0, 2] - 5
    np.testing.assert_allclose(verts(together, "matrix/path")[0], verts(together, "slerp/path")[0], atol=1e-6)
    assert [label.text for label in view(apart).labels] == ["Slerp", "SE(3) screw", "Euler angles", "Matrix"]
    assert not view(together).labels


def test_while_t_moves_only_the_objects_are_new() -> None:
    study = InterpolationStudy()
    before, after = (ask(study, t=t) for t in (0.3, 0.4))
    old, new = view(before).entities, view(after).entities
    changed = {path for path in new if new[path] is not old[path]}
    assert changed == {f"{method}/object" for method in ("slerp", "screw", "euler", "matrix")}
    for key in ("angle", "speed"):
        first, second = before.panes[key], after.panes[key]
        assert isinstance(first, Plot)
        assert isinstance(second, Plot)
        assert all(first.curves[name][1] is second.curves[name][1] for name in first.curves)
        assert second.at == 0.4


def test_a_moved_pose_makes_the_ways_anew() -> None:
    study = InterpolationStudy()
    before, after = ask(study, bx=2.0), ask(study, bx=3.0)
    assert verts(before, "slerp/path")[-1, 0] == pytest.approx(2)
    assert verts(after, "slerp/path")[-1, 0] == pytest.approx(3)
    assert verts(after, "slerp/ghosts")[:, 0].max() > verts(before, "slerp/ghosts")[:, 0].max()


def test_ghosts_are_as_many_as_asked_for() -> None:
    one = len(verts(ask(), "slerp/object"))
    assert len(verts(ask(ghosts=7), "slerp/ghosts")) == 7 * one
    assert "slerp/ghosts" not in view(ask(ghosts=0)).entities


def test_slerp_is_even_and_the_scaled_line_is_not() -> None:
    board = ask(**PRESETS["Uneven speed"])
    table = board.panes["methods"]
    assert isinstance(table, Table)
    columns = dict(zip(table.columns, table.cells, strict=True))
    assert columns["Method"] == ("Slerp", "Matrix, projected", "Quaternion, scaled")
    np.testing.assert_allclose(columns["Fastest °"][0], 160, atol=1e-6)
    np.testing.assert_allclose(columns["Slowest °"][0], 160, atol=1e-6)
    # in its middle the line between quaternions turns by 4 tan(theta / 4), the mixed matrix by 2 tan(theta / 2)
    theta = math.radians(160)
    assert columns["Fastest °"][2] == pytest.approx(math.degrees(4 * math.tan(theta / 4)), rel=1e-3)
    assert columns["Fastest °"][1] == pytest.approx(math.degrees(2 * math.tan(theta / 2)), rel=1e-2)


def test_without_any_method_one_is_asked_for() -> None:
    board = ask(slerp=False, screw=False, euler=False, matrix=False)
    assert not view(board).entities
    assert any("No method" in note.text for note in board.notes)
