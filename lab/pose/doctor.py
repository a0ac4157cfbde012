"""Notices of a pose estimate: what keeps it from the true camera, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab.experiment import Notice
from lab.motions import so3
from lab.pose.search import Candidate

EMPTY = 0.05
"""Share of the mask's area below which a picture counts as empty."""
WINDOW = 40
"""Steps over which the loss has to fall by LEAST_FALL of itself."""
LEAST_FALL = 0.01
POOR = 0.85
"""Overlap of the masks below which a pose that stands still is wrong."""
OTHER_DEG = 15.0
AS_GOOD = 1.2
"""An answer that differs is as good if its cost is at most this many times the best one's ..."""
LITTLE = 4.0
"""... or this much above it."""


class Doctor:
    """Watches one run; says each thing once."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._losses: list[float] = []

    def look(
        self, step: int, loss: float, overlap: float, drawn: float, colors: bool, skipped: int, *, single: bool
    ) -> list[Notice]:
        """What there is to say of a step. overlap: of the masks; drawn: the render's area, in areas of the mask."""
        found = []
        if single and overlap <= 0.0 and drawn > EMPTY:
            found.append(
                self._once(
                    "overlap",
                    step,
                    "There is no overlap between the silhouettes: their difference has no slope that leads together.",
                    "Raise 'Distance transform', start nearer, or use the method 'from anywhere'.",
                    "silhouette",
                )
            )
        if single and drawn <= EMPTY:
            text = "The object has left the picture."
            if colors:
                text += " An empty picture on the background is a minimum of the colours: the white background minimum."
            advice = "Raise 'Silhouette' or 'Distance transform', lower 'Learning rate', or search 'from anywhere'."
            found.append(self._once("empty", step, text, advice, "rgb" if colors else "silhouette"))
        if skipped:
            text = "The gradient exploded: it was not finite, or many times as long as before. Such steps are left out."
            advice = "Lower 'Learning rate' or raise 'Sigma'; the best pose so far is kept."
            found.append(self._once("explosion", step, text, advice, None))
        found.append(self._stuck(step, loss, overlap) if single else None)
        return [notice for notice in found if notice is not None]

    def _stuck(self, step: int, loss: float, overlap: float) -> Notice | None:
        self._losses = [*self._losses, loss][-WINDOW - 1 :]
        first = self._losses[0]
        if len(self._losses) <= WINDOW or overlap >= POOR or min(self._losses[1:]) < (1.0 - LEAST_FALL) * first:
            return None
        text = f"The loss does not fall any more, but the masks overlap by {overlap:.0%} only: a local minimum."
        return self._once("stuck", step, text, "Start elsewhere, or use the method 'from anywhere'.", None)

    def compare(self, step: int, best: Candidate, rivals: list[Candidate]) -> Notice | None:
        """Whether another pose explains the picture as well."""
        for rival in rivals:
            turn = float(np.degrees(so3.angle_between(best.pose.R, rival.pose.R)))
            if turn > OTHER_DEG and rival.cost <= max(AS_GOOD * best.cost, best.cost + LITTLE):
                text = (
                    f"A pose that is turned by {turn:.0f}° explains the picture as well: a symmetric object, "
                    "or one whose outline is the same from there."
                )
                advice = "Colours can decide, if the object has any: raise 'Colours'. Otherwise both answers are right."
                return self._once("symmetric", step, text, advice, "rgb")
        return None

    def poor(self, step: int, overlap: float) -> Notice | None:
        """Whether the best pose of a search does not fit."""
        if overlap >= POOR:
            return None
        text = f"The best pose found overlaps the mask by {overlap:.0%} only, so it is hardly the true one."
        advice = (
            "Check the mask, that the mesh is this object, and the field of view; or set the focal length to unknown."
        )
        return self._once("poor", step, text, advice, "silhouette")

    def _once(self, key: str, step: int, text: str, advice: str, term: str | None) -> Notice | None:
        if key in self._said:
            return None
        self._said.add(key)
        return Notice(step, "warning", text, advice, term)

    def state(self) -> dict[str, Any]:
        """For a checkpoint; the newest loss is looked at again."""
        return {"said": " ".join(sorted(self._said)), "losses": np.array(self._losses[:-1])}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._said = set(str(state["said"]).split())
        self._losses = [float(loss) for loss in state["losses"]]
