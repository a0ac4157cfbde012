"""Emission and absorption along one ray, every number kept (REFERENCE III.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array

INFINITE = 1e10
"""Metres of the last step in NeRF's own code."""


@dataclass(frozen=True)
class Form:
    """How densities become opacities.

    amount: what they are multiplied by. physical: p = 1 - exp(-density * step); else p is the density, 1 at most.
    reference: metres; where it is not 0, p is that of a step of this length whatever the step is, as densities per
    metre are no opacities. infinite: the last step has no end, as in NeRF's code; else it ends at the far plane.
    """

    amount: float
    physical: bool
    infinite: bool = False
    reference: float = 0.0

    def last(self, far: float) -> float:
        """Where the last step ends, metres of depth."""
        return far + INFINITE if self.infinite else far


@dataclass(frozen=True, eq=False)
class March:
    """Along a ray, each (S,) float64: density; steps, metres; opacity p; transmittance T before the sample; weight T p.
    color: (S, 3) of each sample. gathered: (S, 4) colour and opacity so far, that sample included.
    """

    density: Array
    steps: Array
    opacity: Array
    transmittance: Array
    weight: Array
    color: Array
    gathered: Array

    @property
    def result(self) -> Array:
        """(4,): colour over black, and opacity."""
        return np.asarray(self.gathered[-1])


def opacities(density: Array, steps: Array, form: Form) -> Array:
    """(..., S) in [0, 1] of densities (..., S), multiplied already, and steps (..., S), metres."""
    if form.physical:
        return np.asarray(-np.expm1(-density * steps))
    if form.reference:
        return np.asarray(-np.expm1(-density * form.reference))
    return np.clip(density, 0.0, 1.0)


def march(values: Array, lengths: Array, norm: float, far: float, form: Form) -> March:
    """values: (S, 4), density and colour. lengths: (S,), depths. norm: metres per metre of depth. far: depth."""
    values = np.asarray(values, np.float64)
    steps = np.diff(lengths, append=form.last(far)) * norm
    density = form.amount * values[:, 0]
    opacity = opacities(density, steps, form)
    transmittance = np.concatenate([[1.0], np.cumprod(1.0 - opacity)[:-1]])
    weight = transmittance * opacity
    color = np.cumsum(weight[:, None] * values[:, 1:], axis=0)
    gathered = np.concatenate([color, 1.0 - np.cumprod(1.0 - opacity)[:, None]], axis=1)
    return March(density, steps, opacity, transmittance, weight, values[:, 1:], gathered)
