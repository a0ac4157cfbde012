"""The table of a study's figures."""

from __future__ import annotations

from typing import Any

from ui.probe.study_words import lines, worst

GAPS = {"p50": 4.0, "p99": 9.0, "max": 12.0, "max_at": 0.5, "work_p99": 3.0, "work_max": 5.0}
OPENING = {"call": 0.12, "first_board": 0.5, "all_pictures": 0.8, "gaps_ms": GAPS}


def control(name: str, p95: float | None, gap: float, pictures: dict[str, float]) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "slider",
        "boards_per_second": 20.0,
        "pictures_per_second": pictures,
        "answer_ms": {"median": None if p95 is None else p95 / 2, "p95": p95},
        "picture_ms": {"median": None if p95 is None else p95 + 10, "p95": None if p95 is None else p95 + 20},
        "gaps_ms": {**GAPS, "max": gap},
    }


CONTROLS = [
    control("quick", 20.0, 15.0, {"left": 30.0, "right": 25.0}),
    control("slow", 900.0, 18.0, {"left": 3.0}),
    control("turning", None, 44.0, {}),
]


def test_the_worst_controls_are_those_with_the_slowest_answer_and_the_longest_gap() -> None:
    assert worst(CONTROLS) == (CONTROLS[1], CONTROLS[2])
    assert worst([]) == (None, None)


def test_the_table_has_a_line_for_each_control_and_marks_the_worst() -> None:
    figures = {
        "activity": "motions",
        "stage": [900, 600],
        "open": OPENING,
        "open_again": OPENING,
        "controls": CONTROLS,
        "memory_mb": {"window": 200.0},
    }
    told = list(lines(figures))
    rows = {line.split()[0]: line for line in told if line.strip()}
    quick = ["quick", "slider", "20.0", "30", "25", "10", "20", "30", "40", "4.0", "9.0", "15.0", "3.0", "5.0"]
    assert rows["quick"].split() == quick
    assert rows["slow"].endswith("<- slowest answer\n")
    assert rows["turning"].endswith("<- longest gap\n")
    assert "–" in rows["turning"]
    assert "click taken in 120 ms, first board after 0.50 s, all pictures after 0.80 s" in "".join(told)
