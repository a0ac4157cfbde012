"""Strokes of the brush, with a form that is a little behind, as it is in the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lab.body.skinning.dabs import Brush, parse
from lab.body.skinning.stroke import Painted, Strokes, clicked, digest
from lab.chapters.body.skinning import ADD, CYLINDER, SKIN, SkinningParams

BRUSH = Brush(CYLINDER, "upper", ADD, SKIN, 100, 0.5)
START = np.array([0.0, 0.5, 0.1])
FORM = SkinningParams(object=CYLINDER, paint=True)


def seen(place: np.ndarray) -> tuple[int, np.ndarray]:
    """A skin whose vertices are a centimetre apart; the template is where the view has it."""
    return round(100 * place[1]), np.round(place, 2)


def taken(form: SkinningParams, place: np.ndarray = START) -> SkinningParams:
    x, y, z = place.tolist()
    return replace(form, stroke=digest(form.dabs), brush_x=x, brush_y=y, brush_z=z)


def moved(form: SkinningParams, up: float) -> SkinningParams:
    return replace(form, brush_y=0.5 + up)


def ask(strokes: Strokes, form: SkinningParams) -> Painted:
    return strokes.paint(form, BRUSH, START, seen)


def heights(text: str) -> list[int]:
    return [dab.place[1] for dab in parse(text)]


def test_taking_the_brush_in_hand_paints_nothing_and_dragging_it_paints_along_the_way() -> None:
    strokes, form = Strokes(), taken(FORM)
    assert ask(strokes, form).dabs == ""
    painted = ask(strokes, moved(form, 0.095))  # a dab each 0.3 of the radius
    assert heights(painted.dabs) == [530, 560, 600]
    assert painted.vertex in (59, 60)


def test_questions_that_still_hold_the_dabs_from_before_go_on_with_the_stroke() -> None:
    strokes, form = Strokes(), taken(FORM)
    first = ask(strokes, moved(form, 0.04))
    behind = ask(strokes, moved(form, 0.08))  # the first answer has not reached the form
    up_to_date = ask(strokes, replace(moved(form, 0.12), dabs=behind.dabs))
    echo = ask(strokes, replace(moved(form, 0.12), dabs=first.dabs))
    assert len(heights(behind.dabs)) == 2
    assert heights(up_to_date.dabs)[:2] == heights(behind.dabs)
    assert len(heights(up_to_date.dabs)) == 3
    assert echo.dabs == up_to_date.dabs


def test_undo_takes_the_whole_stroke_back_and_redo_brings_it_again() -> None:
    strokes, form = Strokes(), taken(FORM)
    done = replace(moved(form, 0.12), dabs=ask(strokes, moved(form, 0.12)).dabs)
    assert ask(strokes, FORM).dabs == ""
    assert ask(strokes, done).dabs == done.dabs
    assert ask(strokes, FORM).dabs == ""


def test_a_second_stroke_begins_where_the_brush_is_and_can_be_undone_by_itself() -> None:
    strokes, form = Strokes(), taken(FORM)
    one = replace(moved(form, 0.05), dabs=ask(strokes, moved(form, 0.05)).dabs)
    again = taken(one)
    assert ask(strokes, again).dabs == one.dabs
    two = ask(strokes, moved(again, -0.05)).dabs
    assert heights(two)[: len(heights(one.dabs))] == heights(one.dabs)
    assert heights(two)[-1] == 450
    assert ask(strokes, one).dabs == one.dabs


def test_nothing_is_painted_while_painting_is_off() -> None:
    strokes, form = Strokes(), replace(taken(FORM), paint=False)
    assert ask(strokes, moved(form, 0.2)).dabs == ""


def test_a_full_form_keeps_what_it_has() -> None:
    full = "cylinder upper add skin 100 0.5\n" + "\n".join(["-812 1234 -123"] * 1331)
    strokes = Strokes()
    form = taken(replace(FORM, dabs=full))
    painted = ask(strokes, moved(form, 0.2))
    assert painted.dabs == full
    assert painted.full
    assert clicked(full, BRUSH, np.array([-0.812, 1.234, -0.123])) == Painted(full, full=True)


def test_a_click_is_one_dab_however_often_it_is_asked_about() -> None:
    once = clicked("", BRUSH, np.array([0.0, 0.5, 0.12]))
    assert parse(once.dabs)[0].place == (0, 500, 120)
    assert clicked("", BRUSH, np.array([0.0, 0.5, 0.12])) == once
    assert len(parse(clicked(once.dabs, BRUSH, np.array([0.0, 0.5, 0.12])).dabs)) == 2
