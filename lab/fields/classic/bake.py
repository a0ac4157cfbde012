"""A network turned into voxels, so that the viewport can show it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lab.fields.classic.networks import FieldNetwork
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.space import Space
from lab.fields.classic.threads import Threads
from lab.scene import Array, Field

SCALE = 60.0
_FAINT = 0.02  # of light that half a cell must hold back to be kept
_TILE = 4_096
_LOWEST, _HIGHEST = -8.0, 30.0  # raw density
_MOST_LOGIT = 12.0
_DIRECTIONS = 8  # from which colours are looked at
_RIDGE = 0.05  # keeps directions that no camera has near the mean colour


class Baker:
    """Samples a network on the vertices of a grid in the box. viewing: (M, 3) unit directions of the cameras' views."""

    def __init__(self, options: ClassicOptions, space: Space, viewing: Tensor) -> None:
        self._space, self._options = space, options
        corner = space.upper.double().cpu().numpy()
        self._edge = 2.0 / (options.grid - 1)
        counts = np.maximum(2, np.ceil(2 * corner / self._edge - 1e-9).astype(int) + 1)
        self.shape: tuple[int, int, int] = tuple(counts.tolist())
        half = (counts - 1) * self._edge / 2
        self._corners = space.to_world(-half), space.to_world(half)
        axes = [torch.linspace(-h, h, n, device=space.upper.device) for h, n in zip(half, self.shape, strict=True)]
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 3)
        self._candidates = self._there(points)
        self._points = points[self._candidates]
        chosen = torch.linspace(0, len(viewing) - 1, min(_DIRECTIONS, len(viewing)), device=viewing.device)
        self._viewing = viewing[chosen.round().long()]

    @property
    def evaluations(self) -> int:
        """How often the network is asked."""
        return len(self._points)

    def bake(self, network: FieldNetwork, dials: Dials, threads: Threads, pause: Callable[[], None]) -> Field:
        """The field of the network as it is now: density, and colours that follow the direction to the first degree.

        pause: asked between tiles; what it raises is passed on.
        """
        tiles = self._points.split(_TILE)
        densities: list[Tensor] = [torch.empty(0)] * len(tiles)
        features: list[Tensor] = [torch.empty(0)] * len(tiles)

        def ask(number: int) -> None:
            pause()
            with torch.no_grad():
                raw, features[number] = network.trunk(tiles[number], dials)
                densities[number] = network.density(raw)

        threads.share([lambda number=number: ask(number) for number in range(len(tiles))])
        density = self._per_unit(torch.cat(densities))
        kept = self._kept(density)
        color = self._colors(network, dials, torch.cat(features)[kept], threads, pause)
        raw = _raw(density[kept] / self._space.half)
        rows = np.full(self.shape, -1, np.int32)
        rows.reshape(-1)[self._candidates[kept].cpu().numpy()] = np.arange(len(raw), dtype=np.int32)
        lower, upper = self._corners
        return Field(rows, raw, color, lower, upper, SCALE)

    def _there(self, points: Tensor) -> Tensor:
        """Indices of the vertices that touch a cell of the hull, or all of them."""
        if self._space.hull is None:
            return torch.arange(len(points), device=points.device)
        inside = self._space.occupied(points).reshape(1, 1, *self.shape).float()
        return (functional.max_pool3d(inside, 3, stride=1, padding=1).reshape(-1) > 0).nonzero()[:, 0]

    def _per_unit(self, density: Tensor) -> Tensor:
        """What networks without distances say is an opacity for each sample: spread over the way to the next one."""
        options = self._options
        if options.with_distance:
            return density
        return density * ((options.coarse - 1) * self._space.half / (options.far - options.near))

    def _kept(self, density: Tensor) -> Tensor:
        """Indices, of the candidates, of all vertices of cells in which something can be seen; at least one."""
        dense = torch.zeros(np.prod(self.shape).item(), device=density.device)
        dense[self._candidates] = (-torch.expm1(-density * self._edge / 2) > _FAINT).float()
        near = functional.max_pool3d(dense.reshape(1, 1, *self.shape), 3, stride=1, padding=1).reshape(-1)
        kept = (near[self._candidates] > 0).nonzero()[:, 0]
        return kept if len(kept) else torch.zeros(1, dtype=torch.long, device=density.device)

    def _colors(
        self, network: FieldNetwork, dials: Dials, features: Tensor, threads: Threads, pause: Callable[[], None]
    ) -> Array:
        """(N, 3, 4) or, without view dependence, (N, 3, 1) float16."""
        viewing = self._viewing if dials.view_dependence else torch.zeros_like(self._viewing[:1])
        logits = np.empty((len(features), 3, len(viewing)), np.float32)

        def look(first: int, number: int) -> None:
            pause()
            with torch.no_grad():
                some = features[first : first + _TILE]
                found = network.head(some, viewing[number].expand(len(some), 3), dials)
                logits[first : first + _TILE, :, number] = found.clamp(-_MOST_LOGIT, _MOST_LOGIT).cpu().numpy()

        firsts = range(0, len(features), _TILE)
        tasks = [(first, number) for first in firsts for number in range(len(viewing))]
        threads.share([lambda task=task: look(*task) for task in tasks])
        if not dials.view_dependence:
            return logits.astype(np.float16)
        basis = np.concatenate([np.ones((len(viewing), 1)), viewing.cpu().double().numpy()], axis=1)
        ridge = np.diag([0.0, 1.0, 1.0, 1.0]) * _RIDGE * len(basis)
        solve = np.linalg.solve(basis.T @ basis + ridge, basis.T)  # (4, M)
        return np.asarray(logits @ solve.T.astype(np.float32)).astype(np.float16)


def _raw(density: Tensor) -> Array:
    """(N,) float16: what becomes this density (N,), a metre, in a Field: the inverse of SCALE * softplus."""
    share = (density.double().cpu().numpy() / SCALE).clip(1e-9, _HIGHEST)
    raw = np.where(share > _HIGHEST / 2, share, np.log(np.expm1(np.minimum(share, _HIGHEST))))
    return np.asarray(raw.clip(_LOWEST, _HIGHEST).astype(np.float16))
