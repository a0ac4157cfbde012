"""The hashed field by PyTorch, for CUDA: the same field, loss and steps as the kernels, gradients by autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab.cameras.model import CameraModel
from lab.fields.hashed import network as layout
from lab.fields.hashed.adam import MEAN, SPREAD, TINY
from lab.fields.hashed.encoding import PRIMES
from lab.fields.hashed.network import HIGHEST, MOST_LEVELS
from lab.fields.hashed.occupancy import Look
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.rays import Space
from lab.fields.hashed.train_kernels import DARK, DIM
from lab.fields.hashed.trainer import SKY_RATE, VIEW_DARK, HashedField
from lab.fields.rays import rays_of
from lab.fields.torch_rays import aim, basis, sky_at, spans
from lab.fields.trainer import Seen, weights_of
from lab.posed.images import PosedImages
from lab.scene import Array

_LOOKS = 1 << 18  # points at a time
_TILE = 1 << 15  # rays of a view at a time
_FAINT = 1e-3


class TorchNetwork:
    """Encoding and networks of ``lab.fields.hashed.network`` as tensors. table (E, 2), matrices: need gradients."""

    def __init__(self, options: HashOptions, table: Array, vector: Array, device: torch.device) -> None:
        self._options = options
        resolutions = layout.resolutions_of(options)
        self.used = MOST_LEVELS
        self._resolutions: list[int] = resolutions.tolist()
        self._offsets: list[int] = layout.offsets_of(resolutions, options.table_bits).tolist()
        self.table = torch.tensor(table, device=device, requires_grad=True)
        self.vector = torch.tensor(vector, device=device, requires_grad=True)
        corners = [[corner >> 2, (corner >> 1) & 1, corner & 1] for corner in range(8)]
        self._corners = torch.tensor(corners, device=device)

    def matrices(self) -> list[Tensor]:
        """Views of ``vector`` as the five matrices."""
        shapes = layout.shapes_of(self._options)
        parts = self.vector.split([rows * columns for rows, columns in shapes])
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def encode(self, points: Tensor) -> Tensor:
        """(M, I) for points (M, 3) in the unit cube, filled up with zeros as the first matrix needs."""
        found = []
        for level, cells in enumerate(self._resolutions[: self.used]):
            at = points * cells
            low = at.long().clamp(max=cells - 1)
            share = (at - low)[:, None]  # (M, 1, 3)
            parts = torch.where(self._corners.bool(), share, 1 - share).prod(dim=2)
            rows = self._entries(level, low[:, None] + self._corners)
            found.append((parts[..., None] * self.table[rows]).sum(dim=1))
        missing = layout.shapes_of(self._options)[0][1] - self._options.features * len(found)
        return torch.cat([*found, points.new_zeros((len(points), missing))], dim=1)

    def _entries(self, level: int, vertices: Tensor) -> Tensor:
        first, size = self._offsets[level], self._offsets[level + 1] - self._offsets[level]
        side = self._resolutions[level] + 1
        i, j, k = vertices.unbind(-1)
        if side**3 <= size:
            return first + (i * side + j) * side + k
        mixed = (i * PRIMES[0]) ^ (j * PRIMES[1]) ^ (k * PRIMES[2])  # the lowest bits are those of 32-bit numbers
        return first + (mixed & (size - 1))

    def codes(self, points: Tensor) -> Tensor:
        """(M, CODE): what the density's network says."""
        inner, outer = self.matrices()[:2]
        return torch.relu(self.encode(points) @ inner.T) @ outer.T

    def colors(self, codes: Tensor, directions: Tensor) -> Tensor:
        """(M, 3) in [0, 1] for unit directions (M, 3)."""
        first, second, last = self.matrices()[2:]
        inputs = torch.cat([basis(directions, self._options.harmonics), codes], dim=1)
        inputs = torch.nn.functional.pad(inputs, (0, first.shape[1] - inputs.shape[1]))
        hidden = torch.relu(torch.relu(inputs @ first.T) @ second.T)
        return torch.sigmoid(hidden @ last[:3].T)


