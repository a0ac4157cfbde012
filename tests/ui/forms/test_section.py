"""Groups of a form: folded, reset, and one row for each kind of parameter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from lab.params import ParamError
from tests.ui.studies.small import SMALL
from ui.forms.form import ParamForm
from ui.forms.geometry_rows import GeometriesRow, GeometryRow
from ui.forms.rows import ChoiceRow, NumberRow, SwitchRow
from ui.forms.text_rows import FileRow, TextRow
from ui.scene.model import SceneModel


@pytest.fixture
def form(qtbot, themes):
    scene = SceneModel()
    form = ParamForm(SMALL, scene, themes, seed=False)
    qtbot.addWidget(form)
    form.resize(380, 900)
    form.show()
    qtbot.waitExposed(form)
    yield form
    scene.shutdown()


def button(form: ParamForm, name: str) -> QToolButton:
    return next(b for b in form.findChildren(QToolButton) if b.accessibleName() == name)


def test_every_kind_has_its_row(form):
    kinds = {
        "object": GeometryRow,
        "others": GeometriesRow,
        "noise": NumberRow,
        "count": NumberRow,
        "sampling": ChoiceRow,
        "ghost": SwitchRow,
        "table_file": FileRow,
        "words": TextRow,
    }
    for name, kind in kinds.items():
        assert type(form.row(name)) is kind
        for editor in form.row(name).editors():
            assert editor.accessibleName() == form.row(name).param.label


def test_a_group_folds_and_is_unfolded_for_a_row_that_is_looked_for(qtbot, form):
    qtbot.mouseClick(button(form, "Group Points"), Qt.MouseButton.LeftButton)
    assert not form.row("noise").isVisible()
    assert form.row("x").isVisible()
    form.show_row("size")  # an advanced one
    assert form.row("noise").isVisible()
    assert form.row("size").isVisible()


def test_a_group_is_reset_on_its_own(qtbot, form):
    reset = button(form, "Reset the group Points")
    assert not reset.isVisible()
    form.set_values({"noise": 0.5, "sampling": "random", "x": 1.0, "words": "kept"})
    assert reset.isVisible()
    with qtbot.waitSignal(form.valuesChanged):
        qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    values = form.values()
    assert (values["noise"], values["sampling"], values["x"], values["words"]) == (0.02, "even", 1.0, "kept")
    assert not reset.isVisible()


def test_a_preset_leaves_what_one_works_on(form):
    form.set_values({"words": "1 2 3"})
    form.apply_preset("Noisy")
    assert form.values()["words"] == "1 2 3"
    assert form.values()["noise"] == 0.2


def test_an_object_is_chosen_by_name(form):
    with pytest.raises(KeyError):
        form.choose("noise", "spot")
    with pytest.raises(ParamError):
        form.set_values({"others": "spot"})
