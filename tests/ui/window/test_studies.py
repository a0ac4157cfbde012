"""Studies in the window: opening one, moving its values, keeping its results, and going back to experiments."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

import lab.chapter
from lab.chapter import Chapter, activities
from lab.run.source import InProcessSource
from lab.scene import Points
from tests.lab.studies.small import SMALL
from ui.app import make_application
from ui.look.theme import ThemeManager
from ui.window.actions import EDIT
from ui.window.settings import Settings
from ui.window.window import MainWindow

LONG = 60_000  # ms
CLOUD = Points(np.eye(3, dtype=np.float32))
Make = Callable[..., MainWindow]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Windows of a lab that has one chapter more."""
    made: list[MainWindow] = []
    make_application()
    known = {**lab.chapter.chapters(), "small": Chapter("small", 99, "Small", "For tests.", (SMALL,))}
    monkeypatch.setattr("lab.chapter.chapters", lambda: known)
    monkeypatch.setattr("ui.window.chapter_tree.chapters", lambda: known)
    activities.cache_clear()

    def build() -> MainWindow:
        themes = ThemeManager()
        themes.apply()
        window = MainWindow(themes, Settings(tmp_path / "settings.ini"), InProcessSource(warm=False))
        made.append(window)
        window.show()
        return window

    yield build
    for window in made:
        window.end()
        window.deleteLater()
    activities.cache_clear()


def opened(qtbot: QtBot, window: MainWindow) -> None:
    window.open_activity(SMALL.key)
    qtbot.waitUntil(lambda: window.study_desk.stage is not None and bool(window.study_desk.stage.board), timeout=LONG)


def test_a_study_takes_the_centre_and_gives_it_back(qtbot: QtBot, make: Make) -> None:
    window = make()
    assert not window.timeline_bar.isHidden()
    opened(qtbot, window)
    assert window.stage.currentWidget() is window.study_desk.stage
    assert window.timeline_bar.isHidden()
    assert window.docks["curves"].isHidden()
    assert not window.actions_by_name["run"].isEnabled()
    assert window.docks["panel"].windowTitle() == "Small"
    window.open_activity("mesh-fitting")
    assert window.stage.currentWidget() is window.welcome
    assert not window.timeline_bar.isHidden()
    assert window.study_desk.stage is None


def test_values_move_the_board_and_results_can_be_kept(qtbot: QtBot, make: Make) -> None:
    window = make()
    window.history.add("cloud", CLOUD)
    opened(qtbot, window)
    panel = window.study_desk.panel
    assert panel is not None
    panel.form.choose("cloud", "cloud")
    panel.form.set_values({"factor": 4.0})
    qtbot.waitUntil(lambda: panel.results.figure("Factor") == "4", timeout=LONG)
    qtbot.waitUntil(lambda: len(window.study_desk.stage.board.results["moved"].verts) == 3, timeout=LONG)  # type: ignore[union-attr]
    panel.addRequested.emit("moved")
    np.testing.assert_array_equal(window.scene.geometry("moved").verts, 4 * CLOUD.verts)  # type: ignore[union-attr]
    window.history.stack.undo()
    assert "moved" not in window.scene
    panel.actionPressed.emit("reset")
    qtbot.waitUntil(lambda: panel.form.values()["factor"] == 1.0, timeout=LONG)


def test_what_was_done_to_values_is_undone_where_it_was_done(qtbot: QtBot, make: Make) -> None:
    window = make()
    opened(qtbot, window)
    panel = window.study_desk.panel
    assert panel is not None
    slider = panel.form.row("factor").slider
    for x in (0.7, 0.3):
        at = QPoint(round(x * slider.width()), slider.height() // 2)
        qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at)
    values = panel.form.values()["factor"]
    undo = next(a for a in window.actions_by_name.menus[EDIT].actions() if a.objectName() == "Undo")
    assert undo.text() == "&Undo Factor"
    undo.trigger()
    assert panel.form.values()["factor"] == pytest.approx(7.0, abs=0.4)
    qtbot.waitUntil(lambda: panel.results.figure("Factor") == format(panel.form.values()["factor"], "g"), timeout=LONG)
    window.open_activity("mesh-fitting")
    undo.trigger()
    assert window.panel is panel, "what is undone can be seen"
    assert panel.form.values()["factor"] == 1.0
    window.history.stack.redo()
    window.history.stack.redo()
    assert panel.form.values()["factor"] == values
    qtbot.waitUntil(lambda: bool(window.study_desk.stage and window.study_desk.stage.board), timeout=LONG)


def test_an_object_of_the_scene_is_no_body_model(qtbot: QtBot, make: Make) -> None:
    window = make()
    window.scene.add("cloud", CLOUD, owner="user", source="cloud.ply")
    window.open_activity("motion")
    values = window.panel.form.values()
    assert (values["own"], values["own_model"]) == ("", "")
    window.open_activity("inspector")
    assert window.panel.form.values()["file"] == "cloud.ply"


def test_the_values_of_a_study_belong_to_the_workspace(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    window = make()
    opened(qtbot, window)
    assert window.study_desk.panel is not None
    window.study_desk.panel.form.set_values({"factor": 7.0})
    with qtbot.waitSignal(window.workspaces.keeper.saved, timeout=LONG):
        window.workspaces.keeper.save(str(tmp_path / "study.dl3dw"))
    window.study_desk.panel.form.set_values({"factor": 2.0})
    window.open_activity("mesh-fitting")
    with qtbot.waitSignal(window.workspaces.keeper.opened, timeout=LONG):
        window.workspaces.keeper.open(str(tmp_path / "study.dl3dw"))
    assert window.panel.activity is SMALL
    assert window.panel.form.values()["factor"] == 7.0


def test_a_study_whose_process_dies_is_told_of_and_goes_on(qtbot: QtBot, make: Make) -> None:
    window = make()
    opened(qtbot, window)
    pid = window.studies.source.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: "ended by the system" in window.banner.text(), timeout=LONG)
    assert window.study_desk.panel is not None
    window.study_desk.panel.form.set_values({"factor": 3.0})
    qtbot.waitUntil(lambda: window.study_desk.panel.results.figure("Factor") == "3", timeout=LONG)  # type: ignore[union-attr]


def test_the_last_activity_is_open_at_the_next_start(qtbot: QtBot, make: Make) -> None:
    window = make()
    opened(qtbot, window)
    window.end()
    again = make()
    assert again.panel.activity is SMALL
    qtbot.waitUntil(lambda: again.study_desk.stage is not None and bool(again.study_desk.stage.board), timeout=LONG)


def test_the_welcome_fits_its_example_whatever_was_open(qtbot: QtBot, make: Make) -> None:
    window = make()
    window.open_activity("batch-translation")
    assert window.stage.currentWidget() is window.welcome
    window.welcome.start.click()
    qtbot.waitUntil(lambda: window.controller.state in ("preparing", "running"), timeout=LONG)
    assert window.panel.activity.key == "mesh-fitting"
    window.controller.stop()
    qtbot.waitUntil(lambda: window.controller.state == "idle", timeout=LONG)
