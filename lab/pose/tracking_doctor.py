"""Notices of a track: lost, hidden, found again, a look-alike, an object that leaves the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab.experiment import Notice
from lab.scene import Array

LOOK_ALIKE_DEG = 15.0
_GOOD_OVERLAP = 0.8


class TrackingDoctor:
    """Watches a track and says what happens to it; what could come again and again is said once."""

    def __init__(self) -> None:
        self._lost = False
        self._said: set[str] = set()

    def look(
        self, step: int, *, lost: bool, seen: bool, iou: float, turn_deg: float | None, mask: Array
    ) -> list[Notice]:
        """What there is to say of a picture. turn_deg: the rotation error, where the truth is known."""
        found: list[Notice] = []
        if lost and not self._lost:
            found.append(self._loss(step, seen, iou))
        if self._lost and not lost:
            found.append(Notice(step, "info", f"Found again at picture {step}: the outlines share {iou:.0%}."))
        self._lost = lost
        if not lost and seen:
            if turn_deg is not None and turn_deg > LOOK_ALIKE_DEG and iou > _GOOD_OVERLAP:
                found += self._once("look-alike", self._look_alike(step, iou, turn_deg))
            if _touches_border(mask):
                found += self._once("border", self._border(step))
        return found

    def _once(self, key: str, notice: Notice) -> list[Notice]:
        if key in self._said:
            return []
        self._said.add(key)
        return [notice]

    @staticmethod
    def _loss(step: int, seen: bool, iou: float) -> Notice:
        if not seen:
            text = f"The object cannot be seen in picture {step}: its mask is empty."
            return Notice(step, "warning", text, "The pose is carried on by its last motion until it shows again.")
        text = f"The track was lost at picture {step}: the outlines share only {iou:.0%}."
        return Notice(step, "warning", text, "Keep 'Motion prediction' on, make more iterations, or widen the first σ.")

    @staticmethod
    def _look_alike(step: int, iou: float, turn_deg: float) -> Notice:
        text = f"Picture {step}: the outlines share {iou:.0%}, but the rotation is {turn_deg:.0f}° off."
        return Notice(step, "warning", text, "The outline looks alike from both sides. Give the colours more weight.")

    @staticmethod
    def _border(step: int) -> Notice:
        text = f"The object reaches the border of picture {step}, so some of its outline is missing."
        return Notice(step, "info", text, "Its distance is less certain here. 'Robust' helps.")

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"lost": self._lost, "said": sorted(self._said)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._lost, self._said = bool(state["lost"]), set(state["said"])


def _touches_border(mask: Array) -> bool:
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return bool((border > 0.5).any())
