"""Lines, frames, arcs and balls lie where they should, and nothing is drawn where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.motions import drawing, se3, so3
from lab.scene import Mesh


def test_a_line_is_interrupted_where_it_is_not_finite_and_skips_pieces_of_no_length() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 0], [np.nan, 0, 0], [3, 0, 0], [4, 0, 0]])
    line = drawing.polyline(points)
    np.testing.assert_array_equal(line.edges, [[0, 1], [4, 5]])
    assert np.isfinite(line.verts).all()


@pytest.mark.parametrize("points", [np.zeros((0, 3)), np.zeros((1, 3)), np.ones((5, 3))])
def test_a_line_of_no_length_is_nothing(points: np.ndarray) -> None:
    assert drawing.polyline(points) is drawing.NOTHING


def test_joined_lines_keep_their_edges() -> None:
    first, second = drawing.polyline(np.eye(3)), drawing.polyline(2 * np.eye(3)[:2])
    both = drawing.joined([first, drawing.NOTHING, second])
    np.testing.assert_array_equal(both.edges, [[0, 1], [1, 2], [3, 4]])
    assert drawing.joined([drawing.NOTHING]) is drawing.NOTHING


def test_a_frame_is_three_coloured_axes() -> None:
    pose = se3.matrix(so3.exp([0, 0, math.pi / 2]), [1, 2, 3])
    frame = drawing.frames(np.stack([pose, np.full((4, 4), np.nan)]), 0.5)
    np.testing.assert_allclose(frame.verts, [[1, 2, 3], [1, 2.5, 3], [0.5, 2, 3], [1, 2, 3.5]], atol=1e-6)
    assert frame.colors is not None
    assert [color.argmax() for color in frame.colors] == [0, 1, 2]


def test_a_circle_is_round_and_upright() -> None:
    direction = np.array([0.6, 0, 0.8])
    ring = drawing.circle(np.array([1.0, 0, 0]), direction, 2.0)
    np.testing.assert_allclose(np.linalg.norm(ring.verts - [1, 0, 0], axis=1), 2, atol=1e-6)
    np.testing.assert_allclose((ring.verts - [1, 0, 0]) @ direction, 0, atol=1e-6)


@pytest.mark.parametrize("direction", [*np.eye(3), *-np.eye(3), [0.6, 0.0, 0.8]])
def test_across_completes_a_right_handed_frame(direction: np.ndarray) -> None:
    u, v = drawing.across(np.asarray(direction))
    assert np.linalg.det(np.stack([direction, u, v], axis=1)) == pytest.approx(1.0)


def test_an_arrow_ends_at_its_vector() -> None:
    arrow = drawing.arrow(np.array([1.0, 0, 0]), np.array([0.0, 2, 0]))
    assert (np.abs(arrow.verts - [1, 2, 0]).max(axis=1) < 1e-6).any()
    assert arrow.verts[:, 1].max() == pytest.approx(2.0)
    assert drawing.arrow(np.zeros(3), np.zeros(3)) is drawing.NOTHING


def test_an_arc_goes_as_far_as_the_turn() -> None:
    omega = np.array([0, 0, math.pi / 2])
    arc = drawing.arc(np.zeros(3), omega, 1.0)
    start = arc.verts[0].astype(float)
    assert (np.linalg.norm(arc.verts - so3.exp(omega) @ start, axis=1) < 1e-6).any()
    assert drawing.arc(np.zeros(3), np.zeros(3), 1.0) is drawing.NOTHING


def test_a_ball_is_a_closed_icosahedron_that_faces_outwards() -> None:
    balls = drawing.balls(np.array([[0.0, 0, 0], [5, 0, 0]]), 0.1)
    assert balls.verts.shape == (24, 3)
    assert balls.faces.shape == (40, 3)
    one = Mesh(balls.verts[:12], balls.faces[:20])
    a, b, c = np.moveaxis(one.verts[one.faces].astype(float), 1, 0)
    assert np.all(np.einsum("ij,ij->i", a, np.cross(b, c)) > 0)
    np.testing.assert_allclose(np.linalg.norm(balls.verts[12:] - [5, 0, 0], axis=1), 0.1, atol=1e-6)
