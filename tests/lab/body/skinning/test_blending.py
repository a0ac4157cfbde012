"""Linear blending and dual quaternions: where they agree, where one collapses, and numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.library import load_body
from lab.body.posing import Poser, strongest_weights
from lab.body.skinning.blending import blend, dual_quaternion, dual_quaternions, joint_motions, linear
from lab.motions import so3

PARENTS = np.array([-1, 0])
JOINTS = np.array([[0.0, 0.0, 0.0], [0.0, 0.5, 0.0]])


def both(verts: np.ndarray, motions: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    verts, weights = verts.astype(np.float32), weights.astype(np.float32)
    return linear(verts, motions, *strongest_weights(weights)), dual_quaternion(verts, motions, weights)


def upper_turned(*degrees: float) -> np.ndarray:
    """The motions of two joints, the upper one turned about itself."""
    return joint_motions(np.radians([[0.0, 0.0, 0.0], degrees]), JOINTS, PARENTS)[1]


def test_nothing_moves_in_the_rest_pose() -> None:
    verts = np.random.default_rng(0).normal(size=(50, 3))
    weights = np.random.default_rng(1).dirichlet((1, 1), 50)
    by_matrices, by_quaternions = both(verts, upper_turned(0, 0, 0), weights)
    np.testing.assert_array_equal(by_matrices, verts.astype(np.float32))
    np.testing.assert_array_equal(by_quaternions, verts.astype(np.float32))


def test_half_and_half_on_a_twist_of_180_degrees_collapse_to_the_axis_by_matrices_only() -> None:
    ring = np.array([[0.1, 0.5, 0.0], [0.0, 0.5, 0.1], [-0.06, 0.5, 0.08]])
    by_matrices, by_quaternions = both(ring, upper_turned(0, 180, 0), np.full((3, 2), 0.5))
    np.testing.assert_allclose(by_matrices, [[0.0, 0.5, 0.0]] * 3, atol=1e-7)
    # half of 180° about y: x goes to -z, z to x
    np.testing.assert_allclose(by_quaternions, [[0.0, 0.5, -0.1], [0.1, 0.5, 0.0], [0.08, 0.5, 0.06]], atol=1e-6)


def test_a_mean_of_matrices_shrinks_by_the_cosine_of_half_the_angle() -> None:
    for degrees in (30.0, 90.0, 140.0):
        by_matrices, by_quaternions = both(
            np.array([[0.1, 0.5, 0.0]]), upper_turned(0, degrees, 0), np.array([[0.5, 0.5]])
        )
        assert math.hypot(by_matrices[0, 0], by_matrices[0, 2]) == pytest.approx(
            0.1 * math.cos(math.radians(degrees / 2)), abs=1e-6
        )
        assert math.hypot(by_quaternions[0, 0], by_quaternions[0, 2]) == pytest.approx(0.1, abs=1e-6)


def test_blended_shifts_are_the_weighted_mean_of_the_shifts() -> None:
    motions = np.zeros((2, 3, 4))
    motions[1, :, 3] = [0.4, -0.2, 0.8]
    place = np.array([[1.0, 2.0, 3.0]])
    expected = [[1.1, 1.95, 3.2]]
    for moved in both(place, motions, np.array([[0.75, 0.25]])):
        np.testing.assert_allclose(moved, expected, atol=1e-6)


def test_one_hot_weights_make_each_part_rigid_in_both_ways() -> None:
    rng = np.random.default_rng(2)
    verts = rng.normal(size=(40, 3))
    weights = np.eye(2)[rng.integers(0, 2, 40)]
    motions = upper_turned(40, -100, 25)
    R = so3.exp(np.radians([40, -100, 25]))
    expected = np.where(weights[:, :1] > 0, verts, (verts - JOINTS[1]) @ R.T + JOINTS[1])
    for moved in both(verts, motions, weights):
        np.testing.assert_allclose(moved, expected, atol=2e-6)


def test_both_ways_agree_where_all_joints_move_as_one() -> None:
    verts = np.random.default_rng(3).normal(size=(40, 3))
    weights = np.random.default_rng(4).dirichlet((1, 1), 40)
    motions = joint_motions(np.radians([[20.0, 130.0, -60.0], [0.0, 0.0, 0.0]]), JOINTS, PARENTS)[1]
    expected = verts @ so3.exp(np.radians([20.0, 130.0, -60.0])).T
    for moved in both(verts, motions, weights):
        np.testing.assert_allclose(moved, expected, atol=2e-6)


def test_a_blend_goes_the_short_way() -> None:
    """200° one way are 160° the other way: half of it is -80°, not 100°."""
    motions = upper_turned(0, 100, 0)
    motions[0] = np.concatenate([so3.exp(np.radians([0, -100, 0])) - np.eye(3), np.zeros((3, 1))], axis=1)
    (moved,) = both(np.array([[0.1, 0.5, 0.0]]), motions, np.array([[0.5, 0.5]]))[1]
    assert moved[0] == pytest.approx(-0.1, abs=1e-6)  # 180°: in the middle of the short way
    assert moved[2] == pytest.approx(0.0, abs=1e-6)


@given(st.lists(st.floats(-3.0, 3.0), min_size=6, max_size=6), st.floats(0.0, 1.0))
def test_dual_quaternions_are_units_and_their_blends_keep_distances(pose: list[float], share: float) -> None:
    motions = joint_motions(np.array(pose).reshape(2, 3), JOINTS, PARENTS)[1]
    duals = dual_quaternions(motions)
    np.testing.assert_allclose(np.linalg.norm(duals[:, :4], axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose((duals[:, :4] * duals[:, 4:]).sum(axis=1), 0.0, atol=1e-12)
    weights = np.tile(np.array([[share, 1 - share]]), (4, 1))
    if np.linalg.norm(blend(duals, weights)[0, :4]) < 1e-3:
        return  # the two are as far apart as can be: no direction is the mean one
    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    moved = dual_quaternion(corners, motions, weights)
    np.testing.assert_allclose(
        np.linalg.norm(moved[1:] - moved[0], axis=1), np.linalg.norm(corners[1:] - corners[0], axis=1), atol=1e-5
    )


def test_linear_blending_is_what_the_body_model_does() -> None:
    data = load_body("neutral")
    poser = Poser(data)
    pose = np.random.default_rng(5).normal(scale=0.4, size=(24, 3))
    posed = poser.pose(poser.shape([1.0, -0.5]), pose)
    frames, motions = joint_motions(pose, poser.shape([1.0, -0.5]).joints, data.parents)
    moved = linear(posed.corrected, motions, *strongest_weights(data.weights))
    np.testing.assert_allclose(moved, posed.verts, atol=1e-6)
    np.testing.assert_allclose(frames, posed.transforms, atol=1e-12)
