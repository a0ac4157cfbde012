"""What dabs do to weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.skinning.cylinder import LENGTH, RADIUS, cylinder
from lab.body.skinning.dabs import Brush, Dab
from lab.body.skinning.painting import Painting, with_weight
from lab.chapters.body.skinning import ADD, AIR, CYLINDER, ERASE, SKIN, SMOOTH

MIDDLE = (0, 600, 120)  # mm: the front of the cylinder, halfway up
TOP = (0, 1000, 120)


def dab(
    mode: str = ADD,
    place: tuple[int, int, int] = MIDDLE,
    joint: str = "upper",
    radius: int = 100,
    strength: float = 0.5,
    reach: str = SKIN,
) -> Dab:
    return Dab(Brush(CYLINDER, joint, mode, reach, radius, strength), place)


@pytest.fixture
def painting() -> Painting:
    return Painting(cylinder(0.3))


def test_in_its_middle_a_dab_goes_by_its_strength(painting: Painting) -> None:
    middle = painting.nearest(MIDDLE)
    assert painting.weights(())[middle, 1] == pytest.approx(0.5)
    assert painting.weights((dab(ADD),))[middle, 1] == pytest.approx(0.75)
    assert painting.weights((dab(ERASE),))[middle, 1] == pytest.approx(0.25)
    assert painting.weights((dab(ADD, strength=1.0),))[middle, 1] == pytest.approx(1.0)


def test_a_dab_fades_towards_its_radius_and_leaves_the_rest_alone(painting: Painting) -> None:
    before, after = painting.weights(()), painting.weights((dab(),))
    rows, far = painting.reached(painting.nearest(MIDDLE), 0.1, SKIN)
    changed = np.flatnonzero((before != after).any(axis=1))
    assert set(changed) <= set(rows)
    gained = (after - before)[rows, 1] / (1 - before[rows, 1]).clip(1e-9)
    np.testing.assert_allclose(gained, np.where(before[rows, 1] < 1, 0.5 * (1 - (far / 0.1) ** 2) ** 2, 0), atol=1e-4)
    np.testing.assert_allclose(after.sum(axis=1), 1.0, atol=1e-6)


def test_what_one_joint_alone_held_goes_to_its_parent(painting: Painting) -> None:
    top = painting.nearest(TOP)
    np.testing.assert_array_equal(painting.weights(())[top], [0, 1])
    np.testing.assert_allclose(painting.weights((dab(ERASE, TOP, strength=0.4),))[top], [0.4, 0.6], atol=1e-6)
    np.testing.assert_allclose(painting.weights((dab(ERASE, TOP, "lower", strength=1.0),))[top], [0, 1], atol=1e-6)


def test_smoothing_moves_towards_the_neighbours_and_leaves_even_weights_alone() -> None:
    painting = Painting(cylinder(0.0))  # a step: 0, 0.5, 1
    above = painting.nearest((0, 613, 120))
    assert painting.weights(())[above, 1] == 1.0
    smoothed = painting.weights((dab(SMOOTH, (0, 613, 120), strength=1.0),))[above, 1]
    assert smoothed == pytest.approx((4 * 1.0 + 2 * 0.5) / 6)  # two of its six neighbours are in the middle ring
    np.testing.assert_allclose(painting.weights((dab(SMOOTH, TOP, strength=1.0),)), painting.weights(()), atol=1e-7)


def test_along_the_skin_it_is_further_than_through_the_air(painting: Painting) -> None:
    front, back = painting.nearest(MIDDLE), painting.nearest((0, 600, -120))
    half_round = math.pi * RADIUS
    for radius, reach, met in (
        (2 * RADIUS + 0.01, AIR, True),
        (2 * RADIUS - 0.01, AIR, False),
        (half_round - 0.02, SKIN, False),
        (half_round + 0.02, SKIN, True),
    ):
        assert (back in painting.reached(front, radius, reach)[0]) is met


def test_distances_along_the_skin_are_nearly_those_of_the_unrolled_cylinder(painting: Painting) -> None:
    rows, far = painting.reached(painting.nearest(MIDDLE), 0.2, SKIN)
    verts = painting._verts[rows]
    unrolled = np.hypot(verts[:, 1] - LENGTH / 2, RADIUS * np.arctan2(verts[:, 0], verts[:, 2]))
    assert len(rows) > 300
    assert (far <= 1.125 * unrolled + 1e-6).all()
    assert (far >= 0.99 * unrolled - 1e-6).all()
    assert np.abs(far - unrolled).mean() < 0.03 * 0.2


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_the_weights_depend_on_the_dabs_alone(first: list[int], second: list[int]) -> None:
    painting = _SHARED
    kinds = [dab(m, p) for m in (ADD, ERASE, SMOOTH) for p in (MIDDLE, (0, 640, 120))]
    painting.weights(tuple(kinds[n] for n in first))
    after = painting.weights(tuple(kinds[n] for n in second))
    fresh = Painting(cylinder(0.3)).weights(tuple(kinds[n] for n in second))
    np.testing.assert_array_equal(after, fresh)


_SHARED = Painting(cylinder(0.3))


def test_equal_dabs_give_the_same_array(painting: Painting) -> None:
    first = painting.weights((dab(),))
    assert painting.weights((dab(),)) is first
    assert painting.weights(()) is not first


@given(st.integers(0, 2**32 - 1), st.integers(0, 4))
def test_a_weight_that_is_set_leaves_the_others_in_proportion(seed: int, joint: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(5, 0.3), 20).astype(np.float32)
    new = rng.uniform(0, 1, 20)
    changed = with_weight(weights, joint, new, joint - 1)
    np.testing.assert_allclose(changed[:, joint], new, atol=1e-6)
    np.testing.assert_allclose(changed.sum(axis=1), 1.0, atol=1e-6)
    assert (changed >= 0).all()
    others = np.delete(weights.astype(float), joint, axis=1)
    shared = others.sum(axis=1) > 1e-3
    before = others[shared] / others[shared].sum(axis=1, keepdims=True)
    after = np.delete(changed, joint, axis=1)[shared] / (1 - new[shared, None])
    np.testing.assert_allclose(after, before, atol=2e-3)
