"""Nearest neighbours against scipy's k-d tree, on clouds of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from lab.fitting.neighbours import PointTree, curve_order
from lab.kernels.crew import Crew
from lab.scene import Array

CLOUDS = ("ball", "sphere", "plane", "line", "twice", "clusters", "far")


def cloud(kind: str, count: int, rng: np.random.Generator) -> Array:
    points = rng.normal(size=(count, 3))
    if kind == "sphere":
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    elif kind == "plane":
        points[:, 2] = 0.5
    elif kind == "line":
        points[:, 1:] = 0.0
    elif kind == "twice":
        points[count // 2 :] = points[: count - count // 2]
    elif kind == "clusters":
        points = points * 1e-3 + rng.integers(-2, 3, (count, 3))
    elif kind == "far":
        points += 1000.0
    return points


@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(CLOUDS), other=st.sampled_from(CLOUDS), count=st.integers(1, 400), seed=st.integers(0, 999))
def test_the_nearest_point_is_found(kind: str, other: str, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, queries = cloud(kind, count, rng), cloud(other, 100, rng)
    nearest, squared = PointTree(points).query(queries)
    distance, _ = cKDTree(points).query(queries)
    assert np.allclose(np.sqrt(squared), distance, rtol=1e-12, atol=1e-12)
    assert np.allclose(np.linalg.norm(points[nearest] - queries, axis=1), distance, rtol=1e-12, atol=1e-12)


def test_float32_finds_the_same_points() -> None:
    rng = np.random.default_rng(0)
    points, queries = cloud("sphere", 5000, rng).astype(np.float32), cloud("sphere", 5000, rng).astype(np.float32)
    nearest, squared = PointTree(points).query(queries)
    distance, expected = cKDTree(points).query(queries)
    assert squared.dtype == np.float32
    assert (nearest == expected).mean() > 0.999  # the rest are ties in float32
    assert np.allclose(squared, distance**2, rtol=1e-5, atol=1e-9)


def test_order_and_threads_do_not_change_the_answer() -> None:
    rng = np.random.default_rng(1)
    points, queries = cloud("ball", 3000, rng), cloud("ball", 3000, rng)
    tree = PointTree(points)
    expected, squared = tree.query(queries)
    shuffled = rng.permutation(len(queries)).astype(np.int32)
    with Crew(3) as crew:
        for order in (None, shuffled):
            nearest, again = tree.query(queries, order, crew)
            assert np.array_equal(nearest, expected)
            assert np.array_equal(again, squared)


def test_the_curve_visits_each_point_once_and_neighbours_in_a_row() -> None:
    rng = np.random.default_rng(2)
    points = cloud("sphere", 4000, rng)
    order = curve_order(points)
    assert np.array_equal(np.sort(order), np.arange(4000))
    along = np.linalg.norm(np.diff(points[order], axis=0), axis=1).mean()
    spacing = cKDTree(points).query(points, k=2)[0][:, 1].mean()
    assert along < 4.0 * spacing  # at random it would be forty times


def test_the_curve_of_a_grid_steps_to_a_cell_beside() -> None:
    cells = np.stack(np.meshgrid(*[np.arange(16.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    steps = np.abs(np.diff(cells[curve_order(cells)], axis=0)).sum(axis=1)
    assert (steps == 1.0).all()  # what makes a Hilbert curve


def test_queries_that_are_not_finite_get_no_distance() -> None:
    tree = PointTree(np.zeros((3, 3)))
    nearest, squared = tree.query(np.array([[np.nan, 0.0, 0.0], [np.inf, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    assert not np.isfinite(squared[:2]).any()
    assert squared[2] == 1.0
    assert ((nearest >= 0) & (nearest < 3)).all()


@pytest.mark.parametrize("points", [np.zeros((0, 3)), np.zeros((3, 2)), np.zeros(3)])
def test_what_are_no_points_is_refused(points: Array) -> None:
    with pytest.raises(ValueError, match=r"\(N, 3\)"):
        PointTree(points)
