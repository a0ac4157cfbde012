"""What the study says: measures, weight, energy and limits."""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.body.limits import at_limit
from lab.body.measure import MEASURES
from lab.body.skeleton import title
from lab.body.studio.figure import Stance
from lab.body.studio.give import prior

DENSITY: Final = 1010.0  # kg/m³, the mean of a living body with some air in it
_NAMES: Final = {"arm_length": "Arm", "leg_length": "Leg"}


def figures(betas: tuple[float, ...], sizes: dict[str, float], stance: Stance) -> dict[str, str | float]:
    """Label -> value. sizes: from ``Figure.measures``, metres and m³."""
    lengths = {_NAMES.get(name, title(name)): f"{100 * sizes[name]:.1f} cm" for name in MEASURES}
    limited = at_limit(stance.state.pose)
    return {
        **lengths,
        "Weight": f"{DENSITY * sizes['volume']:.1f} kg",
        "Volume": f"{1000 * sizes['volume']:.1f} litres",
        "Pose energy": round(prior().energy(stance.state.pose[1:]), 1),
        "At a limit": ", ".join(map(title, limited)) if limited else "none",
        "Shape": round(float(np.square(betas).sum()), 2),
    }
