"""Normal equations against finite differences, the outline of simple shapes, and descents that arrive."""

from __future__ import annotations

import numpy as np
import pytest

from lab.pose.descent import Descent, Problem, Weights, descend, pose_of, state_of
from lab.pose.model import Model, Shape
from lab.pose.normal_kernels import blank, color_normal, hard_faces, project
from lab.pose.outline_kernels import outline
from lab.pose.scenes import focal_of, hidden_pose, see
from lab.pose.target import Window
from lab.pose.trials import load_object
from lab.pose.variables import Pose, pose_errors
from lab.scene import Array

WHITE = (1.0, 1.0, 1.0)
SQUARE = Shape(
    np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]),
    np.array([[0, 1, 2], [0, 2, 3]], np.int32),
    np.full((2, 3, 3), 0.5, np.float32),
)
FRONT = Pose(np.eye(3), np.array([0.0, 0.0, 4.0]), np.full(2, 2.0), np.zeros(2))  # the square fills a quarter


@pytest.fixture(scope="module")
def bob() -> Model:
    return load_object("bob")


def view(model: Model) -> Pose:
    return hidden_pose(3.5, 20.0, 130.0, 25.0, model.center, focal_of(50.0))


def test_the_derivatives_of_the_projection_agree_with_finite_differences(bob: Model) -> None:
    pose, verts = view(bob), bob.shape.verts[:20]

    def places(delta: Array) -> Array:
        moved = pose.turned(delta[:3], bob.radius * delta[3:6], bob.center, float(delta[6]))
        return np.asarray(
            project(verts, moved.R, moved.T, moved.focal, moved.principal, bob.center, bob.radius)[0][:, :2]
        )

    _, jac = project(verts, pose.R, pose.T, pose.focal, pose.principal, bob.center, bob.radius)
    for number, axis in enumerate(np.eye(7) * 1e-5):
        numeric = (places(axis) - places(-axis)) / 2e-5
        assert np.stack([jac[:, number], jac[:, number + 7]], axis=1) == pytest.approx(numeric, abs=1e-7)


def test_the_outline_of_a_square_has_its_four_sides_and_not_its_diagonal() -> None:
    window = Window.whole((64, 64))
    ndc, _ = project(SQUARE.verts, FRONT.R, FRONT.T, FRONT.focal, FRONT.principal, np.zeros(3), 1.0)
    found, _ = hard_faces(ndc, SQUARE.faces, window.left, window.top, window.step, 64, 64, 1e-3)
    assert int((found >= 0).sum()) == 32 * 32
    ends, places = np.empty((500, 2), np.int32), np.empty((500, 6))
    count = outline(ndc, *SQUARE.wings, window.left, window.top, window.step, found, 1e-3, 1.0, ends, places)
    assert places[:count, 4].sum() == pytest.approx(4 * 32)  # its length, pixels
    assert np.abs(places[:count, :2] - 31.5).max(axis=1) == pytest.approx(16.0)
    outward = ((places[:count, :2] - 31.5) * places[:count, 2:4]).sum(axis=1)
    assert outward == pytest.approx(16.0)


def test_a_colour_changes_by_its_slope_below_the_moving_surface() -> None:
    """A square whose red rises from 0 to 1 towards the left of the image, shifted by a pixel."""
    colors = np.zeros((2, 3, 3), np.float32)
    colors[..., 0] = (SQUARE.verts[SQUARE.faces][..., 0] + 1) / 2
    window = Window.whole((64, 64))
    place = (window.left, window.top, window.step)
    ndc, jac = project(SQUARE.verts, FRONT.R, FRONT.T, FRONT.focal, FRONT.principal, np.zeros(3), 1.0)
    found, where = hard_faces(ndc, SQUARE.faces, *place, 64, 64, 1e-3)
    mask = (found >= 0).astype(np.float32)
    rgb = np.zeros((64, 64, 3), np.float32)
    matrix, vector = blank()
    cost, pixels = color_normal(ndc, jac, SQUARE.faces, colors, found, where, mask, rgb, 1.0, matrix, vector)
    ramp = (np.arange(32) + 0.5) / 32
    assert pixels == 1024
    assert cost == pytest.approx(32 * float((ramp**2).sum()), rel=1e-5)
    assert vector[3] == pytest.approx(-0.5 * 32 * float(ramp.sum()), rel=1e-5)  # a shift of 1 m is half of the ramp


def test_a_descent_arrives_from_ten_degrees_off(bob: Model) -> None:
    true = view(bob)
    target = see(bob, true, (128, 128), WHITE)
    problem = Problem(bob.shape, target.patch(target.around(128)), bob.center, bob.radius, weights=Weights(1.0, 20.0))
    start = true.turned(np.radians([6.0, -7.0, 5.0]), [0.1, -0.05, 0.3], bob.center)
    found = descend(problem, start, 30)
    turn, distance = pose_errors(found.here.pose, true, bob.center)
    assert turn < 0.5
    assert distance < 0.5
    assert found.here.overlap > 0.99
    assert found.here.color is not None
    assert found.here.color < 0.02


def test_no_step_raises_the_cost(bob: Model) -> None:
    target = see(bob, view(bob), (64, 64), WHITE)
    problem = Problem(bob.shape, target.patch(target.around(48)), bob.center, bob.radius)
    state = Descent.start(problem, view(bob).turned([0.5, 0.3, -0.4], [0.2, 0.1, 0.3], bob.center))
    for _ in range(12):
        following = state.advanced(problem)
        assert following.here.cost <= state.here.cost
        state = following


def test_an_unknown_focal_length_is_found_with_the_distance(bob: Model) -> None:
    true = hidden_pose(2.6, 20.0, 130.0, 25.0, bob.center, focal_of(60.0))
    target = see(bob, true, (256, 256), WHITE)
    patch = target.patch(target.around(256))
    problem = Problem(bob.shape, patch, bob.center, bob.radius, zoom=True, weights=Weights(1.0, 20.0))
    found = descend(problem, true.turned([0.03, 0.05, 0.02], [0.0, 0.0, 0.4], bob.center, 0.1), 40).here.pose
    assert found.focal[0] == pytest.approx(true.focal[0], rel=0.02)
    assert pose_errors(found, true, bob.center)[1] < 2.0


def test_a_pose_survives_a_checkpoint(bob: Model) -> None:
    pose = view(bob)
    back = pose_of(state_of(pose))
    assert np.array_equal(back.R, pose.R)
    assert np.array_equal(back.T, pose.T)
