"""The viewport's camera and ours see the same pixels."""

import numpy as np
import pytest

from lab.cameras.projection import pixels
from lab.cameras.viewport import from_viewport, to_viewport
from lab.render.camera import Camera


@pytest.mark.parametrize("orthographic", [False, True])
def test_both_project_alike(orthographic):
    view = Camera((0.1, 0.2, 0.3), 2.5, fov_deg=50.0, orthographic=orthographic).orbit(0.7, -0.4)
    camera = from_viewport(view, 300, 200)
    points = np.random.default_rng(1).normal(size=(20, 3)) * 0.4
    ours, depth = pixels(camera, points)
    theirs, theirs_depth = view.project(points, 300, 200)
    assert np.allclose(ours, theirs)
    assert np.allclose(depth, theirs_depth)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("distance", [0.5, 4.0])
def test_there_and_back(orthographic, distance):
    view = Camera((0.1, 0.2, 0.3), 2.5, fov_deg=50.0, orthographic=orthographic).orbit(2.7, 0.9)
    back = to_viewport(from_viewport(view, 300, 200), distance)
    points = np.random.default_rng(1).normal(size=(20, 3)) * 0.4
    assert np.allclose(back.project(points, 300, 200)[0], view.project(points, 300, 200)[0])
    assert back.distance == distance
