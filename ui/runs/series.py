"""The numbers behind a run's curves: they grow with every step, and are thinned to what a screen can show."""

from __future__ import annotations

import numpy as np

from lab.run.messages import Metrics
from lab.scene import Array


class Series:
    """Every metric of one run over its steps; appending takes constant time on average."""

    def __init__(self) -> None:
        self._count = 0
        self._steps = np.empty(1024)
        self._seconds = np.empty(1024)
        self._columns: dict[str, Array] = {}

    def append(self, metrics: Metrics) -> None:
        """Add finished steps; a metric that is missing in some steps is NaN there."""
        end = self._count + len(metrics.steps)
        if end > len(self._steps):
            self._grow(max(end, 2 * len(self._steps)))
        self._steps[self._count : end] = metrics.steps
        self._seconds[self._count : end] = metrics.seconds
        for name, column in metrics.columns.items():
            if name not in self._columns:
                self._columns[name] = np.full(len(self._steps), np.nan)
            self._columns[name][self._count : end] = column
        self._count = end

    def _grow(self, size: int) -> None:
        extra = size - len(self._steps)
        self._steps, self._seconds = (np.concatenate([a, np.empty(extra)]) for a in (self._steps, self._seconds))
        self._columns = {n: np.concatenate([c, np.full(extra, np.nan)]) for n, c in self._columns.items()}

    @property
    def steps(self) -> Array:
        """(n,) float64, increasing."""
        return self._steps[: self._count]

    @property
    def seconds(self) -> Array:
        """(n,) float64: when each step was finished, on the run's own clock."""
        return self._seconds[: self._count]

    def column(self, name: str) -> Array:
        """(n,) float64; all NaN for a metric that the run does not have."""
        column = self._columns.get(name)
        return np.full(self._count, np.nan) if column is None else column[: self._count]

    def step_at(self, step: float | None) -> float:
        """The last step not after ``step``, or the newest (None); NaN where there is none."""
        index = self._count if step is None else int(np.searchsorted(self.steps, step, side="right"))
        return float("nan") if index == 0 else float(self.steps[index - 1])

    def value(self, name: str, step: float | None) -> float:
        """The metric at the last step not after ``step``, or at the newest (None); NaN where there is none."""
        column = self._columns.get(name)
        index = self._count if step is None else int(np.searchsorted(self.steps, step, side="right"))
        return float("nan") if column is None or index == 0 else float(column[index - 1])


def thinned(steps: Array, values: Array, points: int) -> tuple[Array, Array]:
    """At most about ``points`` of a curve: of each stretch the smallest and the largest value, so that peaks stay."""
    stretch = -(-2 * len(steps) // points)  # ceil
    if stretch < 3:
        return steps, values
    blocks = np.full((-(-len(values) // stretch), stretch), np.nan)
    blocks.reshape(-1)[: len(values)] = values
    empty = np.isnan(blocks)
    low = np.where(empty, np.inf, blocks).argmin(axis=1)
    high = np.where(empty, -np.inf, blocks).argmax(axis=1)
    at = np.sort(np.stack([low, high], axis=1), axis=1) + stretch * np.arange(len(blocks))[:, None]
    picked = np.append(np.minimum(at.reshape(-1), len(steps) - 1), len(steps) - 1)  # the newest value as well
    return steps[picked], values[picked]
