"""The stage of a study with its real viewports."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from lab.formats import read
from lab.params import build, declared
from lab.render.camera import Camera
from lab.render.messages import Hit
from lab.scene import Mesh, Points
from lab.study import Board, Handle, Label, Text, View3D
from tests.ui.studies.small import SMALL, Params, board_of
from ui.look.theme import ThemeManager
from ui.studies.panes.body import image_pixels
from ui.studies.stage import StudyStage, within
from ui.viewport.viewport import Viewport

SPOT = read("assets/examples/spot.ply").entity


@pytest.fixture(scope="module")
def _stage(qapp):
    """One stage for all tests: each view has a render process."""
    themes = ThemeManager()
    themes.apply()
    stage = StudyStage(SMALL, themes, lambda scene, key: Viewport(scene, themes))
    stage.resize(900, 640)
    stage.show()
    yield stage
    stage.shutdown()
    stage.close()


@pytest.fixture
def stage(_stage):
    """The stage with the board of the defaults."""
    _stage.show_board(board())
    for key in ("mesh", "points"):
        _stage.body(key).viewport.touched = False
    return _stage


def board(**values) -> Board:
    return board_of(build(Params, {"object": "spot", **values}), SPOT)


def test_before_the_first_board_it_says_what_it_waits_for(qtbot, stage):
    stage.show_need("Object")
    assert "Choose an object in the panel at the right" in stage.words
    button = next(b for b in stage.findChildren(QPushButton) if b.text() == "Open a file…")
    with qtbot.waitSignal(stage.openRequested):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    stage.show_waiting()
    assert "Working" in stage.words
    assert not button.isVisible()
    stage.show_problem("The mesh has no faces.")
    assert "The mesh has no faces." in stage.words
    stage.show_board(board())
    assert stage.words == ""
    stage.show_waiting()
    stage.show_problem("Later.")
    assert stage.words == "", "the last board stays"


def test_a_board_reaches_every_pane(stage):
    shown = board(count=321)
    stage.show_board(shown)
    for key, content in shown.panes.items():
        assert stage.body(key).content is content
        assert stage.frame(key).isVisible()
    assert stage.body("rows").model.rowCount() == 321
    assert set(stage.body("mesh").scene.paths()) == {"mesh", "ray"}


def test_in_turns_the_newest_board_reaches_every_pane_in_the_end(stage, qtbot):
    stage.show_board(board(count=3))
    older, newer = board(count=4), board(count=5)
    stage.show_board(older, in_turns=True)
    assert stage.body("mesh").content is older.panes["mesh"]
    assert stage.body("rows").model.rowCount() == 3, "its turn is still to come"
    stage.show_board(newer, in_turns=True)
    qtbot.waitUntil(lambda: all(stage.body(key).content is newer.panes[key] for key in newer.panes))
    assert not stage._turns.isActive()


def test_panes_that_are_not_on_the_board_are_hidden_and_not_drawn(stage):
    panes = {key: content for key, content in board().panes.items() if key in ("mesh", "code")}
    stage.show_board(Board(panes))
    assert [key for key in stage._frames if stage.frame(key).isVisible()] == ["mesh", "code"]
    assert stage._link.members == (stage.body("mesh").viewport,)
    stage.show_board(board())
    assert len(stage._link.members) == 2


def test_the_same_content_is_applied_once(stage, monkeypatch):
    shown = board()
    stage.show_board(shown)
    applied = []
    for key in shown.panes:
        monkeypatch.setattr(stage.body(key), "apply", lambda content, before, key=key: applied.append(key))
    stage.show_board(replace(shown, status="again"))
    assert applied == []
    stage.show_board(replace(shown, panes={**shown.panes, "code": Text("other")}))
    assert applied == ["code"]


def test_content_of_a_wrong_kind_is_a_defect_of_the_study(stage):
    with pytest.raises(TypeError, match="expected a View3D, found a Text"):
        stage.show_board(Board({"mesh": Text("?")}))


# --- cameras --------------------------------------------------------------------------------------------------------


def cube(size: float, middle: float = 0.0) -> View3D:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * size / 2 + middle
    return View3D({"cube": Points(corners)})


def cameras(stage: StudyStage) -> list[Camera]:
    return [stage.body(key).viewport.camera for key in ("mesh", "points")]


def test_linked_views_look_alike_and_another_object_is_fitted(stage):
    stage.show_board(Board({"mesh": cube(1), "points": cube(1.1)}))
    first, second = cameras(stage)
    assert first == second
    stage.show_board(Board({"mesh": cube(1.2), "points": cube(1)}))
    assert cameras(stage) == [first, second], "a little more is no reason to look from elsewhere"
    stage.show_board(Board({"mesh": cube(10), "points": cube(10)}))
    assert cameras(stage)[0].distance == pytest.approx(10 / 1.1 * first.distance, rel=1e-3)
    assert cameras(stage)[0] == cameras(stage)[1]


def test_a_view_that_the_person_turned_stays(stage):
    stage.show_board(Board({"mesh": cube(1), "points": cube(1)}))
    stage.body("mesh").viewport.turn(1, 0)
    turned = cameras(stage)
    assert turned[0] == turned[1], "the other one turns with it"
    stage.show_board(Board({"mesh": cube(2), "points": cube(2)}))
    assert cameras(stage) == turned
    stage.show_board(Board({"mesh": cube(200), "points": cube(200)}))
    assert cameras(stage) != turned, "nothing could be seen any more"


def test_a_view_can_show_what_a_certain_camera_sees(stage):
    camera = Camera().standard("top")
    stage.show_board(Board({"mesh": cube(1), "points": replace(cube(1), camera=camera)}))
    viewport = stage.body("points").viewport
    assert viewport.locked
    assert viewport.camera == camera
    assert stage._link.members == (stage.body("mesh").viewport,)
    stage.show_board(Board({"mesh": cube(1), "points": cube(1)}))
    assert not viewport.locked


# --- what the person does ---------------------------------------------------------------------------------------------


def test_a_dragged_handle_sets_its_parameters_within_their_limits(qtbot, stage):
    wanted = []
    stage.valuesWanted.connect(wanted.append)
    stage.body("mesh").viewport.handleMoved.emit("light", {"x": 1.5, "y": 99.0})
    assert wanted == [{"x": 1.5, "y": 5.0}]
    with qtbot.waitSignal(stage.released):
        stage.body("mesh").viewport.handleReleased.emit("light")


def test_a_handle_can_be_dragged_with_the_mouse(qtbot, stage):
    """The handle of the study, where the camera projects it."""
    handle = Handle("light", "point", ("x", "y", "z"), (0.0, 0.0, 0.0))
    stage.show_board(Board({"mesh": replace(cube(2), handles=(handle,))}))
    viewport = stage.body("mesh").viewport
    QApplication.processEvents()
    pixels, _ = viewport.camera.project(np.zeros((1, 3)), viewport.width(), viewport.height())
    at = QPoint(*(round(float(number)) for number in pixels[0]))
    with qtbot.waitSignal(stage.valuesWanted) as wanted, qtbot.waitSignal(stage.released):
        qtbot.mouseMove(viewport, at)
        qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseMove(viewport, at + QPoint(30, -20))
        qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=at + QPoint(30, -20))
    assert set(wanted.args[0]) == {"x", "y", "z"}
    assert any(abs(value) > 0.01 for value in wanted.args[0].values())


def test_a_dot_sets_words_and_components_and_has_a_name(qtbot, stage):
    """What the handle sets comes first; the values of components are held within the limits of their parameter."""
    dot = Handle("a", "dot", ("x", "nobody[2]"), (0.0, 0.0, 0.0), label="Left hand", sets={"sampling": "random"})
    stage.show_board(Board({"mesh": replace(cube(2), handles=(dot,))}))
    viewport = stage.body("mesh").viewport
    QApplication.processEvents()
    pixels, _ = viewport.camera.project(np.zeros((1, 3)), viewport.width(), viewport.height())
    at = QPoint(*(round(float(number)) for number in pixels[0]))
    told = []
    stage.valuesWanted.connect(lambda values: told.append((stage.holding, values)))
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert told == [("Left hand", {"sampling": "random"})]
    qtbot.mouseMove(viewport, at + QPoint(20, 0))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=at + QPoint(20, 0))
    assert [list(values) for _, values in told] == [["sampling"], ["x"]]
    assert stage.holding == ""


def test_a_picked_vertex_sets_its_parameter(qtbot, stage):
    hit = Hit("mesh", "face", 12, 345, np.zeros(3), None)
    with qtbot.waitSignal(stage.valuesWanted) as wanted:
        stage.body("mesh").viewport.picked.emit(hit)
    assert wanted.args[0] == {"vertex": 345}
    with qtbot.assertNotEmitted(stage.valuesWanted):
        stage.body("mesh").viewport.picked.emit(None)
        stage.body("points").viewport.picked.emit(hit)


def test_a_clicked_pixel_sets_its_whole_numbers(qtbot, stage):
    body = stage.body("image")
    x, y = body.placement.to_widget(100.7, 50.2)
    with qtbot.waitSignal(stage.valuesWanted) as wanted:
        qtbot.mouseClick(body, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert wanted.args[0] == {"column": pytest.approx(100, abs=1), "row": pytest.approx(50, abs=1)}
    assert all(isinstance(value, int) for value in wanted.args[0].values())


def test_values_are_held_within_their_limits():
    known = {param.name: param for param in declared(Params)}
    assert within(known["column"], 12.9) == 12
    assert within(known["column"], -3.0) == 0
    assert within(known["noise"], 3.0) == 1.0


# --- captions -------------------------------------------------------------------------------------------------------


def test_a_double_click_on_the_caption_gives_the_pane_the_stage(qtbot, stage):
    caption = stage.frame("image").caption
    qtbot.mouseDClick(caption, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert stage.maximised == "image"
    assert not stage.frame("mesh").isVisible()
    assert stage.state()["maximised"] == "image"
    qtbot.mouseClick(caption.maximise, Qt.MouseButton.LeftButton)
    assert stage.maximised == ""
    assert stage.frame("mesh").isVisible()


def test_the_caption_says_what_was_copied_and_what_is_hovered(qtbot, stage):
    caption = stage.frame("code").caption
    qtbot.mouseClick(caption.copy, Qt.MouseButton.LeftButton)
    assert caption.words.text() == "Copied"
    assert "torch.tensor" in QApplication.clipboard().text()
    body = stage.body("image")
    x, y = body.placement.to_widget(10.5, 20.5)
    qtbot.mouseMove(body, QPoint(round(x), round(y)))
    assert stage.frame("image").caption.words.text().startswith("x 10  y 20   0.3 m")


def test_a_picture_is_offered_for_saving_by_its_title(qtbot, stage):
    with qtbot.waitSignal(stage.saveRequested) as signal:
        qtbot.mouseClick(stage.frame("image").caption.save, Qt.MouseButton.LeftButton)
    pixels, name = signal.args
    assert name == "Depth"
    np.testing.assert_array_equal(pixels, stage.board.panes["image"].pixels)


def test_a_view_is_drawn_and_can_be_copied(qtbot, stage):
    mesh = Mesh(SPOT.verts, SPOT.faces)
    view = View3D({"mesh": mesh}, labels=(Label((0, 0, 0), "origin"),))
    stage.show_board(Board({"mesh": view}))
    frame = stage.frame("mesh")
    QApplication.processEvents()
    with qtbot.waitSignal(frame.body.copied, timeout=60_000):
        qtbot.mouseClick(frame.caption.copy, Qt.MouseButton.LeftButton)
    pixels = image_pixels(QApplication.clipboard().image())
    assert pixels.shape[:2] == (frame.body.viewport.height(), frame.body.viewport.width())
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50, "a shaded mesh has many tones"


def test_a_stage_that_was_left_does_not_hear_of_themes_any_more(qtbot):
    themes = ThemeManager()
    stage = StudyStage(SMALL, themes, lambda scene, key: Viewport(scene, themes))
    stage.show_board(board())
    stage.shutdown()
    with qtbot.waitSignal(stage.destroyed):
        stage.deleteLater()
    themes.set_theme("light")  # whoever still listened would fail here, as its widgets are gone
    themes.set_theme("dark")


def test_all_of_a_cameras_picture_is_in_view_however_narrow_the_pane(stage, qtbot):
    wide = replace(cube(1), camera=Camera(fov_deg=50.0), aspect=3.0)
    stage.show_board(Board({"mesh": cube(1), "points": wide}))
    viewport = stage.body("points").viewport

    def shown_aspect() -> float:
        """Of the picture's height, as far as the view's width goes."""
        width = math.tan(math.radians(viewport.camera.fov_deg) / 2) * viewport.width() / viewport.height()
        return width / math.tan(math.radians(50.0) / 2)

    for size in ((700, 700), (1200, 300), (500, 900)):
        stage.resize(*size)
        qtbot.waitUntil(lambda: stage.size().toTuple() == size and shown_aspect() >= 3.0 - 1e-6)  # noqa: B023
        assert viewport.camera.fov_deg >= 50.0 - 1e-9
