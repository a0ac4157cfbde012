"""Volume rendering along rays: densities become opacities, opacities become weights, weights become a colour."""

from __future__ import annotations

import torch
from torch import Tensor

OPEN_END = 1e10
"""The published distance behind the last sample: what is there at all is opaque."""


def distances(places: Tensor, far: Tensor | None) -> Tensor:
    """From each sample to the next, (R, S). places: (R, S) along the ray. far: (R,) where it ends, None for never."""
    last = torch.full_like(places[:, :1], OPEN_END) if far is None else far[:, None] - places[:, -1:]
    return torch.cat([places[:, 1:] - places[:, :-1], last], dim=1).clamp(min=0.0)


def opacities(density: Tensor, length: Tensor | None) -> Tensor:
    """1 - exp(-density length), both (R, S); without a length 1 - exp(-density), as the course has it."""
    return -torch.expm1(-density if length is None else -density * length)


def weights_of(opacity: Tensor) -> tuple[Tensor, Tensor]:
    """How much of what is seen each sample is (R, S), and what light is left behind the last one, (R,).

    Weight i is opacity i times the transmittance T_i, the product of one minus the opacities before it. All weights and
    the rest add up to 1. Source: Max (1995); REFERENCE III.3.
    """
    transmittance = torch.cumprod(torch.cat([torch.ones_like(opacity[:, :1]), 1.0 - opacity], dim=1), dim=1)
    return opacity * transmittance[:, :-1], transmittance[:, -1]
