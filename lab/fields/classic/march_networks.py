"""Networks asked along rays: what a ray sees."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lab.fields.classic.marching import distances, opacities, weights_of
from lab.fields.classic.networks import FieldNetwork
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.sampling import refined, stratified


@dataclass(frozen=True)
class Look:
    """What one network makes of rays: color (R, 3) over nothing, weights and places of the samples (R, S)."""

    color: Tensor
    weights: Tensor
    places: Tensor

    @property
    def opacity(self) -> Tensor:
        """(R,) in [0, 1]."""
        return self.weights.sum(dim=1)


class RayMarcher:
    """Asks the networks along rays. networks: "coarse", and "fine" where sampling is hierarchical."""

    def __init__(self, networks: dict[str, FieldNetwork], options: ClassicOptions) -> None:
        self._networks, self._options = networks, options

    def looks(
        self,
        origins: Tensor,
        directions: Tensor,
        near: Tensor,
        far: Tensor,
        dials: Dials,
        random: torch.Generator | None = None,
    ) -> dict[str, Look]:
        """What "coarse", and "fine" if there is one, see. random: for jitter and noise; without it there is none."""
        options = self._options
        jitter = random if options.jitter else None
        end = None if options.bounds == "near and far" else far
        places = stratified(near, far, options.coarse, jitter)
        found = {"coarse": self._look("coarse", origins, directions, places, end, dials, random)}
        if "fine" in self._networks:
            places = refined(places, found["coarse"].weights.detach(), options.fine, jitter)
            found["fine"] = self._look("fine", origins, directions, places, end, dials, random)
        return found

    def _look(
        self,
        name: str,
        origins: Tensor,
        directions: Tensor,
        places: Tensor,
        end: Tensor | None,
        dials: Dials,
        random: torch.Generator | None,
    ) -> Look:
        network, (rays, samples) = self._networks[name], places.shape
        points = origins[:, None] + places[..., None] * directions[:, None]
        raw, features = network.trunk(points.reshape(-1, 3), dials)
        if random is not None and dials.noise > 0:
            raw = raw + dials.noise * torch.randn(raw.shape, generator=random, device=raw.device)
        logits = network.head(features, directions.repeat_interleave(samples, dim=0), dials)
        density = network.density(raw).reshape(rays, samples)
        length = distances(places, end) if self._options.with_distance else None
        weights, _ = weights_of(opacities(density, length))
        color = (weights[..., None] * torch.sigmoid(logits).reshape(rays, samples, 3)).sum(dim=1)
        return Look(color, weights, places)
