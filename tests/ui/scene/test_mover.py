"""Moving objects: previews that change nothing, one edit at the end, and a window that never waits."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from lab.fitting.templates import ico_sphere
from lab.scene import Image, Lines, Mesh, Points
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.scene.motion import Motion
from ui.scene.mover import AT_ONCE, Mover, light_copy, middle_of, some_points
from ui.scene.transform_form import TransformForm

UP = Motion(shift=(0.0, 1.0, 0.0))


@pytest.fixture
def made(qtbot):
    scene = SceneModel()
    history = History(scene)
    mover = Mover(scene, history)
    yield scene, history, mover
    mover.shutdown()
    scene.shutdown()


def listen(mover: Mover) -> list[tuple[str, object]]:
    told: list[tuple[str, object]] = []
    mover.previewed.connect(lambda path, entity: told.append((path, entity)))
    return told


def small() -> Mesh:
    return Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]]))


def cloud(count: int) -> Points:
    points = np.random.default_rng(1).random((count, 3), np.float32)
    return Points(points, normals=points, colors=points, scalars={"height": points[:, 1]})


def test_a_preview_leaves_the_scene_as_it_is(qtbot, made):
    scene, history, mover = made
    mesh = small()
    scene.add("spot", mesh)
    told = listen(mover)
    for height in range(20):
        mover.preview("spot", Motion(shift=(0, float(height), 0)))
    qtbot.waitUntil(lambda: bool(told), timeout=2000)
    qtbot.wait(60)
    assert len(told) == 1, "of many motions only the newest is shown"
    path, shown = told[0]
    assert path == "spot"
    assert np.allclose(shown.verts[:, 1], mesh.verts[:, 1] + 19)
    assert scene.entity("spot") is mesh
    assert history.stack.count() == 0
    mover.cancel("spot")
    assert told[-1] == ("spot", None)


def test_a_small_object_moves_at_once(made):
    scene, history, mover = made
    scene.add("spot", small())
    mover.apply("spot", UP)
    assert np.allclose(scene.entity("spot").verts, np.eye(3) + np.array([0, 1, 0]))
    assert history.stack.undoText() == "transform of spot"


def test_a_large_cloud_moves_in_a_thread_and_the_window_goes_on(qtbot, made):
    scene, history, mover = made
    big = cloud(1_000_000)
    scene.add("scan", big)
    told, shares = listen(mover), []
    mover.progressed.connect(lambda path, share: shares.append(share))
    mover.prepare("scan")
    mover.preview("scan", UP)
    qtbot.waitUntil(lambda: bool(told), timeout=5000)
    assert len(told[-1][1].verts) <= AT_ONCE
    ticks: list[int] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start()
    mover.apply("scan", UP)
    assert mover.busy
    assert scene.entity("scan") is big, "not yet"
    qtbot.waitUntil(lambda: not mover.busy, timeout=20_000)
    assert ticks
    after = scene.entity("scan")
    assert np.allclose(after.verts[::1000], big.verts[::1000] + np.float32([0, 1, 0]), atol=1e-6)
    assert after.colors is big.colors
    assert told[-1] == ("scan", None), "and the preview is over"
    assert shares[-1] == 1
    assert history.stack.count() == 1
    history.stack.undo()
    assert scene.entity("scan") is big


def test_what_changed_meanwhile_stays(qtbot, made):
    scene, history, mover = made
    scene.add("scan", cloud(300_000))
    refused: list[str] = []
    mover.refused.connect(refused.append)
    mover.apply("scan", UP)
    newer = cloud(10)
    scene.update("scan", newer)
    qtbot.waitUntil(lambda: not mover.busy, timeout=20_000)
    assert scene.entity("scan") is newer
    assert "changed while" in refused[0]
    assert history.stack.count() == 0


def test_what_cannot_be_moved(made):
    scene, history, mover = made
    scene.add("run 1/fitted", small(), owner="run")
    scene.add("photo", Image(np.zeros((2, 2, 3), np.uint8)))
    for path in ("run 1/fitted", "photo", "nothing"):
        assert mover.movable(path) is None
        mover.apply(path, UP)
    assert history.stack.count() == 0


def test_light_copies_look_like_the_object():
    verts, faces = ico_sphere(7)  # 163,842 vertices
    mesh = Mesh(verts.astype(np.float32), faces, scalars={"height": verts[:, 1]}, origin=np.array([1e6, 0, 0]))
    light = light_copy(mesh)
    assert isinstance(light, Mesh)
    assert len(light.verts) < AT_ONCE
    assert np.allclose(np.linalg.norm(light.verts, axis=1), 1, atol=1e-5), "its vertices are vertices of the mesh"
    assert np.allclose(light.scalars["height"], light.verts[:, 1])
    assert light.origin[0] == 1e6
    points = some_points(mesh)
    assert len(points.verts) <= AT_ONCE
    assert np.allclose(points.scalars["height"], points.verts[:, 1])
    lines = Lines(verts.astype(np.float32), faces[:, :2], colors=np.ones((len(faces), 3)))
    fewer = light_copy(lines)
    assert isinstance(fewer, Lines)
    assert len(fewer.edges) <= AT_ONCE
    assert np.allclose(fewer.verts[fewer.edges[1]], lines.verts[lines.edges[7]])  # every seventh of 327,680
    assert middle_of(mesh) == pytest.approx((1e6, 0, 0), abs=1e-2)


def test_the_form_shows_what_the_gizmo_does_and_types_the_same(qtbot, made):
    scene, history, mover = made
    form = TransformForm(scene, mover)
    qtbot.addWidget(form)
    scene.add("run 1/fitted", small(), owner="run")
    scene.add("spot", small())
    scene.select("run 1/fitted")
    assert not form._hint.isHidden()
    assert form._numbers.isHidden()
    scene.select("spot")
    assert form._hint.isHidden()
    form.show_motion(Motion(shift=(1.0, -2.0, 0.5), factor=1.5))
    assert [box.value() for box in form.moves] == [1.0, -2.0, 0.5]
    assert form.scale.value() == 1.5
    form.show_motion(None)
    told = listen(mover)
    form.turns[1].setValue(180)
    qtbot.waitUntil(lambda: bool(told), timeout=2000)
    form.apply.click()
    middle = np.array([0.5, 0.5, 0.5])
    turned = (np.eye(3) - middle) * [-1, 1, -1] + middle
    assert np.allclose(scene.entity("spot").verts, turned, atol=1e-6), "about the middle of its bounds"
    assert form.turns[1].value() == 0
    form.scale.setValue(2)
    form.reset.click()
    assert form.scale.value() == 1
    assert told[-1] == ("spot", None)
    assert history.stack.count() == 1
