"""The dialogs around files: what to open, where to save, and how it shall look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from lab.run.recording_file import SUFFIX
from lab.scene import Array, Field, Image, Mesh, Points
from lab.studies.channels import channel_of
from lab.study import Animation, Data, Picture
from lab.study import Film as Frames
from lab.workspace import SUFFIX as WORKSPACE
from ui.files.export import (
    ANIMATION_KINDS,
    ARRAY_KINDS,
    FIELD_KINDS,
    FILM_KINDS,
    FRAME_KINDS,
    JSON_KINDS,
    MESH_SUFFIXES,
    PICTURE_KINDS,
    VALUE_KINDS,
    Exporter,
    Film,
    film_scene,
    geometry_filter,
    kinds_filter,
    with_suffix,
)
from ui.files.importing import Importer, open_filter
from ui.files.workspaces import FILTER
from ui.runs.controller import RunController
from ui.runs.run import Run
from ui.scene.model import SceneModel
from ui.viewport.viewport import Viewport
from ui.window.dialogs import FilmDialog, ImportDialog, PictureDialog
from ui.window.settings import Settings

_CSV = {".csv": "CSV table"}
_RECORDINGS = {SUFFIX: "Recording"}


class FilesDesk(QObject):
    """Asks the person about files and has the importer and the exporter do it."""

    refused = Signal(str)
    """Why there is nothing to save."""
    chosen = Signal(list)
    """Files to open."""

    def __init__(
        self,
        window: QWidget,
        scene: SceneModel,
        viewport: Viewport,
        controller: RunController,
        importer: Importer,
        exporter: Exporter,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._scene = scene
        self._viewport = viewport
        self._controller = controller
        self._importer = importer
        self._exporter = exporter
        self._settings = settings

    def open(self) -> None:
        """Choose files and open them."""
        files, _ = QFileDialog.getOpenFileNames(self._window, "Open", self._settings.folder, open_filter())
        if files:
            self._settings.folder = str(Path(files[0]).parent)
            self.chosen.emit(files)

    def ask_workspace(self, file: str | None) -> str:
        """Where to save the workspace; "" when the person thought better of it."""
        chosen, _ = self._ask("Save the workspace", Path(file).name if file else f"workspace{WORKSPACE}", FILTER)
        return with_suffix(chosen, (WORKSPACE,)) if chosen else ""

    def save_object(self, path: str | None) -> None:
        """Save a mesh, a point cloud or a radiance field of the scene."""
        if path is None or not self._scene.is_input(path):
            self.refused.emit("There is nothing to save yet: open a mesh or a point cloud, or let a run make one.")
            return
        self.save_entity(self._scene.entity(path), path)

    def save_entity(self, entity: object, name: str) -> None:
        """Save what may not be in the scene: a mesh or point cloud, or another result of a study."""
        match entity:
            case Mesh() | Points():
                chosen, picked = self._ask("Save", f"{_plain(name)}.ply", geometry_filter(entity))
                if chosen:
                    self._exporter.save_geometry(entity, with_suffix(chosen, MESH_SUFFIXES, picked))
            case Field():
                file = self._choose("Save the field", name, FIELD_KINDS)
                if file:
                    self._exporter.save_field(entity, file)
            case Frames():
                self.save_frames(entity, name)
            case Picture():
                self.save_pixels(entity.pixels, name, entity.values)
            case Image():
                self.save_pixels(entity.pixels, name)
            case Data():
                file = self._choose("Save the numbers", name, ARRAY_KINDS)
                if file:
                    self._exporter.save_arrays(entity.values, file)
            case Animation():
                file = self._choose("Save the animation", name, ANIMATION_KINDS)
                if file:
                    self._exporter.save_animation(entity, file)
            case _:
                self.refused.emit(f"{name} is of a kind that no file format of the lab keeps.")

    def _choose(self, title: str, name: str, kinds: Mapping[str, str]) -> str:
        """The file that the person names, with one of these endings; "" when they thought better of it."""
        chosen, picked = self._ask(title, f"{_plain(name)}{next(iter(kinds))}", kinds_filter(kinds))
        return with_suffix(chosen, kinds, picked) if chosen else ""

    def save_frames(self, film: Frames, name: str) -> None:
        """Save a film that a study made."""
        chosen, picked = self._ask("Save the film", f"{_plain(name)}.mp4", kinds_filter(FRAME_KINDS))
        if chosen:
            self._exporter.save_frames(film.frames, film.fps, with_suffix(chosen, FRAME_KINDS, picked))

    def save_pixels(self, pixels: Array, name: str, values: Array | None = None) -> None:
        """Save a picture, (H, W, 3) uint8; where it has ``values`` (H, W), these can be saved instead."""
        kinds = PICTURE_KINDS if values is None else {**PICTURE_KINDS, **VALUE_KINDS}
        chosen, picked = self._ask("Save the picture", f"{_plain(name)}.png", kinds_filter(kinds))
        file = with_suffix(chosen, kinds, picked) if chosen else ""
        if values is not None and Path(file).suffix.lower() in VALUE_KINDS:
            self._exporter.save_values(values, channel_of(name), file)
        elif file:
            self._exporter.save_picture(pixels, file)

    def save_document(self, run: Run | None) -> None:
        """Save what a run found as JSON."""
        outcome = run.recording.outcome if run is not None else None
        if run is None or outcome is None or not outcome.document:
            self.refused.emit("There is nothing to save as JSON yet: let a run that finds cameras come to its end.")
            return
        document = outcome.document
        self._save_as("Save what was found", run, JSON_KINDS, lambda f: self._exporter.save_document(document, f))

    def save_arrays(self, run: Run | None) -> None:
        """Save what a run found as arrays for numpy."""
        outcome = run.recording.outcome if run is not None else None
        if run is None or outcome is None or not outcome.arrays:
            self.refused.emit("There are no arrays to save yet: let a run that finds some come to its end.")
            return
        arrays = outcome.arrays
        self._save_as("Save what was found", run, ARRAY_KINDS, lambda file: self._exporter.save_arrays(arrays, file))

    def save_recording(self, run: Run | None) -> None:
        """Save a run so that it can be opened again."""
        if run is not None and self._has_steps(run):
            self._save_as("Save the recording", run, _RECORDINGS, lambda file: self._exporter.save_recording(run, file))

    def save_curves(self, run: Run | None) -> None:
        """Save the metrics of a run as a table."""
        if run is not None and self._has_steps(run):
            self._save_as("Save the curves", run, _CSV, lambda file: self._exporter.save_curves(run, file))

    def save_sequence(self, run: Run | None) -> None:
        """Save a run's result at each keyframe as a PLY file."""
        if run is None or run.activity is None or not self._has_steps(run):
            return
        title = "The folder for the meshes of all keyframes"
        folder = QFileDialog.getExistingDirectory(self._window, title, self._settings.folder)
        if folder:
            self._settings.folder = folder
            self._exporter.save_sequence(run, folder, run.activity.result)

    def save_film(self, run: Run | None) -> None:
        """Save the keyframes of a run as a film."""
        if run is None or not self._has_steps(run):
            return
        dialog = FilmDialog(
            len(run.recording.keyframes), self._viewport.camera, self._viewport.view().background, self._window
        )
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        options = dialog.options()
        dialog.deleteLater()
        if accepted:
            film = self._film(run)
            self._save_as(
                "Export the video", run, FILM_KINDS, lambda file: self._exporter.save_film(run, file, options, film)
            )

    def save_picture(self) -> None:
        """Save a picture of the viewport."""
        ratio = self._viewport.devicePixelRatioF()
        size = (round(self._viewport.width() * ratio), round(self._viewport.height() * ratio))
        dialog = PictureDialog(*size, self._window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        width, height = dialog.size_chosen()
        dialog.deleteLater()
        if not accepted:
            return
        chosen, picked = self._ask("Save the screenshot", "scene.png", kinds_filter(PICTURE_KINDS))
        if chosen:
            self.take_picture(width, height, with_suffix(chosen, PICTURE_KINDS, picked))

    def take_picture(self, width: int, height: int, file: str) -> None:
        """Save a picture of the viewport, width x height pixels."""

        def save(pixels: Array | None, reason: str) -> None:
            if pixels is None:
                self.refused.emit(f"There is no screenshot: {reason}")
            else:
                self._exporter.save_picture(pixels, file)

        self._viewport.screenshot(width, height, save)

    def adjust(self, path: str | None) -> None:
        """Offer to correct the units and the up-axis of an import."""
        entry = self._scene.entry(path) if path is not None else None
        if path is None or entry is None or entry.source is None:
            self.refused.emit("Select an object that was opened from a file, then adjust its import.")
            return
        stats = entry.stats
        bounds = (stats.bounds_lower, stats.bounds_upper) if stats is not None else None
        dialog = ImportDialog(path, self._importer.correction(path), bounds, self._window)
        dialog.chosen.connect(lambda correction: self._importer.correct(path, correction))
        dialog.show()

    def _film(self, run: Run) -> Film:
        own = self._controller.scene_paths(run.run_id)
        shown = {name: self._scene.entry(path).style for name, path in own.items() if path in self._scene}
        beside = {
            entry.path: (entry.entity, entry.style)
            for entry in self._scene
            if entry.style.visible and entry.path not in own.values() and isinstance(entry.entity, Mesh | Points)
        }
        return film_scene(shown, beside)

    def _has_steps(self, run: Run) -> bool:
        if not run.recording.keyframes:
            self.refused.emit("The run has made no step yet. Let it make some, then save it.")
        return bool(run.recording.keyframes)

    def _save_as(self, title: str, run: Run, kinds: Mapping[str, str], save: Callable[[str], object]) -> None:
        name = run.label.split(" (")[0].lower().replace(" ", "_")
        chosen, picked = self._ask(title, name + next(iter(kinds)), kinds_filter(kinds))
        if chosen:
            save(with_suffix(chosen, kinds, picked))

    def _ask(self, title: str, name: str, kinds: str) -> tuple[str, str]:
        """Where to save, and the filter that was picked; "" when the person thought better of it."""
        first = str(Path(self._settings.folder) / name)
        chosen, picked = QFileDialog.getSaveFileName(self._window, title, first, kinds)
        if chosen:
            self._settings.folder = str(Path(chosen).parent)
        return chosen, picked


def _plain(name: str) -> str:
    """A name without what separates folders."""
    return name.replace("/", " ").replace("\\", " ")
