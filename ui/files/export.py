"""Saving: each way out of the lab is one task beside the window; a file is complete or as it was before."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtGui import QImage, QImageWriter

from lab.fields.files import SUFFIX as FIELD
from lab.files import atomic_write, explain
from lab.formats import WRITABLE
from lab.jobs import Job, OnDone, OnFailed, OnProgress, save_job
from lab.render.camera import Camera
from lab.render.messages import Color, Style
from lab.scene import Array, Entity, Field, Geometry, Mesh
from lab.study import Animation
from ui.files.tasks import Task, Tasks
from ui.runs.run import Run
from ui.window.settings import Settings

MESH_SUFFIXES = tuple(WRITABLE)
FILM_KINDS: Mapping[str, str] = {".mp4": "MP4 film", ".gif": "Animated GIF"}
FRAME_KINDS: Mapping[str, str] = {**FILM_KINDS, ".png": "PNG picture for each frame"}
VALUE_KINDS: Mapping[str, str] = {".exr": "OpenEXR, values in full precision"}
FIELD_KINDS: Mapping[str, str] = {FIELD: "Radiance field"}
JSON_KINDS: Mapping[str, str] = {".json": "JSON"}
ARRAY_KINDS: Mapping[str, str] = {".npz": "NumPy arrays", ".json": "JSON"}
ANIMATION_KINDS: Mapping[str, str] = {".glb": "glTF binary"}
PICTURE_KINDS: Mapping[str, str] = {".png": "PNG picture", ".jpg": "JPEG picture"}


@dataclass(frozen=True)
class FilmOptions:
    """How a film shall look; see lab.film.Film. camera: None for one fitted to the run."""

    width: int = 1280
    height: int = 720
    fps: int = 30
    seconds: float | None = None
    turntable_deg: float = 0.0
    captions: bool = True
    camera: Camera | None = None
    background: Color = (0.1, 0.11, 0.125)


class Exporter(QObject):
    """Starts the tasks that save, and tells what became of them."""

    saved = Signal(str, str)
    """(file, a sentence for the log)"""
    failed = Signal(str, str)
    """(a sentence, details)"""

    def __init__(self, tasks: Tasks, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._settings = settings

    def save_geometry(self, entity: Geometry, file: str) -> Task:
        """Save a mesh or point cloud, in the format of the file's ending."""

        def start(**callbacks: Any) -> Job:
            return save_job(file, entity, **callbacks)

        return self._watch(self._tasks.start(f"Saving {Path(file).name}", start), file, recent=True)

    def save_field(self, field: Field, file: str) -> Task:
        """Save a radiance field."""
        return self._run(file, "lab.fields.files:save_field", {"path": file, "field": field}, recent=True)

    def save_recording(self, run: Run, file: str) -> Task:
        """Save a run so that it can be opened again, as far as it is."""
        arguments = {"path": file, "recording": run.recording.copy()}
        return self._run(file, "lab.run.recording_file:save", arguments, recent=True)

    def save_curves(self, run: Run, file: str) -> Task:
        """Save the metrics of all steps as a table."""
        return self._run(file, "lab.export:export_curves_csv", {"recording": run.recording.copy(), "path": file})

    def save_sequence(self, run: Run, folder: str, path_in_snapshot: str) -> Task:
        """Save an entity of each keyframe as a PLY file in ``folder``."""
        arguments = {"recording": run.recording.copy(), "folder": folder, "path_in_snapshot": path_in_snapshot}
        return self._run(folder, "lab.export:export_ply_sequence", arguments)

    def save_film(self, run: Run, file: str, options: FilmOptions, beside: Film) -> Task:
        """Save the keyframes as a film, MP4 or GIF by the file's ending."""
        arguments = {"recording": run.recording.copy(), "path": file, **vars(options), **vars(beside)}
        return self._run(file, "lab.export:export_video", arguments)

    def save_frames(self, frames: Array, fps: float, file: str) -> Task:
        """Save pictures (N, H, W, 3) uint8 as a film or as numbered pictures, by the file's ending."""
        return self._run(file, "lab.studies.saving:save_film", {"path": file, "frames": frames, "fps": fps})

    def save_values(self, values: Array, channel: str, file: str) -> Task:
        """Save a picture's values (H, W) as OpenEXR, in the channel of this name."""
        arguments = {"path": file, "values": values, "channel": channel}
        return self._run(file, "lab.studies.saving:save_values", arguments)

    def save_arrays(self, values: Mapping[str, Any], file: str) -> Task:
        """Save arrays, numbers and words by their names, .npz or .json by the file's ending."""
        return self._run(file, "lab.array_files:save_arrays", {"path": file, "values": dict(values)})

    def save_animation(self, animation: Animation, file: str) -> Task:
        """Save a skinned mesh that moves as .glb."""
        return self._run(file, "lab.studies.saving:save_animation", {"path": file, "animation": animation})

    def save_document(self, document: Mapping[str, Any], file: str) -> Task:
        """Save what a run found as JSON."""
        return self._run(file, "lab.run_report:save_document", {"path": file, "document": dict(document)})

    def save_picture(self, pixels: Array, file: str) -> Task:
        """Save pixels (H, W, 3) uint8 as PNG or JPEG, by the file's ending."""

        def start(*, on_done: OnDone, on_failed: OnFailed, on_progress: OnProgress) -> Any:
            return ThreadJob(lambda: _write_picture(pixels, file), on_done, on_failed)

        return self._watch(self._tasks.start(f"Saving {Path(file).name}", start), file)

    def _run(self, file: str, function: str, arguments: Mapping[str, Any], *, recent: bool = False) -> Task:
        return self._watch(self._tasks.run(f"Saving {Path(file).name}", function, arguments), file, recent=recent)

    def _watch(self, task: Task, file: str, *, recent: bool = False) -> Task:
        def done(result: object) -> None:
            if recent:
                self._settings.add_recent_file(file)
            lost = f" The format keeps no {', '.join(result)}." if isinstance(result, tuple) and result else ""
            self.saved.emit(file, f"Saved {Path(file).name} in {Path(file).parent}.{lost}")

        task.done.connect(done)
        task.failed.connect(self.failed)
        return task


