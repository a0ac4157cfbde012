"""The four stages: strong priors first, so that the joints pull the whole body before they bend it (REFERENCE IV.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lab.body.smplify.objective import COLLISION, DATA, LIMITS, POSE, SHAPE

BEND: Final = 0.317
"""Of the pose weight, the weight of the joint limits."""
APART: Final = 1000.0
EASE: Final = 0.1
"""What the lab multiplies the joint limits with where nothing else is asked for. As published, at 1, they cost more
than the joints in the picture and make everybody bend their knees."""


@dataclass(frozen=True)
class Stage:
    """pose, shape: weights of residuals; the objective has their squares."""

    title: str
    pose: float
    shape: float

    def weights(self, scale: Mapping[str, float]) -> dict[str, float]:
        """The lambdas of the objective. scale: of each; 1 is as published, none is the lab's own."""
        return {
            DATA: scale.get(DATA, 1.0),
            POSE: self.pose**2 * scale.get(POSE, 1.0),
            LIMITS: (BEND * self.pose) ** 2 * scale.get(LIMITS, EASE),
            COLLISION: APART * scale.get(COLLISION, 1.0),
            SHAPE: self.shape**2 * scale.get(SHAPE, 1.0),
        }


STAGES: Final = (
    Stage("Turn the whole body", 404.0, 100.0),
    Stage("Let it lean", 404.0, 50.0),
    Stage("Bend the limbs", 57.4, 10.0),
    Stage("Fit the rest", 4.78, 5.0),
)
"""As published."""
