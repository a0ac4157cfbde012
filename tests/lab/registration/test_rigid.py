"""Closed-form motions against motions that are known, Open3D's estimates and finite differences."""

from __future__ import annotations

import numpy as np
import open3d as o3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.motions import se3, so3
from lab.registration.rigid import motion_errors, point_to_plane, point_to_point

PIPELINE = o3d.pipelines.registration


def cloud(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3)) * (1.0, 0.6, 0.3)


def as_open3d(points, normals=None):
    found = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))
    if normals is not None:
        found.normals = o3d.utility.Vector3dVector(normals)
    return found


def same_pairs(count: int):
    return o3d.utility.Vector2iVector(np.stack([np.arange(count)] * 2, axis=1))


numbers = st.floats(-3.0, 3.0, allow_subnormal=False)


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[numbers] * 6), st.integers(3, 20))
def test_the_motion_of_exact_pairs_is_found(xi, count) -> None:
    motion = se3.exp(np.array(xi))
    points = cloud(count, count)
    assert np.allclose(point_to_point(points, se3.apply(motion, points)), motion, atol=1e-7)


def test_a_motion_by_hand() -> None:
    square = np.array([(0.0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)])
    turned = np.array([(5.0, 0, 0), (5, 1, 0), (4, 1, 0), (4, 0, 0)])  # a quarter turn about z, then 5 along x
    expected = [[0, -1, 0, 5], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert np.allclose(point_to_point(square, turned), expected, atol=1e-12)


def test_a_reflection_is_not_a_motion() -> None:
    points = cloud(20)
    found = point_to_point(points, points * (-1.0, 1.0, 1.0))
    assert np.linalg.det(found[:3, :3]) == pytest.approx(1.0)


def test_weights_count_as_repetitions_and_zero_is_left_out() -> None:
    points, goals = cloud(6), cloud(6, 1)
    weights = np.array([1.0, 2.0, 3.0, 1.0, 0.0, 1.0])
    repeated = np.repeat(np.arange(6), weights.astype(int))
    assert np.allclose(point_to_point(points, goals, weights), point_to_point(points[repeated], goals[repeated]))


def test_a_stack_of_triangles_is_each_of_them() -> None:
    points, goals = cloud(15).reshape(5, 3, 3), cloud(15, 2).reshape(5, 3, 3)
    together = point_to_point(points, goals)
    assert together.shape == (5, 4, 4)
    for one, p, q in zip(together, points, goals, strict=True):
        assert np.allclose(one, point_to_point(p, q))


def test_points_on_points_as_open3d() -> None:
    points, goals = cloud(40), cloud(40) @ so3.exp([0.2, 0.1, -0.4]).T + cloud(40, 3) * 0.1
    theirs = PIPELINE.TransformationEstimationPointToPoint().compute_transformation(
        as_open3d(points), as_open3d(goals), same_pairs(40)
    )
    assert np.allclose(point_to_point(points, goals), theirs, atol=1e-9)


def test_the_step_to_planes_is_open3d_s_up_to_second_order() -> None:
    points = cloud(60)
    normals = cloud(60, 5) / np.linalg.norm(cloud(60, 5), axis=1, keepdims=True)
    for size in (1e-2, 1e-3):
        goals = se3.apply(se3.exp(size * np.array([1.0, -0.5, 0.3, 0.4, 0.2, -0.6])), points)
        theirs = PIPELINE.TransformationEstimationPointToPlane().compute_transformation(
            as_open3d(points), as_open3d(goals, normals), same_pairs(60)
        )
        assert np.abs(point_to_plane(points, goals, normals) - theirs).max() < 2.0 * size**2


def test_the_step_to_planes_is_stationary_where_the_gradient_vanishes() -> None:
    points, goals = cloud(30), cloud(30) + cloud(30, 4) * 0.05
    normals = cloud(30, 5) / np.linalg.norm(cloud(30, 5), axis=1, keepdims=True)
    weights = np.random.default_rng(6).random(30)
    pose = np.eye(4)
    for _ in range(50):
        pose = point_to_plane(se3.apply(pose, points), goals, normals, weights) @ pose

    def cost(xi: np.ndarray) -> float:
        moved = se3.apply(se3.exp(xi) @ pose, points)
        return float((weights * ((moved - goals) * normals).sum(axis=1) ** 2).sum())

    for axis in range(6):
        move = 1e-5 * np.eye(6)[axis]
        assert (cost(move) - cost(-move)) / 2e-5 == pytest.approx(0.0, abs=1e-6)


def test_what_planes_leave_free_stays() -> None:
    points = np.array([(x, 0.0, z) for x in range(4) for z in range(4)], float)
    up = np.tile([0.0, 1.0, 0.0], (16, 1))
    assert np.allclose(
        point_to_plane(points, points + np.array([7.0, 2.0, -3.0]), up), se3.matrix(np.eye(3), [0, 2, 0])
    )


def test_errors_of_a_motion() -> None:
    truth = se3.matrix(so3.exp([0.0, 0.0, 0.3]), [1.0, 2.0, 3.0])
    estimate = se3.matrix(so3.exp([0.0, 0.0, 0.3 + np.pi / 6]), [1.0, 2.0, 7.0])
    turn, apart = motion_errors(estimate, truth, np.zeros((5, 3)))
    assert turn == pytest.approx(30.0)
    assert apart == pytest.approx(4.0)
