"""The strip of a run's pictures: live, scrubbed, of the run that is looked at, maximised, saved, remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt

from lab.run.source import InProcessSource
from tests.ui.runs.picturing import KEY, PICTURING
from ui.app import make_application
from ui.look.theme import ThemeManager
from ui.window.settings import Settings
from ui.window.window import MainWindow

LONG = 60_000  # ms


@pytest.fixture
def make(qtbot, tmp_path) -> Iterator[Callable[[], MainWindow]]:
    made: list[MainWindow] = []
    make_application()

    def build() -> MainWindow:
        themes = ThemeManager()
        themes.apply()
        window = MainWindow(themes, Settings(tmp_path / "settings.ini"), InProcessSource(warm=False))
        made.append(window)
        window.resize(1300, 850)
        window.show()
        window.open_activity("mesh-fitting")
        window.chapter_tree.activityChosen.emit(KEY)
        return window

    yield build
    for window in made:
        window.end()
        window.deleteLater()


def run(window: MainWindow, qtbot, **values) -> int:
    """One run to its end; its number."""
    window.panel.form.set_values(values)
    window.run()
    qtbot.waitUntil(lambda: window.controller.state == "idle" and window.controller.current is not None, timeout=LONG)
    return window.controller.current.run_id


def shade(window: MainWindow, key: str = "step") -> int:
    content = window.pictures.body(key).content
    return -1 if content is None else int(content.pixels[0, 0, 0])


def test_pictures_follow_the_run_and_the_timeline(make, qtbot):
    window = make()
    assert not window.pictures.isVisible(), "the welcome page has the room"
    run(window, qtbot, steps=30)
    qtbot.waitUntil(lambda: shade(window) == 30, timeout=LONG)
    assert window.pictures.isVisible()
    assert shade(window, "target") == 200
    assert window.pictures.body("step").isVisible()
    before = window.pictures.body("target").content
    step = int(window.desk.shown.recording.keyframe_steps[1])
    window.controller.scrub(window.desk.shown.run_id, step)
    qtbot.waitUntil(lambda: shade(window) == step, timeout=LONG)
    assert window.pictures.body("target").content is before, "the same picture is not shown again"


def test_the_run_that_is_looked_at_is_shown(make, qtbot):
    window = make()
    first, second = run(window, qtbot, steps=10), run(window, qtbot, steps=20)
    qtbot.waitUntil(lambda: shade(window) == 20, timeout=LONG)
    window.desk.show_run(first)
    assert shade(window) == 10
    window.desk.show_run(second)
    assert shade(window) == 20


def test_other_activities_have_no_strip_and_it_is_as_it_was_afterwards(make, qtbot):
    window = make()
    run(window, qtbot, steps=5)
    qtbot.waitUntil(lambda: shade(window) == 5, timeout=LONG)
    window.open_activity("registration")
    assert not window.pictures.isVisible()
    window.open_activity("lens")
    assert not window.pictures.isVisible()
    window.chapter_tree.activityChosen.emit(KEY)
    assert window.pictures.isVisible()
    assert shade(window) == 5


def test_without_a_run_it_says_what_will_come(make, qtbot):
    window = make()
    window.scene.add("something", window.scene.geometry("x") or _tetrahedron())
    assert window.pictures.isVisible()
    words = window.pictures._words
    assert words.isVisible()
    assert "target, step" in words.text()


def test_maximising_takes_the_viewports_room_and_gives_it_back(make, qtbot):
    window = make()
    run(window, qtbot, steps=5)
    qtbot.waitUntil(lambda: shade(window) == 5, timeout=LONG)
    frame = window.pictures.body("step").parentWidget()
    qtbot.mouseClick(frame.caption.maximise, Qt.MouseButton.LeftButton)
    assert not window.area.isVisible()
    assert not window.pictures.body("target").isVisible()
    qtbot.waitUntil(lambda: window.pictures.body("step").height() > 300)
    qtbot.mouseClick(frame.caption.maximise, Qt.MouseButton.LeftButton)
    assert window.area.isVisible()
    assert window.pictures.body("target").isVisible()
    window.pictures.maximise("step")
    window.open_activity("registration")
    assert window.area.isVisible(), "the other activity's viewport is not lost"


def test_a_picture_can_be_saved(make, qtbot):
    window = make()
    run(window, qtbot, steps=5)
    qtbot.waitUntil(lambda: shade(window) == 5, timeout=LONG)
    window.pictures.saveRequested.disconnect(window.files.save_pixels)  # which asks for a file
    with qtbot.waitSignal(window.pictures.saveRequested) as signal:
        qtbot.mouseClick(window.pictures.body("target").parentWidget().caption.save, Qt.MouseButton.LeftButton)
    pixels, name = signal.args
    assert name == "Target"
    assert np.array_equal(pixels[0, 0], [200, 40, 20])


def test_heights_and_widths_are_remembered(make, qtbot):
    window = make()
    run(window, qtbot, steps=5)
    qtbot.waitUntil(lambda: window.pictures.isVisible() and shade(window) == 5, timeout=LONG)
    window.centre.shares = [2500, 3500]
    window.centre.share_out()
    heights = window.centre.sizes()
    window.pictures._arrangement._rows[0].shares = [100, 700]
    window.end()
    again = make()
    run(again, qtbot, steps=5)
    qtbot.waitUntil(lambda: again.pictures.isVisible() and shade(again) == 5, timeout=LONG)
    assert again.pictures._arrangement._rows[0].shares == [100, 700]
    assert again.centre.sizes()[1] == pytest.approx(heights[1], abs=40)


def _tetrahedron():
    from lab.scene import Mesh
    from tests.ui.runs.picturing import FACES

    return Mesh(np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], np.float32), FACES)


def test_the_small_activity_is_found_by_its_key():
    from lab.chapter import find_experiment

    assert find_experiment(KEY) is PICTURING
