"""Workspaces in the window: everything that is open comes back, also after the lab was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from lab.examples import example_path
from lab.render.messages import Style
from lab.run.source import InProcessSource
from lab.scene import Points
from lab.workspace import load
from ui.app import make_application
from ui.look.theme import ThemeManager
from ui.window.session import collect
from ui.window.settings import Settings
from ui.window.window import MainWindow

LONG = 60_000  # ms
SPOT = str(example_path("spot"))
ROOT = Path(__file__).resolve().parents[3]
Make = Callable[..., MainWindow]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    made: list[MainWindow] = []
    make_application()

    def build(name: str = "settings") -> MainWindow:
        themes = ThemeManager()
        themes.apply()
        window = MainWindow(themes, Settings(tmp_path / f"{name}.ini"), InProcessSource(warm=False))
        made.append(window)
        window.show()
        return window

    yield build
    for window in made:
        window.end()
        window.deleteLater()


def press(words: str) -> None:
    """Press a button of the question that is about to come."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(50, look)
            return
        next(button for button in box.buttons() if button.text().replace("&", "") == words).click()

    QTimer.singleShot(50, look)


def with_a_run(qtbot: QtBot, window: MainWindow) -> None:
    """Spot, fitted for some steps."""
    window.open_files([SPOT])
    qtbot.waitUntil(lambda: "spot" in window.scene, timeout=LONG)
    window.panel.form.set_values({"steps": 30, "samples": 500, "template_level": 2, "edge_weight": 0.5})
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        window.run()


def test_everything_that_is_open_comes_back(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    window = make()
    with_a_run(qtbot, window)
    cloud = Points(np.arange(30, dtype=np.float32).reshape(-1, 3), origin=np.array([5e5, 0, 0]))
    window.history.add("cloud", cloud, style=Style(color=(1.0, 0.5, 0.0), point_size=7.0))
    window.history.edit("spot", replace(window.scene.entry("spot").style, opacity=0.5), "opacity")
    window.viewport.set_camera(window.viewport.camera.orbit(0.7, 0.2))
    window.viewport.set_shading("normals")
    window.viewport.set_grid(False)
    window.scene.select("cloud")
    window.bar.seed.setValue(41)
    before = collect(window)
    file = str(tmp_path / "all.dl3dw")
    with qtbot.waitSignal(window.workspaces.keeper.saved, timeout=LONG):
        window.workspaces.keeper.save(file)
    assert window.windowTitle() == "all[*] – DL3D Lab"
    assert not window.isWindowModified()

    other = make("other")
    with qtbot.waitSignal(other.workspaces.keeper.opened, timeout=LONG):
        other.open_files([file])
    after = collect(other)
    assert [(item.path, item.style, item.source) for item in after.items] == [
        (item.path, item.style, item.source) for item in before.items
    ]
    for ours, theirs in zip(before.items, after.items, strict=True):
        for a, b in zip(ours.entity.arrays(), theirs.entity.arrays(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert (after.selected, after.activity, after.settings) == ("cloud", "mesh-fitting", before.settings)
    assert after.values["mesh-fitting"] == before.values["mesh-fitting"]
    assert after.values["mesh-fitting"]["edge_weight"] == 0.5
    assert after.looks == before.looks
    np.testing.assert_allclose(after.cameras["view 1"].rotation, before.cameras["view 1"].rotation)
    (run,) = other.controller.runs.values()
    assert run.label == "Run 1"
    assert run.recording.keyframe_steps == next(iter(window.controller.runs.values())).recording.keyframe_steps
    assert not other.history.stack.canUndo()
    other.scene.select("spot")
    other.tree.remove_selected()
    assert other.isWindowModified()


def test_a_workspace_is_not_replaced_while_a_run_is_at_work(qtbot: QtBot, make: Make) -> None:
    window = make()
    window.open_files([SPOT])
    qtbot.waitUntil(lambda: "spot" in window.scene, timeout=LONG)
    window.panel.form.set_values({"steps": 100_000, "samples": 100})
    window.run()
    qtbot.waitUntil(lambda: window.controller.state == "running", timeout=LONG)
    window.workspaces.new()
    assert "Stop it first" in window.banner.text()
    assert "spot" in window.scene
    window.controller.stop()
    qtbot.waitUntil(lambda: window.controller.state == "idle", timeout=LONG)
    press("Close it")
    window.workspaces.new()
    assert len(window.scene) == 0
    assert not window.controller.runs
    assert window.stage.currentWidget() is window.welcome


def test_closing_a_workspace_with_changes_asks(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    window = make()
    window.open_files([SPOT])
    qtbot.waitUntil(lambda: "spot" in window.scene, timeout=LONG)
    with qtbot.waitSignal(window.workspaces.keeper.saved, timeout=LONG):
        window.workspaces.keeper.save(str(tmp_path / "all.dl3dw"))
    window.history.remove(["spot"])
    press("Cancel")
    assert not window.close()
    assert window.isVisible()
    window.history.stack.undo()
    press("Close without saving")
    assert window.close()


_LAB = """
import sys
from ui.app import make_application, open_window
from ui.window.settings import Settings
from lab.run.source import InProcessSource
application = make_application()
window = open_window(Settings(sys.argv[1]), InProcessSource(warm=False))
window.show()
window.open_files([sys.argv[2]])
window.panel.form.set_values({"edge_weight": 0.25})
application.exec()
"""


def test_a_lab_that_was_killed_gives_back_its_work(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    settings = tmp_path / "victim.ini"
    kept = Settings(settings)
    kept.autosave_ms = 100
    kept.sync()
    folder = Path(os.environ["XDG_DATA_HOME"]) / "DL3D Lab" / "DL3D Lab" / "autosave"
    with subprocess.Popen([sys.executable, "-c", _LAB, str(settings), SPOT], cwd=ROOT) as lab:

        def autosaved() -> bool:
            files = list(folder.glob("[!.]*.dl3dw")) if folder.is_dir() else []
            return any(load(file).items for file in files)

        qtbot.waitUntil(autosaved, timeout=LONG)
        os.kill(lab.pid, signal.SIGKILL)
    window = make()
    QTimer.singleShot(0, window.workspaces.offer_leftovers)
    press("Restore")
    qtbot.waitUntil(lambda: "spot" in window.scene, timeout=LONG)
    assert window.panel.form.values()["edge_weight"] == 0.25
    assert len(window.scene.geometry("spot").verts) == 2930  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.workspaces.keeper.leftovers() == [], timeout=LONG)
