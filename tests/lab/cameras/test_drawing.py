"""What is drawn of a camera lies where the camera says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cameras import drawing
from lab.cameras.conventions import AXES, CONVENTIONS
from lab.cameras.model import CameraModel
from lab.cameras.projection import pixels
from tests.lab.cameras.cameras_help import cameras


@given(cameras(), st.floats(0.1, 10))
def test_the_corners_project_to_the_corners(camera, depth):
    at, found = pixels(camera, drawing.corners(camera, depth))
    w, h = camera.width, camera.height
    assert np.allclose(at, [[0, 0], [w, 0], [w, h], [0, h]], atol=1e-6 * max(w, h))
    assert np.allclose(found, depth)


def test_the_roof_is_over_the_top_of_the_image():
    camera = CameraModel(np.eye(4), 100, 100, 50, 40, 100, 80)
    frustum = drawing.frustum(camera, 0.0, 2.0)
    at, _ = pixels(camera, frustum.verts[8:])
    assert at[0, 0] == pytest.approx(50)
    assert at[0, 1] < 0
    assert np.allclose(frustum.verts[:4], 0)  # the rays of a perspective camera begin at one point


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_axes_end_at_their_names(convention):
    camera = CameraModel(np.eye(4), 100, 100, 50, 40, 100, 80)
    lines, labels = drawing.axes(camera, convention, 0.5)
    for tip, label, axis in zip(lines.verts[1:], labels, AXES[convention].T, strict=True):
        assert np.allclose(label.position, tip)
        assert np.allclose(tip, 0.5 * axis)
        words = {
            "right": (0, 1),
            "left": (0, -1),
            "up": (1, 1),
            "down": (1, -1),
            "backward": (2, 1),
            "forward": (2, -1),
        }
        index, sign = words[label.text.split()[1]]
        assert tip[index] == 0.5 * sign
