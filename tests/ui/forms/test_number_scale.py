"""Numbers on sliders, under keys and in fields."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.chapter import activities, find_experiment
from lab.params import declared
from ui.forms.number_scale import Scale, format_number, nice_above, nice_below, parse_number

PARAMS = {
    param.name: param
    for chapter in activities().values()
    for param in declared(chapter.params)
    if param.kind in ("number", "integer")
}
scales = st.sampled_from([Scale.of(param) for param in PARAMS.values()])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00005, "0.00005"),
        (0.1, "0.1"),
        (1.0, "1"),
        (0.0, "0"),
        (2000, "2000"),
        (100_000, "100000"),
        (0.123456, "0.123456"),
    ],
)
def test_numbers_are_written_without_exponents(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", 0.5), (" 0,5 ", 0.5), ("1e-3", 0.001), ("−2", -2.0), ("100 000", 100_000.0)]
)
def test_numbers_are_read_as_people_type_them(text, value):
    assert parse_number(text) == value


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="could not convert"):
        parse_number("much")


@pytest.mark.parametrize(
    ("value", "below", "above"), [(1.0, 0.5, 2.0), (0.3, 0.2, 0.5), (0.01, 0.005, 0.02), (7.0, 5.0, 10.0)]
)
def test_keys_go_by_one_two_five(value, below, above):
    assert nice_below(value) == below
    assert nice_above(value) == above


def test_the_learning_rate_moves_in_decades():
    params = {param.name: param for param in declared(find_experiment("mesh-fitting").params)}
    scale = Scale.of(params["learning_rate"])  # 1e-5 to 10: six decades
    assert scale.kind == "decades"
    assert scale.value(0.5) == pytest.approx(0.01)
    assert scale.position(0.1) == pytest.approx(4 / 6)


def test_a_weight_is_fine_near_zero_and_reaches_it():
    scale = Scale.of(PARAMS["edge_weight"])  # 0 to 10
    assert scale.kind == "cubic"
    assert scale.value(0.0) == 0.0
    assert scale.value(0.5) == pytest.approx(1.2)  # 10 / 8, to two figures
    assert scale.step(0.001, -1) == 0.0
    assert scale.step(0.0, 1) > 0.0


def test_a_small_integer_is_even():
    scale = Scale.of(PARAMS["template_level"])  # 1 to 7
    assert [scale.value(k / 6) for k in range(7)] == [1, 2, 3, 4, 5, 6, 7]
    assert scale.step(4, 1) == 5
    assert scale.step(7, 1) == 7


@settings(max_examples=200)
@given(scales, st.floats(0, 1))
def test_a_slider_gives_allowed_values_and_comes_back_to_them(scale, position):
    value = scale.value(position)
    assert scale.minimum <= value <= scale.maximum
    assert isinstance(value, int) or not scale.integer or float(value).is_integer()
    again = scale.value(scale.position(value))
    assert again == pytest.approx(value, rel=0.06, abs=1e-9)


@settings(max_examples=200)
@given(scales, st.floats(0, 1), st.sampled_from([-1, 1]))
def test_a_key_moves_its_way_until_the_end(scale, position, direction):
    value = scale.value(position)
    stepped = scale.step(value, direction)
    assert scale.minimum <= stepped <= scale.maximum
    end = scale.maximum if direction > 0 else scale.minimum
    assert value == end or (stepped - value) * direction > 0
