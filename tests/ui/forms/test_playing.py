"""A number of seconds that runs in real time, and sliders whose limits a study narrows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from lab.study import Board
from tests.ui.forms.posed import POSED
from ui.forms.form import ParamForm
from ui.forms.play_button import PlayButton
from ui.forms.rows import NumberRow
from ui.scene.model import SceneModel
from ui.studies.panel import StudyPanel


@pytest.fixture
def form(qtbot, themes):
    scene = SceneModel()
    form = ParamForm(POSED, scene, themes, seed=False)
    qtbot.addWidget(form)
    form.resize(380, 1100)
    form.show()
    qtbot.waitExposed(form)
    yield form
    form.stop_playing()
    scene.shutdown()


@pytest.fixture
def row(form) -> NumberRow:
    return form.row("time")


class Clock:
    """Time that the test tells."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Number:
    """What is played; ``span`` is where."""

    def __init__(self, value: float, span: tuple[float, float]) -> None:
        self.value, self.span = value, span

    def take(self, value: float) -> None:
        self.value = value


@pytest.fixture
def played(qtbot, themes):
    number, clock = Number(1.0, (0.0, 4.0)), Clock()
    button = PlayButton(lambda: number.value, lambda: number.span, themes, clock)
    button.advanced.connect(number.take)
    qtbot.addWidget(button)
    button.click()
    button._timer.stop()  # the test ticks by hand
    return button, number, clock


def test_it_follows_real_time_and_begins_again_at_the_end(played):
    button, number, clock = played
    for passed, expected in ((0.5, 1.5), (1.0, 2.5), (1.75, 0.25)):
        clock.now += passed
        button.tick()
        assert number.value == pytest.approx(expected)


def test_slow_answers_skip_and_never_fall_behind(played):
    button, number, clock = played
    clock.now += 9.0  # two rounds and a second
    button.tick()
    assert number.value == pytest.approx(2.0)


def test_it_goes_on_from_where_someone_else_put_it(played):
    button, number, clock = played
    clock.now += 1.0
    button.tick()
    number.value = 0.5
    clock.now += 0.25
    button.tick()
    assert number.value == 0.5
    clock.now += 0.25
    button.tick()
    assert number.value == pytest.approx(0.75)


def test_a_narrower_span_is_kept_to(played):
    button, number, clock = played
    number.span = (1.0, 1.5)
    clock.now += 0.75
    button.tick()
    assert number.value == pytest.approx(1.25)
    number.span = (1.0, 1.0)
    button.tick()
    assert not button.playing, "there is nothing to play"


def test_the_button_lets_the_row_run_until_the_slider_is_taken(qtbot, form, row):
    told = []
    form.valuesChanged.connect(lambda values: told.append(values["time"]))
    qtbot.mouseClick(row.play, Qt.MouseButton.LeftButton)
    assert row.play.accessibleName() == "Pause"
    assert row.held
    qtbot.waitUntil(lambda: len(told) >= 3)
    assert told == sorted(told)
    assert told[0] > 1.0
    qtbot.mousePress(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(60, 9))
    assert not row.play.playing
    qtbot.mouseRelease(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(60, 9))
    stood = row.value
    qtbot.wait(80)
    assert row.value == stood


def test_typing_and_leaving_stop_it(qtbot, form, row):
    row.play.click()
    qtbot.keyClicks(row.box, "3")
    assert not row.play.playing
    row.play.click()
    form.stop_playing()
    assert not row.play.playing


def test_a_span_narrows_slider_and_field_and_changes_no_value(qtbot, form, row):
    form.set_values({"time": 20.0})
    with qtbot.assertNotEmitted(form.valuesChanged, wait=60):
        form.set_spans({"time": (0.0, 5.0)})
    assert form.values()["time"] == 20.0
    assert row.box.number == 5.0
    assert row.slider.value() == row.slider.maximum()
    assert row.span == (0.0, 5.0)
    qtbot.mousePress(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(row.slider.width() // 2, 9))
    qtbot.mouseRelease(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(row.slider.width() // 2, 9))
    assert form.values()["time"] == pytest.approx(2.5, abs=0.1)
    row.box.selectAll()
    qtbot.keyClicks(row.box, "6")
    assert "from 0 to 5" in row.problem
    form.set_spans({})
    assert row.span == (0.0, 60.0)
    form.set_spans({"time": (3.0, 2.0)})
    assert row.span == (0.0, 60.0), "a span that is none leaves the parameter's own limits"


def test_a_board_brings_its_spans(qtbot, themes):
    scene = SceneModel()
    panel = StudyPanel(POSED, scene, themes)
    qtbot.addWidget(panel)
    panel.show_board(Board({}, spans={"time": (0.0, 2.0)}))
    row = panel.form.row("time")
    assert row.span == (0.0, 2.0)
    panel.show_board(Board({}))
    assert row.span == (0.0, 60.0)
    scene.shutdown()
