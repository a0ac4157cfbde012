"""Parameters: one declaration, checked values."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.params import (
    ParamError,
    build,
    check_geometry,
    choice,
    declared,
    file,
    geometry,
    integer,
    number,
    switch,
    values,
)


@dataclass(frozen=True)
class Example:
    scan: str = geometry("Scan", "What to fit.")
    rate: float = number(0.5, "Rate", "Size of a step.", minimum=0.0, maximum=2.0, unit="m", live=True)
    count: int = integer(3, "Count", "How many.", minimum=1, maximum=10)
    kind: str = choice("a", "Kind", "Which.", ("a", "b"))
    fast: bool = switch(False, "Fast", "Hurry.")


def test_the_declaration_is_read_back():
    by_name = {param.name: param for param in declared(Example)}
    assert list(by_name) == ["scan", "rate", "count", "kind", "fast"]
    assert by_name["rate"].live
    assert by_name["rate"].unit == "m"
    assert (by_name["count"].minimum, by_name["count"].maximum, by_name["count"].default) == (1, 10, 3)
    assert by_name["kind"].choices == ("a", "b")


def test_option_names_are_those_of_a_command_line():
    from lab.chapters.mesh_fitting import MeshFittingParams

    options = {param.option for param in declared(MeshFittingParams)}
    assert {"--target", "--edge-weight", "--coarse-to-fine"} <= options


def test_defaults_pass_their_own_checks():
    for param in declared(Example):
        assert param.check(param.default) == param.default


@pytest.mark.parametrize(
    ("given_values", "words"),
    [
        ({"rate": 3}, "Rate: expected a value from 0 to 2 m, found 3"),
        ({"rate": float("nan")}, "Rate: expected a value from 0 to 2 m, found nan"),
        ({"rate": "fast"}, "Rate: expected a number, found 'fast'"),
        ({"count": 2.5}, "Count: expected a whole number, found 2.5"),
        ({"kind": "c"}, "Kind: expected one of a, b; found 'c'"),
        ({"fast": "yes"}, "Fast: expected on or off, found 'yes'"),
        ({"speed": 1}, "unknown parameter 'speed'; known are scan, rate, count, kind, fast"),
    ],
)
def test_a_wrong_value_is_named(given_values, words):
    with pytest.raises(ParamError) as error:
        build(Example, given_values)
    assert str(error.value) == words


@given(rate=st.floats(0, 2), count=st.integers(1, 10), kind=st.sampled_from("ab"), fast=st.booleans())
def test_what_was_built_comes_back(rate, count, kind, fast):
    given_values = {"scan": "spot", "rate": rate, "count": count, "kind": kind, "fast": fast}
    assert values(build(Example, given_values)) == given_values


def test_numbers_take_the_declared_type():
    built = build(Example, {"rate": 1, "count": 4.0})
    assert isinstance(built.rate, float)
    assert isinstance(built.count, int)


def test_a_geometry_that_is_of_no_use_may_be_empty() -> None:
    @dataclass(frozen=True)
    class Either:
        data: str = file("Data", "A file.")
        mesh: str = geometry("Mesh", "Instead.", when=("data", ("",)))
        field: str = geometry("Field", "A field.", accepts=("field",), optional=True)

    check_geometry(Either(data="here"), {})
    with pytest.raises(ParamError, match="Mesh: choose a mesh or point cloud"):
        check_geometry(Either(), {})
    with pytest.raises(ParamError, match="Field: there is no radiance field named 'x'"):
        check_geometry(Either(data="here", field="x"), {})
