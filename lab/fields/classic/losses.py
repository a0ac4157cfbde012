"""What a step makes smaller."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from lab.fields.classic.march_networks import Look
from lab.fields.classic.options import ClassicOptions
from lab.fields.classic.pictures import Rays

_HUBER_SCALE = 0.1


def loss_terms(
    looks: Mapping[str, Look], rays: Rays, options: ClassicOptions, random: torch.Generator
) -> dict[str, Tensor]:
    """The unweighted terms: "color" of the last network, "coarse" of the first of two, "mask" where masks are known."""
    behind = _behind(rays, options, random)
    truth = rays.color if rays.alpha is None else rays.color * rays.alpha[:, None] + behind * (1 - rays.alpha[:, None])
    difference = pseudo_huber if options.huber else squared
    last = looks.get("fine", looks["coarse"])
    terms = {"color": difference(_over(last, behind), truth)}
    if "fine" in looks:
        terms["coarse"] = difference(_over(looks["coarse"], behind), truth)
    if rays.alpha is not None:
        terms["mask"] = difference(last.opacity, rays.alpha)
    return terms


def squared(found: Tensor, truth: Tensor) -> Tensor:
    """The mean squared difference."""
    return (found - truth).square().mean()


def pseudo_huber(found: Tensor, truth: Tensor) -> Tensor:
    """The course's robust loss: s (sqrt(1 + (difference / s)^2) - 1) with s = 0.1, the mean."""
    return (((found - truth).square() / _HUBER_SCALE**2 + 1.0).sqrt() - 1.0).mean() * _HUBER_SCALE


def _over(look: Look, behind: Tensor) -> Tensor:
    return look.color + (1.0 - look.opacity)[:, None] * behind


def _behind(rays: Rays, options: ClassicOptions, random: torch.Generator) -> Tensor:
    """(R, 3): what is mixed behind rays. A random colour tells black from nothing, but only where masks are known."""
    if options.background == "random" and rays.alpha is not None:
        return torch.rand(rays.color.shape, generator=random, device=rays.color.device)
    return torch.full_like(rays.color, 1.0 if options.background == "white" else 0.0)
