"""Rows of many numbers: pages, degrees, resets; components of values; rows that are hidden or of no use."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt

from lab.params import Param, ParamError
from tests.ui.forms.posed import LIMIT, POSED
from ui.forms.form import ParamForm
from ui.forms.numbers_row import NumbersRow
from ui.forms.row import plain_words
from ui.forms.rows import ChoiceRow
from ui.forms.section import Section
from ui.scene.model import SceneModel


@pytest.fixture
def form(qtbot, themes):
    scene = SceneModel()
    form = ParamForm(POSED, scene, themes, seed=False)
    qtbot.addWidget(form)
    form.resize(380, 1100)
    form.show()
    qtbot.waitExposed(form)
    yield form
    scene.shutdown()


@pytest.fixture
def pose(form) -> NumbersRow:
    return form.row("pose")


def type_in(qtbot, box, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_it_shows_the_page_that_another_row_names_in_degrees(qtbot, form, pose):
    form.set_values({"pose": tuple(math.radians(10 * i) for i in range(9))})
    assert len(pose.lines) == 3
    assert [line.box.number for line in pose.lines] == [0, 10, 20]
    form.row("joint").edit("Ankle")
    assert [line.box.text() for line in pose.lines] == ["60", "70", "80"]
    assert pose.lines[1].box.accessibleName() == "Ankle y"
    form.set_values({"joint": "Knee"})
    assert [line.box.number for line in pose.lines] == [30, 40, 50]


def test_a_typed_number_is_kept_in_radians_and_tells_its_name(qtbot, form, pose):
    form.set_values({"joint": "Knee"})
    told = []
    form.edited.connect(lambda *words: told.append(words))
    with qtbot.waitSignal(form.valuesChanged) as signal:
        type_in(qtbot, pose.lines[2].box, "45")
    assert signal.args[0]["pose"] == (0.0,) * 5 + (pytest.approx(math.radians(45)), 0.0, 0.0, 0.0)
    assert told == [("Knee z", False)]
    type_in(qtbot, pose.lines[2].box, "200")
    assert "from -114.59 to 114.59 °" in pose.problem
    assert pose.value[5] == pytest.approx(math.radians(45))
    type_in(qtbot, pose.lines[2].box, "114.59")
    assert pose.value[5] == pytest.approx(LIMIT, abs=1e-4)
    assert pose.value[5] <= LIMIT


def test_its_slider_is_dragged(qtbot, form, pose):
    slider = pose.lines[0].slider
    released = []
    form.released.connect(lambda: released.append(pose.value[0]))
    y = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, y))
    qtbot.mouseMove(slider, QPoint(slider.width() - 7, y))
    assert pose.held
    assert pose.value[0] == pytest.approx(LIMIT, abs=1e-4)
    assert not released
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 7, y))
    assert released == [pose.value[0]]
    assert not pose.held


def test_resets_of_a_number_a_page_and_all(qtbot, form, pose):
    moved = tuple(0.1 * (i + 1) for i in range(9))
    form.set_values({"pose": moved, "joint": "Knee"})
    qtbot.mouseDClick(pose.lines[1].label, Qt.MouseButton.LeftButton)
    assert pose.value == (*moved[:4], 0.0, *moved[5:])
    assert pose.lines[1].box.number == 0
    qtbot.mouseDClick(pose.label, Qt.MouseButton.LeftButton)
    assert pose.value == (*moved[:3], 0.0, 0.0, 0.0, *moved[6:])
    menu = pose.reset_menu(0)
    offers = {action.text(): action.isEnabled() for action in menu.actions()}
    assert offers == {"Reset Knee x": False, "Reset Knee": False, "Reset all of Pose": True}
    menu.actions()[-1].trigger()
    assert pose.value == (0.0,) * 9


def test_numbers_without_pages_have_a_line_each(qtbot, form):
    row = form.row("betas")
    assert [line.label.text() for line in row.lines] == ["tall", "heavy", "broad"]
    type_in(qtbot, row.lines[1].box, "-2,5")
    assert form.values()["betas"] == (0.5, -2.5, 0.0)
    qtbot.mouseDClick(row.label, Qt.MouseButton.LeftButton)
    assert form.values()["betas"] == (0.5, 0.0, 0.0)


def test_numbers_that_are_no_whole_pages_are_a_defect(themes):
    param = Param("p", "numbers", (0.0,) * 5, "", "P", minimum=0, maximum=1, names=("x", "y"), pages=("a", "b"))
    with pytest.raises(ValueError, match="5 numbers"):
        NumbersRow(param, themes)


def test_components_can_be_set_by_name(form, pose):
    form.set_values({"pose[4]": 0.5, "pose[8]": -0.25})
    assert pose.value == (0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, -0.25)
    for wrong in ({"pose[9]": 0.0}, {"joint[0]": 0.0}, {"pose[4]": 99.0}, {"nobody": 1}, {"pose[-1]": 0.0}):
        with pytest.raises(ParamError):
            form.set_values({"pose[0]": 1.0, **wrong})
    assert pose.value[0] == 0.0, "all or nothing"


def test_a_preset_may_name_components(form, pose):
    form.apply_preset("Sit")
    assert pose.value == (-1.5, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert not form.modified
    form.set_values({"pulled": "Knee"})
    assert not form.modified, "nobody sees it"
    form.set_values({"pose[1]": 0.1})
    assert form.modified


def test_hidden_parameters_have_no_row_but_a_value(form):
    assert form.values()["pull"] == (0.0, 0.0, 0.0)
    form.set_values({"pull[1]": 4.0, "pulled": "Hip"})
    assert form.values()["pull"] == (0.0, 4.0, 0.0)
    assert not form.row("pull").isVisible()
    assert form.row("pull").editors() == ()
    form.show_row("pull")


def test_rows_and_groups_come_and_go_with_other_values(form):
    time_row, file_row = form.row("time"), form.row("file")
    group = next(section for section in form.findChildren(Section) if section.isAncestorOf(time_row))
    assert time_row.isVisible()
    assert not file_row.isVisible()
    form.set_values({"source": "file"})
    assert file_row.isVisible()
    assert not group.isVisible(), "an empty group has no heading"
    form.row("source").edit("clip")
    assert time_row.isVisible()
    assert not file_row.isVisible()


def test_a_groups_reset_leaves_what_is_not_shown(form):
    form.set_values({"time": 20.0, "source": "file"})
    next(section for section in form.findChildren(Section) if section.isAncestorOf(form.row("time"))).reset()
    assert form.values()["time"] == 20.0
    form.set_values({"source": "clip"})
    next(section for section in form.findChildren(Section) if section.isAncestorOf(form.row("time"))).reset()
    assert form.values()["time"] == 1.0


def test_setting_72_numbers_of_which_3_are_shown_is_cheap(themes, qtbot):
    """By what is redrawn: a field and a slider for each number that is shown and is another one."""
    pages = tuple(f"joint {i}" for i in range(24))
    param = Param("p", "numbers", (0.0,) * 72, "", "P", minimum=-3, maximum=3, names=("x", "y", "z"), pages=pages)
    row = NumbersRow(param, themes)
    qtbot.addWidget(row)
    set_numbers = []
    for line in row.lines:
        line.box.set_number = lambda number, line=line: set_numbers.append(number)  # type: ignore[method-assign]
    row.set_value((0.0, 0.5, *(0.25,) * 70))
    assert set_numbers == [0.5, 0.25]
    assert len(row.editors()) == 6


def test_names_of_the_field_become_words():
    assert [plain_words(name) for name in ("left_elbow", "pelvis", "Hip", "L5")] == [
        "Left elbow",
        "Pelvis",
        "Hip",
        "L5",
    ]


def test_choices_are_read_as_words_and_kept_as_they_are(qtbot, themes):
    param = Param("joint", "choice", "pelvis", "Which.", "Joint", choices=("pelvis", "left_hip"))
    row = ChoiceRow(param, themes)
    qtbot.addWidget(row)
    assert [row.box.itemText(index) for index in range(2)] == ["pelvis", "left hip"]
    qtbot.keyClick(row.box, Qt.Key.Key_Down)
    assert row.value == "left_hip"
    row.set_value("pelvis")
    assert row.box.currentText() == "pelvis"
