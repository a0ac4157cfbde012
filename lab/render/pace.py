"""How large a draft may be, so that it keeps to a time budget."""

from __future__ import annotations

SCALES = (1.0, 0.7, 0.5, 0.35)
BUDGET = 0.055  # seconds a draft may take
_SETTLED = 3  # drafts at one scale before it is judged
_GAIN = 0.75  # of the time is the most that a smaller scale may take, or it is not the pixels that take it
_EASY = 0.85  # a larger scale is tried when it is expected to take no more than this share of the budget, ...
_PATIENCE = 30  # ... after so many drafts: one slow moment of the machine should not make them coarse for ever
_FIXED = 0.005  # seconds of a draft that do not depend on its size


class Pace:
    """Chooses the scale of drafts by how long they took, and rarely another one: each change costs a new renderer."""

    def __init__(self, budget: float = BUDGET) -> None:
        self._budget = budget
        self._size = (0, 0)
        self._level = 0
        self._count = 0
        self._seconds: dict[int, float] = {}  # by level: what its drafts took lately

    def scale(self, width: int, height: int) -> float:
        """The scale for the next draft of a view of this size."""
        if self._size != (width, height):
            self._size = (width, height)
            self._seconds.clear()
            self._count = 0
        return SCALES[self._level]

    def took(self, seconds: float) -> None:
        """A draft at the present scale took so long (not counting a new renderer)."""
        level = self._level
        last = self._seconds.get(level, seconds)
        self._seconds[level] = last + 0.4 * (seconds - last)
        self._count += 1
        if self._count >= _SETTLED:
            self._judge(level, self._seconds[level])

    def _judge(self, level: int, now: float) -> None:
        larger = self._seconds.get(level - 1)
        if larger is not None and now > _GAIN * larger:
            self._go(level - 1)  # it was of no use
        elif now > self._budget and level + 1 < len(SCALES):
            smaller = self._seconds.get(level + 1)
            if smaller is None or smaller <= _GAIN * now:
                self._go(level + 1)
        elif level > 0 and self._count >= _PATIENCE:
            growth = (SCALES[level - 1] / SCALES[level]) ** 2
            if _FIXED + (now - _FIXED) * growth < _EASY * self._budget:
                self._seconds.pop(level - 1, None)
                self._go(level - 1)

    def _go(self, level: int) -> None:
        self._level = level
        self._count = 0
