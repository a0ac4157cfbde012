"""The instant field by PyTorch, for a graphics card: the same field, schedule and checkpoints, gradients by autograd.

The kernels' samples, weights and losses (``lab.fields.instant.kernels``) are written here over all rays at once. Sums
on a graphics card have no fixed order, so that runs there repeat only nearly.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab.experiment import State
from lab.fields.instant.grid import Grid
from lab.fields.instant.kernels import DARK
from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.fields.march import STEP
from lab.fields.torch_rays import aim, basis, sky_at, spans
from lab.fields.trainer import weights_of
from lab.posed.images import PosedImages
from lab.scene import Array, Field

_CORNERS = [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
_SIDES = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]


class TorchInstantField(InstantField):
    """A Trainer as ``InstantField``, by PyTorch on ``device``. Checkpoints of either can be restored by the other."""

    def __init__(
        self, images: PosedImages, options: Options | None = None, *, seed: int = 0, device: str = "cuda"
    ) -> None:
        self._device = torch.device(device)
        self._here, self._there = True, False  # whether the arrays, and whether the tensors, are the newest
        super().__init__(images, options, seed=seed)
        self._pixels = self._on(images.pixels)
        self._covers = self._on(self._alphas)

    def _on(self, array: Array) -> Tensor:
        return torch.as_tensor(np.array(array), device=self._device)

    # --- arrays and tensors -----------------------------------------------------------------------------------------

    def _begin(self, grid: Grid) -> None:
        super()._begin(grid)
        self._here, self._there = True, False

    def _upload(self) -> None:
        """Let the tensors be what the arrays are."""
        if self._there:
            return
        grid = self._grid
        self._values, self._means, self._spreads = (self._on(one) for one in (self._packed, self._mean, self._spread))
        self._rows, self._cells = self._on(grid.rows).long(), self._on(grid.cells).bool()
        self._most = self._on(self._heaviest.max(axis=0))
        self._beside = self._on(_neighbours(grid))
        self._there = True

    def _download(self) -> None:
        """Let the arrays be what the tensors are."""
        if self._here:
            return
        self._packed, self._mean, self._spread = (
            one.detach().cpu().numpy() for one in (self._values, self._means, self._spreads)
        )
        self._heaviest[:] = 0
        self._heaviest[0] = self._most.cpu().numpy()
        self._here = True

    def _finer(self) -> None:
        self._download()
        super()._finer()

    def _prune(self) -> None:
        self._download()
        super()._prune()

    def field(self) -> Field:
        """The field as it is; its ``rows`` are the same object until the grid changes."""
        self._download()
        return super().field()

    def state(self) -> State:
        """A checkpoint."""
        self._download()
        return super().state()

    def restore(self, state: State) -> None:
        """Go on from a checkpoint."""
        super().restore(state)
        self._here, self._there = True, False

    # --- a step -----------------------------------------------------------------------------------------------------

    def _back(self, chosen: Array, jitter: Array, ground: Array, live: Any) -> Array:
        self._upload()
        self._values.requires_grad_(True)
        picked = self._on(chosen)
        picture = picked // (self._height * self._width)
        origin, direction = (one.float() for one in aim(self._on(self._views), picked, self._height, self._width))
        motion = torch.zeros((len(self._views), 6), device=self._device, requires_grad=self.options.refine_cameras)
        if self.options.refine_cameras:
            turn, shift = motion[picture, :3], motion[picture, 3:]
            origin = origin + torch.linalg.cross(turn, origin - self._on(self._middle).float()) + shift
            direction = direction + torch.linalg.cross(turn, direction)
        sky = self._on(self._sky).requires_grad_(len(self._sky) > 0 and self._images.alphas is None)
        behind = sky_at(sky, direction) if len(sky) else self._on(ground)
        wanted, cover = self._pixels.reshape(-1, 3)[picked].float() / 255, None
        if len(self._covers):
            cover = self._covers.reshape(-1)[picked].float() / 255
            wanted = cover[:, None] * wanted + (1 - cover[:, None]) * behind.detach()
        color, left, samples = self._march(origin, direction, self._on(jitter))
        error = (color + left[:, None] * behind - wanted).square().sum()
        off = error.new_zeros(()) if cover is None else (1 - left - cover).square().sum()
        color_weight, mask_weight = weights_of(live)
        (color_weight * error + mask_weight * off).backward()
        if sky.grad is not None:
            self._sky_gradients[0] = sky.grad.cpu().numpy()
        if motion.grad is not None:
            self._pose_gradients[0] = motion.grad.cpu().numpy()
        self._here = False
        return np.array([error.item(), off.item(), samples])

    def _march(self, origin: Tensor, direction: Tensor, jitter: Tensor) -> tuple[Tensor, Tensor, int]:
        """Colours (R, 3), the light that is left (R,), and how many samples there were."""
        grid, step = self._grid, STEP * self._grid.edge
        start = (origin - self._on(grid.lower).float()) / grid.edge
        along = direction / grid.edge
        enter, leave = spans(start, along, torch.tensor(grid.cells.shape, device=self._device))
        most = max(1, math.ceil(float((leave - enter).detach().max().clamp(min=0)) / step))
        at = enter[:, None] + (jitter[:, None] + torch.arange(most, device=self._device)) * step
        places = start[:, None] + at[..., None] * along[:, None]
        last = torch.tensor(self._cells.shape, device=self._device) - 1
        cell = places.long().clamp(min=torch.zeros_like(last), max=last)
        there = (at < leave[:, None]) & self._cells[cell[..., 0], cell[..., 1], cell[..., 2]]
        raw, logits = self._sampled(places[there], cell[there], basis(direction, self.options.harmonics), there)
        thick = torch.zeros_like(at).masked_scatter(there, torch.nn.functional.softplus(raw) * (self._scale * step))
        with torch.no_grad():  # a ray ends where next to no light is left
            seen = torch.exp(-(thick.cumsum(dim=1) - thick)) > DARK
        thick = thick * seen
        through = torch.exp(-(thick.cumsum(dim=1) - thick))
        weight = through * (1 - torch.exp(-thick))
        colors = torch.zeros((*at.shape, 3), device=self._device).masked_scatter(there[..., None], logits.sigmoid())
        used = there & seen
        with torch.no_grad():
            x, y, z = cell[used].T
            flat = (x * self._cells.shape[1] + y) * self._cells.shape[2] + z
            self._most.view(-1).scatter_reduce_(0, flat, weight[used], "amax")
            self._touched_rows = torch.zeros(len(self._values), dtype=torch.bool, device=self._device)
            for a, b, c in _CORNERS:
                self._touched_rows[self._rows[x + a, y + b, z + c]] = True
        return (weight[..., None] * colors).sum(dim=1), torch.exp(-thick.sum(dim=1)), int(used.sum())

    def _sampled(self, places: Tensor, cell: Tensor, basis: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Raw densities (M,) and colours before the sigmoid (M, 3), interpolated at places (M, 3) in grid units."""
        part = places - cell
        values = torch.zeros((len(places), self._values.shape[1]), device=self._device)
        for a, b, c in _CORNERS:
            weight = torch.ones(len(places), device=self._device)
            for axis, on in enumerate((a, b, c)):
                weight = weight * (part[:, axis] if on else 1 - part[:, axis])
            rows = self._rows[cell[:, 0] + a, cell[:, 1] + b, cell[:, 2] + c]
            values = values + weight[:, None] * self._values[rows]
        of_ray = there.nonzero()[:, 0]
        logits = (values[:, 1:].reshape(len(places), 3, -1) * basis[of_ray, None]).sum(dim=2)
        return values[:, 0], logits

    def _descend(self, density_rate: float, color_rate: float, density_smooth: float, color_smooth: float) -> None:
        with torch.no_grad():
            self._adam(density_rate, color_rate, density_smooth, color_smooth)

    def _adam(self, density_rate: float, color_rate: float, density_smooth: float, color_smooth: float) -> None:
        assert self._values.grad is not None
        slope = self._values.grad / self.options.rays
        self._values.grad = None
        self._values.requires_grad_(False)
        rows = self._touched_rows.nonzero()[:, 0]
        own, slope, beside = self._values[rows], slope[rows], self._beside[rows]
        smooth = torch.full_like(own[0], color_smooth)
        smooth[0] = density_smooth
        for side in range(len(_SIDES)):
            known = beside[:, side] >= 0
            slope[known] += smooth * (own[known] - self._values[beside[known, side]])
        mean = self._means[rows].lerp(slope, 0.1)
        spread = self._spreads[rows].lerp(slope.square(), 0.01)
        rate = torch.full_like(smooth, color_rate)
        rate[0] = density_rate
        self._means[rows], self._spreads[rows] = mean, spread
        self._values[rows] = own - rate * mean / (spread.sqrt() + 1e-10)


def _neighbours(grid: Grid) -> Array:
    """(N, 6) int64: the rows beside each vertex, -1 where there is none."""
    padded = np.pad(grid.rows, 1, constant_values=-1)
    x, y, z = grid.places.astype(np.int64).T + 1
    return np.stack([padded[x + i, y + j, z + k] for i, j, k in _SIDES], axis=1).astype(np.int64)
