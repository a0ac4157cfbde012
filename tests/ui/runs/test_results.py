"""The results page."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from lab.experiment import Outcome
from ui.look.theme import ThemeManager
from ui.runs.results import ResultsView, readable


@pytest.fixture
def view(qtbot):
    view = ResultsView(ThemeManager())
    qtbot.addWidget(view)
    view.resize(380, 600)
    view.show()
    return view


def outcome(**figures):
    curve = np.linspace(0, 5, 11)
    return Outcome(figures={"Watertight": True, **figures}, curves={"F-score": (curve, curve / 5)})


def cells(view, row):
    return [view._table.item(row, column).text() for column in range(view._table.columnCount())]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (5120, "5,120"),
        (2562.0, "2,562"),
        (0.9537, "0.9537"),
        (0.00043, "0.00043"),
        (0.00082461, "0.0008246"),
        (4.3e-7, "4.3e-07"),
        ("none", "none"),
        (None, ""),
        (123456.7, "123,457"),
        (0, "0"),
    ],
)
def test_figures_are_readable(value, text):
    assert readable(value) == text


def test_the_empty_page_says_what_will_come(view):
    assert "When a run ends" in view._empty.text()
    assert view._stack.currentWidget() is view._empty


def test_runs_stand_beside_each_other_the_newest_first(view):
    view.show_outcome(outcome(Mean=0.5), "Run 1")
    view.show_outcome(outcome(Mean=0.25, Faces=12), "Run 2")
    assert view._table.horizontalHeaderItem(1).text() == "Run 2"
    rows = {cells(view, row)[0]: cells(view, row)[1:] for row in range(view._table.rowCount())}
    assert rows == {"Watertight": ["yes", "yes"], "Mean": ["0.25", "0.5"], "Faces": ["12", ""]}
    assert len(view._plot.getPlotItem().listDataItems()) == 2


def test_explanations_are_tooltips(view):
    view.set_explanations({"Watertight": "Whether it closes."})
    view.show_outcome(outcome(), "Run 1")
    assert view._table.item(0, 0).toolTip() == "Whether it closes."


def test_progress_is_shown_until_the_outcome(view):
    view.show_progress(0.4, "Measuring the fit")
    assert view._work.isVisible()
    assert view._bar.value() == 40
    view.show_outcome(outcome(), "Run 1")
    assert not view._work.isVisible()


def test_the_buttons_ask(qtbot, view):
    view.set_onward("Shape and pose")
    view.show_outcome(Outcome(figures={"Error": 0.1}, document={"fov": 60.0}, arrays={"fov": 60.0}), "Run 1")
    signals = (
        *(view.saveMeshRequested, view.exportVideoRequested, view.saveRecordingRequested),
        *(view.saveDocumentRequested, view.saveArraysRequested, view.onwardRequested),
    )
    for button, signal in zip(view.findChildren(QPushButton), signals, strict=True):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_arrays_are_offered_only_where_there_are_some(view):
    def offered():
        return [button.text() for button in view.findChildren(QPushButton) if button.isVisible()]

    view.show_outcome(Outcome(figures={"Error": 0.1}, arrays={"betas": np.zeros(10)}), "Run 1")
    assert "Save .npz…" in offered()
    assert "Save JSON…" not in offered()
    view.show_outcome(Outcome(figures={"Error": 0.1}), "Run 2")
    assert "Save .npz…" not in offered()


def test_json_is_offered_only_where_there_is_some(view):
    def offered():
        return [button.text() for button in view.findChildren(QPushButton) if button.isVisible()]

    view.show_outcome(outcome(), "Run 1")
    assert "Save JSON…" not in offered()
    view.show_outcome(Outcome(figures={"Error": 0.1}, document={"fov": 60.0}), "Run 2")
    assert "Save JSON…" in offered()
    view.show_outcome(outcome(), "Run 3")
    assert "Save JSON…" not in offered()


def test_it_fits_a_narrow_panel(view):
    view.show_outcome(outcome(**{"Chamfer (normalised, squared)": 0.0008246}), "Run 1")
    view.show_outcome(outcome(**{"Chamfer (normalised, squared)": 0.0004123}), "Run 2")
    assert view.minimumSizeHint().width() <= 340
