"""When the views of a study are to be fitted anew: at the first object, and when another one takes its place."""

from __future__ import annotations

import numpy as np

from lab.scene import Array

Box = tuple[Array, Array]
"""Lower and upper corner, each (3,) float64."""

_NOTICEABLE = 1.6  # ratio of sizes, or shift in sizes, that deserves another look
_LOST = 4.0  # the same for a view that the person has turned: only when hardly anything could be seen


def union(boxes: list[Box]) -> Box | None:
    """The box around boxes; None for none."""
    if not boxes:
        return None
    return np.min([low for low, _ in boxes], axis=0), np.max([high for _, high in boxes], axis=0)


def wants_fit(fitted: Box | None, now: Box | None, *, touched: bool) -> bool:
    """Whether what is shown ``now`` needs another look than what was ``fitted``; touched: the person turned the view.

    An object that merely moves or grows a little under a slider stays in the same frame.
    """
    if now is None:
        return False
    if fitted is None:
        return True
    before, size = _size(fitted), _size(now)
    if before == 0.0 or size == 0.0:
        return before != size
    limit = _LOST if touched else _NOTICEABLE
    shift = float(np.linalg.norm((now[0] + now[1]) / 2 - (fitted[0] + fitted[1]) / 2)) / max(before, size)
    return not 1 / limit <= size / before <= limit or shift > (limit - 1)


def _size(box: Box) -> float:
    return float(np.linalg.norm(box[1] - box[0]))
