"""What comes into the window and goes out of it again: files, examples, recordings, what is dropped, results."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from lab.chapter import Activity, ExperimentActivity, StudyActivity, find_study
from lab.examples import example_path
from lab.params import Param, declared
from lab.posed.names import may_be_posed
from ui.files.importing import can_open
from ui.files.workspaces import is_workspace
from ui.runs.commands import AT_WORK
from ui.runs.run import Run
from ui.studies.panel import PARAMETERS, StudyPanel
from ui.window.panels import take_values

if TYPE_CHECKING:
    from ui.window.window import MainWindow

POSED_IMAGES = "posed-images"
"""The study that a folder opens where no activity is open that takes one."""

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_PHOTO_WORDS = ("photo", "picture", "image")


class Opening(QObject):
    """Opens what the person asks for, and tells the scene, the open panel and the log what came of it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._run_when_opened = ""
        self._parameter_of: dict[str, str] = {}  # file that was dropped on a parameter -> the parameter

    def follow(self) -> None:
        """Listen to whatever opens or saves files in the window."""
        window = self._window
        window.importer.opened.connect(self._on_opened)
        window.importer.failed.connect(self._on_failed)
        window.importer.warned.connect(lambda text, details: window.show_message(text, details, level="warning"))
        window.importer.recordingLoaded.connect(self._adopt)
        window.exporter.saved.connect(self.on_saved)
        window.exporter.failed.connect(lambda text, details: window.show_message(text, details))
        window.files.refused.connect(lambda text: window.show_message(text, level="info"))
        window.files.chosen.connect(self.open_files)
        window.welcome.openRequested.connect(window.files.open)
        window.welcome.fileChosen.connect(lambda file: self.open_files([file]))
        window.welcome.exampleChosen.connect(self.open_example)
        window.welcome.chapterChosen.connect(window.open_activity)
        window.welcome.startRequested.connect(self.start_fitting)
        window.tree.saveRequested.connect(window.files.save_object)
        window.tree.targetRequested.connect(self.use_as_target)
        window.tree.adjustRequested.connect(window.files.adjust)

    # --- opening ----------------------------------------------------------------------------------------------------

    def open_files(self, files: Sequence[str]) -> None:
        """Open meshes, point clouds and recordings; they come into the scene when they are read. Or a workspace."""
        workspaces = [file for file in files if is_workspace(file)]
        self._window.importer.open([file for file in files if file not in workspaces])
        if workspaces:
            self._window.workspaces.open(workspaces[-1])

    def open_for(self, parameter: str, file: str) -> None:
        """Open a file for a parameter of the open activity."""
        self._parameter_of[os.path.abspath(file)] = parameter
        self.open_files([file])

    def open_example(self, name: str) -> None:
        """Open a bundled example."""
        self.open_files([str(example_path(name))])

    def start_fitting(self) -> None:
        """Open the example of mesh fitting, and fit it."""
        self._window.open_activity("mesh-fitting")
        self.start_example()

    def start_example(self) -> None:
        """Open the activity's own example and run on it as soon as it is there; at once where it needs none."""
        panel = self._window.panel
        examples = panel.activity.examples_of(panel.target)
        for name in examples:
            self._run_when_opened = str(example_path(name))
            self.open_example(name)
        if not examples:
            self._window.commands.run()

    def use_as_target(self, path: str) -> None:
        """Let the next run of the open activity work on an entity."""
        panel = self._window.panel
        if panel.target:
            panel.form.choose(panel.target, path)
            self._window.log.add(f"{path} is the target now.")

    def _on_opened(self, path: str, file: str) -> None:
        window = self._window
        window.log.add(f"Opened {file}.")
        window.welcome.set_recent_files(window.settings.recent_files)
        parameter = self._parameter_of.pop(file, "")
        wanted, self._run_when_opened = self._run_when_opened, ""
        if not path:
            return
        form, target = window.panel.form, window.panel.target
        if parameter in form.values():  # else another activity was opened meanwhile
            form.choose(parameter, path)
        elif target and (wanted == file or not form.values()[target]):
            form.choose(target, path)
        window.scene.select(path)
        if len(window.scene) == 1 or window.controller.state not in AT_WORK:
            window.area.fit(path)
        if wanted == file:
            window.commands.run()
        elif wanted:
            self._run_when_opened = wanted

    def _on_failed(self, sentence: str, details: str) -> None:
        self._run_when_opened = ""
        self._window.show_message(sentence, details)

    def _adopt(self, recording: object, file: str) -> None:
        window = self._window
        run_id = window.controller.adopt(recording, Path(file).name)  # type: ignore[arg-type]
        path = window.looks.result_path(window.controller.runs[run_id])
        window.scene.select(path)
        window.area.fit(path)

    def go_on(self, activity: ExperimentActivity, run: Run | None) -> None:
        """Open the study in which the result of a run goes on, with what the run found."""
        outcome = run.recording.outcome if run is not None else None
        if activity.onward is None or outcome is None:
            return
        values = values_for(find_study(activity.onward.activity), activity.onward.names, outcome.arrays)
        self._window.open_activity(activity.onward.activity)
        panel = self._window.panel
        assert isinstance(panel, StudyPanel)
        panel.set_values(values)
        panel.show_page(PARAMETERS)

    def go_on_with(self, study: StudyActivity) -> None:
        """Open the activity in which a study goes on, with the parameters that both have."""
        assert study.onward is not None
        values = self._window.panel.form.values()
        self._window.open_activity(study.onward.activity)
        take_values(self._window.panel.form, {name: values[name] for name in study.onward.names})
        self._window.log.add(f"“{study.title}” goes on in “{self._window.panel.activity.title}”.")

    # --- saving -----------------------------------------------------------------------------------------------------

    def save_result(self) -> None:
        """Save the result of the run that is looked at."""
        run = self._window.desk.shown
        self._window.files.save_object(self._window.looks.saved_path(run) if run is not None else None)

    def save_selected(self) -> None:
        """Save the selected mesh or point cloud; without one the run's result."""
        scene = self._window.scene
        if scene.selected is not None and scene.is_input(scene.selected):
            self._window.files.save_object(scene.selected)
        else:
            self.save_result()

    def on_saved(self, file: str, sentence: str) -> None:
        """Say that something was saved."""
        self._window.log.add(sentence)
        self._window.statusBar().showMessage(sentence, 6000)

    # --- dropping ---------------------------------------------------------------------------------------------------

    def hold(self, event: QDragEnterEvent) -> None:
        """Files are held over the window: they may be dropped anywhere on it."""
        if _dropped(event):
            event.acceptProposedAction()
            self._window.welcome.set_dragging(True)

    def drop(self, event: QDropEvent) -> None:
        """Open what was dropped, several files as well."""
        self._window.welcome.set_dragging(False)
        files = self._take_folder(self._take_photo(_dropped(event)))
        event.acceptProposedAction()
        known = [file for file in files if can_open(file) or is_workspace(file)]
        for file in files:
            if file not in known:
                self._window.show_message(
                    f"{Path(file).name} cannot be opened: the lab reads meshes, clouds, recordings and workspaces."
                )
        self.open_files(known)

    def _take_photo(self, files: list[str]) -> list[str]:
        """Give the first picture to the open activity, if it works on a photo. Returns the other files."""
        panel = self._window.panel
        photo = _photo_of(panel.activity)
        picture = next((file for file in files if Path(file).suffix.lower() in _PICTURES), "")
        if photo is None or not picture:
            return files
        self._give(photo, picture)
        return [file for file in files if file != picture]

    def _take_folder(self, files: list[str]) -> list[str]:
        """Give the first folder to the open activity, or to the study of posed images. Returns the other files."""
        folder = next((file for file in files if may_be_posed(file)), "")
        if not folder:
            return files
        param = _folder_of(self._window.panel.activity)
        if param is None:
            self._window.open_activity(POSED_IMAGES)
            param = _folder_of(self._window.panel.activity)
        assert param is not None
        self._give(param, str(Path(folder)))  # without a slash at its end
        return [file for file in files if file != folder]

    def _give(self, param: Param, file: str) -> None:
        """Set a parameter for files of the open activity, and what has to be chosen for it to be of use."""
        panel = self._window.panel
        values: dict[str, object] = {param.name: file}
        if param.when is not None and panel.form.values()[param.when[0]] not in param.when[1]:
            values[param.when[0]] = param.when[1][0]
        if isinstance(panel, StudyPanel):
            panel.set_values(values, param.label)
        else:
            panel.form.set_values(values)
        if panel.form.values()[param.name] == file:
            self._window.log.add(f"{Path(file).name} is the {param.label.lower()} now.")
        else:
            self._window.show_message(f"{param.label}: it stays while the run goes on. Stop the run to change it.")


