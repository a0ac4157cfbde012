"""Opening files: meshes, point clouds and recordings come into the scene without the window ever waiting for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from lab.examples import examples
from lab.fields.files import SUFFIX as FIELD
from lab.formats import READABLE, Opened, Up
from lab.geometry import Stats
from lab.jobs import Job, load_job
from lab.run.recording_file import SUFFIX
from lab.workspace import SUFFIX as WORKSPACE
from ui.files.tasks import Task, Tasks
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.window.settings import Settings

UNITS: Mapping[str, float] = {"metres": 1.0, "centimetres": 0.01, "millimetres": 0.001, "inches": 0.0254}
"""Metres in one unit of a file."""
UNIT_WORDS: Mapping[str, str] = {"metres": "m", "centimetres": "cm", "millimetres": "mm", "inches": "in"}
"""How a unit is written behind a number."""
_AT_ONCE = 2
_UP: Mapping[str, Up] = {".las": "z", ".laz": "z"}  # by the format's own rule, as lab.formats has it


@dataclass(frozen=True)
class Correction:
    """How a file's coordinates become the lab's. units: a name of UNITS; up: the axis of the file that points up."""

    units: str = "metres"
    up: Up = "y"


class Importer(QObject):
    """Loads files, at most two at a time, and puts them into the scene so that it can be undone."""

    opened = Signal(str, str)
    """(path in the scene, file); for a recording the path is ""."""
    recordingLoaded = Signal(object, str)
    """(Recording, file)"""
    warned = Signal(str, str)
    """(a sentence about a file, details)"""
    failed = Signal(str, str)
    """(a sentence, details); the scene is as it was."""

    def __init__(
        self, scene: SceneModel, history: History, tasks: Tasks, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._history = history
        self._tasks = tasks
        self._settings = settings
        self._waiting: deque[tuple[str, Correction | None]] = deque()
        self._loading = 0
        self._corrections: dict[str, Correction] = {}

    def open(self, files: Iterable[str], correction: Correction | None = None) -> None:
        """Load files. correction: None for the usual one of each format."""
        for file in files:
            self._waiting.append((str(Path(file).absolute()), correction))
        self._next()

    def correction(self, path: str) -> Correction:
        """How an entity's file was read."""
        return self._corrections.get(path, Correction())

    def correct(self, path: str, correction: Correction) -> None:
        """Read an entity's file again, with other units or another up-axis. Raises KeyError without entity or file."""
        source = self._scene.entry(path).source
        if source is None:
            raise KeyError(f"{path} does not come from a file")
        task = self._load(source, correction)
        task.done.connect(lambda result: self._replace(path, correction, result))

    def _next(self) -> None:
        while self._waiting and self._loading < _AT_ONCE:
            self._loading += 1
            file, correction = self._waiting.popleft()
            task = (
                self._load_recording(file) if Path(file).suffix.lower() == SUFFIX else self._load_new(file, correction)
            )
            task.ended.connect(self._one_ended)

    def _one_ended(self) -> None:
        self._loading -= 1
        self._next()

    def _load_recording(self, file: str) -> Task:
        task = self._tasks.run(f"Loading {Path(file).name}", "lab.run.recording_file:load", {"path": file})
        task.failed.connect(self.failed)
        task.done.connect(lambda recording: self._adopt(file, recording))
        return task

    def _load_new(self, file: str, correction: Correction | None) -> Task:
        chosen = correction or Correction(up=usual_up(file))
        task = self._load(file, chosen)
        task.done.connect(lambda result: self._add(file, chosen, result))
        return task

    def _load(self, file: str, correction: Correction) -> Task:
        def start(**callbacks: Any) -> Job:
            return load_job(file, scale=UNITS[correction.units], up=correction.up, **callbacks)

        task = self._tasks.start(f"Loading {Path(file).name}", start)
        task.failed.connect(self.failed)
        return task

    def _add(self, file: str, correction: Correction, result: tuple[Opened, Stats | None]) -> None:
        loaded, stats = result
        path = self._history.add(loaded.name, loaded.entity, stats=stats, source=file)
        self._corrections[path] = correction
        self._settings.add_recent_file(file)
        self.opened.emit(path, file)
        self._warn(file, loaded)

    def _replace(self, path: str, correction: Correction, result: tuple[Opened, Stats | None]) -> None:
        if path in self._scene:
            loaded, stats = result
            self._corrections[path] = correction
            self._history.replace(path, loaded.entity, stats)

    def _adopt(self, file: str, recording: object) -> None:
        self._settings.add_recent_file(file)
        self.recordingLoaded.emit(recording, file)
        self.opened.emit("", file)

    def _warn(self, file: str, loaded: Opened) -> None:
        notes = list(loaded.warnings)
        if loaded.dropped:
            notes.append("Not kept: " + ", ".join(loaded.dropped) + ".")
        if notes:
            first = notes[0] if Path(file).name in notes[0] else f"{Path(file).name}: {notes[0]}"
            more = f" ({len(notes) - 1} more)" if len(notes) > 1 else ""
            self.warned.emit(first + more, "\n".join(notes))


def usual_up(file: str) -> Up:
    """The axis that points up in a file, as far as its format or the list of examples says."""
    known = {str(example.path): example.up for example in examples()}
    return known.get(str(Path(file).resolve()), _UP.get(Path(file).suffix.lower(), "y"))


def can_open(file: str) -> bool:
    """Whether the lab reads files with this ending."""
    suffix = Path(file).suffix.lower()
    return suffix in (SUFFIX, FIELD) or suffix in READABLE


def open_filter() -> str:
    """The filter of the file dialog."""
    everything = " ".join(f"*{suffix}" for suffix in (*READABLE, FIELD, SUFFIX, WORKSPACE))
    kinds: dict[str, list[str]] = {}
    for suffix, description in READABLE.items():
        kinds.setdefault(description, []).append(f"*{suffix}")
    lines = [f"{description} ({' '.join(patterns)})" for description, patterns in kinds.items()]
    own = [f"Radiance fields (*{FIELD})", f"Workspaces (*{WORKSPACE})", f"Recordings (*{SUFFIX})"]
    return ";;".join([f"All that the lab opens ({everything})", *lines, *own, "All files (*)"])
