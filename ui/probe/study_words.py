"""A study's figures as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ui.probe.words import line, of_gaps

_HEAD = (
    "control",
    "kind",
    "boards/s",
    "pictures/s of each view",
    "answer",
    "p95",
    "to picture",
    "p95",
    "gap p50",
    "p99",
    "max",
    "work p99",
    "max",
)
_WIDTHS = (34, 7, 9, 25, 9, 9, 11, 9, 9, 8, 8, 9, 8)


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for a person; the worst control is marked. Times in milliseconds."""
    width, height = figures["stage"]
    yield line("study", f"{figures['activity']}, {width} x {height}")
    for key, words in (("open", "opened the first time"), ("open_again", "opened again")):
        opening = figures[key]
        yield line(
            words,
            f"click taken in {1000 * opening['call']:.0f} ms, first board after {opening['first_board']:.2f} s, "
            f"all pictures after {opening['all_pictures']:.2f} s",
        )
        yield line("  UI timer gaps", of_gaps(opening["gaps_ms"]))
    yield "\n" + _row(_HEAD)
    slowest, longest = worst(figures["controls"])
    for control in figures["controls"]:
        yield _row(_cells(control)).rstrip("\n") + _mark(control, slowest, longest) + "\n"
    yield "\n"
    for name, megabytes in figures["memory_mb"].items():
        yield line(f"memory, {name}", f"{megabytes:.0f} MB")


def worst(controls: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The control with the slowest answers (by their 95th percentile), and the one with the longest gap."""
    answered = [control for control in controls if control["answer_ms"]["p95"] is not None]
    slowest = max(answered, key=lambda control: control["answer_ms"]["p95"], default=None)
    return slowest, max(controls, key=lambda control: control["gaps_ms"]["max"], default=None)


def _mark(control: dict[str, Any], slowest: dict[str, Any] | None, longest: dict[str, Any] | None) -> str:
    words = [word for word, one in (("slowest answer", slowest), ("longest gap", longest)) if control is one]
    return f"  <- {', '.join(words)}" if words else ""


def _cells(control: dict[str, Any]) -> tuple[str, ...]:
    gaps, pictures = control["gaps_ms"], control["pictures_per_second"].values()
    return (
        control["name"],
        control["kind"],
        f"{control['boards_per_second']:.1f}",
        " ".join(f"{speed:.0f}" for speed in pictures) or "–",
        *(
            "–" if control[of][name] is None else f"{control[of][name]:.0f}"
            for of in ("answer_ms", "picture_ms")
            for name in ("median", "p95")
        ),
        *(f"{gaps[name]:.1f}" for name in ("p50", "p99", "max", "work_p99", "work_max")),
    )


def _row(cells: tuple[str, ...]) -> str:
    first = f"{cells[0][: _WIDTHS[0] - 1]:<{_WIDTHS[0]}}{cells[1]:<{_WIDTHS[1]}}"
    return first + "".join(f"{cell:>{width}}" for cell, width in zip(cells[2:], _WIDTHS[2:], strict=True)) + "\n"
