"""The study "Motions": what it draws and says, at ordinary and at singular places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lab.chapters.cameras.motions import EULER_ORDERS, MOTIONS, MotionsParams
from lab.motions import euler, se3
from lab.motions.body import LENGTH
from lab.motions.motions_study import MotionsStudy
from lab.params import build
from lab.scene import Lines, Mesh, Points
from lab.study import Board, Plot, StudyContext, View3D

STILL = {"wx": 0.0, "wy": 0.0, "wz": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0}


def ask(study: MotionsStudy | None = None, geometry: Mesh | Points | None = None, **values: Any) -> Board:
    ctx = StudyContext(inputs={} if geometry is None else {"object": geometry})
    return list((study or MotionsStudy()).boards(build(MotionsParams, values), ctx))[-1]


def view(board: Board, key: str = "motion") -> View3D:
    found = board.panes[key]
    assert isinstance(found, View3D)
    return found


def line(board: Board, path: str) -> np.ndarray:
    found = view(board).entities[path]
    assert isinstance(found, Lines)
    return found.verts


def test_every_preset_fills_every_pane() -> None:
    panes = {pane.key for row in MOTIONS.panes for pane in row}
    for preset in MOTIONS.presets:
        board = ask(**preset.values)
        assert set(board.panes) == panes, preset.title
        assert all(any(label.startswith(known) for known in MOTIONS.figures) for label in board.figures)


def test_the_declaration_knows_all_orders() -> None:
    assert EULER_ORDERS == euler.ORDERS


def test_the_object_goes_where_the_exponential_takes_it() -> None:
    board = ask(t=0.5, wy=1.0, wx=0.2, wz=-0.4, rx=1.0, ry=2.0, rz=-1.0)
    start, there = view(board).entities["start"], view(board).entities["moved"]
    assert isinstance(start, Mesh)
    assert isinstance(there, Mesh)
    expected = se3.apply(se3.exp(0.5 * np.array([1, 2, -1, 0.2, 1, -0.4])), start.verts)
    np.testing.assert_allclose(there.verts, expected, atol=1e-5)


def test_the_path_begins_at_the_origin_and_ends_at_the_pose() -> None:
    values = {"wx": 0.3, "wy": 2.0, "wz": 0.1, "rx": 1.0, "ry": 2.0, "rz": 0.5}
    path = line(ask(**values), "path")
    np.testing.assert_allclose(path[0], 0, atol=1e-6)
    np.testing.assert_allclose(path[-1], se3.exp([1.0, 2.0, 0.5, 0.3, 2.0, 0.1])[:3, 3], atol=1e-5)


def test_the_path_winds_about_the_axis_at_one_distance() -> None:
    board = ask(wx=0.3, wy=2.5, wz=0.1, rx=2.0, ry=1.0, rz=0.5)
    lower, upper = line(board, "screw axis").astype(float)
    direction = (upper - lower) / np.linalg.norm(upper - lower)
    away = line(board, "path") - lower
    distance = np.linalg.norm(away - (away @ direction)[:, None] * direction, axis=1)
    np.testing.assert_allclose(distance, distance[0], atol=1e-5)
    assert distance[0] > 0.3


def test_the_handles_are_the_parameters() -> None:
    rho, omega = view(ask(wx=0.3, wy=2.0, wz=0.1, rx=1.0, ry=2.0, rz=0.5)).handles
    assert (omega.params, omega.vector) == (("wx", "wy", "wz"), (0.3, 2.0, 0.1))
    assert (rho.params, rho.vector) == (("rx", "ry", "rz"), (1.0, 2.0, 0.5))


def test_while_t_moves_only_the_object_is_new() -> None:
    study = MotionsStudy()
    before, after = (view(ask(study, t=t)).entities for t in (0.3, 0.4))
    assert {path for path in after if after[path] is not before[path]} == {"moved", "frame"}
    curves = [ask(study, t=t).panes["curves"] for t in (0.3, 0.4)]
    assert all(isinstance(plot, Plot) for plot in curves)
    assert curves[0].curves is curves[1].curves  # type: ignore[union-attr]


def test_figures_of_a_screw_by_hand() -> None:
    figures = ask(**{**STILL, "wy": math.pi / 2, "ry": 0.5, "rx": 1.0}).figures
    assert figures["Angle (°)"] == pytest.approx(90)
    assert figures["Shift along the axis (m)"] == pytest.approx(0.5)
    assert figures["Pitch (m per turn)"] == pytest.approx(2.0)
    assert figures["|log(exp ω) − ω| (rad)"] == pytest.approx(0, abs=1e-14)
    assert figures["From gimbal lock (°)"] == pytest.approx(90)


# --- singular places --------------------------------------------------------------------------------------------------


def test_no_motion_at_all_is_drawn_without_an_axis() -> None:
    board = ask(**STILL)
    assert "screw axis" not in view(board).entities
    assert board.figures["Angle (°)"] == 0
    assert not board.notes


def test_a_shift_without_a_turn_has_no_pitch() -> None:
    figures = ask(**{**STILL, "rx": 2.0}).figures
    assert figures["Pitch (m per turn)"] == "none: no turn"
    assert figures["Shift along the axis (m)"] == pytest.approx(2.0)


def test_next_to_nothing_the_series_is_named() -> None:
    (note,) = ask(**{**STILL, "wx": 1e-5}).notes
    assert "R is I + hat(ω)" in note.text


def test_at_half_a_turn_both_vectors_are_drawn() -> None:
    board = ask(**{**STILL, "wy": math.pi})
    log, other = line(board, "log"), line(board, "other log")
    assert log[:, 1].max() == pytest.approx(math.pi, abs=1e-5)
    assert other[:, 1].min() == pytest.approx(-math.pi, abs=1e-5)
    assert any("two opposite rotation vectors" in note.text for note in board.notes)
    assert float(board.figures["Textbook log, float32 error (rad)"]) > 1
    assert float(board.figures["Quaternion log, float32 error (rad)"]) < 1e-6


def test_beyond_half_a_turn_the_log_is_the_short_way() -> None:
    board = ask(**{**STILL, "wy": math.radians(260)})
    assert line(board, "log")[:, 1].min() == pytest.approx(-math.radians(100), abs=1e-5)
    assert "other log" not in view(board).entities
    assert board.figures["Angle of log R (°)"] == pytest.approx(100)
    (note,) = board.notes
    assert "260°" in note.text
    assert "100°" in note.text


def test_an_ordinary_turn_draws_no_second_vector() -> None:
    assert "log" not in view(ask(wx=0.0, wy=2.0, wz=0.0)).entities


def test_a_full_turn_warns_that_j_is_singular() -> None:
    board = ask(**{**STILL, "wy": 2 * math.pi, "rx": 3.0})
    there = view(board).entities["moved"]
    assert isinstance(there, Mesh)
    start = view(board).entities["start"]
    assert isinstance(start, Mesh)
    np.testing.assert_allclose(there.verts, start.verts, atol=1e-5)
    assert any(note.level == "warning" and "J is singular" in note.text for note in board.notes)


def test_in_gimbal_lock_two_axes_lie_on_one_line() -> None:
    board = ask(**{**STILL, "wx": -math.pi / 2})
    first, third = (view(board, "gimbals").labels[i].position for i in (0, 2))
    assert np.linalg.norm(np.cross(first, third)) < 1e-6
    assert any("Gimbal lock: the axes of Y and Z lie on one line" in note.text for note in board.notes)
    assert board.figures["From gimbal lock (°)"] == pytest.approx(0, abs=1e-6)


def test_away_from_gimbal_lock_nobody_is_warned() -> None:
    board = ask(**{**STILL, "wx": -math.pi / 3})
    assert not board.notes
    assert board.figures["From gimbal lock (°)"] == pytest.approx(30)


# --- curves and objects -----------------------------------------------------------------------------------------------


def test_the_euler_curves_end_at_the_angles() -> None:
    plot = ask(**{**STILL, "wy": 1.0}, plot="Euler angles").panes["curves"]
    assert isinstance(plot, Plot)
    assert list(plot.curves) == ["1st: Y", "2nd: X", "3rd: Z"]
    assert plot.curves["1st: Y"][1][-1] == pytest.approx(math.degrees(1.0))
    assert plot.at == 1.0


def test_the_log_curve_never_exceeds_half_a_turn() -> None:
    plot = ask(**{**STILL, "wy": 2 * math.pi}, plot="Log of the rotation").panes["curves"]
    assert isinstance(plot, Plot)
    assert plot.curves["length"][1].max() <= 180 + 1e-9
    assert plot.curves["y"][1].min() < -170


def test_the_error_curves_part_at_both_ends() -> None:
    plot = ask(plot="Error of the log").panes["curves"]
    assert isinstance(plot, Plot)
    assert plot.log_y
    angles, textbook = plot.curves["textbook"]
    assert textbook[angles > 179.9].max() > 1e-2
    assert plot.curves["quaternion"][1].max() < 1e-6


@pytest.mark.parametrize("kind", [Mesh, Points])
def test_an_object_of_ones_own_is_shown_two_metres_long(kind: type) -> None:
    verts = np.random.default_rng(0).uniform(10, 90, (50, 3))
    own = Mesh(verts, np.arange(48).reshape(-1, 3)) if kind is Mesh else Points(verts)
    start = view(ask(geometry=own)).entities["start"]
    assert isinstance(start, kind)
    assert np.ptp(start.verts, axis=0).max() == pytest.approx(LENGTH, abs=1e-5)  # type: ignore[union-attr]
