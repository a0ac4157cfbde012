"""Where the field is: the box, scaled to the network's units, and what the masks leave of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lab.posed.images import PosedImages
from lab.scene import Array

_CELLS = 64  # along the box's longest side
_LOOKS = 64  # places of a ray at which the grid of cells is asked
_TINY = 1e-9
_SPARE = 2  # pixels by which masks grow: cameras and masks are never exact


class Space:
    """Network units: the box's middle is 0, half of its longest side is 1.

    hull: (X, Y, Z) bool on the box, the cells that no mask rules out; None without masks.
    """

    def __init__(self, images: PosedImages, device: torch.device, carved: bool) -> None:
        lower, upper = np.asarray(images.lower, np.float64), np.asarray(images.upper, np.float64)
        self.middle = (lower + upper) / 2
        self.half = float((upper - lower).max()) / 2
        corner = (upper - lower) / (2 * self.half)
        self.upper = torch.tensor(corner, dtype=torch.float32, device=device)
        self.lower = -self.upper
        self.hull: Tensor | None = None
        if carved and images.alphas is not None:
            hull = _carve(images, lower, upper, device)
            self.hull = hull if bool(hull.any()) else None
            self._rimmed = functional.pad(hull, (1, 1, 1, 1, 1, 1)).flatten()

    def to_units(self, points: Array) -> Array:
        """(..., 3) metres, world, to network units."""
        return (points - self.middle) / self.half

    def to_world(self, points: Array) -> Array:
        """(..., 3) network units to metres, world."""
        return points * self.half + self.middle

    def span(self, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Where rays enter and leave the box, or the part of it that the hull has, each (R,), units; equal if never."""
        near, far = self._box(origins, directions)
        if self.hull is None:
            return near, far
        share = (torch.arange(_LOOKS, device=near.device) + 0.5) / _LOOKS
        along = near[:, None] + (far - near)[:, None] * share
        inside = self._looked_up(origins, directions, along) & (far > near)[:, None]
        half = (far - near) / (2 * _LOOKS)
        first = torch.where(inside, along, torch.inf).amin(dim=1) - half
        last = torch.where(inside, along, -torch.inf).amax(dim=1) + half
        hit = inside.any(dim=1)
        return torch.where(hit, first, near), torch.where(hit, last, near)

    def occupied(self, points: Tensor) -> Tensor:
        """Whether points (..., 3), units, are in cells of the hull; in the box, where there is none."""
        if self.hull is None:
            return ((points >= self.lower) & (points <= self.upper)).all(dim=-1)
        return self._looked_up(points.reshape(-1, 3), torch.zeros(1, 3, device=points.device), points.new_zeros(1, 1))[
            :, 0
        ].reshape(points.shape[:-1])

    def _looked_up(self, origins: Tensor, directions: Tensor, along: Tensor) -> Tensor:
        """(R, L) bool: whether places (R, L) along rays (R, 3) are in cells of the hull."""
        assert self.hull is not None
        number: Tensor | float = 0.0  # of the cell, in a grid with an empty rim; exact in float32 for 64 cells a side
        for axis, count in enumerate(self.hull.shape):
            scale = count / (self.upper[axis] - self.lower[axis])
            start = (origins[:, axis] - self.lower[axis]) * scale + 1.0
            cell = torch.addcmul(start[:, None], (directions[:, axis] * scale)[:, None], along)
            number = cell.clamp_(0.5, count + 1.5).floor_() + number * (count + 2)
        assert isinstance(number, Tensor)
        return self._rimmed[number.long()]

    def _box(self, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        safe = torch.where(directions.abs() < _TINY, torch.full_like(directions, _TINY), directions)
        a, b = (self.lower - origins) / safe, (self.upper - origins) / safe
        near = torch.minimum(a, b).amax(dim=1).clamp(min=0.0)
        return near, torch.maximum(torch.maximum(a, b).amin(dim=1), near)


def _carve(images: PosedImages, lower: Array, upper: Array, device: torch.device) -> Tensor:
    """The cells that no mask rules out: the visual hull, a little wider. Cells outside a picture are not ruled out."""
    edge = float((upper - lower).max()) / _CELLS
    counts = np.maximum(1, np.round((upper - lower) / edge).astype(int))
    axes = [low + (np.arange(n) + 0.5) * (high - low) / n for low, high, n in zip(lower, upper, counts, strict=True)]
    centers = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    points = torch.tensor(centers, dtype=torch.float32, device=device)
    hull = torch.ones(len(points), dtype=torch.bool, device=device)
    assert images.alphas is not None
    for camera, alpha in zip(images.cameras, images.alphas, strict=True):
        w2c = torch.tensor(camera.w2c, dtype=torch.float32, device=device)
        seen = points @ w2c[:3, :3].T + w2c[:3, 3]
        depth = torch.ones_like(seen[:, 2]) if camera.orthographic else -seen[:, 2]
        x = (camera.fx * seen[:, 0] / depth + camera.cx).floor().long()
        y = (-camera.fy * seen[:, 1] / depth + camera.cy).floor().long()
        within = (depth > _TINY) & (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
        nearest = 1.0 if camera.orthographic else max(float(depth.min()), edge)
        reach = int(np.ceil(0.87 * edge * max(camera.fx, camera.fy) / nearest)) + _SPARE  # 0.87: half a cell's diagonal
        mask = grown(torch.tensor(alpha > 0, device=device), min(reach, max(camera.width, camera.height)))
        there = mask[y.clamp(0, camera.height - 1), x.clamp(0, camera.width - 1)]
        hull &= there | ~within
    return hull.reshape(*counts.tolist())


def grown(mask: Tensor, reach: int) -> Tensor:
    """(H, W) bool: the mask and all within ``reach`` pixels of it, along rows and columns."""
    values = mask[None, None].float()
    values = functional.max_pool2d(values, (1, 2 * reach + 1), stride=1, padding=(0, reach))
    values = functional.max_pool2d(values, (2 * reach + 1, 1), stride=1, padding=(reach, 0))
    return values[0, 0] > 0.5
