"""Handles of a study: dragging them gives the numbers of their parameters. No renderer is needed for that."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from scipy.spatial.transform import Rotation

from lab.render.camera import Camera
from lab.study import Handle, Label
from tests.ui.viewport.mice import CONTROL, click, drag_to, hover, mouse, press, release
from ui.look.theme import ThemeManager
from ui.viewport.canvas import ViewportCanvas
from ui.viewport.grips import ARROW, RING
from ui.viewport.handles import tripod_of, values_of

POINT = Handle("light", "point", ("x", "y", "z"), (0.5, 0.2, 0.1), label="Light")
FRAME = Handle("camera", "frame", ("x", "y", "z", "rx", "ry", "rz"), (0.1, 0.2, 0.3), (0.2, -0.4, 0.6))
VECTOR = Handle("omega", "vector", ("a", "b", "c"), (0, 0, 0), vector=(0.4, 0.3, 0.1))
CAMERA = Camera(distance=4).orbit(0.6, 0.4)


@pytest.fixture
def canvas(qtbot) -> ViewportCanvas:
    widget = ViewportCanvas(ThemeManager())
    qtbot.addWidget(widget)
    widget.resize(640, 480)
    widget.show()
    widget.set_camera(CAMERA)
    return widget


def listen(canvas: ViewportCanvas) -> list[tuple[str, dict[str, float]]]:
    told: list[tuple[str, dict[str, float]]] = []
    canvas.handleMoved.connect(lambda key, values: told.append((key, values)))
    return told


def shown(canvas: ViewportCanvas) -> np.ndarray:
    image = canvas.grab().toImage()
    return np.asarray(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def along_arrow(canvas: ViewportCanvas, handle: Handle, index: int, share: float = 0.7) -> tuple[float, float]:
    sight = canvas.sight()
    tripod = tripod_of(handle)
    start, end = sight.pixel(tripod.position), sight.pixel(tripod.tip(index, sight))
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def test_a_point_is_dragged_in_the_plane_of_the_view(qtbot, canvas):
    canvas.set_handles([POINT])
    told, released = listen(canvas), []
    canvas.handleReleased.connect(released.append)
    x, y = canvas.sight().pixel(np.array(POINT.position))
    camera = canvas.camera
    press(canvas, (x, y))
    drag_to(canvas, (x + 40, y - 30))
    key, values = told[-1]
    place = np.array([values[name] for name in "xyz"])
    assert key == "light"
    assert canvas.sight().pixel(place) == pytest.approx((x + 40, y - 30))
    assert camera.depth(place) == pytest.approx(float(camera.depth(np.array(POINT.position))))
    assert not released
    release(canvas, (x + 40, y - 30))
    assert released == ["light"]
    assert canvas.camera == camera, "the camera stays"


@pytest.mark.parametrize("index", [0, 1, 2])
def test_an_arrow_moves_along_its_axis_only(canvas, index):
    canvas.set_handles([POINT])
    told = listen(canvas)
    at = along_arrow(canvas, POINT, index)
    press(canvas, at)
    drag_to(canvas, (at[0] + 25, at[1] + 10))
    moved = np.array([told[-1][1][name] for name in "xyz"]) - POINT.position
    assert abs(moved[index]) > 0.01
    assert np.allclose(np.delete(moved, index), 0, atol=1e-12)


def test_a_ring_turns_the_frame_about_its_own_axis(canvas):
    canvas.set_handles([FRAME])
    told = listen(canvas)
    sight, tripod = canvas.sight(), tripod_of(FRAME)
    pixels, near = tripod.ring(2, sight)
    others = [place for index in range(3) for place in [sight.pixel(tripod.tip(index, sight))]]
    free = [
        index
        for index in range(len(pixels) - 4)
        if near[index : index + 4].all()
        and all(math.dist(pixels[index], place) > 25 for place in [*others, sight.pixel(tripod.position)])
        and tripod.grip_at(tuple(pixels[index]), sight).kind == "ring"
        and tripod.grip_at(tuple(pixels[index]), sight).index == 2
    ]
    start = free[len(free) // 2]
    press(canvas, tuple(pixels[start]))
    drag_to(canvas, tuple(pixels[start + 2]))
    values = told[-1][1]
    step = 2 * math.tau / (len(pixels) - 1)
    before = Rotation.from_rotvec(FRAME.rotation)
    expected = before * Rotation.from_rotvec([0, 0, step])  # about the frame's own z
    found = Rotation.from_rotvec([values[name] for name in ("rx", "ry", "rz")])
    assert np.allclose(found.as_matrix(), expected.as_matrix(), atol=1e-3)
    assert tuple(values[name] for name in "xyz") == FRAME.position


def test_degrees_and_locked_numbers(canvas):
    yaw = Handle("yaw", "frame", ("", "y", "", "", "turn", ""), (0, 0, 0), (0, 30, 0), degrees=True)
    tripod = tripod_of(yaw)
    assert {(grip.kind, grip.index) for grip in tripod.grips} == {("arrow", 1), ("ring", 1)}
    assert np.array_equal(tripod.axes, np.eye(3))
    assert values_of(yaw) == {"y": 0.0, "turn": 30.0}
    canvas.set_handles([yaw])
    told = listen(canvas)
    pixels, near = tripod.ring(1, canvas.sight())
    start = int(np.flatnonzero(near)[8])
    press(canvas, tuple(pixels[start]))
    drag_to(canvas, tuple(pixels[start + 3]))
    assert told[-1][1] == {"y": 0.0, "turn": pytest.approx(30 + 20, abs=0.1)}  # three of 54 parts of the ring


def test_one_locked_number_leaves_a_plane(canvas):
    flat = replace(POINT, params=("x", "", "z"))
    canvas.set_handles([flat])
    told = listen(canvas)
    x, y = canvas.sight().pixel(np.array(flat.position))
    press(canvas, (x, y))
    drag_to(canvas, (x + 30, y + 12))
    values = told[-1][1]
    assert set(values) == {"x", "z"}
    now = np.array([values["x"], flat.position[1], values["z"]])
    assert canvas.sight().pixel(now) == pytest.approx((x + 30, y + 12), abs=1e-6)


def test_the_tip_of_a_vector(canvas):
    canvas.set_handles([VECTOR])
    told = listen(canvas)
    x, y = canvas.sight().pixel(np.array(VECTOR.vector))
    press(canvas, (x + 2, y))
    drag_to(canvas, (x + 52, y + 20))
    tip = np.array([told[-1][1][name] for name in "abc"])
    assert canvas.sight().pixel(tip) == pytest.approx((x + 50, y + 20))


def test_escape_puts_it_back(qtbot, canvas):
    canvas.set_handles([POINT])
    told, released = listen(canvas), []
    canvas.handleReleased.connect(released.append)
    x, y = canvas.sight().pixel(np.array(POINT.position))
    press(canvas, (x, y))
    drag_to(canvas, (x + 40, y))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert told[-1][1] == dict(zip("xyz", POINT.position, strict=True))
    assert released == ["light"]
    drag_to(canvas, (x + 80, y))
    release(canvas, (x + 80, y))
    assert len(told) == 2, "it is no longer held"


def test_what_is_held_follows_the_mouse_not_an_older_answer(canvas):
    canvas.set_handles([POINT, VECTOR])
    x, y = canvas.sight().pixel(np.array(POINT.position))
    press(canvas, (x, y))
    drag_to(canvas, (x + 40, y))
    held = canvas._handles.handles[0]
    canvas.set_handles([POINT, replace(VECTOR, vector=(1, 0, 0))])
    assert canvas._handles.handles == (held, replace(VECTOR, vector=(1, 0, 0)))
    release(canvas, (x + 40, y))
    canvas.set_handles([POINT])
    assert canvas._handles.handles == (POINT,)


def test_a_handle_that_goes_is_dropped_from_the_hand(canvas):
    canvas.set_handles([POINT])
    told = listen(canvas)
    x, y = canvas.sight().pixel(np.array(POINT.position))
    press(canvas, (x, y))
    canvas.set_handles([])
    drag_to(canvas, (x + 40, y))
    release(canvas, (x + 40, y))
    assert not told


def test_round_steps_with_control(canvas):
    canvas.set_handles([replace(POINT, position=(0.0, 0.0, 0.0))])
    told = listen(canvas)
    at = along_arrow(canvas, replace(POINT, position=(0.0, 0.0, 0.0)), 0)
    press(canvas, at)
    drag_to(canvas, (at[0] + 31, at[1]), CONTROL)
    assert told[-1][1]["x"] * 100 == pytest.approx(round(told[-1][1]["x"] * 100)), "steps of a centimetre or more"
    assert told[-1][1]["x"] != 0


def test_the_mouse_shows_what_it_could_take(canvas):
    canvas.set_handles([POINT])
    x, y = canvas.sight().pixel(np.array(POINT.position))
    cold = shown(canvas)
    hover(canvas, (x, y))
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    assert np.abs(shown(canvas) - cold).max() > 40, "it is painted in another colour"
    hover(canvas, (10, 470))
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert np.abs(shown(canvas) - cold).max() == 0


def test_grips_have_the_same_size_at_any_distance(canvas):
    for distance in (0.5, 4.0, 900.0):
        canvas.set_camera(Camera(distance=distance))
        sight, tripod = canvas.sight(), tripod_of(replace(POINT, position=(0, 0, 0)))
        assert math.dist(sight.pixel(tripod.position), sight.pixel(tripod.tip(0, sight))) == pytest.approx(ARROW)
        ring, _ = tripod_of(replace(FRAME, position=(0, 0, 0), rotation=(0, 0, 0))).ring(2, sight)
        assert np.linalg.norm(ring - (320, 240), axis=1) == pytest.approx(np.full(len(ring), RING), rel=1e-6)


def test_labels_are_painted_where_they_are(canvas):
    empty = shown(canvas)
    canvas.set_labels([Label((0.5, 0.2, 0.1), "here", (1.0, 0.0, 0.0))])
    difference = np.abs(shown(canvas) - empty).max(axis=2) > 60
    x, y = canvas.sight().pixel(np.array([0.5, 0.2, 0.1]))
    rows, columns = np.nonzero(difference)
    assert abs(columns.min() - x) < 6
    assert abs((rows.min() + rows.max()) / 2 - y) < 8
    canvas.set_labels([Label(canvas.camera.eye + canvas.camera.axes[:, 2], "behind")])
    assert np.abs(shown(canvas) - empty).max() == 0


def test_a_locked_view_shows_that_camera_and_cannot_be_turned(qtbot, canvas):
    free = canvas.camera
    certain = Camera(pivot=(1, 0, 0), distance=2)
    canvas.set_camera_lock(certain)
    assert canvas.view().camera == certain
    press(canvas, (300, 200))
    drag_to(canvas, (380, 240))
    release(canvas, (380, 240))
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view().camera == certain
    with qtbot.waitSignal(canvas.pickWanted, timeout=1000):
        click(canvas, (300, 200))
    canvas.set_camera_lock(None)
    assert canvas.camera == free


def test_the_second_of_two_quick_drags_is_a_drag_too(qtbot, canvas):
    canvas.set_handles([POINT])
    told = listen(canvas)
    x, y = canvas.sight().pixel(np.array(POINT.position))
    click(canvas, (x, y))
    with qtbot.assertNotEmitted(canvas.pickWanted, wait=20):
        mouse(canvas, QEvent.Type.MouseButtonDblClick, (x, y))
        drag_to(canvas, (x + 20, y))
        release(canvas, (x + 20, y))
    assert told


# --- dots, what taking hold sets, and the basis of a rotation ---------------------------------------------------------

HAND = Handle("hand", "dot", ("hx", "hy", "hz"), (0.5, 0.2, 0.1), label="Left hand", sets={"joint": "Left hand"})
ELBOW = Handle("elbow", "dot", (), (0.1, 0.2, 0.1), label="Left elbow", sets={"joint": "Left elbow"})


def listen_taken(canvas: ViewportCanvas) -> list[tuple[str, dict[str, object]]]:
    told: list[tuple[str, dict[str, object]]] = []
    canvas.handleTaken.connect(lambda key, values: told.append((key, values)))
    return told


def at_of(canvas: ViewportCanvas, handle: Handle) -> tuple[float, float]:
    return canvas.sight().pixel(np.array(handle.position))


def test_a_dot_sets_first_and_follows_the_mouse_in_the_plane_that_faces_the_eye(canvas):
    canvas.set_handles([ELBOW, HAND])
    told, order = listen(canvas), []
    canvas.handleTaken.connect(lambda key, values: order.append(values))
    canvas.handleMoved.connect(lambda key, values: order.append(values))
    x, y = at_of(canvas, HAND)
    press(canvas, (x + 4, y))
    assert order == [{"joint": "Left hand"}]
    drag_to(canvas, (x + 44, y - 30))
    place = np.array([told[-1][1][name] for name in ("hx", "hy", "hz")])
    assert canvas.sight().pixel(place) == pytest.approx((x + 40, y - 30))
    assert canvas.camera.depth(place) == pytest.approx(float(canvas.camera.depth(np.array(HAND.position))))
    assert list(order[1]) == ["hx", "hy", "hz"]


def test_a_click_on_a_dot_only_sets(canvas):
    canvas.set_handles([ELBOW, HAND])
    moved, taken, released = listen(canvas), listen_taken(canvas), []
    canvas.handleReleased.connect(released.append)
    for handle in (HAND, ELBOW):
        x, y = at_of(canvas, handle)
        press(canvas, (x, y))
        drag_to(canvas, (x + 2, y + 1))  # a hand is never quite still
        release(canvas, (x + 2, y + 1))
    assert [key for key, _ in taken] == released == ["hand", "elbow"]
    assert not moved


def test_a_dot_without_parameters_cannot_be_dragged(canvas):
    canvas.set_handles([ELBOW])
    moved, camera = listen(canvas), canvas.camera
    x, y = at_of(canvas, ELBOW)
    press(canvas, (x, y))
    drag_to(canvas, (x + 50, y + 50))
    release(canvas, (x + 50, y + 50))
    assert not moved
    assert canvas.camera == camera


def test_of_overlapping_dots_the_nearest_to_the_mouse_is_taken(canvas):
    x, y = at_of(canvas, HAND)
    right = canvas.camera.axes[:, 0] * canvas.sight().metres_per_pixel(np.array(HAND.position))
    beside = replace(HAND, key="wrist", position=tuple(np.array(HAND.position) + 8 * right))
    taken = listen_taken(canvas)
    for handles in ([HAND, beside], [beside, HAND]):
        canvas.set_handles(handles)
        for at in ((x + 3, y), (x + 5, y)):
            click(canvas, at)
    assert [key for key, _ in taken] == ["hand", "wrist"] * 2


def test_a_dot_lies_over_the_rings_of_a_frame(canvas):
    frame = replace(FRAME, params=("", "", "", "a", "b", "c"), position=(0, 0, 0))
    pixels, near = tripod_of(frame).ring(0, canvas.sight())
    on_ring = pixels[np.flatnonzero(near)[5]]
    origin, direction = canvas.sight().ray(tuple(on_ring))
    dot = replace(ELBOW, position=tuple(origin + direction * CAMERA.distance))
    taken = listen_taken(canvas)
    canvas.set_handles([dot, frame])
    click(canvas, tuple(on_ring))
    canvas.set_handles([frame])
    click(canvas, tuple(on_ring))
    assert [key for key, _ in taken] == ["elbow", "camera"]


def test_a_dots_name_is_painted_only_where_it_is_pointed_at(canvas):
    canvas.set_handles([ELBOW, HAND])
    x, y = at_of(canvas, HAND)
    cold = shown(canvas)
    hover(canvas, (x, y))
    _, columns = np.nonzero(np.abs(shown(canvas) - cold).max(axis=2) > 40)
    assert columns.max() - x > 40, "the words stand at its right"
    hover(canvas, (10, 470))
    assert np.abs(shown(canvas) - cold).max() == 0
    canvas.set_handles([])
    hover(canvas, (x, y))
    assert np.abs(shown(canvas) - cold).max() > 40, "the dots are gone"


def test_points_and_frames_set_values_when_they_are_taken(canvas):
    taken = listen_taken(canvas)
    for handle in (replace(POINT, sets={"mode": "free"}), replace(VECTOR, sets={"n": 3})):
        canvas.set_handles([handle])
        place = np.array(handle.position) + np.array(handle.vector)
        click(canvas, canvas.sight().pixel(place))
    assert [values for _, values in taken] == [{"mode": "free"}, {"n": 3}]


def test_the_handle_that_goes_while_it_is_held_is_let_go_of(canvas):
    released = []
    canvas.handleReleased.connect(released.append)
    canvas.set_handles([HAND])
    press(canvas, at_of(canvas, HAND))
    canvas.set_handles([ELBOW])
    assert released == ["hand"]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_rotation_is_told_in_its_basis(canvas, index):
    """About the joint's own axis k: parent basis B, rotation R, then B R' = B R Rk, so R' = R Rk."""
    basis = (0.3, 0.4, -0.9)
    joint = Handle("j", "frame", ("", "", "", "p[0]", "p[1]", "p[2]"), (0, 0, 0), (0.2, -0.4, 0.6), basis=basis)
    world = Rotation.from_rotvec(basis) * Rotation.from_rotvec(joint.rotation)
    tripod = tripod_of(joint)
    assert np.allclose(tripod.axes, world.as_matrix())
    canvas.set_handles([joint])
    told = listen(canvas)
    pixels, near = tripod.ring(index, canvas.sight())
    sight = canvas.sight()
    start = next(
        i
        for i in range(len(pixels) - 3)
        if near[i : i + 3].all()
        and (grip := tripod.grip_at(tuple(pixels[i]), sight)) is not None
        and grip.index == index
        and abs(float(sight.towards(tripod.position) @ tripod.axes[:, index])) > 0.13
    )
    press(canvas, tuple(pixels[start]))
    drag_to(canvas, tuple(pixels[start + 2]))
    step = np.zeros(3)
    step[index] = 2 * math.tau / (len(pixels) - 1)
    expected = Rotation.from_rotvec(joint.rotation) * Rotation.from_rotvec(step)
    found = Rotation.from_rotvec([told[-1][1][f"p[{i}]"] for i in range(3)])
    assert np.allclose(found.as_matrix(), expected.as_matrix(), atol=1e-3)


def test_a_hinge_turns_about_the_axis_of_its_basis(canvas):
    """Two of three components are locked: the free one counts the turn about the parent's axis."""
    basis = (0.0, 0.0, 0.9)
    hinge = Handle("h", "frame", ("", "", "", "", "", "p[5]"), (0, 0, 0), (0.0, 0.0, 0.25), basis=basis)
    tripod = tripod_of(hinge)
    assert np.allclose(tripod.axes, Rotation.from_rotvec(basis).as_matrix())
    canvas.set_handles([hinge])
    told = listen(canvas)
    pixels, near = tripod.ring(2, canvas.sight())
    start = int(np.flatnonzero(near)[8])
    press(canvas, tuple(pixels[start]))
    drag_to(canvas, tuple(pixels[start + 3]))
    assert told[-1][1] == {"p[5]": pytest.approx(0.25 + math.radians(20), abs=2e-3)}
