"""What is kept comes back as the same object, and is made anew for another value or array."""

from __future__ import annotations

import numpy as np
import pytest

from lab.studies.kept import Kept


def test_equal_values_give_the_same_object() -> None:
    kept = Kept()
    first = kept.get("a", (1, "x", None), lambda: [1])
    assert kept.get("a", (1, "x", None), lambda: [2]) is first
    assert kept.get("a", (2, "x", None), lambda: [2]) == [2]
    assert kept.get("a", (1, "x", None), lambda: [3]) == [3]  # only the last one is kept
    assert kept.has("a", (1, "x", None))
    assert not kept.has("b", ())


def test_arrays_count_by_identity() -> None:
    kept = Kept()
    array = np.zeros(3)
    first = kept.get("a", (array,), lambda: [1])
    assert kept.get("a", (array,), lambda: [2]) is first
    assert kept.get("a", (array.copy(),), lambda: [2]) == [2]
    assert not kept.has("a", (array, 1))


def test_the_last_result_is_there_only_for_what_it_was_made_from() -> None:
    kept = Kept()
    kept.get("a", (1,), lambda: "made")
    assert kept.last("a", (1,)) == "made"
    with pytest.raises(KeyError):
        kept.last("a", (2,))
