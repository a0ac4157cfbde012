"""The plot pane."""

from __future__ import annotations

import numpy as np
import pytest

from lab.palette import hue
from lab.study import Pane, Plot
from ui.studies.panes.plot import PlotPane, drawable, value_at

X = np.linspace(0, 1, 50)


@pytest.fixture
def pane(themes, shown):
    return shown(PlotPane(Pane("c", "Curves", "plot"), themes))


def test_curves_come_and_go(pane):
    pane.show_content(Plot({"a": (X, X), "b": (X, X**2)}))
    assert pane.curve_names() == ("a", "b")
    pane.show_content(Plot({"b": (X, X**3), "c": (X, -X)}))
    assert set(pane.curve_names()) == {"b", "c"}
    np.testing.assert_allclose(pane.curve_data("b")[1], X**3)


def test_the_legend_names_the_curves_without_breaking_a_name(pane):
    pane.show_content(Plot({"Euler angles": (X, X), "<b>": (X, -X)}))
    assert "Euler&nbsp;angles" in pane._legend.text()
    assert "&lt;b&gt;" in pane._legend.text()


def painted(pane: PlotPane) -> set[str]:
    image = pane.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(60, image.height())}


def test_curves_have_the_hues_of_the_palette_in_either_theme(pane, themes):
    pane.show_content(Plot({"a": (X, 0 * X), "b": (X, 0 * X + 1)}))
    assert {hue(0), hue(1)} <= painted(pane)
    themes.set_theme("light")
    try:
        assert {hue(0, dark=False), hue(1, dark=False)} <= painted(pane)
    finally:
        themes.set_theme("dark")


def test_the_line_stands_where_the_study_stands(pane):
    pane.show_content(Plot({"a": (X, X)}, at=0.25))
    assert pane._line.isVisible()
    assert pane._line.value() == 0.25
    pane.show_content(Plot({"a": (X, X)}))
    assert not pane._line.isVisible()


def test_what_is_drawn_on_a_logarithmic_scale():
    x, y = drawable(np.arange(3), np.array([1.0, 0.0, -1.0]), log=True)
    assert list(x) == [0, 1, 2]
    np.testing.assert_array_equal(y, [1, np.nan, np.nan])
    assert len(drawable(np.arange(100_000), np.arange(100_000), log=False)[0]) <= 2000


def test_a_change_of_scale_draws_the_curves_anew(pane):
    y = np.array([1.0, 0.0, 10.0])
    curve = (np.arange(3.0), y)
    pane.show_content(Plot({"a": curve}))
    pane.show_content(Plot({"a": curve}, log_y=True))
    np.testing.assert_array_equal(pane.curve_data("a")[1], [1, np.nan, 10])


def test_the_value_under_the_pointer_is_that_of_the_nearest_point():
    assert value_at(np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, np.nan]), 1.2) == 6.0
    assert value_at(np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, np.nan]), 1.9) is None
    assert value_at(np.zeros(0), np.zeros(0), 0.0) is None
