"""The light: brightest at one, the same from any side, colours as given where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.render import shading
from lab.render.camera import Camera

RNG = np.random.default_rng(0)
NORMALS = RNG.normal(size=(20000, 3))
NORMALS = (NORMALS / np.linalg.norm(NORMALS, axis=1, keepdims=True)).astype(np.float32)
KEY = np.array([[-0.55, 0.62, 0.56]]) / np.linalg.norm([-0.55, 0.62, 0.56])


def white(count: int) -> np.ndarray:
    return np.ones((count, 3), np.float32)


def shade(normals: np.ndarray, camera: Camera, albedo: float = 0.5) -> np.ndarray:
    toward = (normals @ camera.axes[:, 2]).astype(np.float32)
    return shading.lit(white(len(normals)) * np.float32(albedo), normals, toward, camera)[:, 0]


def test_facing_the_key_a_colour_is_shown_as_given():
    albedo = np.array([[0.2, 0.5, 0.9]], np.float32)
    key = KEY.astype(np.float32)
    color = shading.lit(albedo, key, np.ones(1, np.float32), Camera())
    assert np.allclose(color, albedo, atol=0.02)  # but for a trace of the highlight


def test_nothing_burns_out_and_nothing_is_black():
    values = shade(NORMALS[NORMALS[:, 2] > 0], Camera(), albedo=0.8)
    assert values.max() <= 0.88
    assert values.min() > 0.8 * 0.2


@settings(max_examples=20)
@given(st.floats(-3, 3), st.floats(-1.5, 1.5))
def test_the_light_follows_the_camera(azimuth, elevation):
    camera = Camera().orbit(azimuth, elevation)
    turned = (NORMALS[:50] @ camera.axes.T).astype(np.float32)
    assert np.allclose(shade(turned, camera), shade(NORMALS[:50], Camera()), atol=1e-4)


def test_shape_reads_from_left_to_right_and_top_to_bottom():
    left, right, up, down = (
        shade(np.array([n], np.float32) / np.float32(np.sqrt(2)), Camera())[0]
        for n in ([-1, 0, 1], [1, 0, 1], [0, 1, 1], [0, -1, 1])
    )
    assert left > right + 0.05
    assert up > down + 0.1


def test_back_faces_are_dimmer_but_still_shaded():
    front = shade(NORMALS, Camera())
    back = shading.lit(white(len(NORMALS)) * np.float32(0.5), -NORMALS, -NORMALS[:, 2], Camera())[:, 0]
    seen = NORMALS[:, 2] > 0.4
    assert (back[seen] < 0.75 * front[seen]).all()
    assert back[seen].std() > 0.02


def test_points_are_lit_on_the_side_one_sees():
    albedo = white(len(NORMALS)) * np.float32(0.5)
    one, other = (shading.lit_points(albedo, n, Camera()) for n in (NORMALS, -NORMALS))
    assert np.allclose(one, other, atol=1e-6)


def test_normals_as_colours():
    assert np.allclose(shading.by_normal(np.eye(3, dtype=np.float32)), np.eye(3) * 0.5 + 0.5)


def test_depth_is_linear_and_light_is_near():
    colors = shading.by_depth(np.array([1.0, 2.0, 3.0, 99.0]), 1.0, 3.0)
    assert colors[0, 0] == pytest.approx(0.96)
    assert colors[1, 0] == pytest.approx((0.96 + 0.20) / 2)
    assert colors[2, 0] == pytest.approx(0.20)
    assert colors[3, 0] == 0


def test_cosine_to_the_eye_in_perspective():
    camera = Camera(distance=2)
    verts = np.array([[0, 0, 0], [2, 0, 0]], np.float32)
    normals = np.array([[0, 0, 1], [0, 0, 1]], np.float32)
    cosines = shading.cosine_to_eye(verts, normals, np.zeros(3), camera)
    assert np.allclose(cosines, [1, np.sqrt(0.5)])