def _folder_of(activity: Activity) -> Param | None:
    """The first parameter that takes a whole folder."""
    return next((p for p in declared(activity.params) if p.kind == "file" and p.folder and not p.hidden), None)


def _photo_of(activity: Activity) -> Param | None:
    """The parameter for a photo: the first file that is no mask and no joints of one, if it is a photo's."""
    params = declared(activity.params)
    of_photos = (p for p in params if p.kind == "file" and not (p.mask_of or p.keypoints_of or p.hidden or p.folder))
    file = next(of_photos, None)
    if file is None:
        return None
    looked_at = any(file.name in (param.mask_of, param.keypoints_of) for param in params)
    return file if looked_at or any(word in file.label.lower() for word in _PHOTO_WORDS) else None


def _dropped(event: QDropEvent) -> list[str]:
    """The files that are held or dropped."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]


def values_for(study: StudyActivity, names: Sequence[str], arrays: Mapping[str, Any]) -> dict[str, Any]:
    """What a study's parameters get from arrays of the same names; numbers that are missing at the end stay usual."""
    found: dict[str, Any] = {}
    for param in declared(study.params):
        if param.name not in names or param.name not in arrays:
            continue
        value = arrays[param.name]
        if param.kind == "numbers":  # to a ten-thousandth, which a person can read and nobody sees
            given = [round(float(number), 4) for number in np.ravel(value)[: len(param.default)]]
            value = (*given, *param.default[len(given) :])
        found[param.name] = value
    return found
