"""The tracker's camera: views and poses of both worlds, hard pictures."""

from __future__ import annotations

import numpy as np
import pytest

from lab.cameras.projection import pixels
from lab.pose import paths
from lab.pose.camera_view import NEAR, Lens, view_of
from lab.pose.model import Model
from lab.scene import Mesh
from tests.lab.pose.runs_help import example

BOB = Model.of(example("bob"))


def test_a_view_comes_back() -> None:
    lens = Lens.of(50.0, (60, 80))
    view = paths.view_from(3.0, 30.0, -70.0, 20.0)
    assert view_of(lens.pose(view, BOB), BOB) == pytest.approx(view, abs=1e-12)


def test_the_field_of_view_is_that_of_the_height() -> None:
    """A point at the upper border of the picture, seen at half the field of view."""
    lens = Lens.of(40.0, (120, 60))
    camera = lens.pose(paths.view_from(3.0, 0.0, 0.0), BOB).camera(lens.size)
    assert camera.fov_deg == pytest.approx(40.0)


def test_the_middle_of_the_object_is_where_the_view_says() -> None:
    lens = Lens.of(50.0, (64, 64))
    view = paths.view_from(3.0, 10.0, 40.0)
    view[:3, 3] += [0.3, 0.0, 0.0]  # radii, to the right
    camera = lens.pose(view, BOB).camera(lens.size)
    at, _ = pixels(camera, BOB.center[None])
    focal = 32 / np.tan(np.radians(25))
    assert at[0] == pytest.approx([32 + focal * 0.3 / 3.0, 32.0])


def test_a_triangle_is_drawn_in_its_colours() -> None:
    """A right triangle before the camera covers the upper right half; the nearer of two hides the other."""
    verts = np.array([[-1, 1, 0], [1, 1, 0], [1, -1, 0], [-1, 1, -1], [1, 1, -1], [1, -1, -1]], np.float32)
    colors = np.repeat([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], 3, axis=0).astype(np.float32)
    model = Model.of(Mesh(verts, np.array([[0, 2, 1], [3, 5, 4]], np.int32), colors=colors))
    lens = Lens.of(60.0, (32, 32))
    drawn = lens.draw(model.shape, lens.pose(paths.view_from(2.0, 0.0, 0.0), model), NEAR)
    rows, columns = np.nonzero(drawn.seen)
    assert 100 < len(rows) < 600
    assert (columns >= rows - 1).all()
    front = drawn.rgb[drawn.seen][:, 2] == 0
    assert front.mean() > 0.8  # all but a rim where the far one is seen beside the near one
