"""The list of the scene: eyes, selection, keys, removal and undo; and the details of what is selected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel

from lab.render.messages import Style
from lab.scene import Mesh, Points
from ui.look.theme import ThemeManager
from ui.scene.details import SceneDetails
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.scene.tree import SceneTree


def tetrahedron() -> Mesh:
    verts = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)
    return Mesh(verts, faces, scalars={"height": np.array([0, 0, 2, 0], np.float32), "depth": np.arange(4.0)})


@pytest.fixture
def made(qtbot):
    scene = SceneModel()
    history = History(scene)
    themes = ThemeManager()
    tree = SceneTree(scene, history, themes)
    details = SceneDetails(scene, history, themes)
    for widget in (tree, details):
        qtbot.addWidget(widget)
        widget.show()
    yield scene, history, tree, details
    scene.shutdown()


def row(details: SceneDetails, name: str) -> QLabel:
    return details._labels[name][1]


def test_runs_are_grouped_and_the_group_goes_with_its_last_entity(made):
    scene, _, tree, _ = made
    scene.add("spot", tetrahedron())
    scene.add("run 1/fitted", tetrahedron(), owner="run")
    assert [tree.topLevelItem(i).text(0) for i in range(2)] == ["spot", "Run 1"]
    assert tree.topLevelItem(1).child(0).text(0) == "fitted"
    scene.remove("run 1/fitted")
    assert tree.topLevelItemCount() == 1


def test_a_click_on_the_eye_hides_and_can_be_undone(qtbot, made):
    scene, history, tree, _ = made
    scene.add("spot", tetrahedron())
    place = tree.visualItemRect(tree.topLevelItem(0)).center()
    place.setX(tree.columnViewportPosition(1) + 10)
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not scene.entry("spot").style.visible
    history.stack.undo()
    assert scene.entry("spot").style.visible


def test_keys_hide_remove_and_undo_brings_back(qtbot, made):
    scene, history, tree, _ = made
    mesh = tetrahedron()
    scene.add("spot", mesh)
    scene.set_style("spot", Style(opacity=0.5))
    scene.select("spot")
    assert tree.selected_paths() == ("spot",)
    qtbot.keyClick(tree, Qt.Key.Key_Space)
    assert not scene.entry("spot").style.visible
    qtbot.keyClick(tree, Qt.Key.Key_Space)
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert len(scene) == 0
    history.stack.undo()
    assert scene.entity("spot") is mesh
    assert scene.entry("spot").style == Style(opacity=0.5)
    history.stack.redo()
    assert len(scene) == 0


def test_a_run_is_hidden_and_removed_as_a_whole(made):
    scene, _, tree, _ = made
    for name in ("fitted", "samples"):
        scene.add(f"run 1/{name}", tetrahedron(), owner="run")
    tree.setCurrentItem(tree.topLevelItem(0))
    assert tree.selected_paths() == ("run 1/fitted", "run 1/samples")
    tree.toggle_selected()
    assert not any(entry.style.visible for entry in scene)
    tree.remove_selected()
    assert scene.paths() == ()


def test_the_selection_follows_the_scene_both_ways(qtbot, made):
    scene, _, tree, _ = made
    scene.add("one", tetrahedron())
    scene.add("two", tetrahedron())
    scene.select("two")
    assert tree.selected_paths() == ("two",)
    tree.setCurrentItem(tree.topLevelItem(0))
    assert scene.selected == "one"


def test_the_menu_offers_what_fits_the_entity(made):
    scene, _, tree, _ = made
    scene.add("spot", tetrahedron(), source="/data/spot.ply")
    scene.add("own", tetrahedron())
    for path, adjustable in (("spot", True), ("own", False)):
        scene.select(path)
        enabled = {action.text().split("\t")[0]: action.isEnabled() for action in tree.menu().actions()}
        assert enabled["Adjust import…"] is adjustable
        assert enabled["Use as target"]
        assert enabled["Save as…"]


def test_the_menu_asks_for_what_it_says(qtbot, made):
    scene, _, tree, _ = made
    scene.add("spot", tetrahedron(), source="/data/spot.ply")
    scene.select("spot")
    actions = {action.text().split("\t")[0]: action for action in tree.menu().actions()}
    for text, signal in (
        ("Fit view", tree.fitRequested),
        ("Save as…", tree.saveRequested),
        ("Use as target", tree.targetRequested),
        ("Adjust import…", tree.adjustRequested),
    ):
        with qtbot.waitSignal(signal) as asked:
            actions[text].trigger()
        assert asked.args == ["spot"]


def test_figures_of_the_selected_entity(qtbot, made):
    scene, _, _, details = made
    scene.add("tetrahedron", tetrahedron())
    scene.select("tetrahedron")
    qtbot.waitUntil(lambda: row(details, "Size").text() == "1 × 2 × 3 m")
    assert row(details, "Vertices").text() == "4"
    assert row(details, "Faces").text() == "4"
    assert row(details, "Watertight").text() == "yes"
    assert row(details, "Boundary").isHidden()
    assert row(details, "From").text() == "0  0  0"
    assert row(details, "Memory").text() == "128 bytes" or row(details, "Memory").text().endswith("bytes")


def test_an_open_surface_says_so(qtbot, made):
    scene, _, _, details = made
    mesh = tetrahedron()
    scene.add("open", replace(mesh, faces=mesh.faces[:3]))
    scene.select("open")
    qtbot.waitUntil(lambda: row(details, "Boundary").text() == "3 edges")
    assert row(details, "Watertight").text() == "no"


def test_a_slider_is_one_edit_however_often_it_moves(made):
    scene, history, _, details = made
    scene.add("spot", tetrahedron())
    scene.select("spot")
    for percent in (90, 70, 40):
        details._opacity.slider.setValue(percent)
    assert scene.entry("spot").style.opacity == 0.4
    assert history.stack.count() == 1
    history.stack.undo()
    assert scene.entry("spot").style.opacity == 1.0
    assert details._opacity.slider.value() == 100


def test_colouring_by_a_field_with_a_fixed_range(qtbot, made):
    scene, _, _, details = made
    scene.add("spot", tetrahedron())
    scene.select("spot")
    box = row(details, "Colour by")
    assert isinstance(box, QComboBox)
    assert [box.itemText(i) for i in range(box.count())] == ["Colour", "height", "depth"]
    assert row(details, "Range").isHidden()
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert scene.entry("spot").style.scalar == "depth"
    assert not row(details, "Range").isHidden()
    details._auto.setChecked(False)
    assert scene.entry("spot").style.scalar_range == (0.0, 3.0), "the field's own range to begin with"
    details._high.setValue(1.5)
    assert scene.entry("spot").style.scalar_range == (0.0, 1.5)
    details._low.setValue(2.0)
    assert scene.entry("spot").style.scalar_range == (0.0, 1.5), "a range that is upside down is not taken"


def test_points_have_a_size_and_meshes_have_edges(made):
    scene, _, _, details = made
    scene.add("cloud", Points(np.zeros((2, 3))))
    scene.add("mesh", tetrahedron())
    scene.select("cloud")
    assert not row(details, "Point size").isHidden()
    assert row(details, "Wireframe").isHidden()
    details._point_size.slider.setValue(7)
    assert scene.entry("cloud").style.point_size == 7.0
    scene.select("mesh")
    assert row(details, "Point size").isHidden()
    box = row(details, "Wireframe")
    assert isinstance(box, QCheckBox)
    box.setChecked(True)
    assert scene.entry("mesh").style.wireframe


def test_a_new_frame_with_the_same_fields_does_not_rebuild_the_form(made, monkeypatch):
    scene, _, _, details = made
    scene.add("run 1/fitted", tetrahedron(), owner="run")
    scene.select("run 1/fitted")
    filled: list[int] = []
    monkeypatch.setattr(details, "_fill", lambda: filled.append(1))
    scene.update("run 1/fitted", tetrahedron())
    assert not filled
    scene.update("run 1/fitted", replace(tetrahedron(), scalars={}))
    assert filled
