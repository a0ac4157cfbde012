"""The convention lens: its panes, buttons, presets, and what it keeps."""

import json

import numpy as np
import pytest

from lab.cameras.conventions import to_opencv
from lab.cameras.lens_form import camera_of
from lab.cameras.lens_study import LensStudy
from lab.cameras.projection import pixels
from lab.chapters.cameras.lens import AIM, FIT, LENS, SLIPS, USE, LensParams
from lab.examples import example_path
from lab.formats.files import read
from lab.params import build
from lab.scene import Mesh, Points
from lab.study import Picture, StudyContext, StudyError, Table, Text


@pytest.fixture(scope="module")
def spot():
    return read(example_path("spot")).entity


@pytest.fixture(scope="module")
def study():
    return LensStudy()


def ask(study, geometry, action="", **values):
    params = build(LensParams, values)
    return list(study.boards(params, StudyContext(inputs={"object": geometry}, action=action)))


def preset(title):
    return next(p for p in LENS.presets if p.title == title).values


def seen(picture):
    return np.isfinite(picture.values)


def test_the_first_picture_is_a_good_one(study, spot):
    boards = ask(study, spot)
    assert len(boards) == 1
    board = boards[0]
    assert board.notes == ()
    assert board.figures["Round trip"] < 1e-12
    assert board.figures["In the image"] == 1
    assert abs(board.figures["Turned"]) < 0.1
    assert 0.1 < seen(board.panes["picture"]).mean() < 0.6
    assert set(board.panes) == {"world", "picture", "code", "all"}
    assert {pane.key for row in LENS.panes for pane in row} >= set(board.panes)


def test_the_picture_shows_the_object_where_the_camera_projects_it(study, spot):
    board = ask(study, spot)[0]
    at, _ = pixels(camera_of(build(LensParams, {})), spot.verts.astype(float))
    rows, columns = np.nonzero(seen(board.panes["picture"]))
    assert [columns.min(), rows.min()] == pytest.approx(np.floor(at.min(axis=0)), abs=1.1)
    assert [columns.max(), rows.max()] == pytest.approx(np.floor(at.max(axis=0)), abs=1.1)


@pytest.mark.parametrize("given", LENS.presets, ids=lambda p: p.title)
def test_every_preset_makes_a_board(study, spot, given):
    board = ask(study, spot, **given.values)[-1]
    assert isinstance(board.panes["picture"], Picture)
    assert ("misread" in board.panes) == ("read_as" in given.values or "slip" in given.values)
    assert board.figures["Round trip"] < 1e-9


def test_upside_down_is_half_a_turn(study, spot):
    right, wrong = (ask(study, spot, **values)[-1] for values in ({}, preset("Upside down")))
    there, here = seen(right.panes["picture"]), seen(wrong.panes["misread"])
    assert (there[::-1, ::-1] == here).mean() > 0.995
    assert "upside down" in wrong.figures["Misread"]
    assert any("flip" in note.advice for note in wrong.notes)


def test_looking_away_is_empty(study, spot):
    board = ask(study, spot, **preset("Looking away"))[-1]
    assert not seen(board.panes["misread"]).any()
    assert board.figures["Misread"] == "the object is behind the camera"
    assert "read" in board.panes["world"].entities


def test_mirrored_is_the_mirror_image(study, spot):
    board = ask(study, spot, **preset("Mirrored"))[-1]
    assert np.array_equal(board.panes["misread"].pixels, board.panes["picture"].pixels[:, ::-1])


@pytest.mark.parametrize("slip", SLIPS[1:])
@pytest.mark.parametrize("convention", ["PyTorch3D", "Blender"])
def test_every_slip_is_shown_and_explained(study, spot, slip, convention):
    board = ask(study, spot, slip=slip, convention=convention, shift_x=20.0)[-1]
    assert board.figures["Misread"]
    assert next(note.advice for note in board.notes if note.text.startswith("As it is read"))
    assert not np.array_equal(board.panes["misread"].pixels, board.panes["picture"].pixels)


def test_a_large_picture_comes_quickly_first(study, spot):
    quick, full = ask(study, spot, width=640, height=480)
    assert quick.panes["picture"].size == full.panes["picture"].size == (640, 480)
    assert quick.panes["picture"].pixels.shape < full.panes["picture"].pixels.shape == (480, 640, 3)
    assert quick.panes["world"] is full.panes["world"]


def test_what_did_not_change_is_the_same_object(study, spot):
    first, second = (ask(study, spot, convention=name)[-1] for name in ("OpenCV", "OpenGL"))
    assert first.panes["picture"].pixels is second.panes["picture"].pixels
    assert first.panes["world"].entities["object"] is spot
    assert first.panes["code"] != second.panes["code"]


