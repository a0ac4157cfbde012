"""Dabs as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.skeleton import JOINTS
from lab.body.skinning.dabs import Brush, Dab, DabsError, fits, parse, place_of, write
from lab.chapters.body.skinning import ADD, AIR, BODY, BONES, CYLINDER, ERASE, SKIN, SMOOTH

_PLACES = st.tuples(*[st.integers(-2000, 2000)] * 3)
_MODES, _REACHES = st.sampled_from((ADD, ERASE, SMOOTH)), st.sampled_from((SKIN, AIR))
_RADII, _STRENGTHS = st.integers(5, 400), st.integers(1, 100).map(lambda n: n / 100)
_BRUSHES = st.one_of(
    st.builds(Brush, st.just(BODY), st.sampled_from(JOINTS), _MODES, _REACHES, _RADII, _STRENGTHS),
    st.builds(Brush, st.just(CYLINDER), st.sampled_from(BONES), _MODES, _REACHES, _RADII, _STRENGTHS),
)


@given(st.lists(st.builds(Dab, _BRUSHES, _PLACES), max_size=8).map(tuple))
def test_what_was_written_is_read(dabs: tuple[Dab, ...]) -> None:
    assert parse(write(dabs)) == dabs


def test_a_brush_is_written_once_for_all_of_its_dabs() -> None:
    brush = Brush(BODY, "left_elbow", ADD, SKIN, 60, 0.5)
    text = write([Dab(brush, (1, 2, 3)), Dab(brush, (-4, 5, 6))])
    assert text == "body left_elbow add skin 60 0.5\n1 2 3\n-4 5 6"
    assert parse("") == ()
    assert place_of((0.0004, -1.2345, 0.6)) == (0, -1234, 600)


def test_a_form_holds_well_over_a_thousand_dabs() -> None:
    brush = Brush(BODY, "left_shoulder", SMOOTH, SKIN, 60, 0.55)
    assert fits(write([Dab(brush, (-812, 1234, -123))] * 1200))
    assert not fits(write([Dab(brush, (-812, 1234, -123))] * 2000))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 2 3", "line 1"),
        ("body left_elbow add skin 60 0.5\n1 2", "line 2"),
        ("body left_elbow add skin 60 0.5\n1 2 x", "line 2"),
        ("body left_elbow add skin 60 0.5\n\n1 2 30000", "line 3"),
        ("chair left_elbow add skin 60 0.5", "no object 'chair'"),
        ("cylinder left_elbow add skin 60 0.5", "no joint 'left_elbow'"),
        ("body left_elbow paint skin 60 0.5", "add, erase or smooth"),
        ("body left_elbow add sea 60 0.5", "skin or air"),
        ("body left_elbow add skin 0 0.5", "radius"),
        ("body left_elbow add skin 60 1.5", "strength"),
        ("body left_elbow add skin 60 nan", "strength"),
    ],
)
def test_a_line_that_is_no_dab_is_told_with_its_number(text: str, says: str) -> None:
    with pytest.raises(DabsError, match=says):
        parse(text)
