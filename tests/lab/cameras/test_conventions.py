"""Conversions: round trips through every convention, and agreement with PyTorch3D's and OpenCV's own projections."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytorch3d.renderer import (
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
)

from lab.cameras import conventions as c
from lab.cameras.model import CameraError, CameraModel, focal_from_fov, look_at, pose
from lab.cameras.projection import pixels, stages
from tests.lab.cameras.cameras_help import assert_close, assert_same_camera, batched, cameras, points_in_front, theirs

ups = st.sampled_from(["y", "z"])


@given(cameras(), ups, st.booleans())
def test_pytorch3d_and_back(camera, world, in_ndc):
    other = c.to_pytorch3d(camera, in_ndc=in_ndc, world=world)
    assert_same_camera(c.from_pytorch3d(other, near=camera.near, far=camera.far, world=world), camera)


@given(cameras(orthographic=False, centred=True), ups)
def test_field_of_view_cameras_and_back(camera, world):
    assert_same_camera(c.from_pytorch3d_fov(c.to_pytorch3d_fov(camera, world=world), world=world), camera)


@given(cameras(orthographic=True), ups)
def test_orthographic_boxes_and_back(camera, world):
    other = c.to_pytorch3d_fov_orthographic(camera, world=world)
    assert_same_camera(c.from_pytorch3d_fov_orthographic(other, world=world), camera)


@given(cameras(), ups)
def test_opencv_and_back(camera, world):
    back = c.from_opencv(c.to_opencv(camera, world=world), near=camera.near, far=camera.far, world=world)
    assert_same_camera(back, camera)


@given(cameras(), ups)
def test_opengl_and_back(camera, world):
    # near and far come back from their quotients, in which far / near loses digits
    back = c.from_opengl(c.to_opengl(camera, world=world), world=world)
    assert back.near == pytest.approx(camera.near, rel=1e-6)
    assert back.far == pytest.approx(camera.far, rel=1e-4)
    assert np.abs(back.c2w - camera.c2w).max() < 1e-12
    for name in ("fx", "fy", "cx", "cy"):
        assert getattr(back, name) == pytest.approx(getattr(camera, name), abs=1e-9)


@given(cameras(), ups, st.floats(1, 100))
def test_blender_and_back(camera, world, sensor):
    other = c.to_blender(camera, sensor_width=sensor, world=world)
    assert min(other.pixel_aspect) == 1.0  # Blender takes no smaller ones
    assert_same_camera(c.from_blender(other, world=world), camera)


@settings(max_examples=40, deadline=None)
@given(cameras(), st.booleans())
def test_pixels_are_pytorch3ds(camera, in_ndc):
    points = points_in_front(camera)
    there = theirs(c.to_pytorch3d(camera, in_ndc=in_ndc))
    screen = there.transform_points_screen(batched(points))[0].numpy()
    ours, depth = pixels(camera, points)
    assert_close(screen[:, :2], ours, camera)
    assert np.allclose(screen[:, 2], depth if camera.orthographic else 1 / depth, rtol=1e-5)
    assert np.allclose(there.get_camera_center()[0], camera.center, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(cameras(orthographic=False, centred=True))
def test_the_fov_camera_sees_the_same(camera):
    other = c.to_pytorch3d_fov(camera)
    assume(1 < other.fov_deg < 150)  # beyond, the tangent has few digits in float32
    there = FoVPerspectiveCameras(
        R=batched(other.R),
        T=batched(other.T),
        znear=other.znear,
        zfar=other.zfar,
        fov=torch.tensor([other.fov_deg], dtype=torch.float32),
        aspect_ratio=torch.tensor([other.aspect_ratio], dtype=torch.float32),
    )
    points = points_in_front(camera)
    screen = there.transform_points_screen(batched(points), image_size=other.image_size)[0].numpy()
    assert_close(screen[:, :2], pixels(camera, points)[0], camera)


@settings(max_examples=40, deadline=None)
@given(cameras(orthographic=True))
def test_the_orthographic_box_shows_the_same(camera):
    other = c.to_pytorch3d_fov_orthographic(camera)
    box = {name: torch.tensor([getattr(other, name)], dtype=torch.float32) for name in ("min_x", "max_x")}
    box |= {name: torch.tensor([getattr(other, name)], dtype=torch.float32) for name in ("min_y", "max_y")}
    there = FoVOrthographicCameras(R=batched(other.R), T=batched(other.T), znear=other.znear, zfar=other.zfar, **box)
    points = points_in_front(camera)
    screen = there.transform_points_screen(batched(points), image_size=other.image_size)[0].numpy()
    # a box far off the axis is the difference of two large numbers, of which float32 keeps seven digits
    off = max(abs(box["max_x"] / (box["max_x"] - box["min_x"])), abs(box["max_y"] / (box["max_y"] - box["min_y"])))
    assert_close(screen[:, :2], pixels(camera, points)[0], camera, tolerance=max(1e-5, 2.4e-7 * float(off)))


@given(cameras(orthographic=False), ups)
def test_opencvs_projection_is_ours(camera, world):
    cv2 = pytest.importorskip("cv2")
    other = c.to_opencv(camera, world=world)
    points = points_in_front(camera)
    there, _ = cv2.projectPoints(points @ c.world_turn(world).T, cv2.Rodrigues(other.R)[0], other.t, other.K, None)
    assert np.allclose(there[:, 0], pixels(camera, points)[0], rtol=1e-5, atol=1e-5)


def test_opencv_by_hand():
    """A camera at (1, 2, 3) that looks along the world's -Z: OpenCV's y points down, its z away from the viewer."""
    camera = CameraModel(pose(np.eye(3), np.array([1.0, 2, 3])), 500, 400, 320, 240, 640, 480)
    other = c.to_opencv(camera)
    assert np.array_equal(other.R, np.diag([1.0, -1, -1]))
    assert np.array_equal(other.t, [-1, 2, 3])
    assert np.array_equal(other.K, [[500, 0, 320], [0, 400, 240], [0, 0, 1]])
    assert np.allclose(pixels(camera, np.array([[1.5, 1.0, 1.0]]))[0], [[320 + 500 * 0.25, 240 + 400 * 0.5]])


def test_blender_by_hand():
    """Blender's own start, lens 50 mm, sensor 36 mm, 1920 x 1080, the camera one metre in front (-Y) of the origin."""
    ahead = np.array([[1.0, 0, 0, 0], [0, 0, -1, -1], [0, 1, 0, 0], [0, 0, 0, 1]])  # upright, looks along Blender's +Y
    camera = c.from_blender(c.BlenderCamera(ahead, (1920, 1080), lens=50, shift_x=0.1, shift_y=-0.05))
    assert np.allclose(camera.center, [0, 0, 1])
    assert np.allclose(camera.rotation, np.eye(3))
    assert camera.fx == pytest.approx(50 * 1920 / 36)
    assert (camera.cx, camera.cy) == pytest.approx((960 - 192, 540 - 96))


