"""Numbers as people read them; every expectation is written by hand."""

from __future__ import annotations

import pytest

from ui.look.units import count, extent, memory, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-0.4719, "-0.472"),
        (0.01234, "0.0123"),
        (12.345, "12.3"),
        (1234567.0, "1,234,567"),
        (0.00001234, "1.23e-05"),
        (float("inf"), "inf"),
    ],
)
def test_three_significant_digits(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("sides", "text"),
    [
        ((1.0, 2.0, 3.0), "1 × 2 × 3 m"),
        ((0.05, 0.01, 0.0), "50 × 10 × 0 mm"),
        ((20_000.0, 1000.0, 5.0), "20 × 1 × 0.005 km"),
        ((0.0, 0.0, 0.0), "0 × 0 × 0 m"),
    ],
)
def test_extents_take_the_unit_of_the_longest_side(sides, text):
    assert extent(sides) == text


def test_counts_and_memory():
    assert count(5856) == "5,856"
    assert [memory(n) for n in (12, 1500, 2_340_000, 512_000_000, 3_000_000_000)] == [
        "12 bytes",
        "1.5 kB",
        "2.3 MB",
        "512 MB",
        "3.0 GB",
    ]
