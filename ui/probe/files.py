"""Measures how a large file comes into the viewport, and how it turns there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.render.messages import Drawn
from ui.probe.meters import GapMeter, spin, wait_until
from ui.probe.opened import Opened, ProbeError
from ui.probe.words import line, of_gaps

_SECONDS, _SIZE = 5.0, (800, 600)
_REST_SECONDS = 1.5
_FULL_SECONDS = 30.0


class FileProbe:
    """One measurement. seconds: how long the view is turned; size: of the viewport, pixels."""

    def __init__(self, file: Path, seconds: float | None, size: tuple[int, int] | None) -> None:
        self._file = file
        self._seconds = seconds or _SECONDS
        self._size = size or _SIZE

    def measure(self, opened: Opened) -> None:
        """Adds all figures to those of ``opened``. Raises ProbeError."""
        view = opened.window.viewport
        opened.resize(opened.window.stage, self._size)
        opened.window.stage.setCurrentWidget(opened.window.area)  # an empty picture, to see when there is more in it
        spin(_REST_SECONDS)
        opened.figures.update({"activity": "viewport", "file": self._file.name, "seconds": self._seconds})
        opened.figures["viewport"] = [view.width(), view.height()]
        opened.doing("opening the file")
        self._measure_opening(opened)
        opened.doing("turning the view")
        opened.figures["orbit"] = opened.orbit(view, self._seconds)
        opened.figures["memory_mb"] = opened.memory()

    def _measure_opening(self, opened: Opened) -> None:
        """From the request to the first picture with the object in it, and to the one in full quality."""
        view = opened.window.viewport
        empty = view.camera
        pictures: list[tuple[float, Drawn]] = []
        connection = view.frameShown.connect(lambda drawn: pictures.append((time.monotonic(), drawn)))
        gaps = GapMeter()
        gaps.start()
        begin = time.monotonic()

        def with_object(*, full: bool = False) -> list[float]:
            """When pictures came from where the camera went to see the object: it does once that is in the scene."""
            found = [(at, drawn) for at, drawn in pictures if drawn.view.camera != empty]
            return [at - begin for at, drawn in found if not (full and drawn.draft)]

        opened.open_file(self._file)
        read = time.monotonic() - begin
        if not wait_until(lambda: bool(with_object())):
            raise ProbeError(f"No picture showed {self._file.name}.")
        wait_until(lambda: bool(with_object(full=True)), _FULL_SECONDS)
        view.frameShown.disconnect(connection)
        opened.figures["opening"] = {
            "read_seconds": read,
            "first_picture_seconds": with_object()[0],
            "full_picture_seconds": next(iter(with_object(full=True)), float("nan")),
            "gaps_ms": gaps.stop(),
        }


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for a person, a line each."""
    opening, orbit, (width, height) = figures["opening"], figures["orbit"], figures["viewport"]
    yield line("file", figures["file"])
    yield line("in the scene after", f"{opening['read_seconds']:.2f} s")
    yield line("first picture of it", f"{opening['first_picture_seconds']:.2f} s after it was asked for")
    yield line("in full quality", f"{opening['full_picture_seconds']:.2f} s after it was asked for")
    yield line("  UI timer gaps", of_gaps(opening["gaps_ms"]))
    yield line("turning the view", f"{orbit['frames_per_second']:.1f} frames/s at {width} x {height}")
    yield line("  UI timer gaps", of_gaps(orbit["gaps_ms"]))
    for name, megabytes in figures["memory_mb"].items():
        yield line(f"memory, {name}", f"{megabytes:.0f} MB")
