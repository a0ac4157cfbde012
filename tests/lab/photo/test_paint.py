"""Brush strokes and their undoing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lab.photo.paint import NOTHING, Box, History, stroke

PLACE = st.tuples(st.floats(-20, 60), st.floats(-20, 50))


def apart(shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """The distance of each pixel's centre from a segment, by its definition."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    way = np.subtract(end, start)
    length = way @ way
    share = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / length, 0, 1) if length else 0.0
    return np.hypot(x - start[0] - share * way[0], y - start[1] - share * way[1])


@given(PLACE, PLACE, st.floats(0.5, 25), st.booleans())
def test_a_stroke_is_all_within_its_radius(
    start: tuple[float, float], end: tuple[float, float], radius: float, value: bool
) -> None:
    mask = np.full((30, 40), not value)
    box = stroke(mask, start, end, radius, value)
    distance = apart(mask.shape, start, end)
    sure = np.abs(distance - radius) > 1e-6
    np.testing.assert_array_equal((mask == value)[sure], (distance <= radius)[sure])
    touched = np.argwhere(mask == value)
    if len(touched):
        (top, left), (bottom, right) = touched.min(0), touched.max(0)
        assert box == Box(top, left, bottom + 1, right + 1)
    else:
        assert not box


def test_a_dot_and_a_line_by_hand() -> None:
    mask = np.zeros((5, 7), bool)
    assert stroke(mask, (2.5, 2.5), (2.5, 2.5), 1.0, True) == Box(1, 1, 4, 4)
    np.testing.assert_array_equal(mask[1:4, 1:4], [[0, 1, 0], [1, 1, 1], [0, 1, 0]])
    assert stroke(mask, (0.5, 4.5), (6.5, 4.5), 0.1, True) == Box(4, 0, 5, 7)
    assert stroke(mask, (0.5, 4.5), (6.5, 4.5), 0.5, False) == Box(4, 0, 5, 7)
    assert mask.sum() == 5
    assert stroke(mask, (-30.0, -30.0), (-20.0, -20.0), 2.0, True) == NOTHING


def test_boxes_join() -> None:
    assert Box(1, 2, 3, 4) | Box(0, 3, 2, 9) == Box(0, 2, 3, 9)
    assert NOTHING | Box(1, 2, 3, 4) == Box(1, 2, 3, 4) | NOTHING == Box(1, 2, 3, 4)
    assert not Box(3, 0, 3, 5)


@given(st.lists(st.tuples(PLACE, PLACE, st.floats(0.5, 9), st.booleans()), min_size=1, max_size=6))
def test_every_change_can_be_undone_and_made_again(strokes: list) -> None:
    mask, history, states = np.zeros((30, 40), bool), History(), []
    for start, end, radius, value in strokes:
        before = mask.copy()
        box = stroke(mask, start, end, radius, value)
        if history.keep(before, mask, box):
            states.append(before)
    last = mask.copy()
    for state in reversed(states):
        assert history.can_undo
        history.undo(mask)
        np.testing.assert_array_equal(mask, state)
    assert not history.can_undo
    assert not history.undo(mask)
    while history.can_redo:
        history.redo(mask)
    np.testing.assert_array_equal(mask, last)


def test_a_new_change_forgets_what_was_undone_and_memory_is_bounded() -> None:
    mask, history = np.zeros((64, 64), bool), History(most_bytes=2 * 64 * 64 // 8)
    whole = Box(0, 0, 64, 64)
    for _ in range(5):
        before = mask.copy()
        mask[:] = ~mask
        assert history.keep(before, mask, whole)
    assert [bool(history.undo(mask)) for _ in range(3)] == [True, True, False]  # two of five fit
    assert history.can_redo
    before = mask.copy()
    mask[0, 0] ^= True
    assert history.keep(before, mask, whole)
    assert not history.can_redo
    assert not history.keep(mask, mask, whole)
