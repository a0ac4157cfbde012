"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence

_BYTES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
_LENGTHS = (("km", 1e3, 1e4), ("m", 1.0, 0.1), ("mm", 1e-3, 0.0))  # unit, metres in it, from how many metres on


def count(number: int) -> str:
    """5856 as "5,856"."""
    return f"{number:,}"


def memory(nbytes: int) -> str:
    """1234567 as "1.2 MB" (decimal, as disks and networks count)."""
    for unit, size in _BYTES:
        if nbytes >= size:
            value = nbytes / size
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
    return f"{nbytes} bytes"


def extent(sides: Sequence[float]) -> str:
    """Lengths in metres as "1.23 × 0.98 × 2.1 m", all in the unit that suits the longest."""
    longest = max(abs(side) for side in sides)
    unit, scale, _ = next(row for row in _LENGTHS if longest >= row[2] or row is _LENGTHS[-1])
    if longest == 0.0:
        unit, scale = "m", 1.0
    return " × ".join(significant(side / scale) for side in sides) + f" {unit}"


def significant(value: float) -> str:
    """Three significant digits, without an exponent where that is readable: "0.0123", "1,230,000"."""
    if value == 0 or not abs(value) < float("inf"):
        return f"{value:g}"
    if abs(value) < 1e-4 or abs(value) >= 1e9:
        return f"{value:.3g}"
    digits = 2
    size = abs(value)
    while size >= 10 and digits > 0:
        size, digits = size / 10, digits - 1
    while size < 1:
        size, digits = size * 10, digits + 1
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
