"""Lines and pictures that the pose experiments show."""

from __future__ import annotations

import numpy as np
import pytest

from lab.pose import paths
from lab.pose.camera_view import Lens
from lab.pose.document import camera_document
from lab.pose.drawings import FOUND, LOST, camera_lines, joined, overlay, trail_lines
from lab.pose.model import Model
from tests.lab.pose.runs_help import example

ORIGIN = np.array([10.0, 0.0, 0.0])


def test_a_trail_is_red_where_the_track_was_lost() -> None:
    trail = trail_lines(np.eye(3), np.array([False, True, False]), FOUND, ORIGIN)
    assert trail.edges.tolist() == [[0, 1], [1, 2]]
    assert trail.colors == pytest.approx(np.array([LOST, FOUND]))
    assert trail_lines(np.zeros((1, 3)), np.array([False]), FOUND, ORIGIN).edges.shape == (0, 2)


def test_joined_lines_keep_their_places_and_colours() -> None:
    first = trail_lines(np.eye(3), np.zeros(3, bool), FOUND, ORIGIN)
    both = joined([first, first], ORIGIN)
    assert both.edges.tolist() == [[0, 1], [1, 2], [3, 4], [4, 5]]
    assert both.colors is not None
    assert len(both.colors) == 4
    assert len(joined([], ORIGIN).edges) == 0


def test_a_camera_s_lines_begin_at_its_centre() -> None:
    model, lens = Model.of(example("bob")), Lens.of(50.0, (40, 60))
    camera = lens.pose(paths.view_from(3.0, 20.0, 60.0), model).camera(lens.size)
    lines = camera_lines(camera, 0.5, FOUND, np.zeros(3))
    assert lines.verts[:4].mean(axis=0) == pytest.approx(camera.center, abs=1e-3)
    ahead = lines.verts[4:8].mean(axis=0) - camera.center
    assert ahead == pytest.approx(-0.5 * camera.rotation[:, 2], abs=1e-5)


def test_an_overlay_tells_shared_missed_and_wrong() -> None:
    mask, seen = np.array([[1.0, 1.0, 0.0, 0.0]]), np.array([[True, False, True, False]])
    shared, missed, wrong, nothing = overlay(np.full((1, 4, 3), 0.5), mask, seen).pixels[0].astype(int)
    assert shared.argmax() == 1
    assert missed.argmax() == 0
    assert wrong.argmax() == 2
    assert np.ptp(nothing) == 0


def test_a_camera_document_agrees_with_itself() -> None:
    """A world point has the same pixel in PyTorch3D's, OpenCV's and OpenGL's numbers."""
    lens = Lens.of(50.0, (96, 128))
    model = Model.of(example("bob"))
    camera = lens.pose(paths.view_from(3.0, 25.0, 130.0, 15.0), model).camera(lens.size)
    found = camera_document(camera)
    point = np.array([0.2, 0.1, -0.3])
    cv = found["OpenCV"]
    x = np.array(cv["K"]) @ (np.array(cv["R"]) @ point + np.array(cv["t"]))
    pixel = x[:2] / x[2]
    p3d = found["PyTorch3D"]
    view = point @ np.array(p3d["R"]) + np.array(p3d["T"])
    ndc = np.array(p3d["focal_length"]) * view[:2] / view[2] + np.array(p3d["principal_point"])
    assert [64 - 48 * ndc[0], 48 - 48 * ndc[1]] == pytest.approx(pixel)
    clip = np.array(found["OpenGL"]["projection"]) @ np.array(found["OpenGL"]["view"]) @ [*point, 1.0]
    assert [64 + 64 * clip[0] / clip[3], 48 - 48 * clip[1] / clip[3]] == pytest.approx(pixel)
