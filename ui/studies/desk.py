"""The open study in the window: its panel, its stage and its questions, and what they have to tell each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from lab.chapter import StudyActivity
from lab.examples import example_path
from lab.params import declared
from lab.scene import Entity
from lab.study import Board, Result
from ui.forms.geometry_rows import is_suited
from ui.look.theme import ThemeManager
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.studies.controller import StudyController
from ui.studies.edits import ValueEdits, title_of
from ui.studies.panel import StudyPanel
from ui.studies.panes.view import MakeViewport
from ui.studies.stage import StudyStage


class StudyDesk(QObject):
    """Opens studies. Each has a panel that stays; only the open one has a stage.

    make_viewport: for the study with this key; see ui.studies.panes.view.
    """

    stageChanged = Signal(object)
    """The StudyStage that is to be seen, or None. The one before it is deleted by its owner, ``leave`` or ``open``."""
    exampleWanted = Signal(str, str)
    """(parameter, example): open the example and choose it for the parameter."""
    saveRequested = Signal(object, str)
    """(a result of the board: an entity, a film or a picture; name)"""
    pictureRequested = Signal(object, str)
    """(pixels, name)"""
    openRequested = Signal()
    """The person wants to open a file."""
    fileDropped = Signal(str, str)
    """(parameter, file)"""
    troubled = Signal(str, str, str)
    """(a sentence, details, level)"""
    valuesChanged = Signal()
    """The open study's values are others."""
    activityWanted = Signal(str)
    """The key of a study that is to be opened, as something in it was undone."""
    onwardRequested = Signal(object)
    """The StudyActivity whose person wants to go on in the next one."""
    said = Signal(str)
    """A sentence for the log."""

    def __init__(
        self,
        controller: StudyController,
        scene: SceneModel,
        history: History,
        themes: ThemeManager,
        make_viewport: Callable[[str], MakeViewport],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._scene = scene
        self._history = history
        self._themes = themes
        self._make_viewport = make_viewport
        self._panels: dict[str, StudyPanel] = {}
        self._stage: StudyStage | None = None
        self._stage_states: dict[str, Mapping[str, Any]] = {}
        self._offered: set[str] = set()  # studies that had their example opened
        self._edits = ValueEdits(history.stack, self._show_activity)
        controller.boardReady.connect(self._on_board)
        controller.progressed.connect(lambda *told: self._with_panel(lambda panel: panel.show_progress(*told)))
        controller.busyChanged.connect(lambda busy: self._with_panel(lambda panel: panel.set_busy(busy)))
        controller.refused.connect(self._on_refused)
        controller.needsInput.connect(lambda label: self._stage and self._stage.show_need(label))
        controller.died.connect(self._on_death)

    # --- which study ------------------------------------------------------------------------------------------------

    @property
    def stage(self) -> StudyStage | None:
        """The open study's stage."""
        return self._stage

    @property
    def panel(self) -> StudyPanel | None:
        """The open study's panel."""
        return self._panels.get(self._stage.activity.key) if self._stage is not None else None

    def panel_of(self, activity: StudyActivity) -> StudyPanel:
        """The panel of a study, made when it is first asked for."""
        if activity.key not in self._panels:
            panel = self._panels[activity.key] = StudyPanel(activity, self._scene, self._themes)
            self._edits.follow(panel)
            panel.valuesChanged.connect(self._ask)
            panel.actionPressed.connect(lambda key: self._controller.ask(panel.form.values(), key))
            panel.cancelRequested.connect(self._controller.cancel)
            panel.onwardRequested.connect(lambda: self.onwardRequested.emit(activity))
            panel.addRequested.connect(self._add_result)
            panel.saveRequested.connect(self._save_result)
            panel.fileDropped.connect(self.fileDropped)
            panel.refused.connect(lambda sentence: self.troubled.emit(sentence, "", "warning"))
        return self._panels[activity.key]

    def open(self, activity: StudyActivity) -> None:
        """Show a study and ask it."""
        if self._stage is not None and self._stage.activity is activity:
            return
        self._drop_stage()
        panel = self.panel_of(activity)
        stage = StudyStage(activity, self._themes, self._make_viewport(activity.key))
        if activity.key in self._stage_states:
            stage.restore(self._stage_states[activity.key])
        stage.valuesWanted.connect(self._take_from_stage)
        stage.released.connect(self._edits.seal)
        stage.pictured.connect(self._controller.pictured)
        stage.openRequested.connect(self.openRequested)
        stage.saveRequested.connect(self.pictureRequested)
        self._stage = stage
        self.stageChanged.emit(stage)
        self._choose_objects(panel)
        self._controller.open(activity, panel.form.values())

    def leave(self) -> None:
        """Show no study any more."""
        if self._stage is not None:
            self._controller.close_study()
            self._drop_stage()
            self.stageChanged.emit(None)

    def _drop_stage(self) -> None:
        if self._stage is not None:
            self._panels[self._stage.activity.key].form.stop_playing()
            self._stage_states[self._stage.activity.key] = self._stage.state()
            self._stage.shutdown()
            self._stage.deleteLater()
            self._stage = None

    def stage_states(self) -> dict[str, Mapping[str, Any]]:
        """How the panes of each study are arranged, as plain data."""
        open_now = {self._stage.activity.key: self._stage.state()} if self._stage is not None else {}
        return {**self._stage_states, **open_now}

    def restore_stages(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        """Arrange the panes as they were."""
        self._stage_states.update(states)

    def _choose_objects(self, panel: StudyPanel) -> None:
        """What is not chosen: the selected object or the last of the person's own; without any, the example. A field is
        chosen even where none is needed: it is what the person has just made.

        A file is an object's where the study has an object's for its example; other files are the person's to choose.
        """
        values = panel.form.values()
        for param in declared(panel.activity.params):
            left_out = param.may_be_empty(values) and "field" not in param.accepts
            if param.kind not in ("geometry", "geometries", "file") or values[param.name] or left_out:
                continue
            own = [path for path in self._scene.inputs(param.accepts) if is_suited(self._scene.entry(path), param)]
            chosen = self._scene.selected if self._scene.selected in own else next(reversed(own), None)
            if param.kind == "file":
                examples = [str(example_path(name)) for name in panel.activity.examples_of(param.name)]
                source = self._scene.entry(chosen).source if chosen is not None else None
                if examples:
                    panel.form.set_values({param.name: source or examples[0]})
            elif own:
                for path in own if param.kind == "geometries" else (chosen,):
                    panel.form.choose(param.name, str(path))
            elif panel.activity.key not in self._offered:
                self._offered.add(panel.activity.key)
                for name in panel.activity.examples_of(param.name):
                    self.exampleWanted.emit(param.name, name)

    # --- questions and boards ---------------------------------------------------------------------------------------

    def _ask(self, values: Mapping[str, Any]) -> None:
        if self._stage is not None:
            self._controller.ask(values)
            self.valuesChanged.emit()

    def _take_from_stage(self, values: dict[str, object]) -> None:
        """The person drags a handle, or clicks in a pane."""
        panel = self.panel
        if panel is not None and self._stage is not None:
            title = self._stage.holding or title_of(panel.activity, values)
            self._edits.begin(panel, title, "stage", held=True)
            panel.set_values(values)

    def _show_activity(self, key: str) -> None:
        if self._stage is None or self._stage.activity.key != key:
            self.activityWanted.emit(key)

    def _on_board(self, board: Board) -> None:
        if self._stage is not None and self.panel is not None:
            self._stage.show_board(board, in_turns=True)
            self.panel.show_board(board)

    def _on_refused(self, sentence: str, details: str) -> None:
        if self._stage is not None and self.panel is not None:
            self._stage.show_problem(sentence)
            self.panel.show_problem(sentence)
        self.said.emit(sentence if not details else f"{sentence}\n{details}")

    def _on_death(self, sentence: str, details: str) -> None:
        if self._stage is not None:
            self._stage.show_problem(sentence)
            self.troubled.emit(sentence, details, "warning")

    def _with_panel(self, use: Callable[[StudyPanel], None]) -> None:
        if self.panel is not None:
            use(self.panel)

    # --- results ----------------------------------------------------------------------------------------------------

    def _result(self, name: str) -> Result | None:
        board = self._stage.board if self._stage is not None else None
        return board.results.get(name) if board is not None else None

    def _add_result(self, name: str) -> None:
        result = self._result(name)
        if isinstance(result, Entity):
            path = self._history.add(name, result, what="addition")
            self.said.emit(f"{path} is in the scene now.")

    def _save_result(self, name: str) -> None:
        result = self._result(name)
        if result is not None:
            self.saveRequested.emit(result, name)

    def shutdown(self) -> None:
        """End the study's process and what draws its stage."""
        self._controller.shutdown()
        if self._stage is not None:
            self._stage.shutdown()
