"""The window that people live in: it puts the parts together and passes on what each has to tell the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from lab.chapter import find
from lab.examples import example_path
from lab.render.pool import RenderPool
from lab.run.source import Source
from lab.studies.source import OnEvent, StudyProcess, StudySource
from ui.files.desk import FilesDesk
from ui.files.export import Exporter
from ui.files.importing import UNIT_WORDS, UNITS, Importer
from ui.files.task_strip import TaskStrip
from ui.files.tasks import Tasks
from ui.look.icon_binding import IconBook
from ui.look.icons import app_icon
from ui.look.theme import ThemeManager
from ui.runs.commands import RunCommands
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
from ui.window.chapter_tree import ChapterTree
from ui.window.layout import LayoutModes, arrange
from ui.window.log import LogView
from ui.window.menus import WindowMenus
from ui.window.opening import Opening
from ui.window.panels import Panel, Panels, make_panel
from ui.window.parts import MainBar, Status
from ui.window.settings import Settings
from ui.window.warm_up import WarmUp
from ui.window.welcome import Welcome
from ui.window.workspace_commands import WorkspaceCommands, may_close

_CENTRE = "pictures of runs"  # among the keys of studies, what is remembered of the centre


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
        self._closing = self._unasked = False
        self._after_banner = ""
        self.setWindowTitle("DL3D Lab")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self._make_models(source, study_source)
        self._make_widgets()
        self.centre, self.docks = arrange(self)
        self.stage = self.centre.stage
        self.modes = LayoutModes(self)
        self.commands = RunCommands(self)
        self.workspaces = WorkspaceCommands(self)
        self.workspaces.keeper.saved.connect(self.opening.on_saved)
        self.menus = WindowMenus(self)
        self.activityOpened.connect(self.docks["panel"].setWindowTitle)
        self.opening.follow()
        self._connect_scene()
        self._connect_runs()
        self._connect_studies()
        self.chapter_tree.choose(self.settings.activity or "mesh-fitting")
        self._restore()
        self._show_page()
        self.welcome.start.setFocus(Qt.FocusReason.OtherFocusReason)
        self.warm_up = WarmUp(self.curves, self)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _make_models(self, source: Source, study_source: Callable[[OnEvent], StudySource]) -> None:
        self.scene = SceneModel(self)
        self.history = History(self.scene)
        self.tasks = Tasks(self)
        self.controller = RunController(source, self.scene, self)
        self.studies = StudyController(study_source, self.scene, self)
        self.importer = Importer(self.scene, self.history, self.tasks, self.settings, self)
        self.exporter = Exporter(self.tasks, self.settings, self)
        self.opening = Opening(self)
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
        self.panels = Panels(lambda activity: make_panel(self, activity))
        self.chapter_tree = ChapterTree()
        self.chapter_tree.activityChosen.connect(self._open_activity)

    def _make_view(self, name: str) -> Viewport:
        """A viewport of the scene."""
        return Viewport(self.scene, self.themes, pool=self.renderers)

    def _viewports_of(self, study: str) -> MakeViewport:
        """Makes the viewports of a study's panes."""
        return lambda scene, pane: Viewport(scene, self.themes, pool=self.renderers)

    # --- activities -------------------------------------------------------------------------------------------------

    def open_activity(self, key: str) -> None:
        """Show the panel of an activity. Raises KeyError."""
        self.chapter_tree.choose(key)

    def _open_activity(self, key: str) -> None:
        panel = self.panels.open(key)
        self.modes.enter("study" if isinstance(panel, StudyPanel) else "experiment")
        if isinstance(panel, StudyPanel):
            self.pictures.set_activity(None)
            self.study_desk.open(panel.activity)
        else:
            self.study_desk.leave()
            self.desk.set_panel(panel)
            self.pictures.set_activity(panel.activity)
            if panel.activity.mesh:  # its result is no mesh itself, but a radiance field
                self.area.active.expect_fields()
        self._show_page()
        self.commands.show_state()
        self.settings.activity = key
        self.activityOpened.emit(panel.activity.title)

    @property
    def panel(self) -> Panel:
        """The panel of the activity that is open."""
        return self.panels.current

    def open_files(self, files: Sequence[str]) -> None:
        """Open meshes, point clouds, recordings and workspaces."""
        self.opening.open_files(files)

    # --- the scene --------------------------------------------------------------------------------------------------

    def _connect_scene(self) -> None:
        self.scene.added.connect(lambda _: self._show_page())
        self.scene.removed.connect(lambda _: self._show_page())
        self.tree.fitRequested.connect(self.area.fit)
        self.details.colorRequested.connect(self.tree.choose_color)
        self.area.hovered.connect(self.status.show_hit)
        self.area.picked.connect(self._on_picked)
        self.area.tools.measurement.unit_of = self._unit_of
        self.area.tools.mover.refused.connect(lambda sentence: self.show_message(sentence, level="warning"))
        self.area.arranged.connect(self._keep_views)
        self.viewport.rendererReady.connect(lambda event: self.log.add(f"The 3D view draws with {event.gl_renderer}."))
        self.viewport.rendererFailed.connect(lambda event: self.log.add(event.sentence, "error"))

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

    # --- runs -------------------------------------------------------------------------------------------------------

    def _connect_runs(self) -> None:
        self.controller.stateChanged.connect(lambda state: self.area.set_streaming(state == "running"))
        self.controller.stateChanged.connect(lambda _: self._show_status())
        self.controller.workerReady.connect(lambda event: self.bar.set_devices(event.devices))
        for shown in (self.viewport.frameShown, self.pictures.shown):
            self.controller.pace_by(shown)
        self.looks.widened.connect(self.area.fit)
        self.desk.troubled.connect(lambda text, details, action: self.show_message(text, details, action))
        self.desk.statusChanged.connect(self._show_status)
        self.desk.shownChanged.connect(self._show_status)
        self.desk.shownChanged.connect(self.pictures.refresh)
        self.pictures.saveRequested.connect(self.files.save_pixels)
        self.banner.actionTriggered.connect(self._on_banner)
        self.bar.seedChanged.connect(lambda seed: setattr(self.settings, "seed", seed))
        self.bar.budgetChanged.connect(self.set_budget)
        self.timeline.budgetChanged.connect(self.set_budget)
        self.bar.shareChanged.connect(self._set_view_share)

    def run(self) -> None:
        """Start a run with the values of the panel; a paused one goes on."""
        self.commands.run()

    def _set_view_share(self, percent: int) -> None:
        self.settings.view_share = percent
        self.area.set_share(percent / 100)

    def set_budget(self, budget_bytes: int) -> None:
        """Another memory budget for the recordings."""
        self.settings.budget = budget_bytes
        self.bar.set_budget(budget_bytes)
        self.controller.set_budget(budget_bytes)
        self.timeline.set_usage(self.controller.used, budget_bytes)

    def _show_status(self) -> None:
        run = self.desk.shown
        self.status.show_state(self.controller.state, self.desk.work)
        steps = (None, 0, None) if run is None else (run.step, self.desk.total_steps(run), run.scrubbed)
        self.status.show_step(*steps)
        self.status.show_rate(self.desk.steps_per_second)

    # --- studies ----------------------------------------------------------------------------------------------------

    def _connect_studies(self) -> None:
        desk = self.study_desk
        desk.stageChanged.connect(self._show_stage)
        desk.exampleWanted.connect(lambda parameter, name: self.opening.open_for(parameter, str(example_path(name))))
        desk.openRequested.connect(self.files.open)
        desk.fileDropped.connect(self.opening.open_for)
        desk.saveRequested.connect(self.files.save_entity)
        desk.pictureRequested.connect(self.files.save_pixels)
        desk.troubled.connect(lambda text, details, level: self.show_message(text, details, level=level))
        desk.valuesChanged.connect(self.workspaces.keeper.touch)
        desk.activityWanted.connect(self.open_activity)
        desk.onwardRequested.connect(self.opening.go_on_with)
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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        self.opening.hold(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Not here, then."""
        self.welcome.set_dragging(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.opening.drop(event)

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
        self.bar.share.setValue(self.settings.view_share)
        if not self.restoreGeometry(self.settings.geometry):
            self.resize(1440, 900)
        self.study_desk.restore_stages(self.settings.stages)
        self.centre.restore(self.settings.stages.get(_CENTRE, {}))
        self.area.restore(self.settings.views, self.settings.views_linked)
        self.modes.restore()
        self.commands.show_state()
        self._show_status()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while work goes on; then end every process and leave nothing behind."""
        if self._closing or not (self._unasked or may_close(self)):
            event.setAccepted(self._closing)
            return
        self._closing = True
        self.settings.geometry = self.saveGeometry()
        self.modes.save()
        self.settings.stages = {**self.study_desk.stage_states(), _CENTRE: self.centre.state()}
        self.settings.theme = self.themes.theme.name
        self.settings.sync()
        self.hide()
        self.warm_up.stop()
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
