"""The mask painter as a person uses it: real photos, its real process, the mouse and the keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from lab.photo.masks import from_file
from tests.lab.photo.photo_help import disc, orange_on_grey, save
from ui.masks.dialog import MaskDialog

DISC = disc(120, 160, 40)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def photo(tmp_path):
    return save(tmp_path / "cup.png", orange_on_grey(DISC, noise=2.0))


@pytest.fixture
def opened(qtbot, themes, monkeypatch):
    """Opens the painter and waits until the photo is there."""
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)

    def open_painter(photo: Path, mask: str = "") -> MaskDialog:
        dialog = MaskDialog(str(photo), mask, themes)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(lambda: dialog.canvas is not None, timeout=20_000)
        qtbot.waitUntil(lambda: dialog.canvas.width() + dialog.tools.width() == dialog.width())  # it is laid out
        qtbot.waitUntil(dialog.isActiveWindow)  # keys go there
        return dialog

    return open_painter


def at(dialog, x, y):
    """The widget's place of a pixel of the photo."""
    place = dialog.canvas.placement.to_widget(x, y)
    return QPoint(round(place[0]), round(place[1]))


def drag(qtbot, dialog, *places):
    first, *others = [at(dialog, *place) for place in places]
    qtbot.mousePress(dialog.canvas, LEFT, pos=first)
    for place in others:
        qtbot.mouseMove(dialog.canvas, place)
    qtbot.mouseRelease(dialog.canvas, LEFT, pos=(others or [first])[-1])


def color(dialog, x, y):
    place = at(dialog, x, y)
    return dialog.canvas.grab().toImage().pixelColor(place)


def test_the_background_is_found_and_the_mask_is_saved_beside_the_photo(qtbot, opened, photo):
    dialog = opened(photo)
    assert "mask is empty" in dialog.tools.problem.text()
    qtbot.mouseClick(dialog.tools.button("background"), LEFT)
    qtbot.waitUntil(lambda: dialog.editor.share > 0, timeout=20_000)
    qtbot.waitUntil(lambda: dialog.tools.share.text() == f"The mask covers {100 * DISC.mean():.1f} % of the photo.")
    assert dialog.tools.problem.text() == ""
    with qtbot.waitSignal(dialog.saved, timeout=20_000) as saved:
        qtbot.mouseClick(dialog._save, LEFT)
    assert saved.args == [str(photo.with_name("cup_mask.png"))]
    np.testing.assert_array_equal(from_file(saved.args[0], DISC.shape), DISC)
    assert not dialog.isVisible()


def test_brush_eraser_and_their_undoing(qtbot, opened, photo):
    dialog = opened(photo)
    dialog.tools.brush.edit(10.0)
    plain = color(dialog, 80.5, 60.5)
    drag(qtbot, dialog, (40.5, 60.5), (120.5, 60.5))
    painted = dialog.editor.mask.copy()
    assert painted[60, 38:122].all()
    assert not painted[70].any()
    assert np.flatnonzero(painted.any(axis=1)).tolist() == pytest.approx(list(range(56, 66)), abs=1)
    assert color(dialog, 80.5, 60.5) != plain, "the stroke is seen"
    qtbot.keyClick(dialog, Qt.Key.Key_E)
    assert dialog.canvas.tool == "eraser"
    drag(qtbot, dialog, (80.5, 60.5))
    assert not dialog.editor.mask[60, 80]
    assert dialog.editor.mask[60, 60]
    qtbot.mouseClick(dialog.tools.button("undo"), LEFT)
    np.testing.assert_array_equal(dialog.editor.mask, painted)
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not dialog.editor.mask.any()
    assert color(dialog, 80.5, 60.5) == plain
    assert not dialog.tools.button("undo").isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(dialog.editor.mask, painted)


def test_fill_and_a_tolerance_that_makes_it_anew(qtbot, opened, tmp_path):
    steps = np.full((60, 90, 3), 100, np.uint8)
    steps[:, 30:60], steps[:, 60:] = 120, 160  # 8 and 16 in L* apart
    dialog = opened(save(tmp_path / "steps.png", steps))
    dialog.tools.choose("fill")
    qtbot.mouseClick(dialog.canvas, LEFT, pos=at(dialog, 10, 30))
    qtbot.waitUntil(lambda: dialog.editor.mask[:, :60].all(), timeout=20_000)
    assert not dialog.editor.mask[:, 60:].any()
    dialog.tools.tolerance.edit(4.0)
    qtbot.waitUntil(lambda: not dialog.editor.mask[0, 30], timeout=20_000)
    assert dialog.editor.mask[:, :30].all()
    dialog.tools.choose("unfill")
    qtbot.mouseClick(dialog.canvas, LEFT, pos=at(dialog, 10, 30))
    qtbot.waitUntil(lambda: not dialog.editor.mask.any(), timeout=20_000)
    dialog.editor.undo()
    dialog.editor.undo()
    assert not dialog.editor.mask.any(), "filling twice was one change"
    assert not dialog.editor.can_undo
    dialog.tools.tolerance.edit(50.0)
    assert not dialog.helper.busy, "after an undo, the tolerance is for the next one"


