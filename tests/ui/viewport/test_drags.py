"""From the mouse to movements of the world: exact, and back at its start nothing has moved."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lab.render.camera import Camera, rotation_matrix
from ui.viewport.drags import (
    Glide,
    Sight,
    Slide,
    Stretch,
    Turn,
    across,
    nice_step,
    quaternion_of,
    rotation_vector,
    snapped,
    turned,
)

W, H = 640, 480
CAMERA = Camera(pivot=(0.2, -0.1, 0.3), distance=5).orbit(0.7, 0.3)
POINT = np.array([0.4, 0.2, -0.3])
places = st.tuples(st.floats(60, W - 60), st.floats(60, H - 60))
axes = st.sampled_from([0, 1, 2]).map(lambda index: np.eye(3)[index])


def sights(orthographic: bool) -> Sight:
    return Sight(replace(CAMERA, orthographic=orthographic), W, H)


@settings(max_examples=60)
@given(axes, st.floats(-1.5, 1.5), st.booleans())
def test_sliding_takes_the_point_of_the_axis_under_the_mouse(axis, along, orthographic):
    sight = sights(orthographic)
    start, end = sight.pixel(POINT), sight.pixel(POINT + along * axis)
    change = Slide(sight, start, POINT, axis).to(end)
    assert np.allclose(change.shift, along * axis, atol=1e-9)


@settings(max_examples=60)
@given(places, places, st.one_of(st.none(), axes), st.booleans())
def test_gliding_keeps_what_was_grabbed_under_the_mouse(start, end, normal, orthographic):
    sight = sights(orthographic)
    drag = Glide(sight, start, POINT, normal)
    shift = np.array(drag.to(end).shift)
    across_plane = sight.camera.axes[:, 2] if normal is None else normal
    assert abs(shift @ across_plane) < 1e-7 * max(1.0, float(np.linalg.norm(shift)))
    origin, direction = sight.ray(start)
    share = (POINT - origin) @ across_plane / (direction @ across_plane)
    assume(share > 0 or orthographic)
    assume(float(np.linalg.norm(shift)) < 1e3 and shift.any())
    now = sight.pixel(origin + share * direction + shift)
    assert now is not None
    assert math.dist(now, end) < 1e-5


@settings(max_examples=60)
@given(axes, st.floats(0.05, 3.0), st.booleans())
def test_turning_follows_a_point_of_the_ring(axis, angle, orthographic):
    sight = sights(orthographic)
    first, second = across(axis)
    drag = Turn(sight, sight.pixel(POINT + first), POINT, axis)
    for part in np.linspace(0, angle, 12):
        change = drag.to(sight.pixel(POINT + math.cos(part) * first + math.sin(part) * second))
    assert change.angle == pytest.approx(angle, abs=1e-6)
    assert np.allclose(change.axis, axis)


def test_several_turns_add_up_and_go_back():
    sight = sights(False)
    axis = np.eye(3)[1]
    first, second = across(axis)
    drag = Turn(sight, sight.pixel(POINT + first), POINT, axis)

    def at(angle: float) -> float:
        return drag.to(sight.pixel(POINT + math.cos(angle) * first + math.sin(angle) * second)).angle

    for angle in np.arange(0, 4 * math.pi + 0.01, 0.2):
        total = at(angle)
    assert total > 2 * math.pi
    for angle in np.arange(4 * math.pi, -0.01, -0.2):
        total = at(angle)
    assert total == pytest.approx(0, abs=0.2)


def test_a_ring_seen_from_its_edge_turns_along_it():
    sight = Sight(Camera(distance=5), W, H)  # from +z: the ring about y is a line
    drag = Turn(sight, (320, 240), np.zeros(3), np.eye(3)[1])
    assert drag.to((350, 240)).angle == pytest.approx(0.5)  # its near side moves to +x, which is to the right
    assert drag.to((320, 200)).angle == pytest.approx(0)


@given(st.lists(places, max_size=6), places, st.sampled_from(["slide", "glide", "turn", "stretch"]))
@settings(max_examples=60)
def test_back_at_the_start_nothing_has_moved(path, start, kind):
    sight = sights(False)
    axis = np.eye(3)[0]
    made = {
        "slide": lambda: Slide(sight, start, POINT, axis),
        "glide": lambda: Glide(sight, start, POINT),
        "turn": lambda: Turn(sight, start, POINT, axis),
        "stretch": lambda: Stretch(sight, start, POINT),
    }
    assume(math.dist(start, sight.pixel(POINT)) > 20)
    drag = made[kind]()
    for at in [*path, start]:
        change = drag.to(at)
    assert np.allclose(change.shift, 0, atol=1e-9)
    assert math.remainder(change.angle, math.tau) == pytest.approx(0, abs=1e-9)
    assert change.factor == pytest.approx(1)


def test_an_axis_that_points_at_the_eye_moves_nothing():
    sight = Sight(Camera(distance=5), W, H)
    drag = Slide(sight, (320, 240), np.zeros(3), np.eye(3)[2])
    assert drag.to((330, 250)).shift == (0, 0, 0)


def test_twice_as_far_is_twice_as_large():
    sight = sights(False)
    x, y = sight.pixel(POINT)
    drag = Stretch(sight, (x + 50, y), POINT)
    assert drag.to((x + 100, y)).factor == pytest.approx(2)
    assert drag.to((x, y - 25)).factor == pytest.approx(0.5)
    assert drag.to((x + 103, y), snap=True).factor == pytest.approx(2.1)
    assert drag.to((x, y)).factor == 0.01, "never nothing"


def test_round_steps():
    assert [nice_step(length) for length in (0.013, 0.02, 7.0, 1.0, 0.0)] == pytest.approx([0.01, 0.02, 5, 1, 0])
    assert snapped(0.37, 0.1, True) == pytest.approx(0.4)
    assert snapped(0.37, 0.1, False) == 0.37
    sight = sights(False)
    change = Slide(sight, sight.pixel(POINT), POINT, np.eye(3)[1]).to((320, 100), snap=True)
    step = nice_step(12 * sight.metres_per_pixel(POINT))
    assert change.shift[1] / step == pytest.approx(round(change.shift[1] / step))
    assert change.shift[1] > 0


vectors = st.tuples(*[st.floats(-2.9, 2.9)] * 3)


@given(vectors)
def test_rotation_vectors_agree_with_scipy(rotation):
    expected = Rotation.from_rotvec(rotation)
    assert np.allclose(rotation_matrix(quaternion_of(rotation)), expected.as_matrix(), atol=1e-12)
    back = np.array(rotation_vector(quaternion_of(rotation)))
    assert np.linalg.norm(back) <= math.pi + 1e-12
    assert np.allclose(Rotation.from_rotvec(back).as_matrix(), expected.as_matrix(), atol=1e-9)


@given(vectors, st.sampled_from([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]), st.floats(-3, 3))
def test_a_turn_of_the_world_comes_after_the_rotation(rotation, axis, angle):
    expected = Rotation.from_rotvec(np.array(axis) * angle) * Rotation.from_rotvec(rotation)
    found = Rotation.from_rotvec(turned(rotation, axis, angle))
    assert np.allclose(found.as_matrix(), expected.as_matrix(), atol=1e-9)


def test_a_point_behind_the_eye_is_nowhere():
    sight = sights(False)
    behind = sight.camera.eye + sight.camera.axes[:, 2]
    assert sight.pixel(behind) is None
    assert sight.metres_per_pixel(behind) == 0
