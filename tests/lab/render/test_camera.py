"""The camera's geometry: by hand, and as properties that hold for any camera."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.render.camera import STANDARD_VIEWS, Camera, about, product, rotation_matrix

W, H = 800, 600
angles = st.floats(-3.0, 3.0)
pixels = st.tuples(st.floats(0, W), st.floats(0, H))


@st.composite
def cameras(draw) -> Camera:
    azimuth, elevation = draw(angles), draw(st.floats(-1.5, 1.5))
    pivot = tuple(draw(st.floats(-1e6, 1e6)) for _ in range(3))
    camera = Camera(pivot, draw(st.floats(0.01, 1e4)), fov_deg=draw(st.floats(10, 100)))
    return replace(camera, orthographic=draw(st.booleans())).orbit(azimuth, elevation)


def same_direction(a, b) -> bool:
    return abs(abs(sum(x * y for x, y in zip(a, b, strict=True))) - 1) < 1e-12


def test_a_camera_by_hand():
    camera = Camera(pivot=(1, 2, 3), distance=10, fov_deg=90)
    assert np.allclose(camera.eye, (1, 2, 13))
    assert camera.half_height == pytest.approx(10)
    points = np.array([[1, 2, 3], [11, 2, 3], [1, 12, 3], [1, 2, 8]], float)
    at, depth = camera.project(points, 200, 100)
    assert np.allclose(at, [[100, 50], [150, 50], [100, 0], [100, 50]])
    assert np.allclose(depth, [10, 10, 10, 5])
    assert camera.metres_per_pixel(100) == pytest.approx(0.2)
    assert camera.metres_per_pixel(100, depth=5) == pytest.approx(0.1)


def test_points_behind_the_eye_have_no_pixel():
    at, depth = Camera().project(np.array([[0, 0, 5.0]]), W, H)
    assert np.isnan(at).all()
    assert depth[0] == pytest.approx(-2)


@pytest.mark.parametrize(
    ("name", "eye", "up"),
    [
        ("front", (0, 0, 1), (0, 1, 0)),
        ("back", (0, 0, -1), (0, 1, 0)),
        ("right", (1, 0, 0), (0, 1, 0)),
        ("left", (-1, 0, 0), (0, 1, 0)),
        ("top", (0, 1, 0), (0, 0, -1)),
        ("bottom", (0, -1, 0), (0, 0, 1)),
    ],
)
def test_standard_views(name, eye, up):
    camera = Camera(distance=1).standard(name)
    assert np.allclose(camera.eye, eye)
    assert np.allclose(camera.axes[:, 1], up)


def test_every_standard_view_is_a_rotation():
    for name in STANDARD_VIEWS:
        axes = Camera().standard(name).axes
        assert np.allclose(axes.T @ axes, np.eye(3))
        assert np.linalg.det(axes) == pytest.approx(1)


@settings(max_examples=60)
@given(cameras(), pixels)
def test_a_ray_goes_through_its_pixel(camera, pixel):
    origin, direction = camera.ray(*pixel, W, H)
    assert np.linalg.norm(direction) == pytest.approx(1)
    at, _ = camera.project((origin + direction * camera.distance * 1.7)[None], W, H)
    assert np.allclose(at[0], pixel, atol=1e-3)


@settings(max_examples=60)
@given(cameras(), pixels)
def test_matrices_agree_with_project(camera, pixel):
    point = camera.point_at(*pixel, W, H)
    clip = (
        camera.projection_matrix(W, H, camera.distance / 10, camera.distance * 10) @ camera.view_matrix() @ [*point, 1]
    )
    ndc = clip[:3] / clip[3]
    assert np.allclose(((ndc[0] + 1) / 2 * W, (1 - ndc[1]) / 2 * H), pixel, atol=1e-3)
    assert -1 < ndc[2] < 1


@settings(max_examples=60)
@given(cameras(), pixels, st.floats(-300, 300), st.floats(-300, 300), st.floats(0.3, 3))
def test_panning_takes_the_grabbed_point_along(camera, pixel, dx, dy, share):
    depth = camera.distance * share
    point = camera.point_at(*pixel, W, H, depth)
    at, _ = camera.pan(dx, dy, H, depth).project(point[None], W, H)
    assert np.allclose(at[0], (pixel[0] + dx, pixel[1] + dy), atol=1e-3)


@settings(max_examples=60)
@given(cameras(), pixels, st.floats(0.2, 5), st.floats(0.3, 3))
def test_zooming_keeps_the_point_under_the_cursor(camera, pixel, factor, share):
    depth = camera.distance * share
    point = camera.point_at(*pixel, W, H, depth)
    nearer = camera.zoom_at(*pixel, factor, W, H, depth)
    at, _ = nearer.project(point[None], W, H)
    assert np.allclose(at[0], pixel, atol=1e-3)
    assert nearer.distance == pytest.approx(camera.distance * factor)


@settings(max_examples=60)
@given(cameras(), angles, st.floats(-1.0, 1.0))
def test_orbiting_there_and_back(camera, azimuth, elevation):
    there = camera.orbit(azimuth, elevation)
    assert np.linalg.norm(there.eye - there.pivot) == pytest.approx(camera.distance)
    assert there.axes[1, 0] == pytest.approx(0, abs=1e-9)  # the horizon stays level
    if abs(there.axes[1, 2]) < 1 - 1e-9:  # not stopped by a pole
        assert same_direction(there.orbit(-azimuth, -elevation).rotation, camera.rotation)


def test_the_order_of_azimuth_and_elevation_does_not_matter():
    camera = Camera()
    assert same_direction(camera.orbit(0.4, 0).orbit(0, 0.3).rotation, camera.orbit(0, 0.3).orbit(0.4, 0).rotation)


def test_orbit_directions_and_poles():
    camera = Camera(distance=1)
    assert np.allclose(camera.orbit(math.pi / 2, 0).eye, (1, 0, 0))
    assert np.allclose(camera.orbit(0, 10).eye, (0, 1, 0))
    assert np.allclose(camera.orbit(0, -10).eye, (0, -1, 0))
    assert camera.orbit(0, 10).axes[1, 1] >= -1e-12  # never upside down


def test_a_thousand_orbits_keep_a_rotation():
    camera = Camera()
    for _ in range(1000):
        camera = camera.orbit(0.1, 0.01).orbit(0.05, -0.01)
    axes = camera.axes
    assert np.abs(axes.T @ axes - np.eye(3)).max() < 1e-12


@settings(max_examples=40)
@given(cameras(), st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.1, 10))
def test_fit_shows_the_whole_box_and_no_more(camera, x, y, z):
    lower = np.array([-x, -y, -z])
    fitted = camera.fit(lower, -lower, W, H)
    corners = np.array([[a, b, c] for a in (-x, x) for b in (-y, y) for c in (-z, z)])
    at, depth = fitted.project(corners, W, H)
    assert (depth > 0).all() or fitted.orthographic
    off_centre = np.abs(at - (W / 2, H / 2)) / (W / 2, H / 2)
    assert off_centre.max() == pytest.approx(0.86, abs=1e-3)
    assert fitted.rotation == camera.rotation


def test_fit_of_a_single_point_has_a_distance():
    fitted = Camera().fit_points(np.array([[5.0, 6.0, 7.0]]))
    assert fitted.pivot == (5, 6, 7)
    assert fitted.distance == 1.0


def test_orthographic_keeps_the_size_at_the_pivot():
    camera = Camera(pivot=(1, 2, 3), distance=7).orbit(0.5, 0.3)
    points = np.array(camera.pivot) + camera.axes[:, :2].T * 0.8
    flat, _ = replace(camera, orthographic=True).project(points, W, H)
    assert np.allclose(flat, camera.project(points, W, H)[0])


def test_a_new_pivot_keeps_its_depth_and_comes_to_the_middle():
    camera = Camera().orbit(0.3, 0.2)
    point = camera.point_at(100, 80, W, H, depth=2.0)
    turned = camera.looking_at(point)
    assert np.allclose(turned.project(point[None], W, H)[0], (W / 2, H / 2))
    assert turned.depth(point) == pytest.approx(2.0)
    assert np.allclose(turned.axes, camera.axes)


def test_far_from_zero_nothing_jitters():
    near = Camera(pivot=(0, 0, 0), distance=2).orbit(0.3, 0.2)
    far = replace(near, pivot=(636_600.0, 500.0, 849_200.0))
    point = near.point_at(123, 456, W, H)
    at, _ = far.project((point + far.pivot)[None], W, H)
    assert np.allclose(at[0], (123, 456), atol=1e-6)


def test_quaternions():
    quarter = about((0, 0, 1), math.pi / 2)
    assert np.allclose(rotation_matrix(quarter) @ (1, 0, 0), (0, 1, 0))
    assert np.allclose(rotation_matrix(product(quarter, quarter)) @ (1, 0, 0), (-1, 0, 0))
