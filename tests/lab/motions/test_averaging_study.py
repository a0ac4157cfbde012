"""The study "Averaging rotations": errors, outliers, the picture on the sphere, and its two boards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lab.chapters.cameras.averaging import AVERAGES, AVERAGING, AveragingParams
from lab.motions import so3
from lab.motions.averaging_study import METHODS, AveragingStudy
from lab.params import build
from lab.scene import Mesh, Points
from lab.study import Board, Cancelled, Plot, StudyContext, Table, View3D

PRESETS = {preset.title: preset.values for preset in AVERAGING.presets}


def ask(study: AveragingStudy | None = None, seed: int = 0, **values: Any) -> list[Board]:
    ctx = StudyContext(inputs={}, seed=seed)
    return list((study or AveragingStudy()).boards(build(AveragingParams, values), ctx))


def error(board: Board, name: str) -> float:
    return float(board.figures[f"Error of {name} (°)"])


def view(board: Board) -> View3D:
    found = board.panes["sphere"]
    assert isinstance(found, View3D)
    return found


@pytest.mark.parametrize("title", PRESETS)
def test_every_preset_fills_every_pane(title: str) -> None:
    board = ask(**PRESETS[title])[-1]
    assert set(board.panes) == {pane.key for row in AVERAGING.panes for pane in row}
    assert all(any(label.startswith(known) for known in AVERAGING.figures) for label in board.figures)
    assert tuple(METHODS) == AVERAGES


def test_without_noise_all_averages_are_the_truth() -> None:
    board = ask(spread=0.0, signs=False)[-1]
    for name in AVERAGES:
        assert error(board, name) == pytest.approx(0, abs=1e-6), name
    assert not board.notes


def test_the_means_are_about_as_good_as_theory_says() -> None:
    boards = [ask(seed=seed, count=100, spread=20.0)[-1] for seed in range(8)]
    mean = np.mean([error(board, "Geodesic mean") for board in boards])
    expected = float(boards[0].figures["Expected error of a mean (°)"])
    assert expected == pytest.approx(20 * 3**0.5 / 10)
    assert 0.6 * expected < mean < 1.4 * expected


def test_near_half_a_turn_only_so3_averages_hold() -> None:
    board = ask(**PRESETS["Near 180°"])[-1]
    assert error(board, "Geodesic mean") < 10
    assert error(board, "Mean rotation vector") > 90
    assert error(board, "Mean Euler angles") > 90
    assert any("Mean rotation vector by" in note.text for note in board.notes)


def test_the_median_withstands_outliers_until_they_weigh_nothing() -> None:
    values = PRESETS["A third is wrong"]
    board = ask(**values)[-1]
    assert error(board, "Geodesic median") < error(board, "Chordal mean") / 2
    assert error(ask(**PRESETS["Outliers of no weight"])[-1], "Chordal mean") < 3


def test_random_signs_spoil_only_the_naive_mean_of_quaternions() -> None:
    with_signs, without = ask(signs=True)[-1], ask(signs=False)[-1]
    assert error(with_signs, "Mean quaternion") > error(without, "Mean quaternion") + 5
    assert error(with_signs, "Quaternion eigenvector") == pytest.approx(error(without, "Quaternion eigenvector"))


def test_quaternions_that_cancel_leave_no_average() -> None:
    seeds = (seed for seed in range(50) if np.isnan(error(ask(seed=seed, count=2, spread=0.0)[-1], "Mean quaternion")))
    board = ask(seed=next(seeds), count=2, spread=0.0, shown="Mean quaternion")[-1]
    assert "averages/Mean quaternion" not in view(board).entities
    assert "average" not in view(board).entities
    assert error(board, "Chordal mean") == pytest.approx(0, abs=1e-6)


def test_the_points_are_where_the_rotations_take_the_axes() -> None:
    board = ask(spread=0.0, count=4, u=0.0, v=90.0, w=0.0)[-1]
    points = view(board).entities["rotations"]
    assert isinstance(points, Points)
    assert len(points.verts) == 12
    unit = points.verts[:3] / np.linalg.norm(points.verts[0])
    np.testing.assert_allclose(unit, so3.exp([0, np.pi / 2, 0]).T, atol=1e-6)  # x, y, z in rows
    assert points.colors is not None
    assert [color.argmax() for color in points.colors[:3]] == [0, 1, 2]


def test_the_object_stands_at_the_average_that_is_asked_for() -> None:
    values = PRESETS["Near 180°"]
    right, wrong = (
        view(ask(**{**values, "shown": name})[-1]).entities["average"]
        for name in ("Geodesic mean", "Mean rotation vector")
    )
    assert isinstance(right, Mesh)
    assert isinstance(wrong, Mesh)
    nose = right.verts[:, 2].argmin()
    assert right.verts[nose, 2] < -0.9  # turned by half a turn about y
    assert wrong.verts[nose, 2] > 0.8


def test_a_mean_matrix_is_no_rotation_and_its_marks_lie_within_the_sphere() -> None:
    board = ask(**PRESETS["Very wide"])[-1]
    marks = {name: view(board).entities[f"averages/{name}"] for name in ("Mean matrix", "Chordal mean")}
    assert all(isinstance(mark, Mesh) for mark in marks.values())
    reach = {name: np.linalg.norm(mark.verts, axis=1).max() for name, mark in marks.items()}  # type: ignore[union-attr]
    assert reach["Mean matrix"] < 0.8 * reach["Chordal mean"]
    table = board.panes["averages"]
    assert isinstance(table, Table)
    determinants = dict(zip(table.cells[0], table.cells[4], strict=True))
    assert determinants["Mean matrix"] < 0.5
    assert determinants["Chordal mean"] == pytest.approx(1)


def test_the_curves_pass_through_the_errors_of_now() -> None:
    board = ask(outliers=0.3)[-1]
    plot = board.panes["errors"]
    assert isinstance(plot, Plot)
    assert plot.at == pytest.approx(30)
    shares, errors = plot.curves["Geodesic mean"]
    assert errors[np.argmin(np.abs(shares - 30))] == pytest.approx(error(board, "Geodesic mean"), abs=1e-9)


def test_the_averages_come_before_new_curves() -> None:
    study = AveragingStudy()
    assert len(ask(study)) == 1  # there is nothing to show in the meantime
    assert len(ask(study, outliers=0.2)) == 1  # the same curves, read at another place
    quick, full = ask(study, spread=40.0)
    assert quick.figures == full.figures
    old, new = quick.panes["errors"], full.panes["errors"]
    assert isinstance(old, Plot)
    assert isinstance(new, Plot)
    assert np.abs(old.curves["Chordal mean"][1] - new.curves["Chordal mean"][1]).max() > 1


def test_the_last_board_does_not_depend_on_what_was_asked_before() -> None:
    study = AveragingStudy()
    ask(study, spread=50.0, seed=3)
    again, fresh = ask(study, outliers=0.2)[-1], ask(outliers=0.2)[-1]
    assert again.figures == fresh.figures
    first, second = again.panes["errors"], fresh.panes["errors"]
    assert isinstance(first, Plot)
    assert isinstance(second, Plot)
    for name in AVERAGES:
        np.testing.assert_array_equal(first.curves[name][1], second.curves[name][1])


def test_a_newer_question_interrupts_the_curves_and_leaves_the_old_ones() -> None:
    study = AveragingStudy()
    kept = ask(study)[-1].panes["errors"]

    def stop() -> None:
        raise Cancelled

    asked = study.boards(build(AveragingParams, {"spread": 33.0}), StudyContext(inputs={}, checkpoint=stop))
    next(asked)
    with pytest.raises(Cancelled):
        next(asked)
    quick = ask(study, spread=44.0)[0].panes["errors"]
    assert isinstance(quick, Plot)
    assert isinstance(kept, Plot)
    assert quick.curves is kept.curves


def test_turning_the_truth_turns_everything_with_it() -> None:
    handle = view(ask(u=10.0, v=20.0, w=30.0)[-1]).handles[0]
    assert handle.params == ("", "", "", "u", "v", "w")
    assert handle.rotation == (10.0, 20.0, 30.0)
    for name in AVERAGES[:4]:
        errors = [error(ask(u=u, v=20.0, w=30.0)[-1], name) for u in (10.0, 100.0)]
        assert errors[0] == pytest.approx(errors[1], abs=1e-6)