@dataclass(frozen=True)
class Film:
    """What a film shows beside the run, and how all of it looks: options of lab.film.Film."""

    entities: Mapping[str, Entity]
    styles: Mapping[str, Style]


def film_scene(shown: Mapping[str, Style], beside: Mapping[str, tuple[Entity, Style]]) -> Film:
    """A film that looks like the viewport.

    shown: the styles of the run's own entities, by their paths in its snapshots; beside: what else is visible. The run
    itself is always in its film.
    """
    clashing = set(shown) & set(beside)
    names = {path: f"{path} (scene)" if path in clashing else path for path in beside}
    styles = {path: replace(style, visible=True) for path, style in shown.items()}
    return Film(
        entities={names[path]: entity for path, (entity, _) in beside.items()},
        styles={**styles, **{names[path]: style for path, (_, style) in beside.items()}},
    )


class ThreadJob:
    """A short piece of work in a thread of its own, with the interface of lab.jobs.Job that Tasks needs.

    For calls that give the interpreter lock back. It cannot be interrupted: after ``cancel`` its end is only not told.
    """

    def __init__(self, work: Callable[[], object], on_done: OnDone, on_failed: OnFailed) -> None:
        self._work, self._on_done, self._on_failed = work, on_done, on_failed
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name="thread job", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Do not tell how it ended."""
        self._cancelled = True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; False when the time is over."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - the end of the thread's world: every failure becomes a message
            if not self._cancelled:
                known = isinstance(error, PictureError)
                sentence = str(error) if known else f"Something went wrong that the lab did not expect ({error!r})."
                self._on_failed(sentence, traceback.format_exc())
            return
        if not self._cancelled:
            self._on_done(result)


class PictureError(Exception):
    """A picture cannot be saved; the message is a sentence."""


def _write_picture(pixels: Array, file: str) -> None:
    pixels = np.ascontiguousarray(pixels, np.uint8)
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    jpeg = Path(file).suffix.lower() in (".jpg", ".jpeg")
    try:
        with atomic_write(file) as temporary:
            writer = QImageWriter(str(temporary), QByteArray(b"JPEG" if jpeg else b"PNG"))
            if jpeg:
                writer.setQuality(92)
            if not writer.write(image):
                raise PictureError(f"{Path(file).name} cannot be saved: {writer.errorString()}. Choose another place.")
    except OSError as error:
        raise PictureError(f"{Path(file).name} cannot be saved: {explain(error)}. Choose another place.") from error


def with_suffix(file: str, suffixes: Mapping[str, str] | tuple[str, ...], chosen: str = "") -> str:
    """``file`` with one of the endings: its own, the one in the dialog's ``chosen`` filter, or the first."""
    if Path(file).suffix.lower() in suffixes:
        return file
    picked = next((suffix for suffix in suffixes if f"*{suffix}" in chosen), next(iter(suffixes)))
    return file + picked


def can_hold(suffix: str, entity: Geometry) -> bool:
    """Whether a format keeps this kind of geometry at all."""
    return suffix != ".stl" or (isinstance(entity, Mesh) and len(entity.faces) > 0)


def geometry_filter(entity: Geometry) -> str:
    """The filter of the dialog that saves a mesh or point cloud."""
    return ";;".join(f"{text} (*{suffix})" for suffix, text in WRITABLE.items() if can_hold(suffix, entity))


def kinds_filter(kinds: Mapping[str, str]) -> str:
    """The filter of a dialog for endings and what they are."""
    return ";;".join(f"{text} (*{suffix})" for suffix, text in kinds.items())