def test_answers_do_not_depend_on_what_was_asked_before(study, spot):
    ask(study, spot, x=-2.0, width=100, read_as="OpenCV")
    old, new = ask(study, spot)[-1], ask(LensStudy(), spot)[-1]
    assert np.array_equal(old.panes["picture"].pixels, new.panes["picture"].pixels)
    assert old.figures == new.figures


def test_the_handle_holds_the_camera(study, spot):
    (handle,) = ask(study, spot, x=1.5, rx=10.0)[0].panes["world"].handles
    assert handle.params == ("x", "y", "z", "rx", "ry", "rz")
    assert handle.position[0] == 1.5
    assert handle.rotation[0] == 10.0
    assert handle.degrees


def test_look_at_the_object(study, spot):
    board = ask(study, spot, action=AIM, x=-2.0, y=2.0)[-1]
    assert board.values["x"] == -2.0
    again = ask(study, spot, **board.values)[-1]
    assert again.figures["In the image"] == 1
    assert abs(again.figures["Turned"]) < 0.01


@pytest.mark.parametrize("projection", ["perspective", "orthographic"])
def test_fit_the_object(study, spot, projection):
    board = ask(study, spot, action=FIT, fov=20.0, projection=projection, view_height=0.5)[-1]
    values = {"fov": 20.0, "projection": projection, "view_height": 0.5} | board.values
    again = ask(study, spot, **values)[-1]
    assert again.figures["In the image"] == 1
    assert seen(again.panes["picture"]).mean() > 0.05


def test_a_pasted_camera_is_recognised_and_used(study, spot):
    other = camera_of(
        build(LensParams, {"x": -1.0, "y": 0.5, "z": -2.5, "rx": 0.0, "ry": 200.0, "rz": 0.0, "fov": 60.0})
    )
    opencv = to_opencv(other)
    text = json.dumps({"K": opencv.K.tolist(), "R": opencv.R.tolist(), "t": opencv.t.tolist()})
    board = ask(study, spot, paste=text)[-1]
    verdict = board.panes["verdict"]
    assert isinstance(verdict, Table)
    assert verdict.cells[0][0] == board.figures["Pasted"] == "OpenCV R, t, Y up"
    assert verdict.marked == 0
    assert "pasted" in board.panes["world"].entities
    used = ask(study, spot, action=USE, paste=text)[-1]
    again = camera_of(build(LensParams, used.values))
    assert np.allclose(again.c2w, other.c2w, atol=1e-4)
    assert np.allclose(again.intrinsics, other.intrinsics, atol=1e-6)


def test_another_reading_can_be_chosen(study, spot):
    values = preset("Who wrote this?")
    boards = [ask(study, spot, action=USE, reading=row, **values)[-1] for row in (1, 2)]
    assert boards[0].values != boards[1].values
    assert ask(study, spot, reading=24, **values)[-1].panes["verdict"].marked == len(boards[0].panes["verdict"]) - 1


@pytest.mark.parametrize(("text", "words"), [("hello", "no numbers"), ("1 2 3 4", "expected 16, 12 or 9")])
def test_what_is_no_camera_is_said(study, spot, text, words):
    board = ask(study, spot, action=USE, paste=text)[-1]
    assert isinstance(board.panes["verdict"], Text)
    assert words in board.panes["verdict"].text
    assert {note.level for note in board.notes} == {"warning"}
    assert board.values == {}


def test_a_camera_out_of_reach_is_not_taken_over(study, spot):
    matrix = np.eye(4)
    matrix[:3, 3] = [0, 0, 500]
    board = ask(study, spot, action=USE, paste=f"c2w = {matrix.tolist()}")[-1]
    assert board.values == {}
    assert any("out of reach" in note.text for note in board.notes)


def test_an_empty_picture_is_explained(study, spot):
    board = ask(study, spot, ry=-30.0)[-1]
    assert any("empty" in note.text for note in board.notes)


def test_points_and_far_objects(study):
    cloud = Points(np.random.default_rng(0).normal(size=(3000, 3)) * 80, origin=np.array([6e5, 0, 5e6]))
    board = ask(study, cloud, x=0.0, y=0.0, z=4.0, rx=0.0, ry=0.0, rz=0.0)[-1]
    assert seen(board.panes["picture"]).any()
    assert any("out of the sliders' reach" in note.text for note in board.notes)


@pytest.mark.parametrize("geometry", [None, Points(np.zeros((0, 3))), Mesh(np.zeros((0, 3)), np.zeros((0, 3)))])
def test_nothing_to_see_is_an_error(study, geometry):
    with pytest.raises(StudyError, match="choose"):
        ask(study, geometry)


def test_near_beyond_far_is_an_error(study, spot):
    with pytest.raises(StudyError, match="near"):
        ask(study, spot, near=5.0, far=1.0)
