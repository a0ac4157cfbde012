"""The window that people live in: it puts the parts together and passes on what each has to tell the others."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from lab.chapter import Activity, ExperimentActivity, StudyActivity, find
from lab.examples import example_path
from lab.params import build
from lab.params import values as values_of
from lab.render.camera import Camera
from lab.render.pool import RenderPool
from lab.run.source import Source
from lab.studies.source import OnEvent, StudyProcess, StudySource
from ui.files.desk import FilesDesk
from ui.files.export import Exporter
from ui.files.importing import UNIT_WORDS, UNITS, Importer, can_open
from ui.files.task_strip import TaskStrip
from ui.files.tasks import Tasks
from ui.files.workspaces import is_workspace
from ui.look.icon_binding import IconBook
from ui.look.icons import app_icon
from ui.look.theme import ThemeManager
from ui.runs.commands import AT_WORK, RunCommands
from ui.runs.controller import RunController
from ui.runs.curves import CurvesPanel
from ui.runs.desk import RunDesk
from ui.runs.looks import RunLooks
from ui.runs.notices import Banner
from ui.runs.pictures import RunPictures
from ui.runs.timeline import Timeline
from ui.scene.details import SceneDetails
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.scene.transform_form import TransformForm
from ui.scene.tree import SceneTree
from ui.studies.controller import StudyController
from ui.studies.desk import StudyDesk
from ui.studies.panel import StudyPanel
from ui.studies.panes.view import MakeViewport
from ui.studies.stage import StudyStage
from ui.viewport.area import ViewportArea
from ui.viewport.measure import Unit
from ui.viewport.viewport import Viewport
from ui.window.actions import Actions
from ui.window.activity_panel import ActivityPanel
from ui.window.chapter_tree import ChapterTree
from ui.window.layout import LayoutModes, arrange
from ui.window.log import LogView
from ui.window.menus import WindowMenus
from ui.window.parts import MainBar, Status
from ui.window.session import take_values
from ui.window.settings import Settings
from ui.window.welcome import Welcome
from ui.window.workspace_commands import WorkspaceCommands, agrees

_WARM_UP_MS = 400  # after the first picture: let the person see the window before anything else


class MainWindow(QMainWindow):
    """DL3D Lab. source: where runs compute; it is started here and closed with the window."""

    closed = Signal()
    """All processes, threads and temporary files are gone."""
    activityOpened = Signal(str)
    """The title of the activity whose panel is shown."""

    def __init__(
        self,
        themes: ThemeManager,
        settings: Settings,
        source: Source,
        study_source: Callable[[OnEvent], StudySource] = StudyProcess,
    ) -> None:
        super().__init__()
        self.themes = themes
        self.settings = settings
        self.icons = IconBook(themes)
        self._closing = False
        self._unasked = False
        self._after_banner = ""
        self._run_when_opened = ""
        self._fitted: set[int] = set()  # runs whose beginning was shown as a whole
        self._parameter_of: dict[str, str] = {}  # file that was dropped on a parameter -> the parameter
        self.setWindowTitle("DL3D Lab")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self._make_models(source, study_source)
        self._make_widgets()
        self._make_panels()
        self.stage, self.centre, self.docks = arrange(self)
        self.modes = LayoutModes(self)
        self.commands = RunCommands(self)
        self.workspaces = WorkspaceCommands(self)
        self.workspaces.keeper.saved.connect(self._on_saved)
        self.menus = WindowMenus(self)
        self.activityOpened.connect(self.docks["panel"].setWindowTitle)
        self._connect_files()
        self._connect_runs()
        self._connect_studies()
        self.chapter_tree.choose(self.settings.activity or "mesh-fitting")
        self._restore()
        self._show_page()
        self.welcome.start.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(_WARM_UP_MS, self._warm_up)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _make_models(self, source: Source, study_source: Callable[[OnEvent], StudySource]) -> None:
        self.scene = SceneModel(self)
        self.history = History(self.scene)
        self.tasks = Tasks(self)
        self.controller = RunController(source, self.scene, self)
        self.studies = StudyController(study_source, self.scene, self)
        self.importer = Importer(self.scene, self.history, self.tasks, self.settings, self)
        self.exporter = Exporter(self.tasks, self.settings, self)
        self.looks = RunLooks(self.controller, self.scene, self.themes, self)

    def _make_widgets(self) -> None:
        self.actions_by_name = Actions(self, self.icons)
        self.bar = MainBar(self.actions_by_name, self.icons, self)
        self.renderers = RenderPool()
        self.viewport = self._make_view("view 1")
        self.area = ViewportArea(self.viewport, self._make_view, self.scene, self.history, self.themes, self.icons)
        self.welcome = Welcome(find("mesh-fitting"), self.themes)
        self.timeline = Timeline(self.themes)
        self.curves = CurvesPanel(self.themes)
        self.log = LogView(self.themes)
        self.tree = SceneTree(self.scene, self.history, self.themes)
        self.details = SceneDetails(self.scene, self.history, self.themes)
        self.transform_form = TransformForm(self.scene, self.area.tools.mover)
        self.area.tools.transform.dragged.connect(self.transform_form.show_motion)
        self.details.add_section(self.transform_form)
        self.banner = Banner(self.themes)
        self.task_strip = TaskStrip(self.tasks)
        self.status = Status()
        self.desk = RunDesk(self.controller, self.scene, self.looks, self.curves, self.timeline, self.log, parent=self)
        self.files = FilesDesk(
            self, self.scene, self.viewport, self.controller, self.importer, self.exporter, self.settings
        )
        self.pictures = RunPictures(self.scene, self.themes)
        self.pictures.follow(self.desk.paths_of)
        self.study_desk = StudyDesk(self.studies, self.scene, self.history, self.themes, self._viewports_of, self)

    def _make_view(self, name: str) -> Viewport:
        """A viewport of the scene."""
        return Viewport(self.scene, self.themes, pool=self.renderers)

    def _viewports_of(self, study: str) -> MakeViewport:
        """Makes the viewports of a study's panes."""
        return lambda scene, pane: Viewport(scene, self.themes, pool=self.renderers)

    def _make_panels(self) -> None:
        self.pages = QStackedWidget()
        self.panels: dict[str, ActivityPanel | StudyPanel] = {}
        self._values_to_come: dict[str, Mapping[str, Any]] = {}  # of panels that were not opened yet
        self.chapter_tree = ChapterTree()
        self.chapter_tree.activityChosen.connect(self._open_activity)

    def open_activity(self, key: str) -> None:
        """Show the panel of an activity. Raises KeyError."""
        self.chapter_tree.choose(key)

    def _open_activity(self, key: str) -> None:
        activity = find(key)
        if key not in self.panels:
            self.panels[key] = self._make_panel(activity)
            self.pages.addWidget(self.panels[key])
            take_values(self.panels[key].form, self._values_to_come.pop(key, {}))
        panel = self.panels[key]
        self.pages.setCurrentWidget(panel)
        self.modes.enter("study" if isinstance(panel, StudyPanel) else "experiment")
        if isinstance(panel, StudyPanel):
            self.pictures.set_activity(None)
            self.study_desk.open(panel.activity)
        else:
            self.study_desk.leave()
            self.desk.set_panel(panel)
            self.pictures.set_activity(panel.activity)
        self._show_page()
        self.commands.show_state()
        self.settings.activity = key
        self.activityOpened.emit(activity.title)

    def _make_panel(self, activity: Activity) -> ActivityPanel | StudyPanel:
        if isinstance(activity, StudyActivity):
            return self.study_desk.panel_of(activity)
        assert isinstance(activity, ExperimentActivity)
        panel = ActivityPanel(activity, self.scene, self.themes)
        panel.form.fileDropped.connect(self._open_for_parameter)
        panel.form.valuesChanged.connect(lambda _: self.workspaces.keeper.touch())
        panel.refused.connect(lambda sentence: self.show_message(sentence, level="warning"))
        panel.results.saveMeshRequested.connect(self.save_result)
        panel.results.exportVideoRequested.connect(lambda: self.files.save_film(self.desk.shown))
        panel.results.saveRecordingRequested.connect(lambda: self.files.save_recording(self.desk.shown))
        panel.results.saveDocumentRequested.connect(lambda: self.files.save_document(self.desk.shown))
        return panel

    def panel_values(self) -> dict[str, Mapping[str, Any]]:
        """The values of every activity that has other ones than at first, by its key."""
        return {**self._values_to_come, **{key: panel.form.values() for key, panel in self.panels.items()}}

    def set_panel_values(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the activities have these values, those that were not opened yet when they are."""
        for key, panel in self.panels.items():
            take_values(panel.form, values.get(key, values_of(build(panel.activity.params, {}))))
        self._values_to_come = {key: one for key, one in values.items() if key not in self.panels}

    def cameras(self) -> dict[str, Camera]:
        """The camera of each viewport of the scene."""
        return self.area.cameras()

    def set_cameras(self, cameras: Mapping[str, Camera]) -> None:
        """Look from there."""
        self.area.set_cameras(cameras)

    @property
    def panel(self) -> ActivityPanel | StudyPanel:
        """The panel of the activity that is open."""
        panel = self.pages.currentWidget()
        assert isinstance(panel, ActivityPanel | StudyPanel)
        return panel

    # --- files ------------------------------------------------------------------------------------------------------

    def _connect_files(self) -> None:
        self.importer.opened.connect(self._on_opened)
        self.importer.failed.connect(self._on_import_failed)
        self.importer.warned.connect(lambda text, details: self.show_message(text, details, level="warning"))
        self.importer.recordingLoaded.connect(self._adopt)
        self.exporter.saved.connect(self._on_saved)
        self.exporter.failed.connect(lambda text, details: self.show_message(text, details))
        self.files.refused.connect(lambda text: self.show_message(text, level="info"))
        self.files.chosen.connect(self.open_files)
        self.welcome.openRequested.connect(self.files.open)
        self.welcome.fileChosen.connect(lambda file: self.open_files([file]))
        self.welcome.exampleChosen.connect(self.open_example)
        self.welcome.chapterChosen.connect(self.open_activity)
        self.welcome.startRequested.connect(self.start_fitting)
        self.scene.added.connect(lambda _: self._show_page())
        self.scene.removed.connect(lambda _: self._show_page())
        self.tree.fitRequested.connect(self.area.fit)
        self.tree.saveRequested.connect(self.files.save_geometry)
        self.tree.targetRequested.connect(self.use_as_target)
        self.tree.adjustRequested.connect(self.files.adjust)
        self.details.colorRequested.connect(self.tree.choose_color)

    def open_files(self, files: Sequence[str]) -> None:
        """Open meshes, point clouds and recordings; they come into the scene when they are read. Or a workspace."""
        workspaces = [file for file in files if is_workspace(file)]
        self.importer.open([file for file in files if file not in workspaces])
        if workspaces:
            self.workspaces.open(workspaces[-1])

    def open_example(self, name: str) -> None:
        """Open a bundled example."""
        self.open_files([str(example_path(name))])

    def start_fitting(self) -> None:
        """Open the example of mesh fitting, and fit it."""
        self.open_activity("mesh-fitting")
        self.start_example()

    def start_example(self) -> None:
        """Open the activity's own example and run on it as soon as it is there; at once where it needs none."""
        examples = self.panel.activity.examples_of(self.panel.target)
        for name in examples:
            self._run_when_opened = str(example_path(name))
            self.open_example(name)
        if not examples:
            self.commands.run()

    def use_as_target(self, path: str) -> None:
        """Let the next run of the open activity work on an entity."""
        if self.panel.target:
            self.panel.form.choose(self.panel.target, path)
            self.log.add(f"{path} is the target now.")

    def save_result(self) -> None:
        """Save the result of the run that is looked at."""
        run = self.desk.shown
        self.files.save_geometry(self.looks.result_path(run) if run is not None else None)

    def save_selected(self) -> None:
        """Save the selected mesh or point cloud; without one the run's result."""
        if self.scene.selected is not None and self.scene.geometry(self.scene.selected) is not None:
            self.files.save_geometry(self.scene.selected)
        else:
            self.save_result()

    def _open_for_parameter(self, parameter: str, file: str) -> None:
        self._parameter_of[os.path.abspath(file)] = parameter
        self.open_files([file])

    def _on_opened(self, path: str, file: str) -> None:
        self.log.add(f"Opened {file}.")
        self.welcome.set_recent_files(self.settings.recent_files)
        parameter = self._parameter_of.pop(file, "")
        wanted, self._run_when_opened = self._run_when_opened, ""
        if not path:
            return
        form = self.panel.form
        if parameter in form.values():  # else another activity was opened meanwhile
            form.choose(parameter, path)
        elif self.panel.target and (wanted == file or not form.values()[self.panel.target]):
            form.choose(self.panel.target, path)
        self.scene.select(path)
        if len(self.scene) == 1 or self.controller.state not in AT_WORK:
            self.area.fit(path)
        if wanted == file:
            self.commands.run()
        elif wanted:
            self._run_when_opened = wanted

    def _on_import_failed(self, sentence: str, details: str) -> None:
        self._run_when_opened = ""
        self.show_message(sentence, details)

    def _on_saved(self, file: str, sentence: str) -> None:
        self.log.add(sentence)
        self.statusBar().showMessage(sentence, 6000)

    def _adopt(self, recording: object, file: str) -> None:
        run_id = self.controller.adopt(recording, Path(file).name)  # type: ignore[arg-type]
        path = self.looks.result_path(self.controller.runs[run_id])
        self.scene.select(path)
        self.area.fit(path)

    # --- runs -------------------------------------------------------------------------------------------------------

    def _connect_runs(self) -> None:
        self.controller.stateChanged.connect(lambda state: self.area.set_streaming(state == "running"))
        self.controller.stateChanged.connect(lambda _: self._show_status())
        self.controller.workerReady.connect(lambda event: self.bar.set_devices(event.devices))
        self.controller.pace_by(self.viewport.frameShown)
        self.controller.frame.connect(self._fit_cameras)
        self.desk.troubled.connect(lambda text, details, action: self.show_message(text, details, action))
        self.desk.statusChanged.connect(self._show_status)
        self.desk.shownChanged.connect(self._show_status)
        self.desk.shownChanged.connect(self.pictures.refresh)
        self.pictures.saveRequested.connect(self.files.save_pixels)
        self.pictures.maximisedChanged.connect(lambda on: self.stage.setVisible(not on))
        self.area.hovered.connect(self.status.show_hit)
        self.area.picked.connect(self._on_picked)
        self.area.tools.measurement.unit_of = self._unit_of
        self.area.tools.mover.refused.connect(lambda sentence: self.show_message(sentence, level="warning"))
        self.area.arranged.connect(self._keep_views)
        self.viewport.rendererReady.connect(lambda event: self.log.add(f"The 3D view draws with {event.gl_renderer}."))
        self.viewport.rendererFailed.connect(lambda event: self.log.add(event.sentence, "error"))
        self.banner.actionTriggered.connect(self._on_banner)
        self.bar.seedChanged.connect(lambda seed: setattr(self.settings, "seed", seed))
        self.bar.budgetChanged.connect(self.set_budget)
        self.timeline.budgetChanged.connect(self.set_budget)

    def _fit_cameras(self, run_id: int, frame: object) -> None:
        """Show all of a run that has pictures when it begins: their cameras stand far from the object."""
        run = self.controller.runs.get(run_id)
        if run is None or run_id in self._fitted or run.activity is None or not run.activity.pictures:
            return
        self._fitted.add(run_id)
        if run.resume is None:
            self.area.fit()

    def run(self) -> None:
        """Start a run with the values of the panel; a paused one goes on."""
        self.commands.run()

    def set_budget(self, budget_bytes: int) -> None:
        """Another memory budget for the recordings."""
        self.settings.budget = budget_bytes
        self.bar.set_budget(budget_bytes)
        self.controller.set_budget(budget_bytes)
        self.timeline.set_usage(self.controller.used, budget_bytes)

    def _show_status(self) -> None:
        run = self.desk.shown
        self.status.show_state(self.controller.state, self.desk.work)
        if run is None:
            self.status.show_step(None, 0, None)
        else:
            self.status.show_step(run.step, self.desk.total_steps(run), run.scrubbed)
        self.status.show_rate(self.desk.steps_per_second)

    def _unit_of(self, path: str) -> Unit:
        """The unit that an object's file counts in."""
        name = self.importer.correction(path).units
        return Unit(UNIT_WORDS[name], UNITS[name])

    def _keep_views(self) -> None:
        self.settings.views = self.area.arrangement
        self.settings.views_linked = self.area.link.on

    def _on_picked(self, hit: object) -> None:
        path = getattr(hit, "path", None)
        self.scene.select(path if path in self.scene.paths() else None)

    # --- studies ----------------------------------------------------------------------------------------------------

    def _connect_studies(self) -> None:
        desk = self.study_desk
        desk.stageChanged.connect(self._show_stage)
        desk.exampleWanted.connect(lambda parameter, name: self._open_for_parameter(parameter, str(example_path(name))))
        desk.openRequested.connect(self.files.open)
        desk.fileDropped.connect(self._open_for_parameter)
        desk.saveRequested.connect(self.files.save_entity)
        desk.pictureRequested.connect(self.files.save_pixels)
        desk.troubled.connect(lambda text, details, level: self.show_message(text, details, level=level))
        desk.valuesChanged.connect(self.workspaces.keeper.touch)
        desk.said.connect(self.log.add)
        self.bar.seedChanged.connect(lambda seed: setattr(self.studies, "seed", seed))
        self.studies.seed = self.settings.seed

    def _show_stage(self, stage: StudyStage | None) -> None:
        """The study's panes in the centre, or the scene again."""
        if stage is not None:
            self.stage.addWidget(stage)
        self._show_page()

    # --- messages ---------------------------------------------------------------------------------------------------

    def show_message(self, text: str, details: str = "", action: str = "", level: str = "error") -> None:
        """Say something above the viewport. action: "run" for a button that runs again, or ""."""
        self._after_banner = action
        self.banner.show_message(text, details, "Run again" if action == "run" else "", level)  # type: ignore[arg-type]
        self.log.add(text, level)  # type: ignore[arg-type]

    def _on_banner(self) -> None:
        self.banner.hide()
        if self._after_banner == "run":
            self.commands.run()

    # --- dropping ---------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if _dropped(event):
            event.acceptProposedAction()
            self.welcome.set_dragging(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Not here, then."""
        self.welcome.set_dragging(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped, several files as well."""
        self.welcome.set_dragging(False)
        files = _dropped(event)
        event.acceptProposedAction()
        known = [file for file in files if can_open(file) or is_workspace(file)]
        for file in files:
            if file not in known:
                self.show_message(
                    f"{Path(file).name} cannot be opened: the lab reads meshes, clouds, recordings and workspaces."
                )
        self.open_files(known)

    # --- the window itself ------------------------------------------------------------------------------------------

    def _show_page(self) -> None:
        """The open study; without one the welcome while the scene is empty, the viewport otherwise."""
        empty = len(self.scene) == 0
        page: QWidget = self.study_desk.stage or (self.welcome if empty else self.area)
        if self.stage.currentWidget() is not page:
            self.stage.setCurrentWidget(page)
            focus = self.welcome.start if page is self.welcome else page
            focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self.pictures.setVisible(self.pictures.wanted and page is self.area)
        if empty:
            self.welcome.set_recent_files(self.settings.recent_files)

    def _restore(self) -> None:
        self.bar.seed.setValue(self.settings.seed)
        self.set_budget(self.settings.budget)
        if not self.restoreGeometry(self.settings.geometry):
            self.resize(1440, 900)
        self.study_desk.restore_stages(self.settings.stages)
        self.pictures.restore(self.settings.stages)
        self.centre.restoreState(self.settings.layout("pictures"))
        self.area.restore(self.settings.views, self.settings.views_linked)
        self.modes.restore()
        self.commands.show_state()
        self._show_status()

    def _warm_up(self) -> None:
        """Import the plots in a thread, so that the first run does not wait for them."""
        if self._closing:
            return
        thread = threading.Thread(target=importlib.import_module, args=("pyqtgraph",), name="import of the plots")
        thread.start()
        self._when_over(thread)

    def _when_over(self, thread: threading.Thread) -> None:
        if thread.is_alive():
            QTimer.singleShot(50, lambda: self._when_over(thread))
        elif not self._closing:
            self.curves.prepare()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while work goes on; then end every process and leave nothing behind."""
        if self._closing or not self._may_close():
            event.setAccepted(self._closing)
            return
        self._closing = True
        self.settings.geometry = self.saveGeometry()
        self.modes.save()
        self.settings.stages = {**self.study_desk.stage_states(), **self.pictures.state()}
        self.settings.set_layout("pictures", self.centre.saveState())
        self.settings.theme = self.themes.theme.name
        self.settings.sync()
        self.hide()
        self.tasks.cancel_all()
        self.area.shutdown()
        self.controller.shutdown()
        self.study_desk.shutdown()
        self.renderers.close()
        self.scene.shutdown()
        self.workspaces.keeper.close()
        event.accept()
        self.closed.emit()

    def end(self) -> None:
        """Close without asking: nobody may be there to answer."""
        self._unasked = True
        self.close()

    def _may_close(self) -> bool:
        """Whether nothing would be lost, or the person does not mind."""
        if self._unasked:
            return True
        if self.controller.state in AT_WORK:
            question = "A run is at work. Stop it and close the lab? Its recording is lost unless it was saved."
        elif any(task.title.startswith("Saving") for task in self.tasks.running):
            question = "A file is being saved. Stop that and close the lab? The file stays as it was before."
        elif question := self.workspaces.loss_of_closing():
            return agrees(self, "Close DL3D Lab", question, "Close without saving")
        else:
            return True
        return agrees(self, "Close DL3D Lab", question, "Stop and close")


def _dropped(event: QDropEvent) -> list[str]:
    """The files that are held or dropped."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
