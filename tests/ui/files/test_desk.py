"""Where results of studies go: which dialog, which kinds of file."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from lab.experiment import Outcome
from lab.scene import Image, Lines, Points
from lab.study import Data, Film, Picture
from tests.lab.studies.small import ANIMATION
from ui.files.desk import FilesDesk
from ui.window.settings import Settings

PIXELS = np.zeros((4, 6, 3), np.uint8)
VALUES = np.ones((4, 6), np.float32)


class Noted:
    """Notes what it is asked to save."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, *arguments))


@pytest.fixture
def desk(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    return FilesDesk(window, None, None, None, None, Noted(), Settings(tmp_path / "settings.ini"))


@pytest.fixture
def answer(monkeypatch, tmp_path):
    """What the person types and picks in the dialog; the dialog's arguments are kept."""
    asked = []

    def choose(name, kind=""):
        file = str(tmp_path / name) if name else ""
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: asked.append(given) or (file, kind))
        return asked

    return choose


def test_films_may_become_films_or_frames(desk, answer, tmp_path):
    film = Film(PIXELS[None], 12.0)
    asked = answer("turn", "Animated GIF (*.gif)")
    desk.save_entity(film, "Turn/table")
    assert asked[0][2].endswith("Turn table.mp4")
    assert all(kind in asked[0][3] for kind in ("*.mp4", "*.gif", "*.png"))
    answer("")
    desk.save_entity(film, "turn")
    name, frames, fps, file = desk._exporter.calls.pop()
    assert (name, frames is film.frames, fps, file) == ("save_frames", True, 12.0, str(tmp_path / "turn.gif"))
    assert desk._exporter.calls == []


def test_pictures_with_values_may_become_openexr(desk, answer, tmp_path):
    asked = answer("a.exr")
    desk.save_entity(Picture(PIXELS, values=VALUES), "Depth")
    assert "*.exr" in asked[0][3]
    assert desk._exporter.calls.pop() == ("save_values", VALUES, "Z", str(tmp_path / "a.exr"))
    answer("a.png")
    desk.save_entity(Picture(PIXELS, values=VALUES), "Depth")
    assert desk._exporter.calls.pop() == ("save_picture", PIXELS, str(tmp_path / "a.png"))
    asked.clear()
    answer("a")
    desk.save_entity(Image(PIXELS), "Depth")
    assert "*.exr" not in asked[0][3]
    assert desk._exporter.calls.pop()[0] == "save_picture"


def test_numbers_and_animations_have_their_own_endings(desk, answer, tmp_path):
    data = Data({"betas": np.zeros(10), "gender": "neutral"})
    asked = answer("body", "JSON (*.json)")
    desk.save_entity(data, "Pose")
    assert asked[0][2].endswith("Pose.npz")
    assert desk._exporter.calls.pop() == ("save_arrays", data.values, str(tmp_path / "body.json"))
    asked = answer("walk")
    desk.save_entity(ANIMATION, "Walk")
    assert "*.glb" in asked[-1][3]
    assert desk._exporter.calls.pop() == ("save_animation", ANIMATION, str(tmp_path / "walk.glb"))
    answer("")
    desk.save_entity(data, "Pose")
    desk.save_entity(ANIMATION, "Walk")
    assert desk._exporter.calls == []


def test_the_arrays_of_a_run_are_saved(qtbot, desk, answer, tmp_path):
    arrays = {"betas": np.zeros(10)}
    run = SimpleNamespace(label="Run 3", recording=SimpleNamespace(outcome=Outcome(arrays=arrays)))
    answer("found")
    desk.save_arrays(run)
    assert desk._exporter.calls.pop() == ("save_arrays", arrays, str(tmp_path / "found.npz"))
    run.recording.outcome = Outcome()
    for nothing in (run, None):
        with qtbot.waitSignal(desk.refused):
            desk.save_arrays(nothing)


def test_geometry_as_before_and_lines_not_at_all(qtbot, desk, answer):
    answer("a.ply")
    desk.save_entity(Points(np.zeros((2, 3))), "points")
    assert desk._exporter.calls.pop()[0] == "save_geometry"
    with qtbot.waitSignal(desk.refused):
        desk.save_entity(Lines(np.zeros((2, 3)), np.zeros((1, 2), int)), "trail")


def test_what_a_run_found_is_saved_as_json(qtbot, desk, answer, tmp_path):
    run = SimpleNamespace(label="Run 3 (stopped)", recording=SimpleNamespace(outcome=Outcome(document={"fov": 60.0})))
    asked = answer("found", "JSON (*.json)")
    desk.save_document(run)
    assert asked[0][2].endswith("run_3.json")
    assert desk._exporter.calls.pop() == ("save_document", {"fov": 60.0}, str(tmp_path / "found.json"))
    run.recording.outcome = Outcome()
    for nothing in (run, None):
        with qtbot.waitSignal(desk.refused):
            desk.save_document(nothing)
