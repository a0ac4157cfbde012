"""The panel of a study."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from lab.params import build
from lab.study import Board, Note
from tests.ui.studies.small import SMALL, Params, board_of
from ui.studies.panel import LESSON, PARAMETERS, RESULTS, StudyPanel


@pytest.fixture
def panel(themes, scene, shown):
    return shown(StudyPanel(SMALL, scene, themes), 380, 900)


def button(panel: StudyPanel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text() == text)


def test_a_slider_tells_while_it_is_dragged(qtbot, panel):
    slider = panel.form.row("noise").slider
    told = []
    panel.valuesChanged.connect(told.append)
    panel.form.show_row("noise")
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(60, 9))
    for x in range(70, 200, 10):
        qtbot.mouseMove(slider, QPoint(x, 9))
        qtbot.wait(15)
    dragged = len(told)
    assert slider.isSliderDown()
    assert dragged >= 3
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(200, 9))
    qtbot.waitUntil(lambda: bool(told) and told[-1]["noise"] == panel.form.values()["noise"])
    assert 0 < told[0]["noise"] < told[-1]["noise"]


def test_buttons_tell_their_keys(qtbot, panel):
    with qtbot.waitSignal(panel.actionPressed) as signal:
        qtbot.mouseClick(button(panel, "Smooth"), Qt.MouseButton.LeftButton)
    assert signal.args == ["smooth"]


def test_a_board_is_shown_with_status_figures_and_notes(panel, scene, spot):
    scene.add("spot", spot)
    values = build(Params, {"object": "spot", "noise": 0.5})
    panel.show_board(board_of(values, spot))
    assert panel.status.text == "200 points in 0.01 s"
    assert panel.results.figure("Points") == "200"
    assert panel.notes.texts() == ("The noise is larger than the holes. Make it smaller.",)
    panel.show_board(board_of(build(Params, {"object": "spot"}), spot))
    assert panel.notes.texts() == ()


def test_values_of_a_board_are_taken_over(qtbot, panel):
    with qtbot.waitSignal(panel.valuesChanged) as signal:
        panel.show_board(Board({}, values={"noise": 0.25}))
    assert signal.args[0]["noise"] == 0.25
    assert panel.form.row("noise").box.text() == "0.25"


def test_what_is_not_allowed_is_refused_in_words(qtbot, panel):
    with qtbot.waitSignal(panel.refused) as signal:
        panel.set_values({"noise": 7.0})
    assert "Noise" in signal.args[0]
    assert panel.form.values()["noise"] == 0.02


def test_progress_stands_in_the_status_line_and_can_be_given_up(qtbot, panel):
    panel.show_board(Board({}, status="all done"))
    panel.show_progress(0.5, "Fusing")
    assert panel.status.text == "all done"  # it is quick: nothing flickers
    panel.set_busy(True)
    panel.show_progress(0.5, "Fusing")
    assert panel.status.text == "Fusing…"
    cancel = next(b for b in panel.findChildren(QToolButton) if b.text() == "Cancel")
    with qtbot.waitSignal(panel.cancelRequested):
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    panel.set_busy(False)
    assert panel.status.text == "all done"
    assert not cancel.isVisible()


def test_a_problem_is_said_until_the_next_board(panel):
    panel.show_board(Board({}, notes=(Note("info", "Fine."),)))
    panel.show_problem("The mesh has no faces.")
    assert panel.notes.texts() == ("The mesh has no faces.", "Fine.")
    panel.show_board(Board({}))
    assert panel.notes.texts() == ()


def test_pages_and_lesson_links(qtbot, panel):
    panel.show_page(RESULTS)
    assert panel.tabs.currentIndex() == RESULTS
    panel.show_page(LESSON)
    panel.lesson.presetRequested.emit("Noisy")
    assert panel.form.values()["noise"] == 0.2
    panel.lesson.valuesRequested.emit({"noise": 0.1})
    assert panel.form.values()["noise"] == 0.1
    panel.show_page(PARAMETERS)
    assert panel.target == "object"
