"""Notices when a method stands still at a wrong place."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from lab.experiment import Notice

WINDOW = 20
"""Steps over which the distance has to fall."""
LEAST_FALL = 0.005
"""By this share of itself; a method that falls less stands still."""
FAR_TURN_DEG = 5.0
LOW_OVERLAP = 0.5


class Doctor:
    """Watches one method; says once that it is stuck."""

    def __init__(self, key: str, title: str, *, patience: int = 0) -> None:
        """patience: steps at the beginning in which it may stand still."""
        self._key, self._title, self._patience = key, title, patience
        self._distances: deque[float] = deque(maxlen=WINDOW + 1)
        self._said = False

    def look(self, step: int, distance: float, overlap: float, turn_deg: float | None) -> Notice | None:
        """What there is to say of this step. distance: rmse, any unit; turn_deg: the rotation error, where known."""
        self._distances.append(distance)
        full = len(self._distances) == WINDOW + 1 and step >= self._patience + WINDOW
        if self._said or not full or min(self._newer()) < (1.0 - LEAST_FALL) * self._distances[0]:
            return None
        if turn_deg is None:
            wrong, found = overlap < LOW_OVERLAP, f"only {overlap:.0%} of the source lies on the target"
        else:
            wrong, found = turn_deg > FAR_TURN_DEG, f"the rotation is still {turn_deg:.0f}° off"
        if not wrong:
            return None
        self._said = True
        text = f"{self._title} is stuck: its distance does not fall any more, but {found}."
        return Notice(step, "warning", text, self._advice())

    def _newer(self) -> Sequence[float]:
        return list(self._distances)[1:]

    def _advice(self) -> str:
        if self._key == "features":
            return "Give it more rounds or more points; scans that share little may need 'trimmed' pairs."
        return "It found a local minimum. Use the global method, start nearer, or try 'trimmed' pairs."

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"distances": list(self._distances)[:-1], "said": self._said}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._distances.extend(state["distances"])
        self._said = bool(state["said"])
