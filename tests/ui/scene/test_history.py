"""Every edit of the scene can be undone and done again, and brings back the very same arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QColorDialog, QComboBox

from lab.render.messages import Style
from lab.scene import Mesh, Points
from ui.look.theme import ThemeManager
from ui.scene.details import SceneDetails
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.scene.motion import Motion
from ui.scene.mover import Mover
from ui.scene.transform_form import TransformForm
from ui.scene.tree import SceneTree


def triangle() -> Mesh:
    return Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]]), scalars={"height": np.arange(3.0)})


class Desk:
    """The parts through which a person edits the scene."""

    def __init__(self, qtbot) -> None:
        self.scene = SceneModel()
        self.history = History(self.scene)
        themes = ThemeManager()
        self.tree = SceneTree(self.scene, self.history, themes)
        self.details = SceneDetails(self.scene, self.history, themes)
        self.mover = Mover(self.scene, self.history)
        self.form = TransformForm(self.scene, self.mover)
        for widget in (self.tree, self.details, self.form):
            qtbot.addWidget(widget)
        self.tree.show()
        self.qtbot = qtbot

    def state(self) -> list[tuple[object, ...]]:
        """All that an edit can change: what stands there, in which order, and how it is drawn."""
        return [(entry.path, id(entry.entity), entry.style, entry.source, entry.owner) for entry in self.scene]

    def close(self) -> None:
        self.mover.shutdown()
        self.scene.shutdown()


@pytest.fixture
def desk(qtbot):
    desk = Desk(qtbot)
    for name in ("first", "spot", "last"):
        desk.scene.add(name, triangle(), source=f"/data/{name}.ply")
    desk.scene.add("run 1/fitted", triangle(), owner="run")
    desk.scene.add("run 1/samples", Points(np.zeros((4, 3))), owner="run")
    desk.scene.select("spot")
    yield desk
    desk.close()


def remove_by_key(desk: Desk) -> None:
    desk.qtbot.keyClick(desk.tree, Qt.Key.Key_Delete)


def remove_a_run(desk: Desk) -> None:
    desk.tree.setCurrentItem(desk.tree.topLevelItem(3))
    desk.tree.remove_selected()


def hide_by_key(desk: Desk) -> None:
    desk.qtbot.keyClick(desk.tree, Qt.Key.Key_Space)


def hide_a_run(desk: Desk) -> None:
    desk.tree._on_click(desk.tree.topLevelItem(3), 1)


def choose_a_colour(desk: Desk) -> None:
    def answer() -> None:
        dialog = desk.tree.findChild(QColorDialog)
        dialog.setCurrentColor("#ff0000")
        dialog.accept()

    QTimer.singleShot(0, answer)
    desk.tree.choose_color("spot")


def use_own_colours(desk: Desk) -> None:
    desk.details._own.click()


def fade(desk: Desk) -> None:
    for percent in (80, 60, 30):
        desk.details._opacity.slider.setValue(percent)


def colour_by_a_field(desk: Desk) -> None:
    box = desk.details._labels["Colour by"][1]
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(1)
    box.activated.emit(1)


def draw_edges(desk: Desk) -> None:
    desk.details._wireframe.setChecked(True)


def move_by_numbers(desk: Desk) -> None:
    desk.form.moves[0].setValue(0.5)
    desk.form.turns[2].setValue(90)
    desk.form.apply.click()


def add_a_conversion(desk: Desk) -> None:
    desk.history.add("voxels of spot", Points(np.zeros((3, 3))), what="conversion")


def correct_the_import(desk: Desk) -> None:
    desk.history.replace("spot", triangle(), None)


EDITS: list[tuple[Callable[[Desk], None], str]] = [
    (remove_by_key, "removal of spot"),
    (remove_a_run, "removal of 2 objects"),
    (hide_by_key, "visibility of spot"),
    (hide_a_run, "visibility of 2 objects"),
    (choose_a_colour, "colour of spot"),
    (use_own_colours, "colour of spot"),
    (fade, "opacity of spot"),
    (colour_by_a_field, "colouring of spot"),
    (draw_edges, "wireframe of spot"),
    (move_by_numbers, "transform of spot"),
    (add_a_conversion, "conversion of voxels of spot"),
    (correct_the_import, "import correction of spot"),
]


@pytest.mark.parametrize(("edit", "name"), EDITS, ids=[edit.__name__ for edit, _ in EDITS])
def test_each_edit_is_one_step_that_comes_back_exactly(desk, edit, name):
    if edit is use_own_colours:
        coloured = replace(triangle(), colors=np.ones((3, 3)))
        desk.scene.update("spot", coloured)
        desk.scene.set_style("spot", Style(color=(1, 0, 0)))
    before = desk.state()
    edit(desk)
    after = desk.state()
    assert after != before
    assert desk.history.stack.count() == 1
    assert desk.history.stack.undoText() == name
    for _ in range(2):
        desk.history.stack.undo()
        assert desk.state() == before
        desk.history.stack.redo()
        assert desk.state() == after


def test_all_edits_together_come_back(desk):
    before = desk.state()
    for edit in (fade, draw_edges, move_by_numbers, add_a_conversion, hide_a_run, correct_the_import, remove_by_key):
        edit(desk)
    count = desk.history.stack.count()
    assert count == 7
    for _ in range(count):
        desk.history.stack.undo()
    assert desk.state() == before


def test_a_removed_row_comes_back_to_its_place_in_the_list(desk):
    remove_by_key(desk)
    desk.history.stack.undo()
    rows = [desk.tree.topLevelItem(row).text(0) for row in range(4)]
    assert rows == ["first", "spot", "last", "Run 1"]


def test_quick_clicks_on_the_eye_are_steps_of_their_own(desk):
    hide_by_key(desk)
    desk.scene.select("spot")
    hide_by_key(desk)
    assert desk.history.stack.count() == 2
    desk.history.stack.undo()
    assert not desk.scene.entry("spot").style.visible


def test_undoing_the_import_of_what_is_gone_does_nothing(desk):
    path = desk.history.add("new", triangle())
    desk.scene.remove(path)
    desk.history.stack.undo()
    assert path not in desk.scene
    desk.history.stack.redo()
    assert path in desk.scene


def test_nothing_typed_nothing_done(desk):
    assert not desk.form.apply.isEnabled()
    desk.mover.apply("spot", Motion())
    assert desk.history.stack.count() == 0