def test_only_the_newest_question_counts(qtbot, opened, photo):
    dialog = opened(photo)
    found = []
    dialog.helper.found.connect(lambda event: found.append(event.number))
    for tolerance in range(1, 9):
        dialog.helper.background(float(tolerance))
    qtbot.waitUntil(lambda: not dialog.helper.busy, timeout=20_000)
    assert found == [8]


def test_the_size_of_the_brush_has_keys_and_bounds(qtbot, opened, photo):
    dialog = opened(photo)
    dialog.tools.brush.edit(8.0)
    qtbot.keyClick(dialog, Qt.Key.Key_BracketRight)
    assert dialog.canvas.radius == 5.0
    for _ in range(30):
        qtbot.keyClick(dialog, Qt.Key.Key_BracketLeft)
    assert dialog.canvas.radius == 0.5
    assert dialog.tools.brush.problem == ""


def wheel(dialog, turn, x, y):
    place = QPointF(at(dialog, x, y))
    everywhere = dialog.canvas.mapToGlobal(place)
    none, still = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        place, everywhere, QPoint(), QPoint(0, turn), none, Qt.KeyboardModifier.NoModifier, still, False
    )
    QApplication.sendEvent(dialog.canvas, event)


def test_zooming_keeps_what_is_under_the_pointer_and_painting_hits_it(qtbot, opened, photo):
    dialog = opened(photo)
    dialog.tools.brush.edit(1.0)
    before = dialog.canvas.placement.scale
    for _ in range(5):
        wheel(dialog, 120, 30.5, 20.5)
    assert dialog.canvas.placement.scale == pytest.approx(before * 1.25**5)
    drag(qtbot, dialog, (30.5, 20.5))
    assert np.argwhere(dialog.editor.mask).tolist() == [[20, 30]]
    qtbot.mousePress(dialog.canvas, Qt.MouseButton.RightButton, pos=QPoint(300, 300))
    left = dialog.canvas.placement.left
    qtbot.mouseMove(dialog.canvas, QPoint(260, 300))
    qtbot.mouseRelease(dialog.canvas, Qt.MouseButton.RightButton, pos=QPoint(260, 300))
    assert dialog.canvas.placement.left != left
    assert dialog.editor.mask.sum() == 1, "moving paints nothing"
    qtbot.keyClick(dialog, Qt.Key.Key_0)
    assert dialog.canvas.placement.scale == before


def test_the_mask_can_be_hidden(qtbot, opened, photo):
    dialog = opened(photo)
    plain = color(dialog, 80.5, 60.5)
    dialog.editor.invert()
    assert color(dialog, 80.5, 60.5) != plain
    qtbot.keyClick(dialog, Qt.Key.Key_M)
    assert color(dialog, 80.5, 60.5) == plain


@pytest.mark.parametrize("command", ["nothing", "invert"])
def test_an_empty_or_whole_mask_is_not_saved(qtbot, opened, photo, command):
    dialog = opened(photo)
    if command == "invert":
        dialog.editor.invert()
    qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert dialog.isVisible()
    assert "The mask" in dialog._status.text()
    assert not photo.with_name("cup_mask.png").exists()


def test_a_place_that_takes_no_mask_is_told_and_the_work_stays(qtbot, opened, photo):
    dialog = opened(photo)
    dialog.tools.brush.edit(10.0)
    drag(qtbot, dialog, (40.5, 60.5))
    dialog._target = str(photo / "mask.png")  # a file is no folder
    dialog.save()
    qtbot.waitUntil(lambda: "cannot be saved" in dialog._status.text(), timeout=20_000)
    assert dialog.isVisible()
    assert dialog.canvas.isEnabled()
    assert dialog.editor.mask.any()


def test_a_photo_that_cannot_be_read_is_told(qtbot, themes, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    dialog = MaskDialog(str(tmp_path / "bad.jpg"), "", themes)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "no PNG, JPEG" in dialog._message.text(), timeout=20_000)
    assert not dialog._save.isEnabled()
    dialog.reject()
    assert not dialog.isVisible()


def test_what_was_painted_is_not_thrown_away_unasked(qtbot, opened, photo, monkeypatch):
    dialog = opened(photo)
    dialog.editor.invert()
    asked = []
    no = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *words: asked.append(words) or no)
    dialog.reject()
    dialog.close()
    assert len(asked) == 2
    assert dialog.isVisible()
    dialog.editor.undo()
    dialog.reject()
    assert len(asked) == 2
    assert not dialog.isVisible()
