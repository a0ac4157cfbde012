"""What the mouse does to the camera: exact, without drift, about the point under the cursor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.render.camera import Camera
from ui.viewport.mouse import Drag, Navigation, notches

W, H = 640, 480
START = Camera(pivot=(1, 2, 3), distance=5).orbit(0.7, 0.3)
places = st.tuples(st.floats(0, W), st.floats(0, H))


@settings(max_examples=40)
@given(st.sampled_from(["orbit", "pan", "zoom"]), places, st.lists(places, max_size=8))
def test_a_drag_back_to_its_start_changes_nothing(drag: Drag, start, path):
    navigation = Navigation(START)
    navigation.press(drag, *start, None)
    for place in [*path, start]:
        navigation.move(*place, W, H)
    navigation.release()
    assert np.allclose(navigation.camera.eye, START.eye, atol=1e-9)
    assert np.allclose(navigation.camera.axes, START.axes, atol=1e-9)


@settings(max_examples=40)
@given(places, places, st.floats(1, 20), st.booleans())
def test_a_grabbed_point_stays_under_the_mouse(start, end, depth, orthographic):
    camera = replace(START, orthographic=orthographic)
    point = camera.point_at(*start, W, H, depth)
    navigation = Navigation(camera)
    navigation.press("pan", *start, point)
    navigation.move(*end, W, H)
    at, _ = navigation.camera.project(point[None], W, H)
    assert np.allclose(at[0], end, atol=1e-6)


def test_a_point_found_later_is_used_from_then_on():
    point = START.point_at(100, 100, W, H, 12.0)
    navigation = Navigation(START)
    navigation.press("pan", 100, 100, None)
    navigation.move(150, 120, W, H)
    navigation.found(point)
    navigation.move(200, 140, W, H)
    at, _ = navigation.camera.project(point[None], W, H)
    assert np.allclose(at[0], (200, 140))


def test_dragging_right_turns_the_scene_right():
    navigation = Navigation(Camera(distance=1))
    navigation.press("orbit", 300, 200, None)
    navigation.move(300 + H, 200, W, H)  # over the shorter side: half a turn
    assert np.allclose(navigation.camera.eye, (0, 0, -1))
    navigation.move(300 + 10, 200, W, H)
    assert navigation.camera.eye[0] < 0  # the eye goes left, so what is in front of it goes right
    navigation.move(300, 210, W, H)
    assert navigation.camera.eye[1] > 0  # dragging down looks from higher up


def test_the_wheel_zooms_to_the_cursor():
    point = START.point_at(500, 100, W, H, 8.0)
    navigation = Navigation(START)
    navigation.anchor(point)
    navigation.wheel(3, 500, 100, W, H)
    at, _ = navigation.camera.project(point[None], W, H)
    assert np.allclose(at[0], (500, 100))
    assert navigation.camera.distance == pytest.approx(5 * 0.87**3)
    navigation.wheel(-3, 500, 100, W, H)
    assert np.allclose(navigation.camera.eye, START.eye)
    assert notches(120) == 1


def test_moving_without_a_button_does_nothing():
    navigation = Navigation(START)
    assert not navigation.move(3, 4, W, H)
    assert navigation.camera == START
    assert not navigation.dragging


def test_a_point_behind_the_eye_is_no_anchor():
    navigation = Navigation(START)
    navigation.anchor(START.eye + START.axes[:, 2])
    navigation.wheel(1, 10, 10, W, H)
    assert navigation.camera == START.zoom_at(10, 10, 0.87, W, H)
