"""Where along a ray the field is asked."""

from __future__ import annotations

import torch
from torch import Tensor

_FLOOR = 1e-5  # added to every weight, so that no bin is without hope


def stratified(near: Tensor, far: Tensor, count: int, random: torch.Generator | None = None) -> Tensor:
    """(R, count) places from near to far, both (R,). random: each moves within its own bin; None: evenly spaced.

    The bins' borders are halfway between the even places, as in the published code (the first and last bin are half as
    wide as the others).
    """
    share = torch.linspace(0.0, 1.0, count, device=near.device, dtype=near.dtype)
    even = near[:, None] + (far - near)[:, None] * share
    if random is None:
        return even
    middles = 0.5 * (even[:, 1:] + even[:, :-1])
    lower = torch.cat([even[:, :1], middles], dim=1)
    upper = torch.cat([middles, even[:, -1:]], dim=1)
    return lower + (upper - lower) * torch.rand(even.shape, generator=random, device=near.device, dtype=near.dtype)


def by_weight(edges: Tensor, weights: Tensor, count: int, random: torch.Generator | None = None) -> Tensor:
    """(R, count) places, more of them where the weights are large: the inverse of their cumulative distribution.

    edges: (R, B + 1), ascending; weights: (R, B), at least 0, taken as constants. random: independent places; None: at
    evenly spaced shares, both ends included. Source: Mildenhall and others (2020), section 5.2.
    """
    weights = weights.detach() + _FLOOR
    cumulated = torch.cumsum(weights / weights.sum(dim=1, keepdim=True), dim=1)
    cumulated = torch.cat([torch.zeros_like(cumulated[:, :1]), cumulated], dim=1)
    shape = (len(edges), count)
    if random is None:
        share = torch.linspace(0.0, 1.0, count, device=edges.device, dtype=edges.dtype).expand(shape).contiguous()
    else:
        share = torch.rand(shape, generator=random, device=edges.device, dtype=edges.dtype)
    upper = torch.searchsorted(cumulated, share, right=True).clamp(1, edges.shape[1] - 1)
    below, above = cumulated.gather(1, upper - 1), cumulated.gather(1, upper)
    part = ((share - below) / (above - below).clamp(min=1e-12)).clamp(0.0, 1.0)
    left, right = edges.gather(1, upper - 1), edges.gather(1, upper)
    return left + (right - left) * part


def refined(places: Tensor, weights: Tensor, count: int, random: torch.Generator | None = None) -> Tensor:
    """(R, S + count) places in order: the coarse ones, and ``count`` drawn by their weights, both (R, S).

    The bins lie between the middles of neighbouring samples, so the first and last weight have none (as published).
    """
    middles = 0.5 * (places[:, 1:] + places[:, :-1])
    drawn = by_weight(middles, weights[:, 1:-1], count, random)
    return torch.sort(torch.cat([places, drawn], dim=1), dim=1).values
