"""Undo and redo of a study's values: one entry for each gesture, with real widgets."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtWidgets import QPushButton

from lab.chapter import StudyActivity
from lab.study import Action, Board
from tests.ui.forms.posed import JOINTS, POSED, Params
from ui.studies import edits as edits_module
from ui.studies.edits import ValueEdits, title_of
from ui.studies.panel import StudyPanel

WITH_BUTTON = StudyActivity(**{**vars(POSED), "actions": (Action("mirror", "Mirror the pose", "Swap the sides."),)})


class Undone:
    """A panel, its history and the activities that it asked to see."""

    def __init__(self, panel: StudyPanel) -> None:
        self.panel, self.form = panel, panel.form
        self.stack = QUndoStack()
        self.shown: list[str] = []
        self.edits = ValueEdits(self.stack, self.shown.append)
        self.edits.follow(panel)

    @property
    def texts(self) -> list[str]:
        return [self.stack.text(index) for index in range(self.stack.count())]

    def drag(self, values: dict[str, object]) -> None:
        """What the desk does while a handle is dragged."""
        self.edits.begin(self.panel, title_of(self.panel.activity, values), "stage", held=True)
        self.panel.set_values(values)


@pytest.fixture
def undone(qtbot, themes, scene, shown):
    made = Undone(shown(StudyPanel(WITH_BUTTON, scene, themes), 380, 1100))
    yield made
    made.form.stop_playing()


def slide(qtbot, slider, *stops: float) -> None:
    y, way = slider.height() // 2, slider.width()
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(stops[0] * way), y))
    for stop in stops[1:]:
        qtbot.mouseMove(slider, QPoint(round(stop * way), y))
        qtbot.wait(10)
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(stops[-1] * way), y))


def test_a_slider_drag_is_one_entry_and_a_second_one_another(qtbot, undone):
    slider = undone.form.row("pose").lines[1].slider
    slide(qtbot, slider, 0.5, 0.6, 0.7, 0.8, 0.9)
    first = undone.form.values()["pose"]
    slide(qtbot, slider, 0.3, 0.2)
    assert undone.texts == ["Hip y", "Hip y"]
    undone.stack.undo()
    assert undone.form.values()["pose"] == first
    undone.stack.undo()
    assert undone.form.values()["pose"] == (0.0,) * 9
    assert undone.form.row("pose").lines[1].box.number == 0
    undone.stack.redo()
    assert undone.form.values()["pose"] == first


def test_a_typed_number_and_keys_held_down(qtbot, undone):
    line = undone.form.row("betas").lines[0]
    line.box.setFocus()
    line.box.selectAll()
    qtbot.keyClicks(line.box, "2")
    qtbot.keyClick(line.box, Qt.Key.Key_Return)
    assert undone.texts == ["tall"]
    other = undone.form.row("betas").lines[1].slider
    other.setFocus()
    for _ in range(5):
        qtbot.keyClick(other, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: undone.texts == ["tall", "heavy"])
    undone.edits.seal()
    undone.stack.undo()
    assert undone.form.values()["betas"] == (2.0, 0.0, 0.0)


def test_the_same_thing_later_is_another_entry(qtbot, undone, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(edits_module.time, "monotonic", lambda: now[0])
    for value in (1.0, 2.0):
        undone.form.row("betas").edit((value, 0.0, 0.0))
        now[0] += 5.0
        qtbot.wait(50)
    assert len(undone.texts) == 2


def test_presets_choices_and_the_lesson(qtbot, undone):
    undone.form.apply_preset("Sit")
    undone.form.row("joint").edit("Knee")
    qtbot.wait(50)
    undone.panel.lesson.valuesRequested.emit({"pose[8]": 0.5})
    qtbot.wait(50)
    assert undone.texts == ["preset “Sit”", "Joint", "values of the lesson"]
    for _ in range(3):
        undone.stack.undo()
    assert undone.form.values() == {**undone.form.values(), "pose": (0.0,) * 9, "joint": "Hip"}
    undone.stack.redo()
    assert undone.form.values()["pose"][3] == 1.5


def test_a_handle_drag_with_what_follows_from_it_is_one_entry(qtbot, undone):
    start = undone.form.values()
    undone.drag({"joint": "Ankle"})
    for pull in (0.1, 0.2, 0.3):
        undone.drag({"pull[0]": pull})
        undone.panel.show_board(Board({}, values={"pose": (pull,) * 9}))  # a joint that was pulled changes the pose
    undone.edits.seal()
    qtbot.wait(50)
    undone.panel.show_board(Board({}, values={"pose": (0.31,) * 9}))  # the better board of the last question
    qtbot.wait(50)
    assert undone.texts == ["Pull"]
    undone.stack.undo()
    assert undone.form.values() == start
    undone.panel.show_board(Board({}, values={"pose": (0.001,) * 9}))  # the answer to what was undone
    qtbot.wait(50)
    assert undone.stack.canRedo(), "that is no gesture"
    undone.stack.redo()
    assert undone.form.values()["pose"] == (0.31,) * 9
    assert undone.form.values()["pull"][0] == 0.3
    assert undone.form.values()["joint"] == "Ankle"


def test_two_drags_of_handles_are_two_entries(qtbot, undone):
    for joint in (0, 1):
        undone.drag({f"pose[{3 * joint}]": 0.5})
        undone.edits.seal()
    assert undone.texts == list(JOINTS[:2])


def test_a_drag_that_was_put_back_leaves_no_entry(qtbot, undone):
    undone.drag({"pose[0]": 0.5})
    undone.drag({"pose[0]": 0.0})
    undone.edits.seal()
    assert undone.texts == []
    assert undone.form.values()["pose"] == (0.0,) * 9


def test_a_button_and_what_its_board_sets_are_one_entry(qtbot, undone):
    button = next(b for b in undone.panel.findChildren(QPushButton) if b.text() == "Mirror the pose")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert undone.texts == []
    undone.panel.show_board(Board({}, values={"pose": (1.0,) * 9}))
    qtbot.wait(50)
    assert undone.texts == ["Mirror the pose"]
    undone.stack.undo()
    assert undone.form.values()["pose"] == (0.0,) * 9


def test_what_no_one_did_is_not_undone(qtbot, undone):
    undone.panel.show_board(Board({}, values={"pose": (0.2,) * 9}))
    qtbot.wait(50)
    assert undone.texts == []
    undone.drag({"pose[0]": 0.5})
    undone.edits.seal()
    undone.stack.undo()
    assert undone.form.values()["pose"] == (0.2,) * 9


def test_playing_is_one_entry(qtbot, undone):
    row = undone.form.row("time")
    for _ in range(2):
        before = row.value
        row.play.click()
        qtbot.waitUntil(lambda: row.value > before + 0.08)  # noqa: B023
        row.play.click()
    assert undone.texts == ["Time", "Time"]
    undone.stack.undo()
    assert row.value == before


def test_other_commands_in_between_are_left_alone(qtbot, undone):
    undone.drag({"pose[0]": 0.5})
    undone.stack.push(QUndoCommand("addition of spot"))
    undone.panel.show_board(Board({}, values={"pose": (0.2,) * 9}))
    qtbot.wait(50)
    assert undone.texts == ["Hip", "addition of spot"]
    undone.stack.clear()
    undone.panel.show_board(Board({}, values={"pose": (0.3,) * 9}))
    qtbot.wait(50)
    assert undone.texts == []


def test_what_is_undone_is_shown_and_named_in_the_menu(qtbot, undone):
    action = undone.stack.createUndoAction(undone.panel, "Undo")
    undone.drag({"joint": "Knee"})
    assert action.text() == "Undo Joint"
    undone.drag({"pose[4]": math.radians(30)})
    undone.drag({"pose[4]": math.radians(31)})
    undone.edits.seal()
    assert action.text() == "Undo Knee"
    action.trigger()
    assert undone.shown == [POSED.key]


def test_titles():
    assert title_of(POSED, ["pose[3]", "pose[4]", "pose[5]"]) == "Knee"
    assert title_of(POSED, ["betas[1]"]) == "Shape"
    assert title_of(POSED, ["time", "source", "nobody"]) == "Time, Source"
    assert title_of(POSED, ["time", "source", "joint", "betas"]) == "Time, Source, Joint…"
    assert Params().pose == (0.0,) * 9
