"""What the probe measures with: gaps of the UI thread, frames, speed, memory, start-up."""

from __future__ import annotations

import operator
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from lab.run.messages import Frame, Metrics
from ui.runs.pictures import RunPictures

TICK_MS = 4
_POLL_MS = 20
_PATIENCE = 60.0  # seconds for each thing to happen that is waited for


class GapMeter(QObject):
    """How long the UI thread keeps a precise timer waiting. Milliseconds between two of its ticks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last = self._last_cpu = 0
        self._gaps: list[int] = []
        self._work: list[int] = []

    def start(self) -> None:
        """Begin anew."""
        self._gaps.clear()
        self._work.clear()
        self._last, self._last_cpu = time.perf_counter_ns(), time.thread_time_ns()
        self._timer.start()

    def stop(self) -> dict[str, float]:
        """p50, p99 and max of the gaps since ``start``, milliseconds; max_at: when that one ended, seconds.

        work_p99, work_max: the processor time of the UI thread between two ticks, milliseconds: what the window itself
        takes, however busy the machine is with other things.
        """
        self._timer.stop()
        gaps, work = (np.array(series or [0]) / 1e6 for series in (self._gaps, self._work))
        return {
            "p50": float(np.percentile(gaps, 50)),
            "p99": float(np.percentile(gaps, 99)),
            "max": float(gaps.max()),
            "max_at": float(gaps[: gaps.argmax() + 1].sum() / 1000),
            "work_p99": float(np.percentile(work, 99)),
            "work_max": float(work.max()),
        }

    def _tick(self) -> None:
        now, cpu = time.perf_counter_ns(), time.thread_time_ns()
        self._gaps.append(now - self._last)
        self._work.append(cpu - self._last_cpu)
        self._last, self._last_cpu = now, cpu


class RunMeter:
    """A run's steps, and the pictures that showed a new one. All counts begin with the first metrics."""

    def __init__(self) -> None:
        self.frames = 0
        self.first_at: float | None = None
        """When the first metrics came, on the monotonic clock."""
        self._newest = -1
        self._shown = -1
        self._first: tuple[int, float] | None = None
        self._last: tuple[int, float] | None = None

    def take_metrics(self, metrics: Metrics) -> None:
        """Steps were made."""
        if self._first is None:
            self._first = (metrics.steps[0], metrics.seconds[0])
            self.first_at = time.monotonic()
        self._last = (metrics.steps[-1], metrics.seconds[-1])

    def take_frame(self, frame: Frame) -> None:
        """A step went into the scene."""
        self._newest = frame.step

    def take_picture(self) -> None:
        """A picture was put on the screen."""
        if self._newest > self._shown and self._first is not None:
            self._shown = self._newest
            self.frames += 1

    @property
    def steps(self) -> int:
        """Steps made since the first metrics."""
        return 0 if self._first is None or self._last is None else self._last[0] - self._first[0]

    @property
    def steps_per_second(self) -> float:
        """On the run's own clock; NaN before there are two steps."""
        if self._first is None or self._last is None or self._last[1] <= self._first[1]:
            return float("nan")
        return self.steps / (self._last[1] - self._first[1])


class StripMeter:
    """How often the pictures beside a run's viewport were others. keys: of its panes."""

    def __init__(self, strip: RunPictures, keys: Sequence[str]) -> None:
        self.changes = 0
        self._strip = strip
        self._keys = keys
        self._last: list[Any] = []

    def look(self) -> None:
        """A step went into the scene."""
        now = [self._strip.body(key).content for key in self._keys]
        if len(now) != len(self._last) or any(map(operator.is_not, now, self._last)):
            self.changes += 1
        self._last = now


def spin(seconds: float) -> None:
    """Let the event loop run for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
    """Let the event loop run until something is so; False when the time is over before."""
    end = time.monotonic() + seconds
    loop = QEventLoop()
    timer = QTimer(interval=_POLL_MS)
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
    timer.start()
    loop.exec()
    timer.stop()
    return condition()


def memory_mb(pid: int | None) -> float:
    """Resident memory of a process, megabytes; NaN when there is none."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def seconds_since_start() -> float:
    """How long ago this process was started, with the interpreter's own start; NaN where the system does not tell."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22 of proc(5), after the name
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
