"""The metrics of finished steps on their way to whoever watches: collected, never dropped."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lab.run.messages import Metrics


class MetricsBatch:
    """Steps since the last ``take``. A metric that a step lacks is NaN there."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._steps: list[int] = []
        self._seconds: list[float] = []
        self._columns: dict[str, list[float]] = {}

    def add(self, step: int, seconds: float, metrics: Mapping[str, float]) -> None:
        """One finished step, at ``seconds`` on the run's clock."""
        count = len(self._steps)
        self._steps.append(step)
        self._seconds.append(seconds)
        for name, value in metrics.items():
            self._columns.setdefault(name, [math.nan] * count).append(float(value))
        for column in self._columns.values():
            if len(column) == count:
                column.append(math.nan)

    def take(self) -> Metrics | None:
        """All of them as one event, None if there are none; the batch is empty then."""
        if not self._steps:
            return None
        columns = {name: tuple(column) for name, column in self._columns.items()}
        event = Metrics(self._run_id, tuple(self._steps), tuple(self._seconds), columns)
        self._steps, self._seconds, self._columns = [], [], {}
        return event
