"""The hash encoding against a slow reference, and its gradient against its definition."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.fields.hashed.encoding import PRIMES, encode, encode_back, entry, offsets_of, resolutions_of
from lab.fields.hashed.options import HashOptions
from lab.scene import Array

SMALL = HashOptions(levels=4, base=3, finest=24, table_bits=9)
COUNT = 40


def slow(points: Array, table: Array, options: HashOptions) -> Array:
    """(F L, M): as in the paper, one corner after another."""
    resolutions = resolutions_of(options)
    first, columns = 0, []
    for cells in map(int, resolutions):
        size = min((cells + 1) ** 3, 2**options.table_bits)
        found = np.zeros((table.shape[1], len(points)))
        for number, point in enumerate(points):
            low = np.minimum((point * cells).astype(int), cells - 1)
            share = point * cells - low
            for corner in product((0, 1), repeat=3):
                at = [int(low[axis]) + corner[axis] for axis in range(3)]
                if (cells + 1) ** 3 <= size:
                    row = (at[0] * (cells + 1) + at[1]) * (cells + 1) + at[2]
                else:
                    mixed = 0
                    for axis in range(3):
                        mixed ^= at[axis] * PRIMES[axis] % 2**32
                    row = mixed % size
                weight = np.prod([share[axis] if corner[axis] else 1 - share[axis] for axis in range(3)])
                found[:, number] += weight * table[first + row]
        columns.append(found)
        first += size
    return np.concatenate(columns)


def setup(features: int, options: HashOptions = SMALL) -> tuple[Array, Array, Array, Array]:
    """(points (M, 3), table, resolutions, offsets); some points on the box's faces and on vertices."""
    rng = np.random.default_rng(5)
    points = rng.random((COUNT, 3))
    points[0], points[1], points[2] = 0.0, 1.0, (1.0, 0.5, 1 / 3)
    resolutions = resolutions_of(options)
    offsets = offsets_of(resolutions, options.table_bits)
    return points, rng.normal(size=(int(offsets[-1]), features)), resolutions, offsets


def test_hashes_worked_by_hand() -> None:
    # 2654435761 = 0x9E3779B1, 805459861 = 0x30025795; 15 bits of each are 0x79B1 and 0x5795
    size = 1 << 15
    assert entry(1, 0, 0, 1000, size) == 1
    assert entry(0, 1, 0, 1000, size) == 0x79B1
    assert entry(0, 0, 1, 1000, size) == 0x5795
    assert entry(1, 1, 1, 1000, size) == 0x2E25
    # 2 x 0x9E3779B1 ends with 0x7362, 5 x 0x30025795 with 0x35E9, of 15 bits; 3 ^ 0x7362 ^ 0x35E9
    assert entry(3, 2, 5, 1000, size) == 0x4688


def test_small_grids_are_indexed_directly() -> None:
    assert entry(2, 3, 1, 5, 125) == (2 * 5 + 3) * 5 + 1
    every = {int(entry(i, j, k, 5, 125)) for i in range(5) for j in range(5) for k in range(5)}
    assert every == set(range(125))


def test_levels_grow_by_the_same_factor() -> None:
    assert resolutions_of(SMALL).tolist() == [3, 6, 12, 24]
    assert offsets_of(resolutions_of(SMALL), 9).tolist() == [0, 64, 64 + 343, 64 + 343 + 512, 64 + 343 + 1024]
    published = HashOptions(levels=16, base=16, finest=512)
    assert resolutions_of(published)[[0, 1, 2, 15]].tolist() == [16, 20, 25, 512]


def test_levels_can_be_left_out() -> None:
    few = HashOptions(levels=4, base=3, finest=24, table_bits=9, kept="dense")
    assert resolutions_of(few).tolist() == [3, 6]  # 13³ vertices are more than 512 entries
    assert resolutions_of(HashOptions(levels=4, base=3, finest=24, kept="finest")).tolist() == [24]
    assert resolutions_of(HashOptions(levels=4, base=16, finest=24, table_bits=6, kept="dense")).tolist() == [16]


@pytest.mark.parametrize("features", [2, 4])
def test_features_are_those_of_the_slow_reference(features: int) -> None:
    points, table, resolutions, offsets = setup(features)
    out = np.full((4 * features, COUNT), np.nan)
    encode(np.ascontiguousarray(points.T), COUNT, table, resolutions, offsets, 32, out)
    np.testing.assert_allclose(out, slow(points, table, SMALL), atol=1e-12)


def test_levels_that_are_not_used_give_zeros() -> None:
    points, table, resolutions, offsets = setup(2)
    out = np.full((8, COUNT), np.nan)
    encode(np.ascontiguousarray(points.T), COUNT, table, resolutions, offsets, 2, out)
    np.testing.assert_allclose(out[:4], slow(points, table, SMALL)[:4], atol=1e-12)
    assert (out[4:] == 0).all()


@pytest.mark.parametrize("used", [2, 4])
@pytest.mark.parametrize("features", [2, 4])
def test_the_gradient_is_the_transpose(features: int, used: int) -> None:
    """The features are linear in the table: <change, encode(t)> = <back(change), t> for every t."""
    points, table, resolutions, offsets = setup(features)
    columns = np.ascontiguousarray(points.T)
    change = np.random.default_rng(2).normal(size=(4 * features, COUNT))
    gradient, touched = np.zeros_like(table), np.zeros(len(table), np.uint8)
    encode_back(columns, COUNT, change, resolutions, offsets, used, gradient, touched)
    out = np.empty((4 * features, COUNT))
    encode(columns, COUNT, table, resolutions, offsets, used, out)
    assert (change * out).sum() == pytest.approx((gradient * table).sum(), rel=1e-12)
    assert not gradient[touched == 0].any()
    assert 0 < touched.sum() < len(table)


@given(st.lists(st.tuples(*[st.floats(0.0, 1.0)] * 3), min_size=1, max_size=8))
def test_weights_of_a_vertices_corners_add_up_to_one(places: list[tuple[float, float, float]]) -> None:
    points = np.array(places).T.copy()
    resolutions = resolutions_of(SMALL)
    offsets = offsets_of(resolutions, SMALL.table_bits)
    out = np.empty((8, points.shape[1]))
    encode(points, points.shape[1], np.ones((int(offsets[-1]), 2)), resolutions, offsets, 32, out)
    np.testing.assert_allclose(out, 1.0, atol=1e-12)
