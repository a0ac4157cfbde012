"""A camera that is written down in any convention is recognised from the numbers, as far as they tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.cameras.code import code
from lab.cameras.conventions import camera_to_world, to_opencv, to_opengl, to_pytorch3d
from lab.cameras.model import CameraModel, look_at, on_sphere
from lab.cameras.pasted import read
from lab.cameras.recognise import is_ndc, pixels_of, readings, verdict

POINTS = np.random.default_rng(0).uniform([-0.3, -0.1, -0.2], [0.5, 0.7, 0.6], size=(200, 3))
LENS = CameraModel(np.eye(4), 300, 300, 160, 120, 320, 240)


def camera(distance=2.5, elevation=25.0, azimuth=140.0):
    at = np.array([0.1, 0.3, 0.2])
    return LENS.moved(look_at(on_sphere(distance, elevation, azimuth, at), at))


def written(one):
    """The same camera as text of seven kinds, and the reading that is right."""
    torch3d, opencv, opengl = to_pytorch3d(one), to_opencv(one), to_opengl(one)
    row = np.eye(4)
    row[:3, :3], row[3, :3] = torch3d.R, torch3d.T
    return {
        "PyTorch3D R, T, Y up": f"R = {torch3d.R.tolist()}\nT = {torch3d.T.tolist()}",
        "PyTorch3D R, T, Y up ": str(row.tolist()),
        "OpenCV R, t, Y up": f"R = {opencv.R.tolist()}\nt = {opencv.t.tolist()}",
        "OpenCV pose (inverse of R, t), Y up": str(camera_to_world(one, "OpenCV", "y").tolist()),
        "OpenGL view matrix, Y up": str(opengl.view.tolist()),
        "OpenGL pose (NeRF's data), Y up": str(one.c2w.tolist()),
        "Blender matrix_world, Z up": str(camera_to_world(one, "Blender", "z").tolist()),
    }


@settings(max_examples=25, deadline=None)
@given(st.floats(2, 6), st.floats(-60, 60), st.floats(-180, 180))
def test_the_right_reading_is_always_among_those_that_fit(distance, elevation, azimuth):
    one = camera(distance, elevation, azimuth)
    for title, text in written(one).items():
        found = readings(read(text), LENS, POINTS)
        right = [reading for reading in found if np.allclose(reading.camera.c2w, one.c2w, atol=1e-9)]
        assert right, title
        assert right[0].sight.fits


@pytest.mark.parametrize("title", written(camera()))
def test_a_camera_from_the_side_is_recognised(title):
    found = readings(read(written(camera())[title]), LENS, POINTS)
    assert found[0].title == title.strip()
    assert np.allclose(found[0].camera.c2w, camera().c2w)


def test_ambiguity_is_said():
    """A camera on the axis: several readings put the object upright into the image, and the verdict says so."""
    points = POINTS - POINTS.mean(axis=0)
    one = LENS.moved(look_at(np.array([0, 0, 3.0]), np.zeros(3)))
    pasted = read(str(to_opengl(one).view.tolist()))
    found = readings(pasted, LENS, points)
    fitting = [reading for reading in found if reading.sight.fits]
    assert len(fitting) > 1
    words = verdict(found, pasted)
    assert "cannot tell" in words
    assert fitting[1].title in words


def test_nothing_fits_and_it_is_said():
    text = str(np.block([[np.eye(3), np.array([[40.0], [50], [1]])], [0, 0, 0, 1]]).tolist())
    pasted = read(text)
    assert "No reading" in verdict(readings(pasted, LENS, POINTS), pasted)


def test_the_camera_that_is_shown_is_known_again():
    one = camera()
    pasted = read(code(one, "OpenCV", "y"))
    found = readings(pasted, one, POINTS)
    assert "it is the camera that is shown" in verdict(found, pasted)
    assert [reading.title for reading in found if reading.same] == ["OpenCV R, t, Y up"]


@pytest.mark.parametrize("convention", ["PyTorch3D", "OpenCV", "OpenGL"])
def test_the_labs_own_code_can_be_pasted(convention):
    one = camera()
    found = readings(read(code(one, convention, "y")), LENS, POINTS)
    assert np.allclose(found[0].camera.c2w, one.c2w, atol=1e-5)


def test_blenders_code_can_be_pasted():
    found = readings(read(code(camera(), "Blender", "z")), LENS, POINTS)
    assert found[0].title == "Blender matrix_world, Z up"


def test_a_centre_is_no_translation():
    opencv = to_opencv(camera())
    found = readings(read(f"R = {opencv.R.tolist()}\nC = {camera().center.tolist()}"), LENS, POINTS)
    assert np.allclose(found[0].camera.c2w, camera().c2w)


def test_names_break_ties():
    points = POINTS - POINTS.mean(axis=0)
    text = str(LENS.moved(look_at(np.array([0, 0, 3.0]), np.zeros(3))).c2w.tolist())
    assert "OpenGL pose" in readings(read(f"c2w = {text}"), LENS, points)[0].title


def test_k_in_pixels_and_in_ndc():
    K = np.array([[2.5, 0, -0.1], [0, 2.0, 0.2], [0, 0, 1]])
    assert is_ndc(K)
    assert np.allclose(pixels_of(K, LENS), [[300, 0, 172], [0, 240, 96], [0, 0, 1]])
    pixel = np.array([[300.0, 0, 160], [0, 300, 120], [0, 0, 1]])
    assert not is_ndc(pixel)
    pasted = read(f"K = {pixel.tolist()}\nR = {np.eye(3).tolist()}\nt = [0, 0, 3]")
    assert readings(pasted, LENS, POINTS)[0].camera.fx == 300
