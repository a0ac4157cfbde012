"""How figures are told."""

from __future__ import annotations


def line(name: str, text: str) -> str:
    """A figure and its name."""
    return f"{name:<24}{text}\n"


def of_gaps(gaps: dict[str, float]) -> str:
    """The gaps of a GapMeter."""
    return (
        f"p50 {gaps['p50']:.1f} ms, p99 {gaps['p99']:.1f} ms, max {gaps['max']:.1f} ms (after {gaps['max_at']:.1f} s), "
        f"the window's own work p99 {gaps['work_p99']:.1f} ms, max {gaps['work_max']:.1f} ms"
    )
