"""Normals and features against Open3D, their invariance under motions, and the search for a motion by them."""

from __future__ import annotations

import numpy as np
import open3d as o3d
import pytest

from lab.fitting.templates import ico_sphere
from lab.motions import se3, so3
from lab.registration.fpfh import fpfh, pair_features
from lab.registration.normals import estimate_normals
from lab.registration.ransac import Ransac, match
from lab.registration.rigid import motion_errors

MOTION = se3.exp(np.array([0.4, -0.2, 0.7, 1.5, -1.1, 0.9]))


def bumpy(count: int = 700, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points on a body without symmetry, and directions out of it."""
    rng = np.random.default_rng(seed)
    out = rng.normal(size=(count, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    x, y, z = out.T
    radius = 0.35 + 0.1 * np.sin(3.0 * x + 1.0) * np.cos(4.0 * y) + 0.08 * np.sin(5.0 * z + y)
    return out * radius[:, None] * (1.0, 0.7, 0.5), out


def test_normals_of_a_sphere_point_outwards() -> None:
    verts = ico_sphere(3)[0].astype(np.float64)
    normals = estimate_normals(verts)
    assert (normals * verts).sum(axis=1).min() > 0.99
    inwards = estimate_normals(verts, -verts)
    assert np.allclose(inwards, -normals)


def test_normals_are_open3d_s_but_for_their_side() -> None:
    points, _ = bumpy()
    theirs = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))
    theirs.estimate_normals(o3d.geometry.KDTreeSearchParamKNN(20))
    assert np.abs((estimate_normals(points) * np.asarray(theirs.normals)).sum(axis=1)).min() > 1.0 - 1e-6


def test_normals_of_two_points_do_not_fail() -> None:
    assert np.isfinite(estimate_normals(np.array([[0.0, 0, 0], [1, 0, 0]]))).all()


def test_features_are_open3d_s() -> None:
    points, normals = bumpy()  # all different: which frame a pair of equal normals has is left to rounding
    theirs = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))
    theirs.normals = o3d.utility.Vector3dVector(normals)
    expected = o3d.pipelines.registration.compute_fpfh_feature(theirs, o3d.geometry.KDTreeSearchParamHybrid(0.12, 40))
    assert np.allclose(fpfh(points, normals, 0.12, 40), np.asarray(expected.data).T, atol=1e-6)


def test_features_do_not_change_with_a_motion() -> None:
    points, normals = bumpy()
    moved = fpfh(se3.apply(MOTION, points), normals @ MOTION[:3, :3].T, 0.15)
    assert np.allclose(moved, fpfh(points, normals, 0.15), atol=1e-6)


def test_features_add_up_and_lonely_points_have_none() -> None:
    points, out = bumpy(200)
    lonely = np.concatenate([points, [[9.0, 9.0, 9.0]]])
    features = fpfh(lonely, np.concatenate([out, [[0.0, 0.0, 1.0]]]), 0.3)
    assert np.allclose(features[:-1].reshape(-1, 3, 11).sum(axis=2), 200.0)
    assert not features[-1].any()


def test_pair_features_by_hand() -> None:
    p, q = np.zeros((1, 3)), np.array([[1.0, 0.0, 0.0]])
    up = np.array([[0.0, 0.0, 1.0]])
    assert np.allclose(pair_features(p, up, q, up), 0.0)  # a flat surface
    leaning = np.array([[np.sin(0.3), 0.0, np.cos(0.3)]])
    # q's normal leans towards the line, so that the frame stands on q; p's normal is turned by 0.3 in its plane
    theta, alpha, phi = pair_features(p, up, q, leaning)[0]
    assert abs(theta) == pytest.approx(0.3)
    assert alpha == pytest.approx(0.0)
    assert phi == pytest.approx(-np.sin(0.3))


def test_matches_are_mutual() -> None:
    here, there = np.array([[0.0], [1.05], [1.2], [9.0]]), np.array([[1.1], [8.0], [0.1]])
    assert match(here, there).tolist() == [[0, 2], [1, 0], [3, 1]]


def test_too_few_mutual_matches_give_all() -> None:
    here = np.linspace(0.0, 0.1, 30)[:, None]
    assert len(match(here, np.array([[0.05], [7.0]]))) == 30


def test_the_search_finds_a_large_motion_among_wrong_matches() -> None:
    points, _ = bumpy(300)
    rng = np.random.default_rng(3)
    target = se3.apply(MOTION, points) + rng.normal(scale=0.002, size=points.shape)
    matches = np.stack([np.arange(300)] * 2, axis=1)
    wrong = rng.permutation(300)[:240]  # four of five are wrong
    matches[wrong, 1] = rng.integers(0, 300, 240)
    search = Ransac(points, target, matches, 0.02, 0, np.eye(4))
    for _ in range(5):
        search.advance(3000)
    turn, apart = motion_errors(search.pose, MOTION, points)
    assert turn < 1.0
    assert apart < 0.01
    assert 60 <= search.agreed < 90


def test_a_search_without_agreement_stays_where_it_is() -> None:
    start = se3.matrix(so3.exp([0.1, 0.0, 0.0]), [1.0, 0.0, 0.0])
    few = Ransac(np.zeros((5, 3)), np.ones((5, 3)), np.zeros((2, 2), int), 0.1, 0, start)
    same = Ransac(np.zeros((5, 3)), np.ones((5, 3)), np.zeros((5, 2), int), 0.1, 0, start)
    for search in (few, same):
        search.advance(50)
        assert np.array_equal(search.pose, start)
        assert search.agreed == 0
