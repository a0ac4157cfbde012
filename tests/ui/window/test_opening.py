"""What comes into the window: a run's result that goes on in a study, and folders that are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from lab.chapter import find_study
from lab.run.source import InProcessSource
from ui.app import make_application
from ui.look.theme import ThemeManager
from ui.studies.panel import StudyPanel
from ui.window.opening import values_for
from ui.window.settings import Settings
from ui.window.window import MainWindow

LONG = 60_000  # ms
BODY = find_study("body")


def test_numbers_that_are_missing_stay_usual_and_others_are_left_out() -> None:
    arrays = {"betas": np.array([1.0, -0.5]), "pose": np.full((24, 3), 0.123456), "model": "female", "height": 1.7}
    values = values_for(BODY, ("model", "betas", "pose"), arrays)
    assert values["betas"] == (1.0, -0.5, *(0.0,) * 8)
    assert values["pose"] == (0.1235,) * 72
    assert values["model"] == "female"
    assert set(values) == {"model", "betas", "pose"}


@pytest.fixture
def window(tmp_path: Path) -> Iterator[MainWindow]:
    make_application()
    themes = ThemeManager()
    themes.apply()
    window = MainWindow(themes, Settings(tmp_path / "settings.ini"), InProcessSource(warm=False))
    window.show()
    yield window
    window.end()
    window.deleteLater()


def test_a_body_from_a_photo_goes_on_in_the_sliders(qtbot: QtBot, window: MainWindow) -> None:
    window.open_activity("smplify")
    panel = window.panel
    assert not panel.results._onward.isVisibleTo(panel.results), "there is nothing to go on with yet"
    panel.form.set_values({"steps": 3})
    window.commands.run()
    qtbot.waitUntil(lambda: panel.results._onward.isVisibleTo(panel.results), timeout=LONG)
    found = window.desk.shown.recording.outcome.arrays["pose"]
    panel.results._onward.click()
    there = window.panel
    assert isinstance(there, StudyPanel)
    assert there.activity is BODY
    assert there.form.values()["pose"] == pytest.approx(np.ravel(found), abs=1e-4)


# --- folders ----------------------------------------------------------------------------------------------------------


def drop(window: MainWindow, *paths: Path) -> None:
    """Drag files or folders over the window and let go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    arguments = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(40, 40), *arguments)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(40, 40), *arguments))


def test_a_dropped_folder_opens_the_study_of_posed_images(window: MainWindow, tmp_path: Path) -> None:
    folder, other = tmp_path / "photos", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    (other / "transforms.json").touch()
    assert window.panel.activity.key == "mesh-fitting"
    drop(window, folder)
    assert window.panel.activity.key == "posed-images"
    assert window.panel.form.values()["data"] == str(folder)
    assert window.panel.form.values()["save_to"] == "", "only the first folder's row takes it"
    drop(window, other / "transforms.json")
    assert window.panel.form.values()["data"] == str(other / "transforms.json")
    assert not window.banner.isVisible()


def test_posed_images_go_on_in_a_field(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    posed = tmp_path / "photos"
    posed.mkdir()
    drop(window, posed)
    panel = window.panel
    assert isinstance(panel, StudyPanel)
    assert panel.activity.key == "posed-images"
    panel.form.set_values({"size": 96})
    button = next(one for one in panel.findChildren(QPushButton) if one.text() == "Continue in “Instant field”")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.panel.activity.key == "nerf"
    values = window.panel.form.values()
    assert (values["data"], values["size"]) == (str(posed), 96)
