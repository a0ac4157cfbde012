"""Rows that name objects of the scene."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl

from lab.params import Param
from lab.scene import Image, Points
from tests.lab.fields.small_fields import ball
from tests.ui.forms.dropping import drop
from ui.forms.geometry_rows import GeometriesRow, GeometryRow
from ui.scene.model import SceneModel

CLOUD = Points(np.zeros((3, 3)))


def param(optional: bool = False) -> Param:
    return Param("batch", "geometries", (), "Meshes of the batch.", "Batch", optional=optional)


@pytest.fixture
def scene(qapp):
    scene = SceneModel()
    yield scene
    scene.shutdown()


@pytest.fixture
def row(qtbot, scene, themes):
    row = GeometriesRow(param(optional=True), themes, scene)
    qtbot.addWidget(row)
    row.resize(320, 200)
    row.show()
    qtbot.waitExposed(row)
    return row


def tick(qtbot, row: GeometriesRow, path: str) -> None:
    """Click the box of a line."""
    item = next(row.list.item(i) for i in range(row.list.count()) if row.list.item(i).text() == path)
    rect = row.list.visualItemRect(item)
    qtbot.mouseClick(row.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 12, rect.center().y()))


def test_ticked_objects_are_taken_in_the_order_of_the_list(qtbot, row, scene):
    for name in "abc":
        scene.add(name, CLOUD)
    scene.add("photo", Image(np.zeros((2, 2, 3), np.uint8)))
    assert [path for path, _ in row.list.lines()] == ["a", "b", "c"]
    tick(qtbot, row, "c")
    tick(qtbot, row, "a")
    assert row.value == ("a", "c")
    tick(qtbot, row, "c")
    assert row.value == ("a",)


def test_keys_and_buttons_change_the_order(qtbot, row, scene):
    for name in "abc":
        scene.add(name, CLOUD)
    row.set_value(("a", "c"))
    row.list.setCurrentRow(2)
    with qtbot.assertNotEmitted(row.changed):  # "b" is not ticked: the order of the others stays
        qtbot.keyClick(row.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    with qtbot.waitSignal(row.changed):
        qtbot.keyClick(row.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert row.value == ("c", "a")
    assert not row.up.isEnabled()
    qtbot.mouseClick(row.down, Qt.MouseButton.LeftButton)
    assert row.value == ("a", "c")
    assert [path for path, _ in row.list.lines()] == ["a", "c", "b"]


def test_an_order_from_outside_is_shown(row, scene):
    for name in "abcd":
        scene.add(name, CLOUD)
    row.set_value(("d", "b"))
    assert row.list.lines() == [("d", True), ("b", True), ("a", False), ("c", False)]
    assert row.value == ("d", "b")


def test_what_leaves_the_scene_leaves_the_list(qtbot, row, scene):
    for name in "ab":
        scene.add(name, CLOUD)
    row.set_value(("a", "b"))
    with qtbot.waitSignal(row.changed):
        scene.remove("a")
    assert row.value == ("b",)
    assert row.list.lines() == [("b", True)]


def test_a_required_list_takes_the_first_object_only(qtbot, scene, themes):
    row = GeometriesRow(param(), themes, scene)
    qtbot.addWidget(row)
    scene.add("run 1/fitted", CLOUD, owner="run")
    assert row.value == ()
    scene.add("a", CLOUD)
    scene.add("b", CLOUD)
    assert row.value == ("a",)


def test_every_dropped_file_is_asked_for(row):
    asked = []
    row.fileDropped.connect(lambda name, file: asked.append((name, file)))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a.ply"), QUrl.fromLocalFile("/tmp/b.obj")])
    assert drop(row, data)
    assert asked == [("batch", "/tmp/a.ply"), ("batch", "/tmp/b.obj")]


def test_a_dropped_object_of_the_scene_is_taken_at_the_end(row, scene):
    for name in "ab":
        scene.add(name, CLOUD)
    row.set_value(("b",))
    data = QMimeData()
    data.setText("a")
    drop(row, data)
    assert row.value == ("b", "a")
    drop(row, data)
    assert row.value == ("b", "a")


def test_a_row_for_fields_offers_fields_only_and_takes_what_a_run_made(qtbot, scene, themes):
    one = GeometryRow(Param("field", "geometry", "", "The field.", "Field", accepts=("field",)), themes, scene)
    qtbot.addWidget(one)
    scene.add("cloud", CLOUD)
    scene.add("run 1/cloud", CLOUD, owner="run")
    assert one.value == ""
    scene.add("run 1/field", ball(), owner="run")
    assert one.value == "run 1/field"
    assert [one.box.itemText(i) for i in range(one.box.count())] == ["run 1/field"]


def test_a_row_for_shapes_offers_no_fields(qtbot, scene, themes):
    one = GeometryRow(Param("mesh", "geometry", "", "The mesh.", "Mesh"), themes, scene)
    qtbot.addWidget(one)
    scene.add("field", ball())
    assert one.value == ""
    assert one.box.count() == 0
