"""Pairs of nearest points, which of them count, and the measure that is the same for all methods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from lab.registration.pairs import HUBER, Neighbourhood, Pairs, Rules, pair_weights

DISTANCES = np.array([0.4, 0.1, 0.2, 0.8, 0.3])


def pairs(distances: np.ndarray) -> Pairs:
    return Pairs(np.zeros((len(distances), 3)), np.zeros(len(distances), int), distances)


def test_nearest_points_are_those_of_a_k_d_tree() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(300, 3)), rng.normal(size=(500, 3))
    found = Neighbourhood(source, target).pairs(source + 0.2)
    distances, nearest = cKDTree(target).query(source + 0.2)
    assert np.array_equal(found.nearest, nearest)
    assert np.allclose(found.distances, distances)


def test_weights_by_hand() -> None:
    assert pair_weights(DISTANCES, Rules()).tolist() == [1, 1, 1, 1, 1]
    assert pair_weights(DISTANCES, Rules(reach=0.3)).tolist() == [0, 1, 1, 0, 1]
    assert pair_weights(DISTANCES, Rules(robust="trimmed", keep=0.4)).tolist() == [0, 1, 1, 0, 1]  # never fewer than 3
    assert pair_weights(DISTANCES, Rules(robust="trimmed", keep=0.8)).tolist() == [1, 1, 1, 0, 1]
    limit = HUBER * 1.4826 * 0.3
    assert pair_weights(DISTANCES, Rules(robust="Huber")) == pytest.approx([1, 1, 1, limit / 0.8, 1])


def test_nothing_within_reach_weighs_nothing() -> None:
    assert not pair_weights(DISTANCES, Rules(reach=0.01, robust="Huber")).any()


def test_exact_pairs_all_count() -> None:
    assert pair_weights(np.zeros(4), Rules(robust="Huber")).tolist() == [1, 1, 1, 1]


@given(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=30), st.sampled_from(["none", "Huber", "trimmed"]))
def test_weights_are_shares_and_fall_with_the_distance(distances, robust) -> None:
    distances = np.sort(np.array(distances))
    weights = pair_weights(distances, Rules(reach=5.0, robust=robust, keep=0.5))
    assert ((weights >= 0.0) & (weights <= 1.0)).all()
    assert (np.diff(weights) <= 1e-12).all()
    assert not weights[distances > 5.0].any()


def test_the_distance_counts_lost_pairs_as_far_ones() -> None:
    assert pairs(DISTANCES).rmse(Rules()) == pytest.approx(np.sqrt((0.16 + 0.01 + 0.04 + 0.64 + 0.09) / 5))
    assert pairs(DISTANCES).rmse(Rules(reach=0.3)) == pytest.approx(np.sqrt((0.09 + 0.01 + 0.04 + 0.09 + 0.09) / 5))
    assert pairs(DISTANCES).rmse(Rules(robust="trimmed", keep=0.6)) == pytest.approx(np.sqrt((0.01 + 0.04 + 0.09) / 3))


def test_overlap_is_the_share_of_near_pairs() -> None:
    assert pairs(np.array([0.01, 0.019, 0.021, 0.5])).overlap() == 0.5
