"""``./dl3d probe ACTIVITY``: opens the real window, runs an activity's default in it, and measures how fluid it stays.

Everything is measured in one go on one machine, so that the ratios hold: before and after the run in the window the
same run is made without one, by the command line, while the window stands idle.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from lab import system
from lab.chapter import ExperimentActivity, find_experiment
from lab.files import atomic_write
from lab.inputs import can_save_json
from lab.params import declared
from lab.render.messages import Drawn
from lab.run.source import WorkerSource
from ui.app import make_application, open_window
from ui.probe_meters import Drag, GapMeter, RunMeter, memory_mb, seconds_since_start, spin
from ui.scene.model import SceneModel
from ui.window.settings import Settings
from ui.window.window import MainWindow

_ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 60.0  # seconds for each thing to happen that is waited for
_POLL_MS = 20
_ORBIT_SECONDS = 3.0
_SETTLE_SECONDS = 1.0  # after the first step, before the memory is measured
_DONE, _FAILED, _WRONG_REQUEST = 0, 1, 2


class ProbeError(Exception):
    """Something that is to be measured did not happen; the message is a sentence."""


def main(options: Namespace) -> int:
    """Measure, print and save. options: as of lab.cli. Returns the exit status."""
    if not can_save_json(options):
        return _WRONG_REQUEST
    if system.display() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        with tempfile.TemporaryDirectory(prefix="dl3d-probe-") as folder:
            figures = Probe(find_experiment(options.activity), options.seconds, options.size, Path(folder)).measure()
    except ProbeError as error:
        sys.stderr.write(f"dl3d probe: {error}\n")
        return _FAILED
    sys.stdout.write("".join(lines(figures)))
    if options.json is not None:
        with atomic_write(options.json) as temporary:
            temporary.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return _DONE


class Probe:
    """One measurement. seconds: how long the run is watched; size: of the viewport, pixels; folder: for what it needs.

    The person's own settings are neither read nor written.
    """

    def __init__(self, activity: ExperimentActivity, seconds: float, size: tuple[int, int], folder: Path) -> None:
        self._activity = activity
        self._seconds = seconds
        self._size = size
        self._folder = folder
        self._source = WorkerSource()
        self.figures: dict[str, Any] = {"activity": activity.key, "seconds": seconds}

    def measure(self) -> dict[str, Any]:
        """All figures by name. Raises ProbeError."""
        with self._window() as window:
            self._wait_for_start(window)
            self._open_examples(window)
            self._measure_orbit(window)
            before = self._measure_headless()
            self._measure_run(window)
            after = self._measure_headless()
        headless = (before + after) / 2
        self.figures["steps_per_second"]["headless"] = headless
        self.figures["steps_per_second"]["ratio"] = self.figures["steps_per_second"]["window"] / headless
        return self.figures

    # --- the window -----------------------------------------------------------------------------------------------

    @contextmanager
    def _window(self) -> Iterator[MainWindow]:
        make_application()
        window = open_window(Settings(self._folder / "settings.ini"), self._source)
        started: dict[str, float] = {}
        window.viewport.rendererReady.connect(lambda _: started.setdefault("renderer", seconds_since_start()))
        window.controller.workerReady.connect(lambda _: started.setdefault("worker", seconds_since_start()))
        self._started = started
        window.show()
        spin(0.0)  # the first picture
        started["window"] = seconds_since_start()
        try:
            yield window
        finally:
            if window.controller.state != "idle":
                self._source.stop_now()
                wait_until(lambda: window.controller.state in ("idle", "starting"), 5.0)
            window.close()

    def _wait_for_start(self, window: MainWindow) -> None:
        if not wait_until(lambda: {"renderer", "worker"} <= set(self._started)):
            missing = {"renderer", "worker"} - set(self._started)
            raise ProbeError(f"The {' and the '.join(missing)} did not start; './dl3d doctor' tells why.")
        self.figures["start_seconds"] = dict(self._started)

    def _open_examples(self, window: MainWindow) -> None:
        """What the activity begins with, and a viewport of the size that was asked for."""
        window.open_activity(self._activity.key)
        for name in [name for key in self._activity.example for name in self._activity.examples_of(key)]:
            count = len(window.scene)
            window.open_example(name)
            if not wait_until(partial(_has_more, window.scene, count)):
                raise ProbeError(f"The example {name} was not opened.")
        width, height = self._size
        for _ in range(3):  # the docks take a share of what the window gains
            has = window.viewport.size()
            window.resize(window.width() + width - has.width(), window.height() + height - has.height())
            spin(0.2)
        self.figures["viewport"] = [window.viewport.width(), window.viewport.height()]
        spin(1.0)  # until it rests in full quality

    # --- what is measured -----------------------------------------------------------------------------------------

    def _measure_orbit(self, window: MainWindow) -> None:
        """Pictures a second while the mouse turns the view and nothing runs."""
        shown: list[float] = []

        def take(drawn: Drawn) -> None:
            shown.append(drawn.seconds)

        window.viewport.frameShown.connect(take)
        gaps = GapMeter()
        gaps.start()
        drag = Drag(window.viewport)
        spin(_ORBIT_SECONDS)
        drag.stop()
        self.figures["orbit"] = {"frames_per_second": len(shown) / _ORBIT_SECONDS, "gaps_ms": gaps.stop()}
        window.viewport.frameShown.disconnect(take)

    def _measure_run(self, window: MainWindow) -> None:
        """The run in the window: gaps, frames, steps, memory."""
        meter, gaps = RunMeter(), GapMeter()
        window.controller.metrics.connect(lambda _, metrics: meter.take_metrics(metrics))
        window.controller.frame.connect(lambda _, frame: meter.take_frame(frame))
        window.viewport.frameShown.connect(lambda _: meter.take_picture())
        window.panel.form.set_values({self._activity.steps: self._most_steps()})
        window.actions_by_name["run"].trigger()
        if not wait_until(lambda: meter.first_at is not None):
            raise ProbeError("The run did not begin; './dl3d run' tells more.")
        assert meter.first_at is not None
        begin = meter.first_at
        gaps.start()
        spin(min(_SETTLE_SECONDS, self._seconds / 2))
        memory = {name: [memory_mb(pid)] for name, pid in self._pids(window).items()}
        recorded = [window.controller.used / (1 << 20)]
        spin(self._seconds - (time.monotonic() - begin))
        self.figures["gaps_ms"] = gaps.stop()
        self.figures["frames_per_second"] = meter.frames / (time.monotonic() - begin)
        self.figures["steps"] = meter.steps
        self.figures["steps_per_second"] = {"window": meter.steps_per_second}
        for name, pid in self._pids(window).items():
            memory[name].append(memory_mb(pid))
        recorded.append(window.controller.used / (1 << 20))
        self.figures["memory_mb"] = memory
        self.figures["recording_mb"] = recorded
        window.controller.stop()
        if not wait_until(lambda: window.controller.state == "idle"):
            raise ProbeError("The run did not stop.")

    def _pids(self, window: MainWindow) -> dict[str, int | None]:
        return {"worker": self._source.pid, "renderer": window.viewport.client.pid, "window": os.getpid()}

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
                return any(line.startswith("step ") for line in said) or process.poll() is not None

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


def _has_more(scene: SceneModel, count: int) -> bool:
    return len(scene) > count


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for a person, a line each."""
    start, speed, gaps, orbit = (figures[name] for name in ("start_seconds", "steps_per_second", "gaps_ms", "orbit"))
    width, height = figures["viewport"]
    yield _line("window usable after", f"{start['window']:.2f} s")
    yield _line("viewport ready after", f"{start['renderer']:.2f} s")
    yield _line("worker ready after", f"{start['worker']:.2f} s")
    yield _line("turning the view", f"{orbit['frames_per_second']:.1f} frames/s at {width} x {height}, nothing running")
    yield _line("  UI timer gaps", _gaps(orbit["gaps_ms"]))
    yield _line("run with the window", f"{speed['window']:.1f} steps/s, {figures['steps']:,} steps")
    yield _line("run without", f"{speed['headless']:.1f} steps/s")
    yield _line("  ratio", f"{speed['ratio']:.0%}")
    yield _line("new scene frames", f"{figures['frames_per_second']:.1f} frames/s at {width} x {height}")
    yield _line("UI timer gaps", _gaps(gaps))
    for name, (before, after) in figures["memory_mb"].items():
        yield _line(f"memory, {name}", f"{before:.0f} MB at the start, {after:.0f} MB at the end")
    before, after = figures["recording_mb"]
    yield _line("  of it, keyframes", f"{before:.0f} MB at the start, {after:.0f} MB at the end")


def _line(name: str, text: str) -> str:
    return f"{name:<24}{text}\n"


def _gaps(gaps: dict[str, float]) -> str:
    return (
        f"p50 {gaps['p50']:.1f} ms, p99 {gaps['p99']:.1f} ms, max {gaps['max']:.1f} ms (after {gaps['max_at']:.1f} s)"
    )
