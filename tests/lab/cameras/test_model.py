"""The camera value: what it refuses, where look-at puts it, how its image is resized."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cameras.conventions import to_pytorch3d
from lab.cameras.model import CameraError, CameraModel, inverse, look_at, on_sphere, pose
from lab.cameras.projection import pixels


def camera(c2w=None, **changes):
    given = {"fx": 100.0, "fy": 100.0, "cx": 160.0, "cy": 120.0, "width": 320, "height": 240} | changes
    return CameraModel(np.eye(4) if c2w is None else c2w, **given)


def test_look_at_as_in_the_reference():
    assert on_sphere(3, 50, 0, np.zeros(3)) == pytest.approx([0, 2.29813, 1.92836], abs=1e-5)


def test_looking_at_the_front_gives_the_identity_in_pytorch3d():
    other = to_pytorch3d(camera(look_at(on_sphere(2.7, 0, 180, np.zeros(3)), np.zeros(3))))
    assert np.allclose(other.R, np.eye(3), atol=1e-12)
    assert np.allclose(other.T, [0, 0, 2.7], atol=1e-12)


@given(st.floats(0.1, 50), st.floats(-89, 89), st.floats(-360, 360))
def test_look_at_is_pytorch3ds(distance, elevation, azimuth):
    from pytorch3d.renderer import look_at_view_transform

    at = np.array([0.3, -0.2, 0.5])
    R, T = look_at_view_transform(distance, elevation, azimuth, at=(tuple(at),))
    other = to_pytorch3d(camera(look_at(on_sphere(distance, elevation, azimuth, at), at)))
    assert np.allclose(other.R, R[0], atol=2e-5)
    assert np.allclose(other.T, T[0], atol=2e-5 * max(1, distance))


@pytest.mark.parametrize("up", [(0, 1, 0), (1, 0, 0)])
def test_straight_down_is_still_a_rotation(up):
    c2w = look_at(np.array(up) * 2.0, np.zeros(3), up)
    assert camera(c2w).rotation[:, 2] == pytest.approx(up)


def test_a_camera_on_its_target_is_refused():
    with pytest.raises(CameraError, match="move one of them"):
        look_at(np.ones(3), np.ones(3))


@pytest.mark.parametrize(
    ("c2w", "changes", "words"),
    [
        (np.eye(3), {}, "shape"),
        (np.diag([1.0, 1, -1, 1]), {}, "mirrors"),
        (np.diag([2.0, 1, 1, 1]), {}, "orthonormal"),
        (np.full((4, 4), np.nan), {}, "orthonormal"),
        (pose(np.eye(3), np.ones(3)).T, {}, "last row"),
        (np.eye(4), {"fx": 0.0}, "positive"),
        (np.eye(4), {"near": 2.0, "far": 1.0}, "near"),
    ],
)
def test_what_is_no_camera_is_refused(c2w, changes, words):
    with pytest.raises(CameraError, match=words):
        camera(c2w, **changes)


def test_the_inverse():
    c2w = look_at(np.array([1.0, 2, 3]), np.zeros(3))
    assert np.allclose(inverse(c2w) @ c2w, np.eye(4), atol=1e-15)


def test_a_resized_image_shows_the_same():
    small = camera(look_at(np.array([1.0, 2, 3]), np.zeros(3)), cx=100.0)
    points = np.random.default_rng(0).normal(size=(10, 3)) * 0.2
    there, _ = pixels(small.resized(1280, 480), points)
    assert np.allclose(there, pixels(small, points)[0] * [4, 2])


def test_the_field_of_view():
    assert camera(fy=120 * np.sqrt(3)).fov_deg == pytest.approx(60)
