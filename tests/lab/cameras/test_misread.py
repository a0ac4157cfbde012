"""Wrong readings do to the camera what is said of them, worked out by hand."""

import numpy as np
import pytest

from lab.cameras import misread as m
from lab.cameras.model import CameraError, CameraModel, look_at, pose
from lab.cameras.projection import pixels
from lab.chapters.cameras import lens
from lab.motions import so3

OBJECT = np.array([[0.1, 0.2, 0.3], [-0.2, 0.1, 0.0], [0, -0.2, 0.1]])
Y = "y"


def camera(**changes):
    given = {"fx": 200.0, "fy": 200.0, "cx": 160.0, "cy": 100.0, "width": 320, "height": 200} | changes
    return CameraModel(look_at(np.array([1.0, 0.7, 2]), np.zeros(3)), **given)


def test_the_form_offers_all_slips():
    assert lens.SLIPS == m.SLIPS


def test_nothing_wrong():
    found = m.misread(camera(), ("OpenGL", Y), ("OpenGL", Y))
    assert not found.wrong
    assert found.camera is not None
    assert np.array_equal(found.camera.c2w, camera().c2w)


def test_opencv_for_pytorch3d_turns_the_picture_by_half_a_turn():
    found = m.misread(camera(), ("OpenCV", Y), ("PyTorch3D", Y))
    assert np.allclose(pixels(found.camera, OBJECT)[0], [320, 200] - pixels(camera(), OBJECT)[0])
    assert "X and Y" in found.fixes[0]


def test_opencv_for_opengl_looks_away():
    found = m.misread(camera(), ("OpenCV", Y), ("OpenGL", Y))
    assert np.allclose(pixels(found.camera, OBJECT)[1], -pixels(camera(), OBJECT)[1])
    assert "Y and Z" in found.fixes[0]
    assert np.allclose(found.camera.center, camera().center)


def test_blenders_world_read_as_opengls():
    found = m.misread(camera(), ("Blender", "z"), ("OpenGL", Y))
    assert np.allclose(found.camera.center, [1.0, -2, 0.7])
    assert "Z up" in found.fixes[0]


@pytest.mark.parametrize("convention", ["PyTorch3D", "OpenCV", "OpenGL"])
def test_transposed_is_harmless_only_when_r_is_symmetric(convention):
    straight = CameraModel(pose(np.diag([-1.0, 1, -1]), np.array([0, 0, -2.0])), 200, 200, 160, 100, 320, 200)
    found = m.misread(straight, (convention, Y), (convention, Y), m.TRANSPOSED)
    assert np.allclose(found.camera.c2w, straight.c2w)
    turned = m.misread(camera(), (convention, Y), (convention, Y), m.TRANSPOSED)
    assert not np.allclose(turned.camera.c2w, camera().c2w)
    again = m.misread(turned.camera, (convention, Y), (convention, Y), m.TRANSPOSED)
    assert np.allclose(again.camera.c2w, camera().c2w)


def test_inverted_twice_is_right():
    once = m.misread(camera(), ("OpenCV", Y), ("OpenCV", Y), m.INVERTED)
    twice = m.misread(once.camera, ("OpenCV", Y), ("OpenCV", Y), m.INVERTED)
    assert np.allclose(twice.camera.c2w, camera().c2w)
    w2c = np.linalg.inv(camera().c2w @ np.diag([1, -1, -1, 1]))
    assert np.allclose(once.camera.c2w, w2c @ np.diag([1, -1, -1, 1]))


def test_the_centre_given_as_t():
    """C = -T Rᵀ, so that the camera stands at -C Rᵀ when C is given as T (rows, PyTorch3D's R)."""
    one = camera()
    R = one.rotation @ np.diag([-1.0, 1, -1])
    found = m.misread(one, ("PyTorch3D", Y), ("PyTorch3D", Y), m.CENTRE_AS_T)
    assert np.allclose(found.camera.center, -one.center @ R.T)
    assert np.allclose(found.camera.rotation, one.rotation)


def test_the_world_lies_on_its_side():
    found = m.misread(camera(), ("OpenGL", Y), ("OpenGL", Y), m.SWAPPED_UP)
    assert np.allclose(found.camera.center, [1, -2, 0.7])
    assert so3.angle_between(found.camera.rotation, camera().rotation) == pytest.approx(np.pi / 2)


def test_lens_slips():
    sign = m.misread(camera(cx=200.0), ("OpenCV", Y), ("OpenCV", Y), m.PRINCIPAL_SIGN).camera
    assert (sign.cx, sign.cy) == (120, 100)
    swapped = m.misread(camera(cx=200.0), ("OpenCV", Y), ("OpenCV", Y), m.SIZE_SWAPPED).camera
    assert (swapped.width, swapped.height, swapped.cx, swapped.cy) == (200, 320, 140, 160)
    zoomed = m.misread(camera(), ("OpenCV", Y), ("OpenCV", Y), m.PIXEL_FOCAL).camera
    assert zoomed.fx == 200 * 100


def test_mirrors_flip_the_picture_and_leave_the_camera():
    for slip, flips in ((m.MIRRORED, (False, True)), (m.BOTTOM_UP, (True, False))):
        found = m.misread(camera(), ("OpenCV", Y), ("OpenCV", Y), slip)
        assert (found.flip_rows, found.flip_columns) == flips
        assert np.array_equal(found.camera.c2w, camera().c2w)


def test_mistakes_add_up():
    found = m.misread(camera(), ("OpenCV", Y), ("PyTorch3D", Y), m.BOTTOM_UP)
    assert len(found.fixes) == 2
    assert found.flip_rows


def test_an_unknown_slip():
    with pytest.raises((CameraError, KeyError)):
        m.misread(camera(), ("OpenCV", Y), ("OpenCV", Y), "typo")
