"""One, two and four viewports of a scene, their linked cameras, and the tools that work in all of them. All is real."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton

from lab.fitting.templates import ico_sphere
from lab.render.camera import Camera
from lab.render.pool import RenderPool
from lab.scene import Mesh
from tests.ui.viewport.mice import CONTROL, click, drag_to, hover, mouse, press, release
from ui.look.icon_binding import IconBook
from ui.look.theme import ThemeManager
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.viewport.area import ViewportArea
from ui.viewport.cell import name_of
from ui.viewport.clip import ClipPlane
from ui.viewport.grips import Tripod
from ui.viewport.links import CameraLink
from ui.viewport.measure import Unit, digits
from ui.viewport.viewport import Viewport

LONG = 60_000


def ball() -> Mesh:
    verts, faces = ico_sphere(3)
    return Mesh(verts.astype(np.float32), faces)


class Desk:
    """A scene in an area."""

    def __init__(self) -> None:
        self.themes = ThemeManager()
        self.scene = SceneModel()
        self.history = History(self.scene)
        self.pool = RenderPool()
        self.first = Viewport(self.scene, self.themes, pool=self.pool)
        self.made: list[str] = []
        icons = IconBook(self.themes)
        self.area = ViewportArea(self.first, self.make, self.scene, self.history, self.themes, icons)

    def make(self, name: str) -> Viewport:
        self.made.append(name)
        return Viewport(self.scene, self.themes, pool=self.pool)

    def shown(self, qtbot, viewport: Viewport) -> np.ndarray:
        """The pixels in full quality of what a viewport shows now."""
        found: list[np.ndarray] = []

        def take(drawn) -> None:
            if not drawn.draft and drawn.view == viewport.view():
                found.append(drawn.pixels)

        viewport.frameShown.connect(take)
        viewport.viewChanged.emit()
        qtbot.waitUntil(lambda: bool(found), timeout=LONG)
        viewport.frameShown.disconnect(take)
        return found[-1].astype(int)


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    desk = Desk()
    qtbot.addWidget(desk.area)
    desk.area.resize(640, 480)
    desk.area.show()
    desk.scene.add("ball", ball())
    yield desk
    desk.area.shutdown()
    desk.pool.close()
    desk.scene.shutdown()


# --- several viewports ------------------------------------------------------------------------------------------------


def test_four_views_from_their_sides_and_back_to_one(qtbot, desk):
    area = desk.area
    arranged: list[bool] = []
    area.arranged.connect(lambda: arranged.append(True))
    area.actions_by_name["views 4"].trigger()
    assert desk.made == ["view 2", "view 3", "view 4"]
    assert area.viewports[0] is desk.first
    assert [name_of(view.camera) for view in area.viewports] == [
        "Perspective", "Front, parallel", "Right, parallel", "Top, parallel",
    ]  # fmt: skip
    assert not area.link.on
    assert arranged
    for viewport in area.viewports:
        pixels = desk.shown(qtbot, viewport)
        assert pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].max() > 100
    area.set_arrangement("4")
    pids = {view.client.pid for view in area.viewports}
    area.set_arrangement("1")
    assert area.viewports == (desk.first,)
    area.set_arrangement("4")
    assert {view.client.pid for view in area.viewports} == pids, "the same renderers, warm"
    pixels = desk.shown(qtbot, area.viewports[3])
    assert pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].max() > 100
    area.set_arrangement("1")
    assert not area.actions_by_name["link"].isEnabled()


def test_two_views_move_together_until_they_are_unlinked(qtbot, desk):
    area = desk.area
    area.set_arrangement("2")
    first, second = area.viewports
    assert area.link.on
    assert second.camera == first.camera
    press(second, (100, 200))
    drag_to(second, (160, 220))
    release(second, (160, 220))
    assert first.camera == second.camera
    assert first.touched
    first.set_standard_view("top")
    assert second.camera == first.camera
    area.actions_by_name["link"].trigger()
    first.zoom(3)
    assert second.camera != first.camera
    area._activate(second)
    area.actions_by_name["link"].trigger()
    assert first.camera == second.camera
    assert first.camera.distance > 1.2 * first.camera.zoom_at(0, 0, 0.8, 10, 10).distance, "the active one leads"


def test_fitting_linked_views_sees_what_is_in_any_of_them(qtbot, qapp):
    themes, scenes = ThemeManager(), [SceneModel(), SceneModel()]
    views = [Viewport(scene, themes) for scene in scenes]
    link = CameraLink()
    try:
        for view in views:
            qtbot.addWidget(view)
            view.resize(300, 300)
            link.add(view)
        scenes[0].add("ball", ball())
        scenes[1].add("far", Mesh(ball().verts + np.float32([6, 0, 0]), ball().faces))
        views[0].fit()
        assert np.allclose(views[0].camera.pivot, (3, 0, 0), atol=0.01)
        assert views[1].camera == views[0].camera
        assert not views[1].touched
        link.set_on(False)
        views[0].fit()
        assert np.allclose(views[0].camera.pivot, 0, atol=0.01)
        link.set_on(True, views[1])
        assert views[0].camera == views[1].camera
        link.remove(views[0])
        views[0].set_standard_view("top")
        assert views[1].camera != views[0].camera
        assert link.members == (views[1],)
        certain = Camera(pivot=(1, 1, 1))
        views[1].set_camera_lock(certain)
        link.add(views[0])
        views[0].set_standard_view("left")
        assert views[1].camera == certain
    finally:
        for view, scene in zip(views, scenes, strict=True):
            view.shutdown()
            scene.shutdown()


def test_a_double_click_on_the_caption_maximises(qtbot, desk):
    area = desk.area
    area.set_arrangement("2")
    second = area._cells[1]
    caption = second._caption
    mouse(caption, QEvent.Type.MouseButtonDblClick, (20, 5))
    assert [cell.isVisible() for cell in area._cells] == [False, True]
    assert area.actions_by_name["maximise"].isChecked()
    caption.findChild(QToolButton).click()
    assert [cell.isVisible() for cell in area._cells] == [True, True]


def test_the_look_is_shared_and_actions_go_to_the_active_view(qtbot, desk):
    area = desk.area
    area.set_arrangement("4")
    second = area.viewports[1]
    second.set_wireframe(True)
    assert all(view.look.wireframe for view in area.viewports)
    press(second, (60, 60))
    release(second, (60, 60))
    assert area.active is second
    before = desk.first.camera
    desk.first.actions_by_name()["left"].trigger()
    assert desk.first.camera == before
    assert name_of(second.camera) == "Left, parallel"
    assert desk.first.actions_by_name()["orthographic"].isChecked(), "as the active one is"


def test_the_cameras_of_a_workspace(desk):
    area = desk.area
    area.set_arrangement("2")
    area.set_linked(False)
    area.viewports[1].set_standard_view("top")
    kept = area.cameras()
    area.set_arrangement("1")
    area.viewports[0].set_standard_view("left")
    area.set_cameras(kept)
    assert area.arrangement == "2"
    assert area.cameras() == kept
    assert not area.link.on
    area.restore("nonsense", True)
    assert area.arrangement == "1"
    assert not area.link.on


# --- tools ------------------------------------------------------------------------------------------------------------


def middle_of_arrow(viewport: Viewport, pivot, index: int) -> tuple[float, float]:
    sight = viewport.sight()
    start, end = sight.pixel(pivot), sight.pixel(Tripod(pivot, np.eye(3), ()).tip(index, sight))
    return start[0] + 0.75 * (end[0] - start[0]), start[1] + 0.75 * (end[1] - start[1])


def test_the_gizmo_moves_the_selected_object_as_one_step(qtbot, desk):
    area, first = desk.area, desk.first
    mesh = desk.scene.entity("ball")
    desk.scene.select("ball")
    area.tools.actions["move"].trigger()
    pivot = area.tools.transform.pivot()
    assert np.allclose(pivot, 0, atol=1e-6)
    first.set_grid(False)  # the floor stays where it was for a while
    before = desk.shown(qtbot, first)
    at = middle_of_arrow(first, pivot, 0)
    motions: list[object] = []
    area.tools.transform.dragged.connect(motions.append)
    press(first, at)
    for step in range(1, 9):
        drag_to(first, (at[0] + 10 * step, at[1]))
    qtbot.wait(60)
    assert desk.scene.entity("ball") is mesh, "nothing has happened to it yet"
    shifted = motions[-1].shift
    assert shifted[0] > 0.2
    assert shifted[1:] == (0, 0)
    assert np.abs(desk.shown(qtbot, first) - before).max() > 60, "but it is seen there"
    release(first, (at[0] + 80, at[1]))
    moved = desk.scene.entity("ball")
    assert np.allclose(moved.verts - mesh.verts, shifted, atol=1e-6)
    assert motions[-1] is None
    assert desk.history.stack.count() == 1
    assert desk.history.stack.undoText() == "transform of ball"
    assert np.allclose(area.tools.transform.pivot(), shifted, atol=1e-5), "the gizmo went along"
    desk.history.stack.undo()
    assert desk.scene.entity("ball") is mesh
    assert np.abs(desk.shown(qtbot, first) - before).mean() < 0.2, "but for the last bit of its edge"


def test_escape_leaves_the_object_and_then_the_tool(qtbot, desk):
    first, tools = desk.first, desk.area.tools
    mesh = desk.scene.entity("ball")
    desk.scene.select("ball")
    tools.choose("scale")
    x, y = first.sight().pixel(np.zeros(3))
    press(first, (x + 78, y))
    drag_to(first, (x + 117, y))
    assert tools.transform.motion.factor == pytest.approx(1.5)
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    release(first, (x + 117, y))
    assert desk.scene.entity("ball") is mesh
    assert desk.history.stack.count() == 0
    assert tools.tool == "scale"
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert tools.tool == "select"
    assert tools.actions["select"].isChecked()


def test_there_is_no_gizmo_for_what_cannot_be_moved(desk):
    tools = desk.area.tools
    tools.choose("rotate")
    assert tools.transform.pivot() is None
    desk.scene.add("run 1/fitted", ball(), owner="run")
    desk.scene.select("run 1/fitted")
    assert tools.transform.pivot() is None
    desk.scene.select("ball")
    assert tools.transform.pivot() is not None


def test_keys_choose_the_tools(qtbot, desk):
    first, tools = desk.first, desk.area.tools
    first.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus, timeout=5000)
    for key, name in (("G", "move"), ("R", "rotate"), ("S", "scale"), ("M", "measure"), ("Q", "select")):
        qtbot.keyClick(first, getattr(Qt.Key, f"Key_{key}"))
        assert tools.tool == name
    qtbot.keyClick(first, Qt.Key.Key_C)
    assert tools.clip.on
    assert first.look.grid, "G is no longer the grid's"
    qtbot.keyClick(first, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert not first.look.grid


def test_measuring_between_points_of_the_surface(qtbot, desk):
    first, measurement = desk.first, desk.area.tools.measurement
    measurement.unit_of = lambda path: Unit("mm", 0.001)
    first.set_camera(Camera(distance=6))
    desk.shown(qtbot, first)
    desk.area.tools.choose("measure")
    selected: list[object] = []
    desk.area.picked.connect(selected.append)
    metres = 2 * first.camera.half_height / first.height()
    middle = first.width() / 2, first.height() / 2
    for number, dx in enumerate((-40, 40), 1):
        click(first, (middle[0] + dx, middle[1]))
        qtbot.waitUntil(lambda number=number: len(measurement.points) == number, timeout=LONG)
    assert not selected, "the tool takes the click"
    x = measurement.points[1][0]
    assert x > 0.9 * 40 * metres * 5 / 6, "on the ball, that is nearer than its middle"
    assert np.linalg.norm(measurement.points[1]) == pytest.approx(1, abs=0.01)
    assert measurement.lengths[0] == pytest.approx(2 * x, rel=0.02)
    assert "mm" in measurement.summary()
    assert f"dx {digits(measurement.difference[0])}" in measurement.summary()
    click(first, (middle[0], middle[1] - 40), CONTROL)
    qtbot.waitUntil(lambda: len(measurement.points) == 3, timeout=LONG)
    verts = desk.scene.entity("ball").verts
    assert np.linalg.norm(verts - measurement.points[2], axis=1).min() < 1e-6, "with Ctrl on a vertex"
    assert "2 stretches" in measurement.summary()
    desk.area.tool_bar.measure_bar.copy.click()
    rows = QGuiApplication.clipboard().text().strip().split("\n")
    assert len(rows) == 5
    assert float(rows[2].split("\t")[-1]) == pytest.approx(measurement.lengths[0], rel=1e-6)
    assert float(rows[4].split("\t")[1]) == pytest.approx(sum(measurement.lengths), rel=1e-6)
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert desk.area.tools.tool == "measure", "the first Escape ends the line"
    click(first, middle)
    qtbot.waitUntil(lambda: len(measurement.points) == 1, timeout=LONG)
    qtbot.keyClick(first, Qt.Key.Key_Delete)
    assert measurement.points == ()
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert desk.area.tools.tool == "select"


def test_a_double_click_ends_the_line_with_its_point(qtbot, desk):
    first, measurement = desk.first, desk.area.tools.measurement
    desk.shown(qtbot, first)
    desk.area.tools.choose("measure")
    place = first.width() / 2, first.height() / 2
    click(first, place)
    mouse(first, QEvent.Type.MouseButtonDblClick, place)
    mouse(first, QEvent.Type.MouseButtonRelease, place)
    qtbot.waitUntil(lambda: len(measurement.points) == 1, timeout=LONG)
    assert not measurement.open
    click(first, (place[0] + 20, place[1]))
    qtbot.wait(50)
    qtbot.waitUntil(lambda: measurement.open, timeout=LONG)
    assert len(measurement.points) == 1, "another line began"


def test_the_clipping_plane(qtbot, desk):
    first, clip = desk.first, desk.area.tools.clip
    bar = desk.area.tool_bar.clip_bar
    assert clip.plane() is None
    assert bar.isHidden()
    whole = desk.shown(qtbot, first)
    desk.area.tools.actions["clip"].trigger()
    assert first.view().clip == clip.plane()
    x, y = first.sight().pixel(np.array([1.0, 0.0, 0.0]))
    cut = np.abs(desk.shown(qtbot, first) - whole)[round(y) - 3 : round(y) + 4, round(x) - 9 : round(x) - 2]
    assert cut.mean() > 20, "what is far along x is gone"
    assert bar.isVisible()
    assert clip.plane() == pytest.approx((-1, 0, 0, 0), abs=1e-3), "in the middle, the far side of x is cut"
    bar.slider.setValue(750)
    low, high = clip.limits
    assert (low, high) == pytest.approx((-1, 1), abs=0.06)
    assert clip.offset == pytest.approx(low + 0.75 * (high - low))
    assert bar.number.value() == pytest.approx(clip.offset, abs=1e-4)
    bar.flip.click()
    assert clip.plane()[:3] == (1, 0, 0)
    assert clip.plane()[3] == pytest.approx(-clip.offset)
    bar.axis.setCurrentIndex(3)
    bar.axis.activated.emit(3)
    assert np.allclose(clip.normal, first.camera.axes[:, 2])
    bar.number.setValue(50)
    assert clip.offset == pytest.approx(clip.limits[1]), "never beyond the scene"


def test_the_plane_is_dragged_along_its_normal(desk):
    first, clip = desk.first, desk.area.tools.clip
    clip.set_on(True)
    clip.set_axis("y")
    corner = clip.outline()[2]
    assert corner[1] == pytest.approx(clip.offset)
    start = clip.offset
    sight = first.sight()
    grabbed = corner + np.array([0, 50 * sight.metres_per_pixel(corner), 0])  # on the arrow
    at, to = sight.pixel(grabbed), sight.pixel(grabbed + np.array([0, 0.2, 0]))
    hover(first, at)
    assert first.cursor().shape() == Qt.CursorShape.OpenHandCursor
    press(first, at)
    drag_to(first, to)
    assert clip.offset == pytest.approx(start + 0.2, abs=1e-6)
    release(first, to)
    hover(first, (5, 5))
    assert clip.offset == pytest.approx(start + 0.2, abs=1e-6)


def test_the_outline_covers_the_scene():
    scene = SceneModel()
    clip = ClipPlane(scene)
    rng = np.random.default_rng(3)
    verts = rng.normal(size=(200, 3)).astype(np.float32) * [3, 1, 0.2]
    scene.add("cloud", Mesh(verts, np.array([[0, 1, 2]])))
    clip.camera = lambda: Camera().orbit(0.5, 0.4)
    clip.set_axis("view")
    clip.set_on(True)
    corners = clip.outline()
    normal = clip.normal
    assert np.allclose(corners @ normal, clip.offset)
    u, v = corners[1] - corners[0], corners[3] - corners[0]
    assert abs(u @ v) < 1e-9
    for axis in (u, v):
        share = (verts - corners[0]) @ axis / (axis @ axis)
        assert share.min() >= 0
        assert share.max() <= 1
    low, high = clip.limits
    along = verts @ normal
    assert low < along.min()
    assert high > along.max()
    clip.flip()
    n, d = np.array(clip.plane()[:3]), clip.plane()[3]
    assert np.allclose(corners @ n + d, 0, atol=1e-9)
    scene.shutdown()


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1.23456, "1.235"), (-0.01234567, "−0.01235"), (12345.6, "12,346"), (3e-6, "3e−06")]
)
def test_lengths_in_words(value, text):
    assert digits(value) == text
