"""Rays by PyTorch: what the fields that are trained on a graphics card share."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def aim(views: Tensor, chosen: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Origins and unit directions (R, 3) float64, world, of the pixels ``chosen``, counted through all pictures.

    views: (N, 16) float64, as ``lab.fields.rays.view_numbers`` has them.
    """
    view, rest = views[chosen // (height * width)], chosen % (height * width)
    x = (rest % width + 0.5 - view[:, 14]) / view[:, 12]
    y = -(rest // width + 0.5 - view[:, 15]) / view[:, 13]
    local = torch.stack([x, y, -torch.ones_like(x)], dim=1)
    directions = (view[:, :9].reshape(-1, 3, 3) @ local[..., None])[..., 0]
    return view[:, 9:12], directions / directions.norm(dim=1, keepdim=True)


def spans(start: Tensor, along: Tensor, far: Tensor) -> tuple[Tensor, Tensor]:
    """(R,) each: where rays (R, 3) in cells enter and leave the box from 0 to ``far``; the same where they miss it."""
    safe = torch.where(along.abs() < 1e-12, 1e-12, along)
    a, b = -start / safe, (far - start) / safe
    near = torch.minimum(a, b).amax(dim=1).clamp(min=0)
    return near, torch.maximum(torch.maximum(a, b).amin(dim=1), near)


def basis(directions: Tensor, terms: int) -> Tensor:
    """(M, terms): the spherical harmonics of unit directions (M, 3), as ``lab.scene.Field`` has them."""
    x, y, z = directions.unbind(-1)
    found = [torch.ones_like(x), x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]
    return torch.stack(found[:terms], dim=1)


def sky_at(sky: Tensor, directions: Tensor) -> Tensor:
    """(R, 3) float32: a panorama (H, W, 3) in unit directions, as ``march_kernels.sky_corners`` looks it up."""
    height, width = sky.shape[:2]
    x, y, z = directions.unbind(-1)
    row = torch.acos(y.clamp(-1, 1)) / math.pi * height - 0.5
    column = (torch.atan2(x, z) / (2 * math.pi) + 0.5) * width - 0.5
    upper, left = row.floor(), column.floor()
    total = directions.new_zeros((len(directions), 3), dtype=torch.float32)
    for down in (0, 1):
        for right in (0, 1):
            part = (row - upper if down else upper + 1 - row) * (column - left if right else left + 1 - column)
            at_row = (upper.long() + down).clamp(0, height - 1)
            total = total + part.float()[:, None] * sky[at_row, (left.long() + right) % width]
    return total
