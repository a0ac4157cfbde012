"""The page of figures and results."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from lab.scene import Image, Lines, Points
from lab.study import Board, Film, Picture
from ui.studies.preview import Preview
from ui.studies.results import StudyResults, describe

CLOUD = Points(np.zeros((1234, 3)))
FILM = Film(np.repeat(np.arange(5, dtype=np.uint8) * 50, 30 * 40 * 3).reshape(5, 30, 40, 3), fps=50.0)
DEPTH = Picture(np.full((300, 600, 3), 90, np.uint8), values=np.ones((300, 600), np.float32), unit="m")


@pytest.fixture
def results(themes, shown):
    return shown(StudyResults(themes, {"Chamfer": "How far the points are."}), 340, 500)


def test_figures_are_written_for_people_and_explained(results):
    results.show_board(Board({}, figures={"Chamfer distance": 0.0123456, "Faces": 5856, "Closed": True}))
    assert results.figure("Chamfer distance") == "0.01235"
    assert results.figure("Faces") == "5,856"
    assert results.figure("Closed") == "yes"
    words = [label.text() for label in results.findChildren(QLabel) if label.isVisible()]
    assert "How far the points are." in words


def test_while_a_slider_moves_no_widget_is_made(results):
    results.show_board(Board({}, figures={"a": 1.0}, results={"points": CLOUD}))
    before = results.findChildren(QLabel), results.findChildren(QPushButton)
    results.show_board(Board({}, figures={"a": 2.0}, results={"points": CLOUD}))
    assert (results.findChildren(QLabel), results.findChildren(QPushButton)) == before
    assert results.figure("a") == "2"


def test_results_can_be_kept(qtbot, results):
    results.show_board(Board({}, results={"points": CLOUD}))
    assert results.names() == ("points",)
    buttons = {button.text(): button for button in results.findChildren(QPushButton)}
    with qtbot.waitSignal(results.addRequested) as added:
        qtbot.mouseClick(buttons["Add to scene"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(results.saveRequested) as saved:
        qtbot.mouseClick(buttons["Save as…"], Qt.MouseButton.LeftButton)
    assert added.args == saved.args == ["points"]
    assert buttons["Save as…"].accessibleName() == "points: save as"


def test_only_entities_go_into_the_scene_and_lines_into_no_file(results):
    lines = Lines(np.zeros((2, 3)), np.zeros((1, 2), int))
    results.show_board(Board({}, results={"turn": FILM, "depth": DEPTH, "cloud": CLOUD, "trail": lines}))
    shown = {button.accessibleName() for button in results.findChildren(QPushButton) if not button.isHidden()}
    assert shown == {
        *("turn: save as", "depth: save as"),
        *("cloud: add to scene", "cloud: save as", "trail: add to scene"),
    }


def middle(preview):
    """The grey in the middle of a preview."""
    image = preview.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def test_a_film_plays_while_the_pointer_rests_on_it(qtbot, results):
    results.show_board(Board({}, results={"turn": FILM, "depth": DEPTH, "cloud": CLOUD}))
    film, depth, cloud = results.findChildren(Preview)
    assert (film.isVisible(), depth.isVisible(), cloud.isVisible()) == (True, True, False)
    assert (film.width(), film.height()) == (40, 30)
    assert (depth.width(), depth.height()) == (200, 100)
    assert (middle(film), middle(depth)) == (0, 90)
    film.enterEvent(None)
    assert film.playing
    qtbot.waitUntil(lambda: film.frame == 4)
    film.leaveEvent(None)
    assert not film.playing
    assert middle(film) == 50 * film.frame
    results.show_board(Board({}, results={"turn": FILM, "depth": DEPTH, "cloud": CLOUD}))
    assert film.frame != 0, "the same film goes on"
    results.show_board(Board({}, results={"turn": DEPTH, "depth": FILM, "cloud": CLOUD}))
    assert (middle(film), middle(depth)) == (90, 0)


def test_a_board_without_figures_says_what_will_come(results):
    results.show_board(Board({}))
    assert results._stack.currentIndex() == 0
    results.show_board(Board({}, figures={"a": 1}))
    assert results._stack.currentIndex() == 1
    results.show_board(Board({}))
    assert results.names() == ()
    assert results._stack.currentIndex() == 0


def test_what_a_result_is():
    assert describe(CLOUD) == "Point cloud, 1,234 points"
    assert describe(Image(np.zeros((2, 3, 3), np.uint8))) == "Picture, 3 × 2 pixels"
    assert describe(DEPTH) == "Picture, 600 × 300 pixels, with values in m"
    assert describe(FILM) == "Film, 5 frames of 40 × 30 pixels, 0.1 s"
    assert describe(Lines(np.zeros((2, 3)), np.zeros((1, 2), int))) == "Lines, 1 segments"
