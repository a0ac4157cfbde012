"""The scene: paths, signals, styles, and statistics that come by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from lab.render.messages import Style
from lab.scene import Image, Mesh, Points
from ui.scene.model import SceneModel


def triangle(scale: float = 1.0) -> Mesh:
    return Mesh(verts=np.eye(3, dtype=np.float32) * np.float32(scale), faces=np.array([[0, 1, 2]]))


@pytest.fixture
def scene(qtbot):
    scene = SceneModel()
    yield scene
    scene.shutdown()


def test_paths_are_unique_and_in_order(scene):
    assert [scene.add("spot", triangle()) for _ in range(3)] == ["spot", "spot 2", "spot 3"]
    assert scene.paths() == ("spot", "spot 2", "spot 3")
    assert len(scene) == 3
    assert "spot 2" in scene


def test_only_meshes_and_points_are_geometry(scene):
    scene.add("mesh", triangle())
    scene.add("points", Points(verts=np.zeros((4, 3))))
    scene.add("picture", Image(pixels=np.zeros((2, 2, 3), np.uint8)))
    assert scene.geometry_paths() == ("mesh", "points")
    assert scene.geometry("picture") is None
    assert scene.geometry("nothing") is None


def test_statistics_come_by_themselves(qtbot, scene):
    with qtbot.waitSignal(scene.statsChanged) as done:
        scene.add("triangle", triangle())
    assert done.args == ["triangle"]
    found = scene.entry("triangle").stats
    assert (found.verts, found.faces, found.boundary_edges, found.watertight) == (3, 1, 3, False)
    assert found.area == pytest.approx(np.sqrt(3) / 2)  # an equilateral triangle with edges of sqrt(2)


def test_statistics_of_the_newest_entity_win(qtbot, scene):
    scene.add("run 1/fitted", triangle(), owner="run")
    for scale in range(2, 6):
        scene.update("run 1/fitted", triangle(scale))
    qtbot.waitUntil(lambda: (s := scene.entry("run 1/fitted").stats) is not None and s.bounds_upper[0] == 5.0)


def test_given_statistics_are_kept(qtbot, scene):
    with qtbot.waitSignal(scene.statsChanged):
        scene.add("one", triangle())
    found = scene.entry("one").stats
    with qtbot.assertNotEmitted(scene.statsChanged, wait=150):
        scene.add("two", triangle(), stats=found)
    assert scene.entry("two").stats is found


def test_update_adds_once_and_then_changes(qtbot, scene):
    with qtbot.waitSignal(scene.added):
        scene.update("run 1/fitted", triangle())
    assert scene.entry("run 1/fitted").owner == "run"
    newer = triangle(2)
    with qtbot.waitSignal(scene.changed):
        scene.update("run 1/fitted", newer)
    assert scene.entity("run 1/fitted") is newer
    with qtbot.assertNotEmitted(scene.changed):
        scene.update("run 1/fitted", newer)


def test_styles_change_only_when_they_differ(qtbot, scene):
    scene.add("spot", triangle())
    with qtbot.waitSignal(scene.restyled):
        scene.set_style("spot", Style(opacity=0.5))
    with qtbot.assertNotEmitted(scene.restyled):
        scene.set_style("spot", Style(opacity=0.5))


def test_removing_deselects_and_can_be_undone(qtbot, scene):
    scene.add("spot", triangle())
    scene.select("spot")
    with qtbot.waitSignals([scene.selectionChanged, scene.removed]):
        entry = scene.remove("spot")
    assert scene.selected is None
    scene.restore(entry)
    assert scene.entry("spot") is entry
    with pytest.raises(ValueError, match="another 'spot'"):
        scene.restore(entry)


def test_only_what_is_there_can_be_selected(scene):
    with pytest.raises(KeyError):
        scene.select("nothing")
