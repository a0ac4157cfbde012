"""The words and numbers of a motion: code that runs, figures by hand, notes at the places that need one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lab.motions import euler, so3
from lab.motions.motion import Motion
from lab.motions.motion_words import figures, notes, numbers

SCREW = Motion((3.4, 1.6, 0.4, 0.4, 2.8, 0.0), 0.7, "YXZ")


def turn(x: float, y: float, z: float, order: euler.Order = "YXZ") -> Motion:
    return Motion((0.0, 0.0, 0.0, *(math.radians(angle) for angle in (x, y, z))), 1.0, order)


def test_the_numbers_are_code_that_runs_and_agrees_with_itself() -> None:
    found: dict[str, Any] = {}
    exec(numbers(SCREW), found)
    np.testing.assert_allclose(found["omega"], 0.7 * np.array([0.4, 2.8, 0.0]), atol=1e-4)
    np.testing.assert_allclose(so3.exp(found["omega"]), found["R"], atol=2e-4)
    np.testing.assert_allclose(so3.hat(found["omega"]), found["hat"], atol=1e-4)
    np.testing.assert_allclose(so3.log(found["R"]), found["log_R"], atol=1e-3)
    np.testing.assert_allclose(found["J"] @ found["rho"], found["T"][:3, 3], atol=1e-3)
    np.testing.assert_allclose(so3.from_quaternion(found["q"]), found["R"], atol=2e-4)
    np.testing.assert_allclose(euler.to_matrix(np.radians(found["euler"]), "YXZ"), found["R"], atol=4e-4)


@pytest.mark.parametrize(("degrees", "folded"), [(0, 0), (90, 90), (180, 180), (200, 160), (360, 0)])
def test_the_angle_counts_on_and_that_of_the_log_comes_back(degrees: float, folded: float) -> None:
    found = figures(turn(0, 0, degrees))
    assert found["Angle (°)"] == pytest.approx(degrees)
    assert found["Angle of log R (°)"] == pytest.approx(folded, abs=1e-10)


def test_figures_at_half_of_a_screw_count_what_was_moved_so_far() -> None:
    whole, half = (figures(Motion((0.0, 2.0, 0.0, 0.0, 1.0, 0.0), t, "YXZ")) for t in (1.0, 0.5))
    assert whole["Shift along the axis (m)"] == pytest.approx(2.0)
    assert half["Shift along the axis (m)"] == pytest.approx(1.0)
    assert half["Pitch (m per turn)"] == pytest.approx(4 * math.pi)


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        (turn(0, 0, 45), []),
        (turn(0, 0, 0.01), ["A turn of only"]),
        (turn(0, 0, 179.5), ["Half a turn"]),
        (turn(0, 0, 250), ["250° is beyond half a turn"]),
        (turn(0, 0, 359.5), ["A full turn"]),
        (turn(-88, 0, 0), ["Gimbal lock: the axes of Y and Z lie 2.0° from one line"]),
        (turn(-88, 0, 0, "XYZ"), []),
        (turn(0, 0, 45, "ZXZ"), ["Gimbal lock: the first and the last axis lie on one line"]),
    ],
)
def test_notes_stand_where_they_are_needed(motion: Motion, words: list[str]) -> None:
    found = [note.text for note in notes(motion)]
    assert len(found) == len(words)
    assert all(text.startswith(start) for text, start in zip(found, words, strict=True))
