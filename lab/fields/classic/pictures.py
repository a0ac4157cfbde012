"""The training pictures, and the rays that a step draws from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lab.cameras.model import CameraModel
from lab.fields.classic.options import ClassicOptions
from lab.fields.classic.space import Space, grown
from lab.posed.images import PosedError, PosedImages

_SMALLEST = 16  # pixels: smaller pictures are not made
_SHARE = 0.5  # of the rays are on the object, when others are drawn, too
_RIM = 0.03  # of a picture's longer side: how much of what surrounds the object belongs to it


@dataclass(frozen=True)
class Rays:
    """Rays in network units: origins, unit directions (R, 3); near, far (R,) along them; what their pixels show.

    color: (R, 3), mixed with nothing where an alpha (R,) is known.
    """

    origins: Tensor
    directions: Tensor
    near: Tensor
    far: Tensor
    color: Tensor
    alpha: Tensor | None

    def __len__(self) -> int:
        return len(self.near)

    def split(self, parts: int) -> list[Rays]:
        """The same rays in ``parts`` (or fewer), one after the other."""
        size = max(1, -(-len(self) // parts))
        some = [slice(first, first + size) for first in range(0, len(self), size)]
        return [
            Rays(
                self.origins[part],
                self.directions[part],
                self.near[part],
                self.far[part],
                self.color[part],
                None if self.alpha is None else self.alpha[part],
            )
            for part in some
        ]


class Cameras:
    """Pinhole (or orthographic) cameras as tensors, in network units; ``shrunk`` for smaller pictures."""

    def __init__(self, cameras: tuple[CameraModel, ...], space: Space, device: torch.device) -> None:
        def tensor(values: object) -> Tensor:
            return torch.tensor(np.asarray(values), dtype=torch.float32, device=device)

        self.turn = tensor([camera.rotation for camera in cameras])
        self.center = tensor([space.to_units(camera.center) for camera in cameras])
        self.inside = tensor([[c.fx, c.fy, c.cx, c.cy] for c in cameras])
        self._flat = tensor([float(c.orthographic) for c in cameras])[:, None]
        self._scale = space.half

    def rays(self, which: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Origins, unit directions (R, 3), and the distance along each ray for one unit along the optical axis, (R,).

        which: (R,) int; x, y: (R,) pixels, of the pictures as they were given.
        """
        fx, fy, cx, cy = self.inside[which].unbind(dim=1)
        flat, turn = self._flat[which], self.turn[which]
        across = torch.stack([(x - cx) / fx, (cy - y) / fy, torch.zeros_like(x)], dim=1)
        forward = torch.tensor([0.0, 0.0, -1.0], device=x.device)
        plane = across * (1.0 - flat) + forward
        length = plane.norm(dim=1)
        directions = torch.einsum("rij,rj->ri", turn, plane / length[:, None])
        shift = torch.einsum("rij,rj->ri", turn, across * flat / self._scale)
        return self.center[which] + shift, directions, length