class TorchHashedField(HashedField):
    """A Trainer as ``HashedField``, by PyTorch on ``device``. Checkpoints of either can be restored by the other."""

    def __init__(
        self,
        images: PosedImages,
        options: HashOptions | None = None,
        *,
        seed: int = 0,
        device: str = "cuda",
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._device = torch.device(device)
        super().__init__(images, options, seed=seed, pause=pause)
        self._on_device = [torch.tensor(array, device=self._device) for array in self._pictures]

    # --- a step -----------------------------------------------------------------------------------------------------

    def _learn(self, table: Array, vector: Array) -> None:
        super()._learn(table, vector)
        self._net = TorchNetwork(self.options, table, vector, self._device)
        self._net.used = self.used
        self._sky_map = self._tensor(self._sky).requires_grad_()
        self._lit_map = torch.zeros(self._lit.shape[1:], device=self._device, dtype=torch.uint8)
        self._torch_moments: list[Tensor] | None = None

    def use_levels(self, count: int) -> None:
        """See ``HashedField``."""
        super().use_levels(count)
        self._net.used = count

    def _back(self, chosen: Array, jitter: Array, ground: Array, live: Any) -> Array:
        views, pixels, alphas = self._on_device
        height, width = pixels.shape[1:3]
        picked = torch.as_tensor(chosen, device=self._device)
        origins, directions = aim(views, picked, height, width)
        behind = self._tensor(ground) if not len(self._sky) else sky_at(self._sky_map, directions)
        shown = pixels.reshape(-1, 3)[picked].float() / 255
        cover = alphas.reshape(-1)[picked].float() / 255 if len(alphas) else torch.ones_like(shown[:, 0])
        standing = behind.detach() if len(alphas) else behind
        wanted = cover[:, None] * shown + (1 - cover[:, None]) * standing.detach()
        seen, opacity, _, samples, lit = self._march(self.space, origins, directions, self._tensor(jitter), DARK)
        color = ((seen + (1 - opacity)[:, None] * standing - wanted) ** 2).sum()
        mask = ((opacity - cover) ** 2).sum() if len(alphas) else color * 0
        weights = weights_of(live)
        ((weights[0] * color + weights[1] * mask) / len(chosen)).backward()  # type: ignore[no-untyped-call]
        last = torch.tensor(self._lit_map.shape, device=self._device) - 1
        self._lit_map[torch.minimum((lit / self.space.unit).long(), last).unbind(-1)] = 1
        return np.array([float(color.detach()), float(mask.detach()), samples, samples])

    def _march(
        self, space: Space, origins: Tensor, directions: Tensor, jitter: Tensor, dark: float
    ) -> tuple[Tensor, Tensor, Tensor, int, Tensor]:
        """Colour (R, 3), opacity (R,), sum of weight times distance (R,), samples, and the lit points (M, 3)."""
        cells = torch.as_tensor(space.cells, device=self._device)
        lower = self._tensor(space.lower, torch.float64)
        far = self._tensor(np.array(space.cells.shape, float), torch.float64)
        start, along = (origins - lower) * space.inverse, directions * space.inverse
        near, leave = spans(start, along, far)
        count = max(1, int(np.ceil(float((leave - near).max()) / space.step)) + 1)
        at = near[:, None] + (jitter[:, None] + torch.arange(count, device=self._device)) * space.step
        place = start[:, None] + at[..., None] * along[:, None]  # (R, S, 3) in cells
        i, j, k = torch.minimum(place.long().clamp(min=0), far.long() - 1).unbind(-1)
        there = (at < leave[:, None]) & (cells[i, j, k] > 0)
        points = (place[there] * space.unit).clamp(0, 1).float()
        codes = self._net.codes(points)
        thick = torch.exp(codes[:, 0].clamp(max=HIGHEST)) * (space.scale * space.step)
        tau = torch.zeros(there.shape, device=self._device, dtype=thick.dtype).masked_scatter(there, thick)
        light = torch.exp(-(tau.cumsum(dim=1) - tau)).detach()
        reached = light > dark
        tau = tau * reached
        left = torch.exp(-tau.cumsum(dim=1))
        weight = torch.cat([torch.ones_like(left[:, :1]), left[:, :-1]], dim=1) - left
        used = reached[there]
        rays = there.nonzero()[:, 0][used]
        colors = self._net.colors(codes[used], directions.float()[rays])
        seen = torch.zeros((len(at), 3), device=self._device, dtype=colors.dtype)
        seen = seen.index_add(0, rays, weight[there & reached][:, None] * colors)
        return seen, 1 - left[:, -1], (weight * at).sum(dim=1), len(points), points[light[there] >= DIM]

    def _descend(self, rate: float) -> None:
        if self._torch_moments is None:
            moments = (*self._table_moments, *self._moments, *self._sky_moments)
            self._torch_moments = [self._tensor(moment) for moment in moments]
        rates = (self.options.table_rate, self.options.network_rate, SKY_RATE)
        with torch.no_grad():
            for number, values in enumerate((self._net.table, self._net.vector, self._sky_map)):
                mean, spread = self._torch_moments[2 * number : 2 * number + 2]
                slope = values.grad
                if slope is None:
                    continue
                moved = slope != 0 if number == 0 else torch.ones_like(slope, dtype=torch.bool)
                mean += torch.where(moved, (1 - MEAN) * (slope - mean), 0)
                spread += torch.where(moved, (1 - SPREAD) * (slope * slope - spread), 0)
                values -= torch.where(moved, rate * rates[number] * mean / (spread.sqrt() + TINY), 0)
                values.grad = None
            self._sky_map.clamp_(0, 1)

    def _look_around(self, rng: np.random.Generator) -> None:
        if self.steps % self.options.dark_every == 0:
            self._fetch_lit()
        super()._look_around(rng)

    def _fetch_lit(self) -> None:
        np.maximum(self._lit[0], self._lit_map.cpu().numpy(), out=self._lit[0])
        self._lit_map.zero_()

    def _looker(self) -> Look:
        space = self.space
        shape = space.cells.shape

        def look(chosen: Array, inside: Array) -> Array:
            cells = np.stack(np.unravel_index(chosen, shape), axis=1)
            points = self._tensor((cells + inside) * space.unit)
            with torch.no_grad():
                codes = [self._net.codes(some)[:, 0] for some in points.split(_LOOKS)]
                thick = torch.exp(torch.cat(codes).clamp(max=HIGHEST)) * (space.scale * space.step)
            return np.asarray(thick.cpu().numpy())

        return look

    # --- what there is ----------------------------------------------------------------------------------------------

    def render(self, camera: CameraModel) -> Seen:
        """See ``HashedField``."""
        origins, directions = (self._tensor(array, torch.float64) for array in rays_of(camera))
        ground, space = float(self.options.ground == "white"), self._view_space()
        parts = []
        with torch.no_grad():
            for some, ways in zip(origins.split(_TILE), directions.split(_TILE), strict=True):
                self._pause()
                middle = torch.full((len(some),), 0.5, device=self._device)
                seen, opacity, far, _, _ = self._march(space, some, ways, middle, VIEW_DARK)
                behind = sky_at(self._sky_map, ways) if len(self._sky) else torch.full_like(seen, ground)
                seen = seen + (1 - opacity)[:, None] * behind
                depth = torch.where(opacity > _FAINT, far / opacity, 0)
                parts.append(torch.cat([seen, opacity[:, None], depth[:, None].float()], dim=1).cpu().numpy())
        out = np.concatenate(parts).reshape(camera.height, camera.width, 5)
        return Seen(np.clip(out[..., :3], 0.0, 1.0), out[..., 3], out[..., 4])

    def _sync(self) -> None:
        """Take what was learned on the device over to where the kernels find it."""
        self._table, self._vector = (value.detach().cpu().numpy() for value in (self._net.table, self._net.vector))
        self._sky = self._sky_map.detach().cpu().numpy()
        if self._torch_moments is not None:
            moments = [moment.cpu().numpy() for moment in self._torch_moments]
            self._table_moments, self._moments = np.stack(moments[:2]), np.stack(moments[2:4])
            self._sky_moments = np.stack(moments[4:])
        self._fetch_lit()
        self._ready()

    def _tensor(self, array: Array, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.tensor(array, device=self._device, dtype=dtype)
