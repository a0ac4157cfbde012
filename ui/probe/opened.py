"""The real window for a measurement, and what all measurements need of it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.render.messages import Drawn
from lab.run.source import WorkerSource
from lab.studies.source import OnEvent, StudyProcess, StudySource
from ui.app import make_application, open_window
from ui.probe.blame import Blame
from ui.probe.grabs import free_spot
from ui.probe.hands import orbit
from ui.probe.meters import GapMeter, memory_mb, seconds_since_start, spin, wait_until
from ui.viewport.viewport import Viewport
from ui.window.settings import Settings
from ui.window.window import MainWindow

_ORBIT_SECONDS = 3.0


class ProbeError(Exception):
    """Something that is to be measured did not happen; the message is a sentence."""


class Opened:
    """The window while it is measured, with all that was measured so far.

    blame: what collects the stacks of gaps, or None.
    """

    def __init__(self, window: MainWindow, source: WorkerSource, blame: Blame | None) -> None:
        self.window = window
        self.source = source
        self.blame = blame
        self.figures: dict[str, Any] = {}
        self._started: dict[str, float] = {}
        window.viewport.rendererReady.connect(lambda _: self._started.setdefault("renderer", seconds_since_start()))
        window.controller.workerReady.connect(lambda _: self._started.setdefault("worker", seconds_since_start()))

    def show(self) -> None:
        """Show the window, and wait until its processes are there. Raises ProbeError."""
        self.window.show()
        spin(0.0)  # the first picture
        self._started["window"] = seconds_since_start()
        if not wait_until(lambda: {"renderer", "worker"} <= set(self._started)):
            missing = {"renderer", "worker"} - set(self._started)
            raise ProbeError(f"The {' and the '.join(sorted(missing))} did not start; './dl3d doctor' tells why.")
        self.figures["start_seconds"] = dict(self._started)

    def doing(self, words: str) -> None:
        """Say what the person does from now on."""
        if self.blame is not None:
            self.blame.doing = words

    def open_file(self, file: Path) -> None:
        """Open a file, and wait until it is in the scene. Raises ProbeError."""
        scene = self.window.scene
        count, refused = len(scene), list[str]()
        connection = self.window.importer.failed.connect(lambda sentence, _: refused.append(sentence))
        self.window.open_files([str(file)])
        wait_until(lambda: len(scene) > count or bool(refused))
        self.window.importer.failed.disconnect(connection)
        if len(scene) <= count:
            raise ProbeError(refused[0] if refused else f"{file.name} was not opened.")

    def resize(self, part: Any, size: tuple[int, int]) -> None:
        """Resize the window until a part of it has this size, in pixels."""
        for _ in range(3):  # the docks take a share of what the window gains
            window, has = self.window, part.size()
            window.resize(window.width() + size[0] - has.width(), window.height() + size[1] - has.height())
            spin(0.2)

    def memory(self) -> dict[str, float]:
        """Megabytes of each process that there is; the renderers of several views are added up."""
        window = self.window
        stage = window.study_desk.stage
        views = [*window.area.viewports, *(stage.findChildren(Viewport) if stage is not None else ())]
        renderers = [memory_mb(view.client.pid) for view in views]
        megabytes = {
            "window": memory_mb(os.getpid()),
            "renderers": sum(one for one in renderers if not math.isnan(one)),
            "study": memory_mb(window.studies.source.pid),
            "worker": memory_mb(self.source.pid),
        }
        return {name: one for name, one in megabytes.items() if not math.isnan(one)}

    def orbit(self, view: Viewport, seconds: float = _ORBIT_SECONDS) -> dict[str, Any]:
        """Pictures a second while the mouse turns a view, and the gaps."""
        shown: list[float] = []

        def take(drawn: Drawn) -> None:
            shown.append(drawn.seconds)

        connection = view.frameShown.connect(take)
        gaps = GapMeter()
        gaps.start()
        drag = orbit(view, free_spot(view))
        begin = time.monotonic()
        spin(seconds)
        lasted = time.monotonic() - begin
        drag.stop()
        figures = {"frames_per_second": len(shown) / lasted, "gaps_ms": gaps.stop()}
        view.frameShown.disconnect(connection)
        return figures


@contextmanager
def opened(
    folder: Path, *, blame: bool = False, make_source: Callable[[OnEvent], StudySource] = StudyProcess
) -> Iterator[Opened]:
    """The window, not yet shown, with settings of its own in ``folder``; closed at the end."""
    make_application()
    source = WorkerSource()
    window = open_window(Settings(folder / "settings.ini"), source, make_source)
    watched = Blame() if blame else None
    try:
        yield Opened(window, source, watched)
    finally:
        if watched is not None:
            watched.stop()
        if window.controller.state != "idle":
            source.stop_now()
            wait_until(lambda: window.controller.state in ("idle", "starting"), 5.0)
        window.end()
