"""Where a picture lies: numbers worked by hand, and what must hold for any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.studies.panes.zoom import Placement

SIZES = st.tuples(st.integers(1, 2000), st.integers(1, 2000))
ROOMS = st.tuples(st.floats(50, 2000), st.floats(50, 2000))


def test_a_picture_is_fitted_into_the_middle():
    place = Placement.fit((200, 100), (400, 400))
    assert (place.scale, place.left, place.top) == (2.0, 0.0, 100.0)
    assert place.to_picture(1.0, 101.0) == (0.5, 0.5)  # the centre of the first pixel
    assert place.to_widget(200, 100) == (400.0, 300.0)


def test_the_wheel_leaves_the_place_under_the_pointer_where_it_is():
    place = Placement.fit((200, 100), (400, 200)).zoomed(2.0, 100, 50)
    assert place.scale == 4.0
    assert place.to_widget(50, 25) == (100.0, 50.0)


@given(SIZES, ROOMS, st.floats(0.1, 30), st.floats(0, 1), st.floats(0, 1), st.floats(-5e3, 5e3), st.floats(-5e3, 5e3))
def test_no_border_is_wider_than_it_must_be(size, room, factor, x, y, dx, dy):
    place = Placement.fit(size, room).zoomed(factor, x * room[0], y * room[1]).panned(dx, dy)
    for corner, pixels, length in zip((place.left, place.top), size, room, strict=True):
        far = corner + pixels * place.scale
        if pixels * place.scale <= length:
            assert corner == pytest.approx(length - far, abs=1e-6)
        else:
            assert corner <= 1e-6
            assert far >= length - 1e-6


@given(SIZES, ROOMS, st.floats(1.1, 8))
def test_zooming_out_again_shows_the_whole_picture(size, room, factor):
    whole = Placement.fit(size, room)
    assert whole.zoomed(factor, 10, 10).zoomed(1 / factor**2, 3, 4) == whole


@given(SIZES, ROOMS, st.floats(0, 1), st.floats(0, 1))
def test_there_and_back(size, room, x, y):
    place = Placement.fit(size, room).zoomed(3, 20, 20)
    assert place.to_picture(*place.to_widget(x * size[0], y * size[1])) == pytest.approx((x * size[0], y * size[1]))


def test_a_sharper_picture_of_the_same_thing_shows_the_same_part():
    place = Placement.fit((100, 100), (200, 200)).zoomed(4, 50, 50)
    sharper = place.resized((400, 400), (200, 200))
    middle = place.to_picture(100, 100)
    assert sharper.to_picture(100, 100) == pytest.approx((4 * middle[0], 4 * middle[1]))
    assert sharper.scale == pytest.approx(place.scale / 4)


def test_a_fitted_picture_follows_its_room():
    assert Placement.fit((100, 50), (200, 200)).resized((100, 50), (400, 100)) == Placement.fit((100, 50), (400, 100))
