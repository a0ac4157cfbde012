"""New pictures for the screen only every few steps, where one costs as much as several steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from lab.experiment import RunContext, Step
from lab.scene import Snapshot

SHARE = 1 / 3
"""Of the time of training, that snapshots may take."""


class Thinning:
    """Puts an earlier snapshot in the place of one that is not worth its time.

    effort: what a snapshot costs now, in steps. steps: how many there will be. Which steps get a new one depends on
    these alone, so runs repeat.
    """

    def __init__(self, ctx: RunContext, effort: Callable[[], float], steps: int) -> None:
        self._ctx, self._effort, self._steps = ctx, effort, steps
        self._last: tuple[int, Snapshot] | None = None
        self._view = 0

    def thinned(self, step: Step) -> Step:
        """The same step, with an earlier snapshot where that is good enough."""
        return replace(step, snapshot=lambda: self._snapshot(step))

    def _snapshot(self, step: Step) -> Snapshot:
        view = int(self._ctx.params.shown)
        if self._last is None or view != self._view or self._due(step, step.index - self._last[0]):
            self._view = view
            self._last = step.index, step.snapshot()
        return self._last[1]

    def _due(self, step: Step, gone: int) -> bool:
        """Often at first, when fog turns into a shape; always at the end, and when the run was wound back."""
        if gone <= 0:
            return gone < 0
        last = step.last or step.index >= self._steps or self._ctx.stop_requested
        return last or gone >= min(math.ceil(self._effort() / SHARE), 2 + step.index // 2)
