"""The probe's instruments against known values."""

from __future__ import annotations

import math
import os
import time

import psutil
import pytest
from PySide6.QtCore import QTimer

from lab.run.messages import Frame, Metrics
from ui.probe.meters import GapMeter, RunMeter, memory_mb, seconds_since_start, spin, wait_until


def measure_gaps(busy) -> dict[str, float]:
    meter = GapMeter()
    meter.start()
    QTimer.singleShot(30, busy)
    spin(0.4)
    return meter.stop()


@pytest.mark.usefixtures("qapp")
def test_gaps_show_how_long_the_thread_was_blocked() -> None:
    gaps = measure_gaps(lambda: time.sleep(0.15))
    assert gaps["max"] >= 150
    assert gaps["p50"] < 50
    assert 0.15 <= gaps["max_at"] < 0.4
    assert gaps["p50"] <= gaps["p99"] <= gaps["max"]
    assert gaps["work_max"] < 100, "the thread slept: that is no work of its own"


@pytest.mark.usefixtures("qapp")
def test_work_is_the_processor_time_of_the_thread() -> None:
    def work() -> None:
        begin = time.thread_time()
        while time.thread_time() - begin < 0.1:
            pass

    assert 100 <= measure_gaps(work)["work_max"] < 250


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


@pytest.mark.usefixtures("qapp")
def test_waiting_ends_with_the_event_or_the_time() -> None:
    happened: list[bool] = []
    QTimer.singleShot(50, lambda: happened.append(True))
    assert wait_until(lambda: bool(happened), 5.0)
    assert not wait_until(lambda: False, 0.05)
