"""The panels of the activities: each is made when it is first opened, and keeps its values from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget

from lab.chapter import Activity, ExperimentActivity, StudyActivity, find
from lab.params import ParamError, build
from lab.params import values as values_of
from ui.studies.panel import StudyPanel
from ui.window.activity_panel import ActivityPanel

if TYPE_CHECKING:
    from ui.window.window import MainWindow

Panel = ActivityPanel | StudyPanel


class Panels(QStackedWidget):
    """One panel at a time. make: makes the panel of an activity."""

    def __init__(self, make: Callable[[Activity], Panel]) -> None:
        super().__init__()
        self._make = make
        self._panels: dict[str, Panel] = {}
        self._to_come: dict[str, Mapping[str, Any]] = {}  # the values of panels that were not opened yet

    def open(self, key: str) -> Panel:
        """Show the panel of an activity. Raises KeyError."""
        if key not in self._panels:
            panel = self._panels[key] = self._make(find(key))
            self.addWidget(panel)
            take_values(panel.form, self._to_come.pop(key, {}))
        self.setCurrentWidget(self._panels[key])
        return self._panels[key]

    @property
    def current(self) -> Panel:
        """The panel of the activity that is open."""
        panel = self.currentWidget()
        assert isinstance(panel, ActivityPanel | StudyPanel)
        return panel

    def values(self) -> dict[str, Mapping[str, Any]]:
        """The values of every activity that has other ones than at first, by its key."""
        return {**self._to_come, **{key: panel.form.values() for key, panel in self._panels.items()}}

    def set_values(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the activities have these values, those that were not opened yet when they are."""
        for key, panel in self._panels.items():
            take_values(panel.form, values.get(key, values_of(build(panel.activity.params, {}))))
        self._to_come = {key: one for key, one in values.items() if key not in self._panels}


def make_panel(window: MainWindow, activity: Activity) -> Panel:
    """The panel of an activity, connected to the window."""
    if isinstance(activity, StudyActivity):
        return window.study_desk.panel_of(activity)
    assert isinstance(activity, ExperimentActivity)
    panel = ActivityPanel(activity, window.scene, window.themes)
    panel.form.fileDropped.connect(window.opening.open_for)
    panel.form.valuesChanged.connect(lambda _: window.workspaces.keeper.touch())
    panel.refused.connect(lambda sentence: window.show_message(sentence, level="warning"))
    panel.results.saveMeshRequested.connect(window.opening.save_result)
    panel.results.exportVideoRequested.connect(lambda: window.files.save_film(window.desk.shown))
    panel.results.saveRecordingRequested.connect(lambda: window.files.save_recording(window.desk.shown))
    panel.results.saveArraysRequested.connect(lambda: window.files.save_arrays(window.desk.shown))
    panel.results.onwardRequested.connect(lambda: window.opening.go_on(panel.activity, window.desk.shown))
    panel.results.saveDocumentRequested.connect(lambda: window.files.save_document(window.desk.shown))
    return panel


def take_values(form: Any, values: Mapping[str, Any]) -> None:
    """Let a form show the values that fit; what does not is left as it is."""
    for name, value in values.items():
        try:
            form.set_values({name: value})
        except (ParamError, KeyError):
            continue
