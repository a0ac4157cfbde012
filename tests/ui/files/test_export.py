"""Saving: endings, filters, what a film shows beside a run, and pictures that cannot be saved."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtGui import QImage

from lab.render.messages import Style
from lab.scene import Mesh, Points
from ui.files.export import FILM_KINDS, MESH_SUFFIXES, Exporter, film_scene, geometry_filter, kinds_filter, with_suffix
from ui.files.tasks import Tasks
from ui.window.settings import Settings

MESH = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]]))
CLOUD = Points(np.eye(3, dtype=np.float32))


@pytest.mark.parametrize(
    ("file", "chosen", "expected"),
    [
        ("a.obj", "PLY (*.ply)", "a.obj"),
        ("a.OBJ", "PLY (*.ply)", "a.OBJ"),
        ("a", "glTF binary (*.glb)", "a.glb"),
        ("a.v2", "STL (*.stl)", "a.v2.stl"),
        ("a", "", "a.ply"),
    ],
)
def test_a_name_without_an_ending_gets_that_of_the_filter(file, chosen, expected):
    assert with_suffix(file, MESH_SUFFIXES, chosen) == expected


def test_points_are_not_offered_as_stl():
    assert "*.stl" in geometry_filter(MESH)
    assert "*.stl" not in geometry_filter(CLOUD)
    assert kinds_filter(FILM_KINDS) == "MP4 film (*.mp4);;Animated GIF (*.gif)"


def test_a_film_shows_the_run_even_if_it_is_hidden_now():
    hidden = Style(visible=False, color=(1.0, 0.0, 0.0))
    film = film_scene({"fitted": hidden}, {"spot": (MESH, Style()), "fitted": (CLOUD, Style(opacity=0.5))})
    assert film.styles["fitted"] == Style(color=(1.0, 0.0, 0.0))
    assert film.entities == {"spot": MESH, "fitted (scene)": CLOUD}
    assert film.styles["fitted (scene)"].opacity == 0.5


@pytest.fixture
def exporter(qtbot, tmp_path):
    tasks = Tasks()
    yield Exporter(tasks, Settings(tmp_path / "settings.ini"), tasks)
    tasks.cancel_all()


def test_a_picture_keeps_its_pixels(qtbot, exporter, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)  # a width that Qt would pad
    with qtbot.waitSignal(exporter.saved):
        exporter.save_picture(pixels, str(tmp_path / "picture.png"))
    image = QImage(str(tmp_path / "picture.png"))
    read = [[image.pixelColor(x, y).getRgb()[:3] for x in range(7)] for y in range(5)]
    assert np.array_equal(read, pixels)
    with qtbot.waitSignal(exporter.saved):
        exporter.save_picture(pixels, str(tmp_path / "picture.jpg"))
    assert (tmp_path / "picture.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_a_picture_that_cannot_be_saved_is_said(qtbot, exporter, tmp_path):
    with qtbot.waitSignal(exporter.failed) as failed:
        exporter.save_picture(np.zeros((2, 2, 3), np.uint8), str(tmp_path / "nowhere" / "picture.png"))
    assert failed.args[0].startswith("picture.png cannot be saved")
    assert list(tmp_path.glob("*.png")) == []


def test_films_and_documents_are_saved_by_jobs(qtbot, exporter, tmp_path):
    frames = np.zeros((3, 16, 16, 3), np.uint8)
    with qtbot.waitSignal(exporter.saved, timeout=20_000):
        exporter.save_frames(frames, 10.0, str(tmp_path / "turn.png"))
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == ["turn_0001.png", "turn_0002.png", "turn_0003.png"]
    with qtbot.waitSignal(exporter.saved, timeout=20_000):
        exporter.save_document({"fov": 60.0, "R": np.eye(2)}, str(tmp_path / "found.json"))
    assert json.loads((tmp_path / "found.json").read_text()) == {"fov": 60.0, "R": [[1, 0], [0, 1]]}
    with qtbot.waitSignal(exporter.failed, timeout=20_000) as failed:
        exporter.save_frames(frames[:0], 10.0, str(tmp_path / "none.mp4"))
    assert "no frames" in failed.args[0]