@pytest.mark.parametrize(
    ("fit", "size", "focal"),
    [
        ("AUTO", (1000, 500), 50 * 1000 / 36),
        ("AUTO", (500, 1000), 50 * 1000 / 36),  # the sensor's width lies along the longer side
        ("HORIZONTAL", (500, 1000), 50 * 500 / 36),
        ("VERTICAL", (1000, 500), 50 * 500 / 24),
    ],
)
def test_blenders_sensor_fits(fit, size, focal):
    camera = c.from_blender(c.BlenderCamera(np.eye(4), size, lens=50, sensor_fit=fit))
    assert camera.fx == camera.fy == pytest.approx(focal)


def test_the_scale_of_a_blender_object_is_no_part_of_its_camera():
    scaled = np.diag([2.0, 3, 4, 1])
    assert np.allclose(c.from_blender(c.BlenderCamera(scaled, (10, 10))).rotation, c.world_turn("z").T)


def test_z_up():
    """What points up in the lab points up in Blender, and the front (+Z) becomes Blender's front (-Y)."""
    turn = c.world_turn("z")
    assert np.array_equal(turn @ [0, 1, 0], [0, 0, 1])
    assert np.array_equal(turn @ [0, 0, 1], [0, -1, 0])
    assert np.linalg.det(turn) == 1


def test_the_axes_say_what_their_words_say():
    words = {"right": (1, 0, 0), "left": (-1, 0, 0), "up": (0, 1, 0), "down": (0, -1, 0)}
    words |= {"backward": (0, 0, 1), "forward": (0, 0, -1)}
    for convention in c.CONVENTIONS:
        for axis, label in zip(c.AXES[convention].T, c.AXIS_WORDS[convention], strict=True):
            assert tuple(axis) == words[label.split()[1]]
        assert np.linalg.det(c.AXES[convention]) == 1


