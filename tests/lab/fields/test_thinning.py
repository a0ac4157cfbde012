"""Which steps get a new snapshot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lab.experiment import Step
from lab.fields.thinning import Thinning


class Run:
    """Asks every step for its snapshot, and notes which ones were made."""

    def __init__(self, effort: float, steps: int = 200) -> None:
        ctx: Any = SimpleNamespace(params=SimpleNamespace(shown=1), stop_requested=False)
        self.ctx = ctx
        self.made: list[int] = []
        self._thinning = Thinning(ctx, lambda: effort, steps)

    def ask(self, index: int) -> Any:
        return self._thinning.thinned(Step(index, {}, lambda: self._make(index), dict)).snapshot()

    def _make(self, index: int) -> Any:
        self.made.append(index)
        return {"index": index}


def test_cheap_snapshots_are_made_at_every_step() -> None:
    run = Run(effort=0.3)
    for index in range(5):
        run.ask(index)
    assert run.made == [0, 1, 2, 3, 4]


def test_dear_ones_come_often_at_first_and_then_as_they_may() -> None:
    run = Run(effort=4.0)  # a third of the time: every 12 steps
    for index in range(101):
        run.ask(index)
    assert run.made == [0, 3, 9, 21, 33, 45, 57, 69, 81, 93]  # a gap of 2 + step / 2 at first


def test_in_between_the_last_one_is_shown() -> None:
    run = Run(effort=4.0)
    first = run.ask(0)
    assert run.ask(1) is first


@pytest.mark.parametrize("why", ["end", "stop", "view", "wound back"])
def test_some_steps_always_get_one(why: str) -> None:
    run = Run(effort=50.0, steps=81)
    run.ask(80)
    if why == "stop":
        run.ctx.stop_requested = True
    if why == "view":
        run.ctx.params.shown = 2
    index = {"end": 81, "wound back": 79}.get(why, 80 if why == "view" else 81)
    run.ask(index)
    assert run.made == [80, index]
