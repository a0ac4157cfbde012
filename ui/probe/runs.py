"""Measures an activity that makes runs.

Everything is measured in one go on one machine, so that the ratios hold: before and after the run in the window the
same run is made without one, by the command line, while the window stands idle.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.chapter import ExperimentActivity
from lab.examples import example_path
from lab.params import declared
from ui.probe.meters import GapMeter, RunMeter, StripMeter, memory_mb, spin, wait_until
from ui.probe.opened import Opened, ProbeError
from ui.probe.words import line, of_gaps
from ui.window.window import MainWindow

_ROOT = Path(__file__).resolve().parent.parent.parent
_SETTLE_SECONDS = 1.0  # after the first step, before the memory is measured
_SECONDS, _SIZE = 15.0, (800, 600)


class RunProbe:
    """One measurement. seconds: how long the run is watched; size: of the viewport, pixels; folder: for what it needs.

    The person's own settings are neither read nor written.
    """

    def __init__(
        self, activity: ExperimentActivity, seconds: float | None, size: tuple[int, int] | None, folder: Path
    ) -> None:
        self._activity = activity
        self._seconds = seconds or _SECONDS
        self._size = size or _SIZE
        self._folder = folder

    def measure(self, opened: Opened) -> None:
        """Adds all figures to those of ``opened``. Raises ProbeError."""
        opened.figures.update({"activity": self._activity.key, "seconds": self._seconds})
        self._prepare(opened)
        if len(opened.window.scene):
            self._measure_orbit(opened)
        before = self._measure_headless()
        opened.doing("the run")
        self._measure_run(opened)
        after = self._measure_headless()
        if "orbit" not in opened.figures:  # only the run brought something to turn
            self._measure_orbit(opened)
        speed = opened.figures["steps_per_second"]
        speed["headless"] = (before + after) / 2
        speed["ratio"] = speed["window"] / speed["headless"]

    def _prepare(self, opened: Opened) -> None:
        """What the activity begins with, and a viewport of the size that was asked for."""
        window = opened.window
        window.open_activity(self._activity.key)
        for name in [name for key in self._activity.example for name in self._activity.examples_of(key)]:
            opened.open_file(example_path(name))
        opened.resize(window.stage, self._size)
        opened.figures["viewport"] = [window.stage.width(), window.stage.height()]
        spin(1.0)  # until it rests in full quality

    def _measure_orbit(self, opened: Opened) -> None:
        opened.doing("turning the view")
        opened.figures["orbit"] = opened.orbit(opened.window.viewport)

    def _measure_run(self, opened: Opened) -> None:
        """The run in the window: gaps, frames, steps, memory."""
        window, figures = opened.window, opened.figures
        meter, gaps = RunMeter(), GapMeter()
        window.controller.metrics.connect(lambda _, metrics: meter.take_metrics(metrics))
        window.controller.frame.connect(lambda _, frame: meter.take_frame(frame))
        window.viewport.frameShown.connect(lambda _: meter.take_picture())
        strip = StripMeter(window.pictures, [pane.key for pane in self._activity.pictures])
        window.controller.frame.connect(lambda *_: strip.look())
        window.panel.form.set_values({self._activity.steps: self._most_steps()})
        window.actions_by_name["run"].trigger()
        if not wait_until(lambda: meter.first_at is not None):
            raise ProbeError("The run did not begin; './dl3d run' tells more.")
        assert meter.first_at is not None
        begin = meter.first_at
        gaps.start()
        spin(min(_SETTLE_SECONDS, self._seconds / 2))
        before = _memory(opened), window.controller.used / (1 << 20)
        wait_until(lambda: window.controller.state == "idle", self._seconds - (time.monotonic() - begin))
        lasted = time.monotonic() - begin
        figures["gaps_ms"] = gaps.stop()
        figures["frames_per_second"] = meter.frames / lasted
        if self._activity.pictures:
            figures["pictures_per_second"] = strip.changes / lasted
        figures["steps"] = meter.steps
        figures["steps_per_second"] = {"window": meter.steps_per_second}
        after = _memory(opened), window.controller.used / (1 << 20)
        figures["memory_mb"] = {name: [before[0][name], after[0][name]] for name in before[0]}
        figures["recording_mb"] = [before[1], after[1]]
        _stop(window)

    def _most_steps(self) -> int:
        steps = next(param for param in declared(self._activity.params) if param.name == self._activity.steps)
        return int(steps.maximum or steps.default)

    def _measure_headless(self) -> float:
        """Steps a second of the same run by the command line, half as long as the one in the window."""
        report = self._folder / "run.json"
        command = [sys.executable, str(_ROOT / "main.py"), "run", self._activity.key, "--device", "cpu"]
        command += [f"--{self._activity.steps.replace('_', '-')}", str(self._most_steps()), "--metrics", str(report)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            os.set_blocking(process.stderr.fileno(), False)
            said: list[str] = []

            def begun() -> bool:
                said.extend(process.stderr or ())
                return any(words.startswith("step ") for words in said) or process.poll() is not None

            if wait_until(begun) and process.poll() is None:
                spin(self._seconds / 2)
                process.send_signal(signal.SIGINT)
            wait_until(lambda: process.poll() is not None)
            if process.poll() is None:
                process.kill()
            said.extend(process.stderr)
        if not report.exists():
            raise ProbeError(f"The run without a window failed: {said[-1].strip() if said else 'no word'}")
        speed: float = json.loads(report.read_text(encoding="utf-8"))["steps_per_second"] or float("nan")
        return speed


def _memory(opened: Opened) -> dict[str, float]:
    pids = {"worker": opened.source.pid, "renderer": opened.window.viewport.client.pid, "window": os.getpid()}
    return {name: memory_mb(pid) for name, pid in pids.items()}


def _stop(window: MainWindow) -> None:
    window.controller.stop()
    if not wait_until(lambda: window.controller.state == "idle"):
        raise ProbeError("The run did not stop.")


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for a person, a line each."""
    start, speed, gaps, orbit = (figures[name] for name in ("start_seconds", "steps_per_second", "gaps_ms", "orbit"))
    width, height = figures["viewport"]
    yield line("window usable after", f"{start['window']:.2f} s")
    yield line("viewport ready after", f"{start['renderer']:.2f} s")
    yield line("worker ready after", f"{start['worker']:.2f} s")
    yield line("turning the view", f"{orbit['frames_per_second']:.1f} frames/s at {width} x {height}, nothing running")
    yield line("  UI timer gaps", of_gaps(orbit["gaps_ms"]))
    yield line("run with the window", f"{speed['window']:.1f} steps/s, {figures['steps']:,} steps")
    yield line("run without", f"{speed['headless']:.1f} steps/s")
    yield line("  ratio", f"{speed['ratio']:.0%}")
    yield line("new scene frames", f"{figures['frames_per_second']:.1f} frames/s at {width} x {height}")
    if "pictures_per_second" in figures:
        yield line("new pictures", f"{figures['pictures_per_second']:.1f} a second, in the strip")
    yield line("UI timer gaps", of_gaps(gaps))
    for name, (before, after) in figures["memory_mb"].items():
        yield line(f"memory, {name}", f"{before:.0f} MB at the start, {after:.0f} MB at the end")
    before, after = figures["recording_mb"]
    yield line("  of it, keyframes", f"{before:.0f} MB at the start, {after:.0f} MB at the end")
