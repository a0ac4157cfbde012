"""The mask on the screen."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.masks.veil import CLEAR, EDGE, TINT, Veil
from ui.studies.panes.zoom import Placement


def test_a_magnified_mask_by_hand():
    mask = np.array([[1, 1, 0], [1, 1, 0]], bool)
    veil = Veil(Placement((3, 2), (8.0, 4.0), 2.0, 1.0, 0.0), 1.0)  # two screen pixels a pixel, one to the right
    veil.show(mask)
    c, t, e = CLEAR, TINT, EDGE
    assert veil.pixels.tolist() == [
        [c, e, e, e, e, c, c, c],
        [c, e, t, t, e, c, c, c],
        [c, e, t, t, e, c, c, c],
        [c, e, e, e, e, c, c, c],
    ]


def test_a_screen_of_twice_the_density_has_four_times_the_pixels():
    veil = Veil(Placement.fit((4, 4), (4.0, 4.0)), 2.0)
    veil.show(np.ones((4, 4), bool))
    assert veil.pixels.shape == (8, 8)
    assert (veil.pixels[1:-1, 1:-1] == TINT).all()


@given(st.integers(-20, 60), st.integers(-20, 60), st.integers(0, 60), st.integers(0, 60), st.floats(0.3, 3.0))
def test_a_part_that_is_shown_anew_is_as_in_the_whole(top, left, height, width, scale):
    mask = np.random.default_rng(2).random((30, 30)) > 0.5
    placement = Placement((30, 30), (50.0, 40.0), scale, -3.5, 2.25)
    whole, part = Veil(placement, 1.0), Veil(placement, 1.0)
    whole.show(mask)
    part.show(mask, (top, left, top + height, left + width))
    rows = slice(max(top, 0), max(top + height, 0))
    columns = slice(max(left, 0), max(left + width, 0))
    np.testing.assert_array_equal(part.pixels[rows, columns], whole.pixels[rows, columns])
    part.pixels[rows, columns] = CLEAR
    assert not part.pixels.any()