class Pictures:
    """The training pictures on the device, at full size and, for the first steps, smaller.

    Raises PosedError when there is none.
    """

    def __init__(self, images: PosedImages, options: ClassicOptions, space: Space, device: torch.device) -> None:
        if not len(images):
            raise PosedError("There is no picture to train on: hold out fewer of them.")
        self._options, self._space = options, space
        self.cameras = Cameras(images.cameras, space, device)
        self.size = images.pixels.shape[1:3]
        pixels = torch.tensor(images.pixels, device=device)
        alphas = None if images.alphas is None else torch.tensor(images.alphas, device=device)
        self.levels = [_Level(pixels, alphas, 1)]
        for factor in (2, 4) if options.first_sizes > 0 else ():
            if min(self.size) // factor >= _SMALLEST:
                self.levels.append(_Level(pixels, alphas, factor))

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return self.levels[0].count

    def level_at(self, step: int) -> int:
        """Which size step ``step`` (from 0) looks at: 0 is the full one, 1 half of it."""
        if len(self.levels) == 1:
            return 0
        return max(0, len(self.levels) - 1 - step // self._options.first_sizes)

    def draw(self, step: int, random: torch.Generator) -> Rays:
        """The rays of a step; those that miss the space are left out (none of them may be left)."""
        options, level = self._options, self.levels[self.level_at(step)]
        which = self._chosen(options.rays, random)
        device = which.device
        if options.between_pixels:
            x = torch.rand(len(which), generator=random, device=device) * level.width
            y = torch.rand(len(which), generator=random, device=device) * level.height
        else:
            column, row = self._pixels(level, which, random)
            x, y = column + 0.5, row + 0.5
        color, alpha = level.look(which, x, y)
        rows, columns = self.size
        return self._within(which, x * (columns / level.width), y * (rows / level.height), color, alpha)

    def _within(self, which: Tensor, x: Tensor, y: Tensor, color: Tensor, alpha: Tensor | None) -> Rays:
        options, space = self._options, self._space
        origins, directions, length = self.cameras.rays(which, x, y)
        if options.bounds == "near and far":
            near, far = length * (options.near / space.half), length * (options.far / space.half)
            return Rays(origins, directions, near, far, color, alpha)
        near, far = space.span(origins, directions)
        hit = far > near
        alpha = None if alpha is None else alpha[hit]
        return Rays(origins[hit], directions[hit], near[hit], far[hit], color[hit], alpha)

    def _chosen(self, rays: int, random: torch.Generator) -> Tensor:
        """(R,) int: the picture of each ray."""
        device, several = self.cameras.center.device, self._options.pictures
        if several == 0 or several >= self.count:
            return torch.randint(self.count, (rays,), generator=random, device=device)
        some = torch.randperm(self.count, generator=random, device=device)[:several]
        return some.repeat_interleave(-(-rays // several))[:rays]

    def _pixels(self, level: _Level, which: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """(Column, row) of each ray's pixel, floats."""
        share = torch.rand((3, len(which)), generator=random, device=which.device)
        area = level.width * level.height
        index = (share[0] * area).long().clamp(max=area - 1)
        if self._options.pixels == "on the object" and level.first is not None:
            first, count = level.first[which], level.first[which + 1] - level.first[which]
            chosen = (first + (share[1] * count).long()).clamp(max=len(level.there) - 1)
            everything = self._options.bounds == "object" and self._space.hull is not None
            on = (count > 0) & (torch.ones_like(share[2], dtype=torch.bool) if everything else share[2] < _SHARE)
            index = torch.where(on, level.there[chosen], index)
        return (index % level.width).float(), (index // level.width).float()


class _Level:
    """All pictures at a size: the full one divided by ``factor``."""

    def __init__(self, pixels: Tensor, alphas: Tensor | None, factor: int) -> None:
        self.count = len(pixels)
        self.height, self.width = pixels.shape[1] // factor, pixels.shape[2] // factor
        if factor > 1:
            pixels, alphas = _smaller(pixels, alphas, factor)
        self.pixels, self.alphas = pixels, alphas
        self.first: Tensor | None = None  # (N + 1,) where each picture's pixels begin in ``there``
        if alphas is not None:
            reach = max(1, round(_RIM * max(self.height, self.width)))
            found = [grown(alpha > 0, reach).flatten().nonzero()[:, 0] for alpha in alphas]
            self.there = torch.cat(found)
            counts = torch.tensor([0] + [len(some) for some in found], device=pixels.device)
            self.first = counts.cumsum(0) if len(self.there) else None

    def look(self, which: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor | None]:
        """Colour (R, 3) and alpha (R,) at places in pixels, linear between the pixels' centres."""
        column, row = x - 0.5, y - 0.5
        left, top = column.floor(), row.floor()
        color: Tensor | float = 0.0
        cover: Tensor | float = 0.0
        for down in (0, 1):
            for right in (0, 1):
                part = (1 - (row - top - down).abs()) * (1 - (column - left - right).abs())
                i = (top.long() + down).clamp(0, self.height - 1)
                j = (left.long() + right).clamp(0, self.width - 1)
                alpha = None if self.alphas is None else part * self.alphas[which, i, j] / 255.0
                color = color + (part if alpha is None else alpha)[:, None] * self.pixels[which, i, j] / 255.0
                cover = cover + (0.0 if alpha is None else alpha)
        assert isinstance(color, Tensor)
        if not isinstance(cover, Tensor):
            return color, None
        return color / cover.clamp(min=1e-4)[:, None], cover


def _smaller(pixels: Tensor, alphas: Tensor | None, factor: int) -> tuple[Tensor, Tensor | None]:
    """Means over squares; colours count as much as their alphas."""
    cover = torch.ones_like(pixels[..., 0], dtype=torch.float32) if alphas is None else alphas / 255.0
    premixed = (pixels * cover[..., None]).permute(0, 3, 1, 2)
    color = functional.avg_pool2d(premixed, factor)
    share = functional.avg_pool2d(cover[:, None], factor)
    color = (color / share.clamp(min=1e-4)).permute(0, 2, 3, 1)
    mean = None if alphas is None else (share[:, 0] * 255.0).round().byte()
    return color.round().clamp(0, 255).byte(), mean
