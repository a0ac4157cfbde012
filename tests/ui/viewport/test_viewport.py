"""The viewport with its real render process: scene to pixels, mouse to camera, failures to notes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication

from lab.fitting.templates import ico_sphere
from lab.render.messages import Drawn, Style
from lab.render.pool import RenderPool
from lab.scene import Image, Mesh
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel
from ui.viewport.viewport import Viewport

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


def ball(level: int = 3) -> Mesh:
    verts, faces = ico_sphere(level)
    return Mesh(verts.astype(np.float32), faces, scalars={"height": verts[:, 1].astype(np.float32)})


@pytest.fixture
def scene(qapp) -> Iterator[SceneModel]:
    model = SceneModel()
    yield model
    model.shutdown()


@pytest.fixture
def viewport(qtbot, scene) -> Iterator[Viewport]:
    widget = Viewport(scene, ThemeManager())
    qtbot.addWidget(widget)
    widget.resize(480, 360)
    widget.show()
    yield widget
    widget.shutdown()


def pictures(viewport: Viewport) -> list[Drawn]:
    shown: list[Drawn] = []
    viewport.frameShown.connect(shown.append)
    return shown


def rested(qtbot, viewport: Viewport) -> Drawn:
    """The picture in full quality of what the viewport is asked to show now."""
    found: list[Drawn] = []

    def take(drawn: Drawn) -> None:
        if not drawn.draft and drawn.view == viewport.view():
            found.append(drawn)

    viewport.frameShown.connect(take)
    qtbot.waitUntil(lambda: bool(found), timeout=60_000)
    viewport.frameShown.disconnect(take)
    return found[-1]


def mouse(viewport: Viewport, kind: QEvent.Type, at: tuple[float, float], button=LEFT, modifiers=PLAIN) -> None:
    held = button if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove) else Qt.MouseButton.NoButton
    which = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    place = QPointF(*at)
    QApplication.sendEvent(viewport, QMouseEvent(kind, place, viewport.mapToGlobal(place), which, held, modifiers))


def drag(viewport: Viewport, start, end, button=LEFT, modifiers=PLAIN) -> None:
    mouse(viewport, QEvent.Type.MouseButtonPress, start, button, modifiers)
    for share in (0.3, 0.7, 1.0):
        at = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
        mouse(viewport, QEvent.Type.MouseMove, at, button, modifiers)
    mouse(viewport, QEvent.Type.MouseButtonRelease, end, button, modifiers)


def shown_pixels(viewport: Viewport) -> np.ndarray:
    image = viewport.grab().toImage()
    return np.asarray(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def test_a_scene_becomes_a_picture(qtbot, scene, viewport):
    scene.add("ball", ball(), style=Style(color=(1, 0.2, 0.2)))
    drawn = rested(qtbot, viewport)
    assert drawn.pixels.shape == (360, 480, 3)
    pixels = shown_pixels(viewport)
    assert np.abs(pixels[180, 240] - drawn.pixels[180, 240].astype(int)).max() <= 2
    assert pixels[180, 240, 0] > pixels[180, 240, 2] + 60
    assert np.abs(pixels[4, 4] - (0x1A, 0x1C, 0x20)).max() <= 2  # the theme's ground
    assert viewport.note == ""


def test_drafts_first_then_full_quality_at_rest(qtbot, scene, viewport):
    scene.add("ball", ball())
    rested(qtbot, viewport)
    shown = pictures(viewport)
    viewport.set_camera(viewport.camera.orbit(0.3, 0))
    rested(qtbot, viewport)
    kinds = [drawn.draft for drawn in shown]
    assert kinds in ([True, False], [False])  # on a busy machine the rest is over before the draft began
    qtbot.wait(400)
    assert len(shown) == len(kinds)  # and then nothing is drawn


def test_the_first_entity_is_fitted_and_a_resize_keeps_that(qtbot, scene, viewport):
    far = replace(ball(), origin=np.array([5000.0, 0, -300]))
    scene.add("ball", far)
    assert np.allclose(viewport.camera.pivot, (5000, 0, -300))
    distance = viewport.camera.distance
    viewport.resize(240, 360)
    qtbot.waitUntil(lambda: viewport.camera.distance > 1.2 * distance, timeout=5000)
    drag(viewport, (100, 100), (120, 110))
    turned = viewport.camera
    viewport.resize(480, 360)
    qtbot.wait(200)
    assert viewport.camera == turned  # the person's own view is not taken away
    scene.add("second", ball())
    assert viewport.camera == turned


def test_changes_styles_and_removal_reach_the_picture(qtbot, scene, viewport):
    scene.add("ball", ball(), style=Style(color=(1, 0, 0)))
    middle = (180, 240)
    assert rested(qtbot, viewport).pixels[middle][0] > 100
    scene.set_style("ball", Style(color=(0, 1, 0)))
    assert rested(qtbot, viewport).pixels[middle].argmax() == 1
    scene.update("ball", replace(ball(), verts=ball().verts * np.float32(0.01)))
    small = rested(qtbot, viewport).pixels
    assert small[180, 300].max() < 90
    scene.remove("ball")
    gone = rested(qtbot, viewport).pixels
    assert gone[middle].max() < 90


def test_an_image_is_not_for_the_viewport(qtbot, scene, viewport):
    scene.add("photo", Image(np.zeros((4, 4, 3), np.uint8)))
    scene.update("photo", Image(np.ones((4, 4, 3), np.uint8)))
    scene.add("ball", ball())
    assert rested(qtbot, viewport).pixels.max() > 100


def test_the_look_is_drawn_and_its_actions_are_checked(qtbot, scene, viewport):
    scene.add("ball", ball())
    actions = viewport.actions_by_name()
    viewport.set_shading("normals")
    assert actions["normals"].isChecked()
    assert not actions["lit"].isChecked()
    assert rested(qtbot, viewport).view.shading == "normals"
    actions["wireframe"].trigger()
    actions["grid"].trigger()
    actions["bounding box"].trigger()
    view = rested(qtbot, viewport).view
    assert (view.wireframe, view.grid, view.bounding_box) == (True, False, True)
    viewport.set_background((0.5, 0, 0))
    assert np.abs(rested(qtbot, viewport).pixels[3, 3].astype(int) - (128, 0, 0)).max() <= 1


def test_every_action_has_a_name_and_keys_work(qtbot, scene, viewport):
    scene.add("ball", ball())
    for name, action in viewport.actions_by_name().items():
        assert name
        assert action.text()
    viewport.activateWindow()
    viewport.setFocus()
    qtbot.waitUntil(viewport.hasFocus, timeout=5000)
    for key, modifiers, eye in (
        (Qt.Key.Key_1, PLAIN, (0, 0, 1)),
        (Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier, (0, 0, -1)),
        (Qt.Key.Key_3, PLAIN, (1, 0, 0)),
        (Qt.Key.Key_7, PLAIN, (0, 1, 0)),
    ):
        qtbot.keyClick(viewport, key, modifiers)
        assert np.allclose(viewport.camera.axes[:, 2], eye, atol=1e-9)
    qtbot.keyClick(viewport, Qt.Key.Key_5)
    assert viewport.camera.orthographic
    assert viewport.actions_by_name()["orthographic"].isChecked()
    qtbot.keyClick(viewport, Qt.Key.Key_5)
    assert not viewport.camera.orthographic
    distance = viewport.camera.distance
    qtbot.keyClick(viewport, Qt.Key.Key_Minus)
    assert viewport.camera.distance > distance
    qtbot.keyClick(viewport, Qt.Key.Key_F)
    assert viewport.camera.distance == pytest.approx(distance, rel=0.2)
    before = viewport.camera
    qtbot.keyClick(viewport, Qt.Key.Key_Left)
    qtbot.keyClick(viewport, Qt.Key.Key_Right)
    assert np.allclose(viewport.camera.eye, before.eye)
    qtbot.keyClick(viewport, Qt.Key.Key_Right, SHIFT)
    assert viewport.camera.pivot != before.pivot


def test_buttons_orbit_pan_and_zoom(qtbot, scene, viewport):
    scene.add("ball", ball())
    start = viewport.camera
    drag(viewport, (200, 200), (260, 200))
    orbited = viewport.camera
    assert orbited.pivot == start.pivot
    assert orbited.distance == start.distance
    assert orbited.rotation != start.rotation
    drag(viewport, (260, 200), (200, 200))
    assert np.allclose(viewport.camera.eye, start.eye)
    for button, modifiers in ((MIDDLE, PLAIN), (LEFT, SHIFT)):
        drag(viewport, (200, 200), (230, 190), button, modifiers)
        assert viewport.camera.rotation == pytest.approx(start.rotation)
        assert not np.allclose(viewport.camera.pivot, start.pivot)
        viewport.set_camera(start)
    drag(viewport, (200, 200), (200, 240), RIGHT)
    assert viewport.camera.distance > start.distance
    viewport.set_camera(start)
    place = QPointF(300, 100)
    wheel = QWheelEvent(
        place, viewport.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, PLAIN,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, wheel)
    assert viewport.camera.distance == pytest.approx(0.87 * start.distance)


def test_pinching_zooms_to_the_fingers(qtbot, scene, viewport):
    scene.add("ball", ball())
    before = viewport.camera
    point = before.point_at(300, 100, 480, 360)
    place = QPointF(300, 100)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, place, place, place,
        0.25, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(viewport, pinch)
    assert viewport.camera.distance == pytest.approx(before.distance / 1.25)
    assert np.allclose(viewport.camera.project(point[None], 480, 360)[0], (300, 100))


def test_on_a_dense_screen_the_picture_has_device_pixels(qtbot, scene, viewport, monkeypatch):
    monkeypatch.setattr(viewport, "devicePixelRatioF", lambda: 2.0)
    scene.add("ball", ball())
    drawn = rested(qtbot, viewport)
    assert drawn.pixels.shape == (720, 960, 3)
    assert drawn.view.pixel_scale == 2.0
    with qtbot.waitSignal(viewport.hovered, timeout=20_000) as hovered:
        mouse(viewport, QEvent.Type.MouseMove, (270, 200), Qt.MouseButton.NoButton)
    at, _ = viewport.camera.project(hovered.args[0].position[None], 480, 360)
    assert np.allclose(at[0], (270, 200), atol=0.01)  # in logical pixels


def test_what_is_under_the_mouse(qtbot, scene, viewport):
    scene.add("ball", ball())
    rested(qtbot, viewport)
    with qtbot.waitSignal(viewport.hovered, timeout=20_000) as hovered:
        mouse(viewport, QEvent.Type.MouseMove, (240, 180), Qt.MouseButton.NoButton)
    hit = hovered.args[0]
    assert (hit.path, hit.kind) == ("ball", "face")
    at, _ = viewport.camera.project(hit.position[None], 480, 360)
    assert np.allclose(at[0], (240, 180), atol=0.01)
    before = shown_pixels(viewport)[330:350, 20:200]
    with qtbot.waitSignal(viewport.hovered, timeout=5000, check_params_cb=lambda hit: hit is None):
        QApplication.sendEvent(viewport, QEvent(QEvent.Type.Leave))
    assert np.abs(before - shown_pixels(viewport)[330:350, 20:200]).max() > 50  # the label was there


def test_a_click_picks_and_a_double_click_sets_the_pivot(qtbot, scene, viewport):
    scene.add("ball", ball())
    rested(qtbot, viewport)
    with qtbot.waitSignal(viewport.picked, timeout=20_000) as picked:
        drag(viewport, (260, 170), (260, 170))
    assert picked.args[0].path == "ball"
    with qtbot.waitSignal(viewport.picked, timeout=20_000) as beside:
        drag(viewport, (5, 5), (5, 5))
    assert beside.args[0] is None
    with qtbot.assertNotEmitted(viewport.picked, wait=300):
        drag(viewport, (200, 170), (260, 170))
    rotation = viewport.camera.rotation
    mouse(viewport, QEvent.Type.MouseButtonDblClick, (290, 160))
    target = viewport.camera.ray(290, 160, 480, 360)
    qtbot.waitUntil(lambda: np.linalg.norm(viewport.camera.pivot) > 0.5, timeout=20_000)
    pivot = np.array(viewport.camera.pivot)
    assert np.linalg.norm(pivot) == pytest.approx(1, abs=0.05)  # on the ball
    assert viewport.camera.rotation == rotation
    off = pivot - target[0] - target[1] * ((pivot - target[0]) @ target[1])
    assert np.linalg.norm(off) < 1e-3  # where the person clicked


def test_the_gizmo_and_the_colour_bar_can_be_clicked(qtbot, scene, viewport):
    scene.add("ball", ball(), style=Style(scalar="height"))
    rested(qtbot, viewport)
    with qtbot.waitSignal(viewport.colorBarClicked, timeout=2000) as clicked:
        drag(viewport, (440, 320), (440, 320))
    assert clicked.args == ["ball"]
    viewport.set_standard_view("front")
    centre = viewport._gizmo.rect(480).center()
    at = (centre.x() + 34, centre.y())
    drag(viewport, at, at)
    assert np.allclose(viewport.camera.axes[:, 2], (1, 0, 0))
    scene.set_style("ball", Style())
    rested(qtbot, viewport)
    with qtbot.assertNotEmitted(viewport.colorBarClicked, wait=200):
        drag(viewport, (440, 320), (440, 320))


def test_screenshots_at_any_size(qtbot, scene, viewport):
    scene.add("ball", ball(), style=Style(color=(1, 0, 0)))
    answers: list[tuple[object, str]] = []
    with qtbot.waitSignal(viewport.shot, timeout=60_000) as shot:
        viewport.screenshot(1200, 900, lambda pixels, reason: answers.append((pixels, reason)))
    assert shot.args[0].shape == (900, 1200, 3)
    assert answers[0][0] is shot.args[0]
    assert shot.args[0][450, 600, 0] > 100
    viewport.screenshot(90_000, 90_000, lambda pixels, reason: answers.append((pixels, reason)))
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=20_000)
    assert answers[1][0] is None
    assert "too large" in answers[1][1]


def test_kill_9_shows_a_note_and_heals(qtbot, scene, viewport):
    scene.add("ball", ball())
    drag(viewport, (200, 200), (260, 220))
    before = rested(qtbot, viewport)
    camera, pid = viewport.camera, viewport.client.pid
    start = time.monotonic()
    with qtbot.waitSignal(viewport.rendererFailed, timeout=5000):
        os.kill(pid, signal.SIGKILL)
    assert "again" in viewport.note
    assert shown_pixels(viewport).max() > 90  # the last picture is still there, dimmed
    after = rested(qtbot, viewport)
    difference = np.abs(after.pixels.astype(int) - before.pixels)
    assert difference.mean() < 0.2, "the same picture, but for the last bit of an edge"
    assert viewport.camera == camera
    assert viewport.note == ""
    assert viewport.client.pid != pid
    assert time.monotonic() - start < 10


def test_no_driver_is_shown_in_the_viewports_place(qtbot, scene):
    widget = Viewport(scene, ThemeManager(), env={"__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent"})
    qtbot.addWidget(widget)
    widget.resize(480, 360)
    widget.show()
    try:
        with qtbot.waitSignal(widget.rendererFailed, timeout=30_000) as failed:
            scene.add("ball", ball())
        assert failed.args[0].final
        assert widget._failure.isVisible()
        assert "OpenGL 4.1" in widget._failure.sentence
        with qtbot.waitSignal(widget.rendererFailed, timeout=30_000):  # it tries, and fails, again
            widget._failure.retry_button.click()
        assert widget._failure.isVisible()
        widget.client._env.pop("__EGL_VENDOR_LIBRARY_FILENAMES")
        with qtbot.waitSignal(widget.rendererReady, timeout=30_000):
            widget._failure.retry_button.click()
        assert not widget._failure.isVisible()
        assert rested(qtbot, widget).pixels.max() > 100
    finally:
        widget.shutdown()


def test_a_theme_change_is_drawn(qtbot, scene, qapp):
    themes = ThemeManager("dark")
    widget = Viewport(scene, themes)
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.show()
    try:
        scene.add("ball", ball())
        rested(qtbot, widget)
        themes.set_theme("light")
        assert np.abs(rested(qtbot, widget).pixels[3, 3].astype(int) - (0xEC, 0xEE, 0xF1)).max() <= 1
    finally:
        themes.set_theme("dark")
        widget.shutdown()


def test_the_window_never_waits_for_the_renderer(qtbot, scene, viewport):
    """With half a million faces arriving and turning, the UI thread is at most busy for a moment at a time."""
    big = ball(7)  # 327,680 faces
    moved = [replace(big, verts=big.verts * np.float32(scale)) for scale in (1.0, 0.9)]
    scene.add("small", ball())
    rested(qtbot, viewport)
    scene.remove("small")
    busy: list[float] = []
    original = viewport._on_event

    def timed(event) -> None:
        start = time.perf_counter()
        original(event)
        busy.append(time.perf_counter() - start)

    viewport._event.disconnect()
    viewport._event.connect(timed)
    start = time.perf_counter()
    scene.update("big", moved[0])
    viewport.set_camera(viewport.camera.orbit(0.2, 0))
    asking = time.perf_counter() - start
    shown = pictures(viewport)
    ticks = QTimer(interval=20)
    ticks.timeout.connect(lambda: viewport.set_camera(viewport.camera.orbit(0.05, 0)))
    ticks.start()
    qtbot.waitUntil(lambda: len(shown) >= 4, timeout=60_000)
    ticks.stop()
    assert asking < 0.1
    assert max(busy) < 0.1


def test_while_a_run_streams_the_renderer_keeps_to_its_share(qtbot, scene, viewport):
    scene.add("ball", ball(4))
    rested(qtbot, viewport)
    viewport.set_streaming(True)
    shown = pictures(viewport)
    start = time.monotonic()
    for step in range(1000):
        if len(shown) >= 5:
            break
        scene.update("ball", replace(ball(4), verts=ball(4).verts * np.float32(1 + 0.01 * step)))
        qtbot.wait(20)
    spent = sum(drawn.seconds for drawn in shown)
    assert len(shown) >= 5
    assert all(drawn.draft for drawn in shown)
    assert spent / (time.monotonic() - start) < 0.6
    viewport.set_streaming(False)
    rested(qtbot, viewport)


def test_shutdown_leaves_no_process(qtbot, scene):
    widget = Viewport(scene, ThemeManager())
    qtbot.addWidget(widget)
    with qtbot.waitSignal(widget.rendererReady, timeout=30_000):
        pass
    pid = widget.client.pid
    widget.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_renderer_that_went_back_shows_nothing_of_its_first_scene(qtbot, scene):
    pool, other = RenderPool(), SceneModel()
    first = Viewport(scene, ThemeManager(), pool=pool)
    qtbot.addWidget(first)
    first.resize(300, 200)
    scene.add("ball", ball())
    try:
        rested(qtbot, first)
        pid = first.client.pid
        first.shutdown()
        second = Viewport(other, ThemeManager(), pool=pool)
        qtbot.addWidget(second)
        second.resize(300, 200)
        second.set_grid(False)
        scene.add("another", ball())
        scene.set_style("ball", Style(color=(1, 0, 0)))
        first.set_awake(True)
        other.add("far", Mesh(ball().verts + np.float32([0, 50, 0]), ball().faces))
        second.set_camera(first.camera)
        ground = rested(qtbot, second).pixels[100, 150].astype(int)
        assert np.abs(ground - (0x1A, 0x1C, 0x20)).max() <= 2, "not the ball"
        assert second.client.pid == pid
    finally:
        second.shutdown()
        pool.close()
        other.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_viewport_that_nobody_sees_draws_nothing_until_it_is_seen(qtbot, scene, viewport):
    scene.add("ball", ball())
    rested(qtbot, viewport)
    viewport.set_awake(False)
    shown = pictures(viewport)
    viewport.set_camera(viewport.camera.orbit(0.3, 0))
    scene.set_style("ball", Style(color=(1, 0, 0)))
    qtbot.wait(400)
    assert not shown
    viewport.set_awake(True)
    pixels = rested(qtbot, viewport).pixels
    assert pixels[180, 240].argmax() == 0
