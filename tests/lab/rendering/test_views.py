"""What both studies share: the camera, pixels, and colours for numbers."""

import numpy as np
import pytest

from lab.cameras.projection import pixels
from lab.rendering.views import camera_at, coarse, greys, probed, ray, signed, subject_of, to_screen
from lab.scene import Mesh, Points
from lab.study import StudyError


def test_the_camera_stands_where_pytorch3d_puts_it():
    """REFERENCE I.3, checks: the centre for (3, 50 degrees, 0) is (0, 2.29813, 1.92836)."""
    camera = camera_at(np.zeros(3), 3.0, 50.0, 0.0, 60.0, (64, 48))
    assert camera.center == pytest.approx([0, 2.29813, 1.92836], abs=1e-5)
    assert pixels(camera, np.zeros((1, 3)))[0][0] == pytest.approx([32, 24])
    assert 2 * camera.fy / 48 == pytest.approx(3**0.5)


def test_coarse_keeps_the_shape_and_never_enlarges():
    camera = camera_at(np.zeros(3), 3.0, 0.0, 0.0, 60.0, (400, 200))
    small = coarse(camera, 100)
    assert (small.width, small.height) == (100, 50)
    assert small.fx == pytest.approx(camera.fx / 4)
    assert coarse(camera, 400) is camera


def test_the_ray_passes_through_its_pixel():
    camera = camera_at(np.array([0.1, 0.2, 0.3]), 2.0, 20.0, 70.0, 50.0, (64, 48))
    at, depth = pixels(camera, ray(camera, 30, 11, 1.5).verts)
    assert at[1] == pytest.approx([11.5, 30.5], abs=1e-4)
    assert depth == pytest.approx([0, 1.5], abs=1e-6)
    assert probed(64.0, -0.0, camera) == (0, 63)


def test_signed_numbers_are_red_and_blue():
    image, limit = signed(np.array([[-2.0, 0.0, 2.0, 0.5]]))
    assert limit == 2
    (low, zero, high, little) = image[0].astype(int)
    assert low[2] > low[0] + 100
    assert high[0] > high[2] + 100
    assert np.ptp(zero) == 0
    assert zero[0] > 240
    assert little[0] > little[2] > high[2]
    assert (signed(np.zeros((2, 2)))[0] == 247).all()


def test_near_is_light_and_nothing_is_dark():
    image = greys(np.array([[1.0, 2.0, np.nan]]))[0, :, 0].astype(int)
    assert image[0] > image[1] > image[2]
    assert (greys(np.full((2, 2), np.nan)) == 13).all()


def test_colours_are_linear_and_clipped():
    assert to_screen(np.array([[-1.0, 0.5, 3.0]])).tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    "geometry", [Points(np.random.default_rng(0).random((5, 3))), Mesh(np.eye(3), np.zeros((0, 3)))]
)
def test_without_faces_there_is_nothing_to_rasterise(geometry):
    with pytest.raises(StudyError, match="faces"):
        subject_of(geometry)
