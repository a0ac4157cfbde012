"""Learning rates, subdivisions and the plateau."""

from __future__ import annotations

import numpy as np
import pytest

from lab.fitting.schedule import PLATEAU_STEPS, Plateau, learning_rate, subdivides_after


@pytest.mark.parametrize(
    ("kind", "step", "rate"),
    [
        ("constant", 1000, 2.0),
        ("cosine", 0, 2.0),
        ("cosine", 500, 2.0 * 0.505),
        ("cosine", 1000, 0.02),
        ("cosine", 5000, 0.02),
        ("step", 499, 2.0),
        ("step", 500, 0.2),
        ("step", 749, 0.2),
        ("step", 750, 0.02),
    ],
)
def test_rates(kind: str, step: int, rate: float) -> None:
    assert learning_rate(kind, 2.0, step, 1000) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("levels", "steps", "expected"), [(2, 100, [25, 50]), (1, 100, [50]), (0, 100, []), (2, 3, [1, 2])]
)
def test_subdivisions(levels: int, steps: int, expected: list[int]) -> None:
    found: list[int] = []
    for step in range(1, steps + 1):
        if subdivides_after(step, steps, levels, len(found)):
            found.append(step)
    assert found == expected


def test_a_falling_loss_is_no_plateau_and_a_level_noisy_one_is() -> None:
    rng = np.random.default_rng(0)
    falling, level = Plateau(), Plateau()
    for step in range(2 * PLATEAU_STEPS):
        assert not level.reached
        falling.add(0.999**step * (1.0 + 0.05 * rng.normal()))
        level.add(1.0 + 0.001 * rng.normal())
    assert level.reached
    assert not falling.reached


def test_a_plateau_goes_on_from_its_losses_and_forgets() -> None:
    plateau = Plateau(np.ones(2 * PLATEAU_STEPS + 50))
    plateau.add(1.0)
    assert len(plateau.losses) == 2 * PLATEAU_STEPS
    assert Plateau(plateau.losses).reached
    plateau.clear()
    assert not plateau.reached
