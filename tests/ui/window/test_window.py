"""The window as a person uses it: dropping files, running, pausing, scrubbing, saving, closing. All parts are real."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QToolButton, QWidget

from lab.examples import example_path
from lab.formats import read
from lab.render.messages import Style
from lab.run.recording_file import load
from lab.run.source import InProcessSource, Source, WorkerSource
from ui.app import make_application
from ui.files.export import FilmOptions
from ui.look.theme import ThemeManager
from ui.window.activity_panel import RESULTS
from ui.window.settings import Settings
from ui.window.window import MainWindow

LONG = 60_000  # ms
SPOT = str(example_path("spot"))


@pytest.fixture
def make(qtbot, tmp_path) -> Iterator[Callable[..., MainWindow]]:
    made: list[MainWindow] = []
    make_application()

    def build(source: Source | None = None) -> MainWindow:
        themes = ThemeManager()
        themes.apply()
        window = MainWindow(themes, Settings(tmp_path / "settings.ini"), source or InProcessSource(warm=False))
        made.append(window)
        window.show()
        return window

    yield build
    for window in made:
        if window.controller.state in ("preparing", "running", "paused", "evaluating"):
            answer(window, "Stop and close")
        window.close()
        window.deleteLater()


def answer(window: MainWindow, words: str) -> None:
    """Press a button of the question that is about to come."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(50, press)
            return
        next(button for button in box.buttons() if button.text().replace("&", "") == words).click()

    QTimer.singleShot(50, press)


