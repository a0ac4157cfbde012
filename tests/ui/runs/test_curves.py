"""The curves: what is plotted, in which hue, and what a click tells."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from lab.chapter import Term, find
from lab.run.messages import Metrics
from ui.look.theme import ThemeManager
from ui.runs.curves import CurvesPanel

TERMS = find("mesh-fitting").terms


def metrics(run_id, steps):
    values = {"loss": [1.0 + s for s in steps]}
    for number, term in enumerate(TERMS):
        values[term.metric] = [float(number + s) for s in steps]
        values[term.weighted_metric] = [0.1 * (number + s) for s in steps]
    return Metrics(run_id, tuple(steps), tuple(0.0 for _ in steps), {n: tuple(v) for n, v in values.items()})


@pytest.fixture
def themes(qapp):
    manager = ThemeManager()
    manager.apply()
    return manager


@pytest.fixture
def panel(qtbot, themes):
    panel = CurvesPanel(themes)
    qtbot.addWidget(panel)
    panel.set_terms(TERMS)
    panel.resize(900, 240)
    panel.show()
    return panel


def drawn(panel):
    """legend title -> (x, y) of the newest run."""
    run = panel._runs[max(panel._runs)]
    return {key: item.getOriginalDataset() for key, item in run.items.items() if item.isVisible()}


def test_the_empty_panel_says_what_will_come(panel):
    assert panel._stack.currentWidget() is panel._empty
    assert "Press Run" in panel._empty.text()


def test_every_term_gets_a_curve_in_its_own_hue(panel, themes, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(50)))
    qtbot.waitUntil(lambda: len(drawn(panel)) == 1 + len(TERMS))
    for term in TERMS:
        item = panel._runs[1].items[term.key]
        assert item.opts["pen"].color().name() == themes.term_color(term)
    np.testing.assert_allclose(drawn(panel)["loss"][1], 1.0 + np.arange(50))


def test_weighted_and_unweighted_curves_are_switched(panel, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(1, 30)))
    qtbot.waitUntil(lambda: "edge" in drawn(panel))
    unweighted = drawn(panel)["edge"][1].copy()
    qtbot.mouseClick(panel._weighted, Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(drawn(panel)["edge"][1], 0.1 * unweighted)


def test_a_legend_button_hides_its_curve(panel, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(1, 30)))
    qtbot.waitUntil(lambda: "edge" in drawn(panel))
    qtbot.mouseClick(panel._rows["edge"].button, Qt.MouseButton.LeftButton)
    assert "edge" not in drawn(panel)
    assert "chamfer" in drawn(panel)


def test_the_legend_reads_the_values_at_the_cursor(panel, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(20)))
    panel.set_cursor(7)
    assert panel._rows["loss"].value.text() == "8.0000"
    assert panel._line.value() == 7
    assert panel._line.isVisible()
    panel.set_cursor(None)
    assert panel._rows["loss"].value.text() == "20.0000"
    assert not panel._line.isVisible()


def test_the_cursor_is_seen_though_the_view_changed_before(panel, themes, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(1, 3)))
    qtbot.wait(50)
    panel.append(1, metrics(1, range(3, 400)))
    panel._log.setChecked(False)
    qtbot.wait(300)
    panel.set_cursor(200)
    view = panel._plot.getViewWidget()
    x = view.mapFromScene(panel._plot.vb.mapViewToScene(QPointF(200, 0))).x()
    picture = view.grab().toImage()
    colors = [picture.pixelColor(x + dx, y).name() for dx in (-1, 0, 1) for y in range(picture.height())]
    assert colors.count(themes.theme.accent) > 50


def test_the_cursor_is_as_wide_in_a_long_run(panel, themes, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(1, 50_000)))
    qtbot.wait(300)
    panel.set_cursor(20_000)
    view = panel._plot.getViewWidget()
    x = view.mapFromScene(panel._plot.vb.mapViewToScene(QPointF(20_000, 0))).x()
    picture = view.grab().toImage()
    colors = [picture.pixelColor(x + dx, y).name() for dx in (-1, 0, 1) for y in range(picture.height())]
    assert colors.count(themes.theme.accent) > 50


def test_the_legend_reads_the_values_under_the_pointer(panel, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(100)))
    panel._log.setChecked(False)
    qtbot.wait(300)
    panel.set_cursor(7)
    panel._moved(panel._plot.vb.mapViewToScene(QPointF(50.4, 30)))
    assert panel._step.text() == "step 50"
    assert panel._rows["loss"].value.text() == "51.0000"
    QApplication.sendEvent(panel._plot.getViewWidget(), QEvent(QEvent.Type.Leave))
    assert panel._step.text() == "step 7"
    assert panel._rows["loss"].value.text() == "8.0000"


def test_an_earlier_run_is_dimmed_and_can_be_removed(panel, qtbot):
    for run in (1, 2):
        panel.begin_run(run, f"Run {run}")
        panel.append(run, metrics(run, range(1, 30)))
        qtbot.waitUntil(lambda run=run: "loss" in panel._runs[run].items)
    old, new = (panel._runs[run].items["loss"].opts["pen"].color().alpha() for run in (1, 2))
    assert old < new == 255
    panel.remove_run(1)
    assert list(panel._runs) == [2]
    panel.remove_run(2)
    assert panel._stack.currentWidget() is panel._empty


def test_a_click_tells_the_nearest_step(panel, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(0, 1000, 10)))
    qtbot.waitUntil(lambda: "loss" in drawn(panel))
    view = panel._plot.getViewWidget()
    qtbot.wait(50)
    middle = view.mapFromScene(panel._plot.vb.mapViewToScene(panel._plot.vb.viewRect().center()))
    with qtbot.waitSignal(panel.stepClicked) as signal:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), middle.y()))
    assert signal.args[0] % 10 == 0
    assert abs(signal.args[0] - panel._plot.vb.viewRect().center().x()) < 15


def test_a_hundred_thousand_steps_are_thinned(panel, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(1, 100_001)))
    qtbot.waitUntil(lambda: "loss" in drawn(panel))
    x, y = drawn(panel)["loss"]
    assert len(x) <= 650
    assert y.max() == 100_001
    assert panel._runs[1].series.value("loss", None) == 100_001


def test_hues_follow_the_theme(panel, themes, qtbot):
    panel.begin_run(1, "Run 1")
    panel.append(1, metrics(1, range(1, 30)))
    qtbot.waitUntil(lambda: "edge" in drawn(panel))
    themes.set_theme("light")
    edge = next(term for term in TERMS if term.key == "edge")
    assert panel._runs[1].items["edge"].opts["pen"].color().name() == edge.light


def test_runs_of_another_activity_wait_until_it_is_open_again(panel):
    panel.begin_run(1, "Run 1")
    panel.append(1, Metrics(1, (0, 1, 2), (0.0, 0.1, 0.2), {"loss": (3.0, 2.0, 1.0), "chamfer": (1.0, 1.0, 1.0)}))
    panel._draw_all()
    other = Term("rmse", "RMSE", "", dark="#5ab4f0", light="#0a6ab0")
    panel.set_terms((other,), "registration")
    assert panel._stack.currentWidget() is panel._empty
    panel.begin_run(2, "Run 2", "registration")
    panel.append(2, Metrics(2, (0, 1), (0.0, 0.1), {"rmse": (3.0, 2.0)}))
    panel._draw_all()
    assert list(panel._runs[2].items) == ["rmse"]
    panel.highlight("rmse")
    panel.set_terms(TERMS)
    assert sorted(panel._runs[1].items) == ["chamfer", "loss"]
    assert panel._stack.currentWidget() is not panel._empty
    panel.remove_run(2)


def test_runs_can_be_compared_over_seconds(panel, qtbot):
    """The second run makes its steps twice as fast."""
    for number, pace in ((1, 0.5), (2, 0.25)):
        panel.begin_run(number, f"Run {number}")
        some = metrics(number, range(40))
        panel.append(number, Metrics(number, some.steps, tuple(pace * step for step in some.steps), some.columns))
    panel._timed.click()
    qtbot.waitUntil(lambda: drawn(panel)["loss"][0].max() < 10)
    np.testing.assert_allclose(drawn(panel)["loss"][0], 0.25 * np.arange(40))
    first = panel._runs[1].items["loss"].getOriginalDataset()
    np.testing.assert_allclose(first[0], 0.5 * np.arange(40))
    panel.set_cursor(20)
    assert panel._line.value() == pytest.approx(5.0)
    assert panel._step.text() == "step 20"
    panel._pointed = panel._step_at(2.6)
    panel._read_out()
    assert panel._step.text() == "step 10"
    panel._timed.click()
    assert panel._line.value() == 20
