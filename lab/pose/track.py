"""What a tracker has found so far: a view per picture, and what the motion leads to next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.motions import se3
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Entry:
    """A picture's view (4, 4), see lab.pose.camera_view. iou: of the silhouettes; outline: mean squared distance of the
    outlines, pixels²; color: root mean square of the colours' differences. lost: the view is not to be trusted. seen:
    the object could be seen at all.
    """

    view: Array
    iou: float
    outline: float
    color: float
    lost: bool
    seen: bool


class Track:
    """Entries in order. Entries are never changed, so that ``snapshot`` costs nothing much."""

    def __init__(self, entries: tuple[Entry, ...] = ()) -> None:
        self._entries = list(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Any:
        return iter(self._entries)

    @property
    def last(self) -> Entry:
        return self._entries[-1]

    def add(self, entry: Entry) -> None:
        """The next picture's."""
        self._entries.append(entry)

    def snapshot(self) -> Track:
        """The track as it is now."""
        return Track(tuple(self._entries))

    def predicted(self, share: float) -> Array:
        """The next view (4, 4) at constant velocity on SE(3), of which ``share`` is expected; without a second entry,
        or after a jump, the last view.

        The motion of the object in the camera's frame from the last but one view to the last is made once more:
        exp(share log(V_k V_(k-1)^-1)) V_k.
        """
        last = self.last
        if len(self) < 2 or share <= 0.0:
            return last.view
        before = self._entries[-2]
        if before.lost != last.lost or (last.lost and last.seen):  # a jump, or a pose that is wrong: no motion
            return last.view
        motion = se3.log(last.view @ se3.inverse(before.view))
        if not last.seen:
            share = 0.95 * share  # what is not seen is thought to slow down
        return np.asarray(se3.exp(share * motion) @ last.view)

    @property
    def views(self) -> Array:
        """(N, 4, 4) float64."""
        return np.stack([entry.view for entry in self._entries])

    @property
    def lost(self) -> Array:
        """(N,) bool."""
        return np.array([entry.lost for entry in self._entries])

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        numbers = [(e.iou, e.outline, e.color, float(e.lost), float(e.seen)) for e in self._entries]
        return {"views": self.views, "numbers": np.array(numbers, np.float64)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._entries = [
            Entry(view, float(n[0]), float(n[1]), float(n[2]), bool(n[3]), bool(n[4]))
            for view, n in zip(state["views"], state["numbers"], strict=True)
        ]