def test_facts_of_the_field_of_view():
    """REFERENCE I.3: at 60 degrees the focal length in NDC is 1.7321 and (tan 30, tan 30, 1) is the corner (0, 0)."""
    focal = focal_from_fov(60, 240)
    camera = CameraModel(np.diag([-1.0, 1, -1, 1]), focal, focal, 120, 120, 240, 240)
    assert c.to_pytorch3d(camera).focal_length == pytest.approx([1.7321, 1.7321], abs=1e-4)
    assert c.to_pytorch3d_fov(camera).fov_deg == pytest.approx(60)
    tan = np.tan(np.radians(30))
    at, _ = pixels(camera, np.array([[tan, tan, 1], [0, 0, 5]]))
    assert np.allclose(at, [[0, 0], [120, 120]], atol=1e-9)


def test_the_book_example():
    """REFERENCE I.3: the identity camera's two rows, as the book prints them and as they are in the image."""
    identity = np.eye(3)
    focal, principal = np.array([1200.0, 300]), np.array([512.0, 256])
    other = c.PyTorch3DCamera(identity, np.zeros(3), focal, principal, (512, 1024), False, orthographic=False)
    points = np.array([[-50.0, -50, 20], [50, 50, 10]])
    printed = theirs(other).transform_points(batched(points))[0].numpy()
    assert np.allclose(printed, [[-2488, -494, 0.05], [6512, 1756, 0.1]])
    assert np.allclose(pixels(c.from_pytorch3d(other), points)[0], [[3512, 1006], [-5488, -1244]])


@pytest.mark.parametrize("n", range(-4, 4))
def test_all_cameras_of_the_book_example(n):
    """Eight cameras by eight corners: what PyTorch3D says to the pixel, with the book's Euler angles and shifts."""
    from pytorch3d.transforms import euler_angles_to_matrix

    angles = torch.deg2rad(torch.tensor([5.0 * n, n, n], dtype=torch.float32))
    R = euler_angles_to_matrix(angles, "ZYX").numpy()
    other = c.PyTorch3DCamera(
        R, np.array([n, 0.0, 0.0]), np.array([1200.0, 300]), np.array([512.0, 256]), (512, 1024), False, False
    )
    corners = np.array([[x, y, z] for x in (-50.0, 50.0) for y in (-50.0, 50.0) for z in (10.0, 20.0)])
    camera = c.from_pytorch3d(other)
    screen = theirs(other).transform_points_screen(batched(corners))[0].numpy()
    found = stages(camera, corners)[-1].coordinates
    assert_close(screen, found, camera)


def test_what_a_convention_cannot_say_is_refused():
    shifted = CameraModel(look_at(np.ones(3), np.zeros(3)), 100, 100, 60, 50, 100, 100)
    with pytest.raises(CameraError, match="middle"):
        c.to_pytorch3d_fov(shifted)
    with pytest.raises(CameraError, match="perspective"):
        c.to_pytorch3d_fov_orthographic(shifted)
    with pytest.raises(CameraError, match="orthographic"):
        c.to_pytorch3d_fov(CameraModel(np.eye(4), 1, 1, 1, 1, 2, 2, orthographic=True))
    skewed = c.OpenCVCamera(np.eye(3), np.zeros(3), np.array([[1.0, 0.5, 0], [0, 1, 0], [0, 0, 1]]), (2, 2))
    with pytest.raises(CameraError, match="skew"):
        c.from_opencv(skewed)


@pytest.mark.parametrize(
    ("fit", "size", "aspect", "orthographic", "pixel"),
    [
        ("AUTO", (640, 480), (1.0, 1.0), False, (349.333, 182.0)),
        ("AUTO", (480, 640), (1.0, 1.0), False, (269.333, 262.0)),
        ("VERTICAL", (640, 400), (1.0, 1.5), False, (400.0, 190.0)),
        ("HORIZONTAL", (640, 400), (2.0, 1.0), False, (349.333, 84.0)),
        ("AUTO", (640, 480), (1.0, 1.2), True, (320.0, 173.333)),
    ],
)
def test_pixels_as_blender_says(fit, size, aspect, orthographic, pixel):
    """Blender 4.2's own ``calc_matrix_camera`` gave these pixels for the point."""
    matrix = np.array([[0.8, 0.36, -0.48, 1.0], [0.6, -0.48, 0.64, -2.0], [0, -0.8, -0.6, 0.5], [0, 0, 0, 1]])
    other = c.BlenderCamera(
        matrix, size, 35, 32, 20, fit, 0.1, -0.2, aspect, 0.1, 100, orthographic=orthographic, ortho_scale=4
    )
    point = np.array([[2.652, -3.536, 2.54]]) @ c.world_turn("z")  # out of Blender's world
    assert pixels(c.from_blender(other), point)[0][0] == pytest.approx(pixel, abs=1e-3)
