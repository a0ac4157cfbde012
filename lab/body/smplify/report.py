"""What is told of a fit: figures, and the body as a record that the other activities open."""

from __future__ import annotations

import numpy as np

from lab.body.data import BodyData
from lab.body.measure import measure
from lab.body.record import BodyPose
from lab.body.skeleton import title
from lab.body.smplify.objective import DATA, Look, Objective
from lab.body.smplify.observed import Lens
from lab.body.smplify.search import Answer, Found, distance
from lab.scene import Array

NEARLY = 1.15
"""Minima up to this times the lowest sum count as other answers."""
SHOWN = 3
"""Other answers that are told of one by one."""


def describe(name: str) -> str:
    """A 2D joint's name as a person reads it: "Left big toe"."""
    return title(name)


def arrays(model: str, pose: Array, transl: Array, betas: Array, lens: Lens, lift: float) -> BodyPose:
    """The body in the world where its feet are on the floor, and the camera that sees it so."""
    height, width = lens.size
    camera = {
        "focal": np.array([lens.focal, lens.focal]),
        "center": np.array([lens.cx, lens.cy]),
        "size": np.array([width, height], np.float64),
        "position": np.array([0.0, lift, 0.0]),
    }
    return BodyPose(model, betas, pose, transl + np.array([0.0, lift, 0.0]), camera)


def others(found: Found) -> list[Answer]:
    """Minima that are nearly as low as the best, the lowest first."""
    return [answer for answer in found.answers[1:] if answer.energy <= NEARLY * found.best.energy]


def figures(
    data: BodyData, objective: Objective, look: Look, found: Found, betas: Array
) -> dict[str, float | str | bool]:
    """The fit's figures; the first are those a person looks for."""
    best = found.best
    rivals = others(found)
    told: dict[str, float | str | bool] = {
        "E_J": look.terms[DATA],
        "Facing": best.facing,
        "Facing margin": f"{found.margin:.0f}" if np.isfinite(found.margin) else "no answer faces the other way",
        "Other answers": float(len(rivals)),
    }
    if rivals:
        told["Spread (mm)"] = 1000.0 * float(np.mean([distance(best, answer) for answer in rivals]))
    for number, answer in enumerate(rivals[:SHOWN], start=1):
        apart = 1000.0 * distance(best, answer)
        told[f"Other answer {number}"] = f"E_J {answer.data:.0f}, {apart:.0f} mm from here, {answer.facing}"
    told["Height (m)"] = measure(data, betas)["height"]
    told["Distance (m)"] = float(-look.places.points[0, 2])
    observed = objective.observed
    for name, apart, weight in zip(observed.names, look.apart, observed.weight, strict=True):
        if weight > 0.0:
            told[f"Residual: {describe(name).lower()} (px)"] = float(apart)
    return told
