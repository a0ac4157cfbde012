"""The editor of joints as a person uses it: a real photo, its real process, the mouse and the keys."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from lab.chapter import ASSETS
from lab.keypoints.layouts import LAYOUTS
from lab.keypoints.people import Person2D, read_keypoints, write_keypoints
from lab.params import Param
from ui.forms.keypoints_row import KeypointsRow
from ui.keypoints.dialog import JointDialog

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
LSP = LAYOUTS["LSP"]
PERSON = ASSETS / "body" / "example_person.png"


def somebody(x: float = 40.0, confidence: float = 0.6) -> Person2D:
    """Joints on a grid, 20 pixels apart."""
    number = np.arange(14)
    return Person2D(
        np.stack([x + 20.0 * (number % 3), 20.0 + 20.0 * (number // 3)], axis=1), np.full(14, confidence), LSP
    )


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "yard.png"
    Image.fromarray(np.full((120, 240, 3), 90, np.uint8)).save(path)
    return path


@pytest.fixture
def joints(tmp_path):
    write_keypoints(tmp_path / "given.json", [somebody(), somebody(150.0)])
    return tmp_path / "given.json"


@pytest.fixture
def opened(qtbot, themes, monkeypatch):
    """Opens the editor and waits until the photo is there."""
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)

    def open_editor(photo: Path, joints: Path | str = "") -> JointDialog:
        dialog = JointDialog(str(photo), str(joints), themes)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(lambda: dialog.canvas is not None, timeout=20_000)
        qtbot.waitUntil(lambda: dialog.canvas.width() + dialog.panel.width() == dialog.width())
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    return open_editor


def at(dialog, x, y):
    place = dialog.canvas.placement.to_widget(x, y)
    return QPoint(round(place[0]), round(place[1]))


def drag(qtbot, dialog, *places):
    first, *others = [at(dialog, *place) for place in places]
    qtbot.mousePress(dialog.canvas, LEFT, pos=first)
    for place in others:
        qtbot.mouseMove(dialog.canvas, place)
    qtbot.mouseRelease(dialog.canvas, LEFT, pos=others[-1])


def color(dialog, x, y):
    return dialog.canvas.grab().toImage().pixelColor(at(dialog, x, y))


def test_people_are_found_at_once_and_saved_beside_the_photo(qtbot, opened, tmp_path):
    pytest.importorskip("ai_edge_litert")
    photo = tmp_path / "walk.png"
    photo.write_bytes(PERSON.read_bytes())
    dialog = opened(photo)
    qtbot.waitUntil(lambda: len(dialog.editor.people) == 1, timeout=60_000)
    assert dialog.panel.list.count() == 1
    assert "33 joints" in dialog.panel.list.item(0).text()
    with qtbot.waitSignal(dialog.saved, timeout=20_000) as saved:
        qtbot.mouseClick(dialog._save, LEFT)
    assert saved.args == [str(tmp_path / "walk_joints.json")]
    (person,) = read_keypoints(saved.args[0])
    assert person.names == LAYOUTS["BlazePose"]
    assert json.loads(Path(saved.args[0]).read_text())["image_size"] == [720, 540]
    assert not dialog.isVisible()


def test_where_nobody_is_a_sentence_says_what_to_do(qtbot, opened, photo):
    pytest.importorskip("ai_edge_litert")
    dialog = opened(photo)
    qtbot.waitUntil(lambda: "Nobody was found" in dialog._status.text(), timeout=60_000)
    qtbot.mouseClick(dialog._save, LEFT)
    assert "no joint to save" in dialog._status.text()
    assert dialog.isVisible()


def test_a_joint_is_dragged_and_stays_in_the_photo(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    before = dialog.editor.person
    x, y = before.xy[4]
    plain = color(dialog, 30.5, 90.5)
    drag(qtbot, dialog, (x, y), (35, 80), (30.5, 90.5))
    np.testing.assert_allclose(dialog.editor.person.xy[4], [30.5, 90.5], atol=0.5)
    assert dialog.editor.person.confidence[4] == 1.0
    assert color(dialog, 30.5, 90.5) != plain, "its dot is seen"
    drag(qtbot, dialog, (30.5, 90.5), (-20, 130))
    assert dialog.editor.person.xy[4].tolist() == [0.0, 120.0]
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(dialog.panel.button("undo"), LEFT)
    assert dialog.editor.person is before
    assert not dialog.panel.button("undo").isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_allclose(dialog.editor.person.xy[4], [30.5, 90.5], atol=0.5)


def test_an_undo_in_the_middle_of_a_drag_leaves_whole_steps(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    before = dialog.editor.person
    qtbot.mousePress(dialog.canvas, LEFT, pos=at(dialog, *before.xy[4]))
    qtbot.mouseMove(dialog.canvas, at(dialog, 70, 90))
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dialog.editor.person is before
    for x in (75, 80, 85):
        qtbot.mouseMove(dialog.canvas, at(dialog, x, 95))
    qtbot.mouseRelease(dialog.canvas, LEFT, pos=at(dialog, 85, 95))
    np.testing.assert_allclose(dialog.editor.person.xy[4], [85, 95], atol=0.5)
    dialog.editor.undo()
    assert dialog.editor.person is before
    qtbot.mousePress(dialog.canvas, LEFT, pos=at(dialog, *before.xy[4]))
    dialog.panel.list.setCurrentRow(1)
    other = dialog.editor.person
    qtbot.mouseMove(dialog.canvas, at(dialog, 20, 20))
    qtbot.mouseRelease(dialog.canvas, LEFT, pos=at(dialog, 20, 20))
    assert dialog.editor.person is other, "the other person's joints stay"


def test_the_pointer_tells_the_joint_and_its_confidence(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    qtbot.mouseMove(dialog.canvas, at(dialog, *dialog.editor.person.xy[LSP.index("left_knee")]))
    assert dialog._status.text().startswith("Left knee  60 %")
    qtbot.mouseMove(dialog.canvas, at(dialog, 10, 110))
    assert dialog._status.text().startswith("Drag a joint")


def test_the_other_person_is_chosen_by_a_joint_or_in_the_list(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    qtbot.mouseClick(dialog.canvas, LEFT, pos=at(dialog, *dialog.editor.people[1].xy[7]))
    assert dialog.editor.chosen == 1
    assert dialog.panel.list.currentRow() == 1
    assert not dialog.editor.modified, "a click moves nothing"
    dialog.panel.list.setCurrentRow(0)
    assert dialog.editor.chosen == 0


def test_joints_are_removed_and_placed_again_by_name(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    places = dialog.editor.person.xy
    qtbot.mouseClick(dialog.canvas, RIGHT, pos=at(dialog, *places[2]))
    assert dialog.editor.person.confidence[2] == 0.0
    qtbot.mouseMove(dialog.canvas, at(dialog, *places[9]))
    qtbot.keyClick(dialog.canvas, Qt.Key.Key_Delete)
    assert np.flatnonzero(dialog.editor.person.confidence == 0).tolist() == [2, 9]
    assert "12 of 14" in dialog.panel.list.item(0).text()
    qtbot.keyClick(dialog, Qt.Key.Key_P)
    assert dialog.canvas.asked == 2
    assert dialog.panel.button("place").isChecked()
    qtbot.keyClick(dialog, Qt.Key.Key_S)
    assert dialog.canvas.asked == 9, "the first is skipped"
    qtbot.mouseClick(dialog.canvas, LEFT, pos=at(dialog, 110, 30))
    np.testing.assert_allclose(dialog.editor.person.xy[9], [110, 30], atol=0.5)
    assert dialog.canvas.asked == 2, "then it comes again"
    qtbot.mouseClick(dialog.canvas, LEFT, pos=at(dialog, 120, 40))
    assert not dialog.canvas.placing
    assert not dialog.panel.button("place").isChecked()
    assert (dialog.editor.person.confidence > 0).all()


def test_a_new_person_is_placed_joint_by_joint(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    qtbot.mouseClick(dialog.panel.button("new"), LEFT)
    for number in range(14):
        assert dialog.canvas.asked == number
        qtbot.mouseClick(dialog.canvas, LEFT, pos=at(dialog, 100 + 2 * number, 10 + 7 * number))
    person = dialog.editor.people[2]
    assert person.names == LSP
    np.testing.assert_allclose(person.xy[:, 1], 10 + 7 * np.arange(14), atol=0.5)
    for _ in range(14):
        dialog.editor.undo()
    assert not dialog.editor.person.confidence.any(), "each joint was a step"
    qtbot.mouseClick(dialog.panel.button("place"), LEFT)
    dialog.panel.list.setCurrentRow(0)
    assert not dialog.canvas.placing, "the other person has all of them"
    qtbot.keyClick(dialog.canvas, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_keys_go_through_the_joints_and_move_them(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    x, y = dialog.editor.person.xy[1]
    for _ in range(2):
        qtbot.keyClick(dialog.canvas, Qt.Key.Key_Tab)
    assert dialog.canvas.selected == 1
    qtbot.keyClick(dialog.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(dialog.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.editor.person.xy[1].tolist() == [x + 1, y + 10]
    qtbot.keyClick(dialog.canvas, Qt.Key.Key_Backtab)
    assert dialog.canvas.selected == 0


def test_zooming_keeps_joints_under_the_pointer(qtbot, opened, photo, joints):
    dialog = opened(photo, joints)
    qtbot.keyClick(dialog, Qt.Key.Key_1)
    assert dialog.canvas.placement.scale > 1.1 * min(dialog.canvas.width() / 240, dialog.canvas.height() / 120)
    drag(qtbot, dialog, tuple(dialog.editor.person.xy[4]), (90, 70))
    np.testing.assert_allclose(dialog.editor.person.xy[4], [90, 70], atol=0.3)
    qtbot.keyClick(dialog, Qt.Key.Key_0)
    assert dialog.canvas.placement.fitted


def test_a_file_of_another_program_is_read_and_never_written_over(qtbot, opened, photo, tmp_path, monkeypatch):
    openpose = tmp_path / "yard_keypoints.json"
    numbers = np.concatenate([somebody().xy, np.ones((14, 1))], axis=1)
    numbers = np.concatenate([numbers, np.full((11, 3), 5.0)]).ravel().tolist()
    openpose.write_text(json.dumps({"people": [{"pose_keypoints_2d": numbers}]}))
    before = openpose.read_bytes()
    dialog = opened(photo, openpose)
    assert dialog.editor.person.names == LAYOUTS["BODY_25"]
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(bad), ""))
    qtbot.mouseClick(dialog.panel.button("open"), LEFT)
    qtbot.waitUntil(lambda: "no JSON" in dialog._status.text(), timeout=20_000)
    assert dialog._save.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_X)
    with qtbot.waitSignal(dialog.saved, timeout=20_000) as saved:
        dialog.save()
    assert saved.args == [str(tmp_path / "yard_joints.json")]
    assert openpose.read_bytes() == before

    again = opened(photo)
    assert again.editor.people[0].names == LAYOUTS["BODY_25"], "it goes on from what was saved"
    again.editor.clear()
    again.editor.place(0, (1.0, 1.0))
    with qtbot.waitSignal(again.saved, timeout=20_000) as saved:
        again.save()
    assert saved.args == [str(tmp_path / "yard_joints.json")]


def test_an_unreadable_photo_and_a_dead_process_are_told(qtbot, themes, opened, photo, joints, tmp_path):
    (tmp_path / "no.png").write_text("no photo")
    dialog = JointDialog(str(tmp_path / "no.png"), "", themes)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "no PNG" in dialog._message.text(), timeout=20_000)
    dialog = opened(photo, joints)
    os.kill(dialog.helper.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: "ended by the system" in dialog._status.text(), timeout=20_000)


def test_the_row_opens_the_editor_and_takes_its_file(qtbot, themes, photo, joints, tmp_path):
    row = KeypointsRow(Param("joints", "file", "", "Where.", "Joints", optional=True, keypoints_of="photo"), themes)
    qtbot.addWidget(row)
    chosen = [""]
    row.follow_photo("Photo", lambda: chosen[0])
    row.show()
    qtbot.mouseClick(row.set_joints, LEFT)
    assert row.problem == "Joints: choose a file for “Photo” first."
    chosen[0] = str(tmp_path / "none.png")
    qtbot.mouseClick(row.set_joints, LEFT)
    assert "there is no file" in row.problem
    chosen[0] = str(photo)
    row.edit(str(joints))
    qtbot.mouseClick(row.set_joints, LEFT)
    qtbot.waitUntil(lambda: row.editor.canvas is not None, timeout=20_000)
    assert len(row.editor.editor.people) == 2
    row.editor.editor.drop()
    with qtbot.waitSignal(row.changed, timeout=20_000):
        row.editor.save()
    assert row.value == str(tmp_path / "yard_joints.json")
    assert row.editor is None
    assert len(read_keypoints(row.value)) == 1
    row.set_locked(True)
    assert not row.set_joints.isEnabled()