def drop(window: MainWindow, *files: str, on: QWidget | None = None) -> None:
    """Drag files over the window and let go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(file) for file in files])
    arguments = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPointF(40, 40).toPoint(), *arguments)
    QApplication.sendEvent(on or window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(on or window, QDropEvent(QPointF(40, 40), *arguments))


def write_ply(path: Path, scale: float = 1.0) -> str:
    corners = "".join(
        f"{x * scale} {y * scale} {z * scale}\n" for x, y, z in ((0, 0, 0), (1, 0, 0), (0, 2, 0), (0, 0, 3))
    )
    path.write_text(
        "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
        "element face 4\nproperty list uchar int vertex_indices\nend_header\n"
        f"{corners}3 0 2 1\n3 0 1 3\n3 1 2 3\n3 0 3 2\n"
    )
    return str(path)


# --- files ------------------------------------------------------------------------------------------------------------


def test_an_empty_lab_invites_and_a_drop_fills_it(qtbot, make, tmp_path):
    window = make()
    assert window.stage.currentWidget() is window.welcome
    first, second = write_ply(tmp_path / "one.ply"), write_ply(tmp_path / "two.ply")
    drop(window, first, second)
    qtbot.waitUntil(lambda: len(window.scene) == 2, timeout=LONG)
    assert set(window.scene.paths()) == {"one", "two"}
    assert window.stage.currentWidget() is window.area
    assert window.panel.form.values()["target"] in ("one", "two"), "the first file became the target"
    assert set(window.settings.recent_files) == {first, second}
    assert window.scene.entry("one").stats.watertight
    window.scene.select("one")
    window.actions_by_name["remove"].trigger()
    assert window.scene.paths() == ("two",)
    window.history.stack.undo()
    assert "one" in window.scene


def test_a_bad_file_is_said_and_changes_nothing(qtbot, make, tmp_path):
    window = make()
    bad = tmp_path / "bad.ply"
    bad.write_bytes(b"ply\nformat ascii 1.0\nelement vertex 3\n")
    drop(window, str(bad))
    qtbot.waitUntil(lambda: window.banner.isVisible(), timeout=LONG)
    assert "bad.ply" in window.banner.text()
    assert len(window.scene) == 0
    assert window.stage.currentWidget() is window.welcome
    drop(window, str(tmp_path / "song.mp3"))
    assert "song.mp3 cannot be opened" in window.banner.text()


def test_a_photo_dropped_anywhere_is_the_open_activitys(qtbot, make, tmp_path):
    window = make()
    photo = str(tmp_path / "me.JPG")
    drop(window, photo)
    assert "me.JPG cannot be opened" in window.banner.text(), "mesh fitting has no use for it"
    window.banner.hide()
    window.open_activity("pose")
    drop(window, photo)
    assert window.panel.form.values()["photo"] == photo
    assert window.panel.form.values()["mask"] == ""
    assert not window.banner.isVisible()
    window.panel.form.set_running(True)
    drop(window, str(tmp_path / "other.png"))
    assert window.panel.form.values()["photo"] == photo
    assert "Stop the run" in window.banner.text()


def test_an_import_is_corrected_and_that_can_be_undone(qtbot, make, tmp_path):
    window = make()
    window.open_files([write_ply(tmp_path / "part.ply", scale=1000.0)])
    qtbot.waitUntil(lambda: "part" in window.scene, timeout=LONG)
    window.files.adjust("part")
    dialog = next(w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Adjust the import of part")
    assert not dialog.isModal()
    dialog._units.setCurrentText("millimetres")
    dialog._up.setCurrentIndex(1)
    assert dialog._size.text() == "1 × 2 × 3 m"
    dialog.chosen.emit(dialog.correction())
    qtbot.waitUntil(lambda: float(window.scene.entity("part").verts.max()) == 3.0, timeout=LONG)
    assert window.scene.entity("part").verts[3].tolist() == [0.0, 3.0, 0.0], "z of the file points up now"
    dialog.close()
    window.history.stack.undo()
    assert window.scene.entity("part").verts[3].tolist() == [0.0, 0.0, 3000.0]


def test_a_file_dropped_on_a_parameter_is_set_there(qtbot, make, tmp_path):
    window = make()
    drop(window, write_ply(tmp_path / "one.ply"))
    qtbot.waitUntil(lambda: window.panel.form.values()["target"] == "one", timeout=LONG)
    window.panel.form.fileDropped.emit("template_mesh", write_ply(tmp_path / "two.ply"))
    qtbot.waitUntil(lambda: window.panel.form.values()["template_mesh"] == "two", timeout=LONG)
    assert window.panel.form.values()["target"] == "one"


def test_a_mesh_is_saved_and_opens_again(qtbot, make, tmp_path):
    window = make()
    window.open_files([write_ply(tmp_path / "one.ply")])
    qtbot.waitUntil(lambda: "one" in window.scene, timeout=LONG)
    out = tmp_path / "out.obj"
    with qtbot.waitSignal(window.exporter.saved, timeout=LONG):
        window.exporter.save_geometry(window.scene.geometry("one"), str(out))
    assert np.array_equal(read(out).entity.verts, window.scene.entity("one").verts)
    with qtbot.waitSignal(window.exporter.failed, timeout=LONG) as failed:
        window.exporter.save_geometry(window.scene.geometry("one"), str(tmp_path / "no such folder" / "out.obj"))
    assert "out.obj" in failed.args[0]


def test_cancelled_loading_leaves_the_scene_alone(qtbot, make, tmp_path):
    window = make()
    window.open_files([write_ply(tmp_path / "one.ply")])
    (task,) = window.tasks.running
    task.cancel()
    qtbot.waitUntil(lambda: not window.tasks.running)
    assert task.job.wait(10.0)
    qtbot.wait(100)
    assert len(window.scene) == 0


# --- the window -------------------------------------------------------------------------------------------------------


def test_layout_and_theme_are_remembered_and_can_be_reset(qtbot, make):
    window = make()
    window.docks["log"].hide()
    window.actions_by_name["theme"].trigger()
    assert not window.themes.theme.dark
    window.close()
    again = make()
    assert again.docks["log"].isHidden()
    assert again.settings.theme == "light"
    again.actions_by_name["reset layout"].trigger()
    assert not again.docks["log"].isHidden()


def test_everything_has_a_name_and_a_tip(make):
    window = make()
    nameless = [
        button
        for button in window.findChildren(QToolButton)
        if button.isVisibleTo(window)
        and not (button.accessibleName() or button.text())
        and button.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not button.objectName().startswith("qt_")
    ]
    assert not nameless, [(b.objectName(), b.parent()) for b in nameless]
    for action in window.actions_by_name:
        assert action.toolTip()
        assert action.text()
    keys = [key.toString() for action in window.actions_by_name for key in action.shortcuts()]
    assert len(keys) == len(set(keys)), "two actions with one key"


def test_docks_hide_and_come_back_around_the_viewport(make):
    window = make()
    window.docks["log"].hide()
    window.actions_by_name["only viewport"].trigger()
    assert all(dock.isHidden() for dock in window.docks.values())
    window.actions_by_name["only viewport"].trigger()
    assert {name for name, dock in window.docks.items() if dock.isHidden()} == {"log"}


def test_the_budget_is_one_number_everywhere(make):
    window = make()
    window.timeline.budgetChanged.emit(256 << 20)
    assert window.controller.budget == window.settings.budget == window.bar.budget.currentData() == 256 << 20
    window.bar.budget.setCurrentIndex(window.bar.budget.findData(1 << 30))
    window.bar.budget.activated.emit(window.bar.budget.currentIndex())
    assert window.controller.budget == 1 << 30


def test_running_without_a_target_takes_what_is_there(qtbot, make, tmp_path):
    window = make()
    window.open_files([write_ply(tmp_path / "one.ply")])
    qtbot.waitUntil(lambda: "one" in window.scene, timeout=LONG)
    window.panel.form.set_values({"target": ""})
    started: list[int] = []
    window.controller.runStarted.connect(started.append)
    window.commands.run()
    assert started == [1]
    assert window.controller.runs[1].values["target"] == "one"
    window.controller.stop()


# --- a run ------------------------------------------------------------------------------------------------------------


def run_some(qtbot, window: MainWindow, steps: int) -> None:
    qtbot.waitUntil(lambda: window.desk.shown is not None and window.desk.shown.step >= steps, timeout=LONG)


def test_one_click_fits_spot_and_everything_follows(qtbot, make, tmp_path):
    window = make(WorkerSource())
    window.panel.form.set_values({"template_level": 2, "steps": 100_000, "samples": 500})
    window.welcome.start.click()
    run_some(qtbot, window, 30)
    run = window.desk.shown
    assert window.scene.paths() == ("spot", "run 1/fitted")
    assert window.panel.form.values()["target"] == "spot"
    assert window.scene.entry("spot").style.opacity < 1, "the fit is seen through its target"
    assert window.status.texts()[0] == "Running"
    assert not window.actions_by_name["run"].isEnabled()

    window.panel.form.set_arrows("chamfer", True)
    arrows = window.scene.entry("run 1/fitted").style.arrows
    assert list(arrows) == ["chamfer"]
    window.panel.form.set_values({"edge_weight": 0.25})
    qtbot.waitUntil(lambda: run.values["edge_weight"] == 0.25)

    window.actions_by_name["pause"].trigger()
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=LONG)
    assert window.actions_by_name["run"].text() == "&Resume"
    qtbot.waitUntil(lambda: run.recording.keyframe_steps[-1:] != (), timeout=LONG)
    before = run.step
    window.actions_by_name["step"].trigger()
    qtbot.waitUntil(lambda: run.step == before + 1, timeout=LONG)

    newest = window.scene.entity("run 1/fitted")
    window.timeline.scrubbed.emit(0)
    assert run.scrubbed == 0
    assert window.scene.entity("run 1/fitted") is run.recording.keyframe_at(0).snapshot["fitted"]
    assert window.timeline.position == 0
    assert "showing 0" in window.status.texts()[1]
    window.timeline.scrubbed.emit(None)
    assert window.scene.entity("run 1/fitted") is not newest or run.latest["fitted"] is newest

    window.actions_by_name["run"].trigger()
    qtbot.waitUntil(lambda: run.step > before + 5, timeout=LONG)
    window.actions_by_name["stop"].trigger()
    qtbot.waitUntil(lambda: window.controller.state == "idle", timeout=LONG)
    assert window.panel.badge
    assert window.scene.selected == "run 1/fitted"
    assert window.panel.results._table.rowCount() > 5
    window.actions_by_name["results"].trigger()
    assert window.panel.tabs.currentIndex() == RESULTS
    assert not window.panel.badge
    save_all(qtbot, window, tmp_path)
    branch(qtbot, window)


def save_all(qtbot, window: MainWindow, folder: Path) -> None:
    run = window.desk.shown
    exporter = window.exporter
    film = window.files._film(run)
    assert set(film.entities) == {"spot"}
    assert set(film.styles) == {"fitted", "spot"}
    options = FilmOptions(width=96, height=64, fps=5, seconds=1.0)
    for start, name in (
        (lambda file: exporter.save_recording(run, file), "run.dl3d"),
        (lambda file: exporter.save_curves(run, file), "run.csv"),
        (lambda file: exporter.save_film(run, file, options, film), "run.gif"),
        (lambda file: exporter.save_sequence(run, file, "fitted"), "meshes"),
        (lambda file: window.files.take_picture(320, 200, file), "scene.png"),
    ):
        said: list[str] = []
        exporter.saved.connect(lambda *words, said=said: said.extend(words))
        exporter.failed.connect(lambda *words, said=said: said.extend(words))
        start(str(folder / name))
        qtbot.waitUntil(lambda said=said: bool(said), timeout=LONG)
        assert said[0] == str(folder / name), said
    assert (folder / "run.csv").read_text().startswith("step,seconds,")
    assert len(list((folder / "meshes").glob("fitted_*.ply"))) == len(run.recording.keyframes)
    assert load(folder / "run.dl3d").keyframe_steps == run.recording.keyframe_steps
    assert (folder / "scene.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    window.open_files([str(folder / "run.dl3d")])
    qtbot.waitUntil(lambda: 2 in window.controller.runs, timeout=LONG)
    assert window.desk.shown.run_id == 2
    assert window.controller.runs[2].recording.steps.tolist() == run.recording.steps.tolist()


def branch(qtbot, window: MainWindow) -> None:
    """Go on from an early step as a run beside the first, dressed like it."""
    window.scene.select("run 1/fitted")
    assert window.desk.shown.run_id == 1, "selecting a run's mesh looks at that run"
    window.scene.set_style("run 1/fitted", Style(color=(0.0, 1.0, 0.0)))
    window.timeline.scrubbed.emit(10)
    window.desk.branch_here()
    qtbot.waitUntil(lambda: window.desk.shown.run_id == 3 and window.desk.shown.step > 12, timeout=LONG)
    assert window.desk.shown.recording.steps[0] == 10
    assert not window.scene.entry("run 1/fitted").style.visible
    window.controller.stop()
    window.controller.stop()
    qtbot.waitUntil(lambda: window.controller.state == "idle", timeout=LONG)


def test_closing_in_mid_run_asks_and_leaves_nothing_behind(qtbot, make, tmp_path):
    others = set(psutil.Process().children(recursive=True))  # renderers that other tests share
    window = make(WorkerSource())
    window.panel.form.set_values({"template_level": 2, "steps": 100_000, "samples": 500})
    window.opening.start_example()
    run_some(qtbot, window, 5)
    children = [child for child in psutil.Process().children(recursive=True) if child not in others]
    assert len(children) >= 2, "the worker and the render process"
    answer(window, "Cancel")
    assert not window.close()
    assert window.isVisible()
    step = window.desk.shown.step
    run_some(qtbot, window, step + 1)
    answer(window, "Stop and close")
    with qtbot.waitSignal(window.closed):
        assert window.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, [process.cmdline() for process in alive]
    deadline = time.monotonic() + 5
    mine = f"dl3d-{os.getpid()}"
    while time.monotonic() < deadline and any(mine in name for name in os.listdir("/tmp")):
        time.sleep(0.05)
    assert not any(mine in name for name in os.listdir("/tmp"))


def test_a_killed_worker_is_said_and_run_works_again(qtbot, make):
    window = make(WorkerSource())
    window.panel.form.set_values({"template_level": 2, "steps": 100_000, "samples": 500})
    window.opening.start_example()
    run_some(qtbot, window, 20)
    run = window.desk.shown
    psutil.Process(window.controller._source.pid).kill()
    qtbot.waitUntil(lambda: window.banner.isVisible(), timeout=2000)
    kept = len(run.recording.steps)
    assert kept >= 20
    assert "Run 1 failed" in window.banner.text()
    again = next(b for b in window.banner.findChildren(QAbstractButton) if b.text() == "Run again")
    again.click()
    qtbot.waitUntil(lambda: window.desk.shown.run_id == 2 and window.desk.shown.step >= 5, timeout=LONG)
    assert len(run.recording.steps) == kept


def test_being_ended_from_outside_does_not_ask(qtbot, make):
    window = make(WorkerSource())
    window.panel.form.set_values({"template_level": 2, "steps": 100_000, "samples": 500})
    window.opening.start_example()
    run_some(qtbot, window, 5)
    with qtbot.waitSignal(window.closed, timeout=LONG):
        window.end()
    assert not window.isVisible()
