"""The generated form, by mouse and keyboard."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from lab.chapter import find
from lab.formats import read
from lab.params import ParamError, declared
from tests.ui.forms.dropping import drop
from ui.forms.form import ParamForm
from ui.scene.model import SceneModel

CHAPTER = find("mesh-fitting")
SPOT = read("assets/examples/spot.ply").entity


@pytest.fixture
def scene(qapp):
    return SceneModel()


@pytest.fixture
def form(qtbot, scene, themes):
    form = ParamForm(CHAPTER, scene, themes)
    qtbot.addWidget(form)
    form.resize(380, 900)
    form.show()
    qtbot.waitExposed(form)
    return form


def test_every_parameter_has_a_row_with_its_words(form):
    for param in declared(CHAPTER.params):
        row = form.row(param.name)
        assert row.label.text() == param.label
        for editor in row.editors():
            assert editor.accessibleName() == param.label
            assert param.doc.split(".")[0] in row.toolTip() or param.doc.split(".")[0] in editor.toolTip()


def test_it_starts_with_the_defaults(form):
    expected = {param.name: param.default for param in declared(CHAPTER.params)}
    assert form.values() == expected


def test_typing_a_number_changes_value_and_slider(qtbot, form):
    row = form.row("edge_weight")
    row.box.setFocus()
    row.box.selectAll()
    with qtbot.waitSignal(form.valuesChanged) as signal:
        qtbot.keyClicks(row.box, "2.5")
        qtbot.keyClick(row.box, Qt.Key.Key_Return)
    assert signal.args[0]["edge_weight"] == 2.5
    assert form.values()["edge_weight"] == 2.5
    assert form.modified


def test_what_is_out_of_range_is_said_at_the_row_and_not_taken(qtbot, form):
    row = form.row("edge_weight")
    row.box.setFocus()
    row.box.selectAll()
    qtbot.keyClicks(row.box, "99")
    qtbot.keyClick(row.box, Qt.Key.Key_Return)
    assert "from 0 to 10" in row.problem
    assert form.values()["edge_weight"] == 1.0


def test_a_slider_moves_by_keys(qtbot, form):
    slider = form.row("edge_weight").slider
    before = form.values()["edge_weight"]
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert form.values()["edge_weight"] > before


def test_the_wheel_changes_nothing_without_focus(qtbot, form):
    slider = form.row("edge_weight").slider
    form.row("steps").box.setFocus()
    middle = QPointF(slider.rect().center())
    wheel = QWheelEvent(
        middle,
        slider.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, wheel)
    assert form.values()["edge_weight"] == 1.0


@pytest.mark.parametrize("preset", CHAPTER.presets, ids=lambda preset: preset.title)
def test_presets_set_exactly_their_values(form, preset):
    form.set_values({"edge_weight": 7.0})
    form.apply_preset(preset.title)
    assert not form.modified
    values = form.values()
    for param in declared(CHAPTER.params):
        assert values[param.name] == preset.values.get(param.name, param.default)


def test_set_values_takes_all_or_nothing(form):
    with pytest.raises(ParamError):
        form.set_values({"edge_weight": 3.0, "steps": -5})
    assert form.values()["edge_weight"] == 1.0


def test_a_double_click_on_the_name_restores_the_default(qtbot, form):
    form.set_values({"laplacian_weight": 3.0})
    qtbot.mouseDClick(form.row("laplacian_weight").label, Qt.MouseButton.LeftButton)
    assert form.values()["laplacian_weight"] == 0.1


def test_during_a_run_only_live_values_can_change(qtbot, form):
    form.set_running(True)
    assert not form.row("optimiser").editors()[0].isEnabled()
    assert form.row("edge_weight").box.isEnabled()
    form.set_values({"optimiser": "Adam", "edge_weight": 2.0})
    assert form.values()["optimiser"] == "SGD"
    assert form.values()["edge_weight"] == 2.0
    form.set_running(False)
    assert form.row("optimiser").editors()[0].isEnabled()


def test_arrows_are_asked_for_by_term(qtbot, form):
    button = form.row("normal_weight").arrow_button
    with qtbot.waitSignal(form.arrowsToggled) as signal:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert signal.args == ["normal", True]


def test_the_first_opened_geometry_becomes_the_target(form, scene):
    assert "Target" in form.problem()
    scene.add("spot", SPOT)
    assert form.values()["target"] == "spot"
    assert form.problem() == ""
    scene.add("other", SPOT)
    assert form.values()["target"] == "spot"
    scene.remove("spot")
    assert form.values()["target"] == ""


def test_a_result_of_a_run_is_not_taken_as_the_target(form, scene):
    scene.add("run 1/fitted", SPOT, owner="run")
    assert form.values()["target"] == ""


def test_many_changes_are_told_seldom_but_the_last_one_always(qtbot, form):
    seen = []
    form.valuesChanged.connect(lambda values: seen.append(values["edge_weight"]))
    for number in range(200):
        form.set_values({"edge_weight": 0.01 * (number + 1)})
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == 2.0)
    assert len(seen) < 50


def test_showing_a_term_brings_its_slider_into_focus(qtbot, form):
    form.show_term("laplacian")
    qtbot.waitUntil(lambda: form.row("laplacian_weight").box.hasFocus())


def test_typed_text_can_be_given_up(qtbot, form):
    row = form.row("edge_weight")
    row.box.setFocus()
    row.box.selectAll()
    qtbot.keyClicks(row.box, "99")
    assert "found 99" in row.problem
    qtbot.keyClick(row.box, Qt.Key.Key_Escape)
    assert row.problem == ""
    assert row.box.text() == "1"


def test_arrow_keys_step_a_number(qtbot, form):
    box = form.row("learning_rate").box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert form.values()["learning_rate"] == 0.5
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert form.values()["learning_rate"] == 1.0


def test_a_switch_answers_to_click_and_enter(qtbot, form):
    form.show_row("early_stop")
    switch = form.row("early_stop").editors()[0]
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert form.values()["early_stop"] is True
    qtbot.keyClick(switch, Qt.Key.Key_Return)
    assert form.values()["early_stop"] is False


def test_a_choice_is_taken_by_keyboard(qtbot, form):
    box = form.row("optimiser").editors()[0]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_A)
    assert form.values()["optimiser"] == "Adam"


def test_dragging_a_slider_moves_the_value(qtbot, form):
    slider = form.row("chamfer_weight").slider
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 7, slider.height() // 2))
    assert form.values()["chamfer_weight"] == 10.0
    qtbot.mouseMove(slider, QPoint(7, slider.height() // 2))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton)
    assert form.values()["chamfer_weight"] == 0.0


def test_advanced_parameters_are_folded_until_wanted(form):
    assert form.row("template").isVisible()
    assert not form.row("momentum").isVisible()
    form.show_row("momentum")
    assert form.row("momentum").isVisible()


def test_a_changed_preset_is_marked_and_restored(qtbot, form):
    mark = form._presets._modified
    assert not mark.isVisible()
    form.set_values({"edge_weight": 3.0})
    assert mark.isVisible()
    qtbot.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert form.values()["edge_weight"] == 1.0
    assert not mark.isVisible()


def test_a_file_dropped_on_a_geometry_is_asked_for(qtbot, form, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "scan.ply"))])
    with qtbot.waitSignal(form.fileDropped) as signal:
        assert drop(form.row("target"), mime)
    assert signal.args == ["target", str(tmp_path / "scan.ply")]
    form.set_running(True)
    assert not drop(form.row("target"), mime)


def test_an_entity_dropped_on_a_geometry_is_chosen(form, scene):
    scene.add("spot", SPOT)
    scene.add("bob", SPOT)
    mime = QMimeData()
    mime.setText("bob")
    assert drop(form.row("target"), mime)
    assert form.values()["target"] == "bob"
    mime.setText("no such thing")
    assert not drop(form.row("target"), mime)


def test_nothing_is_cut_off_at_the_narrowest_panel(qtbot, form):
    form.resize(320, 700)
    for param in declared(CHAPTER.params):
        form.show_row(param.name)
    qtbot.wait(20)
    width = form._area.viewport().width()
    for param in declared(CHAPTER.params):
        row = form.row(param.name)
        assert row.mapTo(form._area.viewport(), QPoint(row.width(), 0)).x() <= width
        assert row.label.width() >= row.label.sizeHint().width()


def test_the_seed_is_told(qtbot, form):
    box = form._seed.box
    box.setFocus()
    box.selectAll()
    with qtbot.waitSignal(form.seedChanged) as signal:
        qtbot.keyClicks(box, "42")
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert signal.args == [42]
    assert form.seed == 42
