"""When a view is fitted anew."""

from __future__ import annotations

import numpy as np
import pytest

from ui.studies.framing import union, wants_fit


def box(size: float, middle: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    return np.full(3, middle - size / 2), np.full(3, middle + size / 2)


@pytest.mark.parametrize("touched", [False, True])
def test_the_first_object_is_fitted(touched):
    assert wants_fit(None, box(1), touched=touched)
    assert not wants_fit(None, None, touched=touched)


def test_a_little_more_noise_changes_no_view():
    assert not wants_fit(box(1), box(1.4, 0.2), touched=False)


@pytest.mark.parametrize("now", [box(2), box(0.5), box(1, 1)])
def test_another_object_is_fitted_unless_the_person_turned_the_view(now):
    assert wants_fit(box(1), now, touched=False)
    assert not wants_fit(box(1), now, touched=True)


@pytest.mark.parametrize("now", [box(100), box(0.01), box(1, 50)])
def test_what_could_not_be_seen_at_all_is_fitted_in_any_case(now):
    assert wants_fit(box(1), now, touched=True)


def test_a_single_point():
    assert not wants_fit(box(0), box(0), touched=False)
    assert wants_fit(box(0), box(1), touched=False)


def test_the_union_of_boxes():
    low, high = union([box(1), box(1, 3)])
    np.testing.assert_allclose(low, -0.5)
    np.testing.assert_allclose(high, 3.5)
    assert union([]) is None
