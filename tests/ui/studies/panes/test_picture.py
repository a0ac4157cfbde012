"""The picture pane, by mouse and keyboard, and what it paints."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from lab.study import Mark, Pane, Picture
from ui.studies.panes.body import image_pixels
from ui.studies.panes.picture import PicturePane, pixel_text

LEFT = Qt.MouseButton.LeftButton
RED, GREEN = (200, 10, 20), (10, 180, 30)


def checks(width: int = 4, height: int = 2) -> np.ndarray:
    """Red and green in turn, red at the top left."""
    odd = np.add.outer(np.arange(height), np.arange(width)) % 2 == 1
    return np.where(odd[..., None], GREEN, RED).astype(np.uint8)


@pytest.fixture
def pane(themes, shown):
    return shown(PicturePane(Pane("p", "Picture", "picture", point=("x", "y")), themes), 400, 400)


def wheel(pane: PicturePane, at: QPoint, notches: float) -> None:
    turn = QPoint(0, round(120 * notches))
    none = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        QPointF(at), pane.mapToGlobal(QPointF(at)), QPoint(), turn, Qt.MouseButton.NoButton, none[0], none[1], False
    )
    QApplication.sendEvent(pane, event)


def test_magnified_pixels_are_crisp(pane):
    pane.show_content(Picture(checks()))
    painted = image_pixels(pane.grab().toImage())
    for column, row in ((0, 0), (1, 0), (3, 1)):  # 100 px each, the picture in rows 100 to 300
        expected = GREEN if (row + column) % 2 else RED
        for x, y in ((3, 3), (50, 50), (97, 97)):
            assert tuple(painted[100 + 100 * row + y, 100 * column + x]) == expected


def test_a_click_chooses_the_pixel_and_a_drag_goes_on(qtbot, pane):
    pane.show_content(Picture(checks()))
    values = []
    pane.valuesWanted.connect(values.append)
    qtbot.mousePress(pane, LEFT, pos=QPoint(250, 150))
    qtbot.mouseMove(pane, QPoint(350, 250))
    with qtbot.waitSignal(pane.released):
        qtbot.mouseRelease(pane, LEFT, pos=QPoint(350, 250))
    assert values[0] == {"x": pytest.approx(2.5, abs=0.02), "y": pytest.approx(0.5, abs=0.02)}
    assert values[-1] == {"x": pytest.approx(3.5, abs=0.02), "y": pytest.approx(1.5, abs=0.02)}


def test_beside_the_picture_the_nearest_pixel_is_meant(qtbot, pane):
    pane.show_content(Picture(checks()))
    with qtbot.waitSignal(pane.valuesWanted) as signal:
        qtbot.mouseClick(pane, LEFT, pos=QPoint(399, 390))
    assert 3.9 < signal.args[0]["x"] < 4
    assert 1.9 < signal.args[0]["y"] < 2


def test_arrow_keys_move_the_chosen_pixel(qtbot, pane):
    pane.show_content(Picture(checks(), marks=(Mark(1.5, 0.5),)))
    with qtbot.waitSignal(pane.valuesWanted) as signal:
        qtbot.keyClick(pane, Qt.Key.Key_Right)
    assert signal.args[0] == {"x": 2.5, "y": 0.5}


def test_the_wheel_zooms_at_the_pointer_and_zero_shows_all(qtbot, pane):
    pane.show_content(Picture(checks()))
    before = pane.placement.to_picture(100, 150)
    wheel(pane, QPoint(100, 150), 3)
    assert pane.placement.scale == pytest.approx(100 * 1.25**3) or pane.placement.scale == 100  # 100 is the closest
    assert pane.placement.to_picture(100, 150) == pytest.approx(before)
    qtbot.keyClick(pane, Qt.Key.Key_0)
    assert pane.placement.fitted


def test_shift_and_drag_move_a_magnified_picture(qtbot, pane):
    pane.show_content(Picture(checks(400, 400)))
    wheel(pane, QPoint(200, 200), 4)
    left = pane.placement.left
    qtbot.mousePress(pane, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(200, 200))
    qtbot.mouseMove(pane, QPoint(230, 200))
    qtbot.mouseRelease(pane, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(230, 200))
    assert pane.placement.left == pytest.approx(left + 30)


def test_hovering_tells_pixel_and_value(qtbot, pane):
    values = np.arange(8, dtype=np.float32).reshape(2, 4) / 7
    pane.show_content(Picture(checks(), values=values, unit="m"))
    said = []
    pane.readout.connect(said.append)
    qtbot.mouseMove(pane, QPoint(250, 150))
    assert said[-1] == "x 2  y 0   0.286 m"
    qtbot.mouseMove(pane, QPoint(250, 20))
    assert said[-1] == ""


def test_what_a_pixel_says():
    values = np.array([[np.inf, 2.0]], np.float32)
    assert pixel_text(Picture(checks(2, 1), values=values), 0, 0) == "x 0  y 0   nothing here"
    assert pixel_text(Picture(checks(2, 1), values=values), 1, 0) == "x 1  y 0   2"
    assert pixel_text(Picture(checks(2, 1)), 1, 0) == "x 1  y 0   rgb 10 180 30"


def test_a_coarse_picture_is_told_in_the_pixels_of_the_one_it_stands_for(qtbot, pane):
    coarse = Picture(checks(), values=np.arange(8, dtype=np.float32).reshape(2, 4), stands_for=(40, 20))
    pane.show_content(coarse)
    assert pixel_text(coarse, 39, 9).startswith("x 39  y 9   3")
    assert pixel_text(coarse, 0, 10).startswith("x 0  y 10   4")
    values = []
    pane.valuesWanted.connect(values.append)
    qtbot.mousePress(pane, LEFT, pos=QPoint(250, 150))
    assert values[0] == {"x": pytest.approx(25, abs=0.2), "y": pytest.approx(5, abs=0.2)}
    painted = image_pixels(pane.grab().toImage())
    assert tuple(painted[150, 50]) == RED  # as large as the whole would be, in rows 100 to 300
    assert tuple(painted[150, 150]) == GREEN


def test_a_mark_is_painted_at_its_pixel(pane):
    pane.show_content(Picture(checks(), marks=(Mark(2.5, 0.5, color=(0.0, 0.0, 1.0)),)))
    painted = image_pixels(pane.grab().toImage()).astype(int)
    around = painted[140:161, 240:261]
    blue = (around[..., 2] > 150) & (around[..., 0] < 100)
    assert blue.any()
    assert not (painted[..., 2] > 150)[:, :200].any()


def test_copy_and_save_give_the_picture_at_its_own_size(qtbot, pane):
    pane.show_content(Picture(checks()))
    with qtbot.waitSignal(pane.copied):
        pane.copy()
    np.testing.assert_array_equal(image_pixels(QApplication.clipboard().image()), checks())
    with qtbot.waitSignal(pane.saveWanted) as signal:
        pane.save()
    np.testing.assert_array_equal(signal.args[0], checks())


def test_an_empty_picture_harms_nobody(qtbot, pane):
    pane.show_content(Picture(np.zeros((0, 0, 3), np.uint8)))
    with qtbot.assertNotEmitted(pane.valuesWanted):
        qtbot.mouseClick(pane, LEFT, pos=QPoint(50, 50))
    pane.grab()
