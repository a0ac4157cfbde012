"""The probe: its instruments against known values, and one whole measurement of the real window."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lab.run.messages import Frame, Metrics
from ui import probe
from ui.probe_meters import Drag, GapMeter, RunMeter, memory_mb, seconds_since_start, spin

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.usefixtures("qapp")
def test_gaps_show_how_long_the_thread_was_blocked() -> None:
    meter = GapMeter()
    meter.start()
    QTimer.singleShot(30, lambda: time.sleep(0.15))
    spin(0.4)
    gaps = meter.stop()
    assert gaps["max"] >= 150
    assert gaps["p50"] < 50
    assert 0.15 <= gaps["max_at"] < 0.4
    assert gaps["p50"] <= gaps["p99"] <= gaps["max"]


def metrics(steps: range, seconds: float) -> Metrics:
    return Metrics(1, tuple(steps), tuple(seconds * step for step in steps), {})


def test_frames_count_when_they_show_a_new_step() -> None:
    meter = RunMeter()
    meter.take_frame(Frame(1, 0, {}))
    meter.take_picture()
    assert meter.frames == 0, "nothing counts before the first metrics"
    meter.take_metrics(metrics(range(10, 20), 0.1))
    for step in (12, 12, 15):
        meter.take_frame(Frame(1, step, {}))
        meter.take_picture()
        meter.take_picture()
    assert meter.frames == 2, "steps 12 and 15"


def test_speed_is_that_of_the_run_s_own_clock() -> None:
    meter = RunMeter()
    assert math.isnan(meter.steps_per_second)
    meter.take_metrics(metrics(range(10, 20), 0.1))
    meter.take_metrics(metrics(range(20, 31), 0.1))
    assert meter.steps == 20
    assert meter.steps_per_second == pytest.approx(10.0)


def test_memory_is_the_resident_one() -> None:
    own = psutil.Process().memory_info().rss / (1 << 20)
    assert memory_mb(os.getpid()) == pytest.approx(own, rel=0.05)
    assert math.isnan(memory_mb(None))


def test_start_is_that_of_the_process() -> None:
    expected = time.time() - psutil.Process().create_time()
    assert seconds_since_start() == pytest.approx(expected, abs=1.0)


class Canvas(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[QEvent.Type, Qt.MouseButton, QPointF]] = []

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            self.events.append((event.type(), event.buttons(), event.position()))
        return super().event(event)


def test_drag_presses_moves_and_lets_go(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    drag = Drag(canvas)
    qtbot.waitUntil(lambda: len(canvas.events) > 4)
    drag.stop()
    kinds = [kind for kind, _, _ in canvas.events]
    assert kinds[0] == QEvent.Type.MouseButtonPress
    assert set(kinds[1:-1]) == {QEvent.Type.MouseMove}
    assert kinds[-1] == QEvent.Type.MouseButtonRelease
    assert all(held == Qt.MouseButton.LeftButton for _, held, _ in canvas.events[:-1])
    places = [place for _, _, place in canvas.events]
    assert (places[2] - places[1]).manhattanLength() > 1


@pytest.mark.usefixtures("qapp")
def test_waiting_ends_with_the_event_or_the_time() -> None:
    happened: list[bool] = []
    QTimer.singleShot(50, lambda: happened.append(True))
    assert probe.wait_until(lambda: bool(happened), 5.0)
    assert not probe.wait_until(lambda: False, 0.05)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    """One short measurement, as a person makes it: what it prints, and what it saves."""
    folder = tmp_path_factory.mktemp("probe")
    command = [sys.executable, "main.py", "probe", "mesh-fitting", "--seconds", "1.5", "--size", "520x320"]
    done = subprocess.run(
        [*command, "--json", str(folder / "probe.json")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((folder / "probe.json").read_text())


def test_measurement_has_every_figure(measured: tuple[str, dict]) -> None:
    _, figures = measured
    assert figures["viewport"] == [520, 320]
    assert 0 < figures["start_seconds"]["window"] < figures["start_seconds"]["worker"]
    for gaps in (figures["gaps_ms"], figures["orbit"]["gaps_ms"]):
        assert 0 < gaps["p50"] <= gaps["p99"] <= gaps["max"]
    speed = figures["steps_per_second"]
    assert speed["ratio"] == pytest.approx(speed["window"] / speed["headless"])
    assert figures["steps"] > 0
    assert figures["orbit"]["frames_per_second"] > 0
    for name in ("window", "worker", "renderer"):
        assert all(10 < megabytes < 10_000 for megabytes in figures["memory_mb"][name]), name


def test_measurement_is_told_line_by_line(measured: tuple[str, dict]) -> None:
    text, figures = measured
    assert text == "".join(probe.lines(figures))
    for words in ("window usable after", "worker ready after", "UI timer gaps", "new scene frames", "memory, renderer"):
        assert words in text


def test_file_that_cannot_be_saved_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    command = [sys.executable, "main.py", "probe", "mesh-fitting", "--json", str(tmp_path / "missing" / "x.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dl3d probe: --json")
