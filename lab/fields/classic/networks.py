"""The networks: the one of the paper, and the course's smaller one."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from lab.fields.classic.encoding import Encoding
from lab.fields.classic.options import COURSE_FIRST, COURSE_FREQUENCIES, ClassicOptions, Dials

_COURSE_WIDTH = 256
_COURSE_BIAS = -1.5
_BETA = 10.0  # of the course's softplus


class FieldNetwork(Protocol):
    """What both networks offer."""

    places: Encoding
    directions: Encoding

    def trunk(self, points: Tensor, dials: Dials) -> tuple[Tensor, Tensor]:
        """For points (N, 3): the number (N,) that becomes the density, and features (N, W) for the colour."""
        ...

    def density(self, raw: Tensor) -> Tensor:
        """What that number becomes: at least 0."""
        ...

    def head(self, features: Tensor, directions: Tensor, dials: Dials) -> Tensor:
        """The colour (N, 3) before its sigmoid, for unit directions (N, 3)."""
        ...


class OriginalNetwork(nn.Module):
    """The network of Mildenhall and others (2020), figure 7: ``depth`` layers of ``width``; the encoded point enters
    a second time at the middle, the direction near the end. With 8 layers of 256: 595,844 parameters.

    Weights begin as Keras has them (Glorot and Bengio 2010), biases with 0.
    """

    def __init__(self, options: ClassicOptions) -> None:
        super().__init__()
        width = options.width
        self.places = Encoding(options.frequencies)
        self.directions = Encoding(options.direction_frequencies)
        self._again = options.depth // 2 + 1  # the layer that gets the point once more: the sixth of eight
        self._softplus = options.density == "softplus"
        inputs = [self.places.width] + [width] * (options.depth - 1)
        if self._again < options.depth:
            inputs[self._again] += self.places.width
        self.layers = nn.ModuleList(nn.Linear(count, width) for count in inputs)
        self.to_density = nn.Linear(width, 1)
        self.to_features = nn.Linear(width, width)
        self.mixed = nn.Linear(width + self.directions.width, width // 2)
        self.to_color = nn.Linear(width // 2, 3)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.constant_(self.to_density.bias, options.density_bias)

    def trunk(self, points: Tensor, dials: Dials) -> tuple[Tensor, Tensor]:
        """See FieldNetwork."""
        encoded = self.places(points, dials.frequencies)
        hidden = encoded
        for number, layer in enumerate(self.layers):
            if number == self._again:
                hidden = torch.cat([encoded, hidden], dim=-1)
            hidden = functional.relu(layer(hidden))
        return self.to_density(hidden)[:, 0], self.to_features(hidden)

    def density(self, raw: Tensor) -> Tensor:
        """See FieldNetwork."""
        return functional.softplus(raw) if self._softplus else functional.relu(raw)

    def head(self, features: Tensor, directions: Tensor, dials: Dials) -> Tensor:
        """See FieldNetwork."""
        encoded = _encoded_directions(self.directions, directions, dials)
        return self.to_color(functional.relu(self.mixed(torch.cat([features, encoded], dim=-1))))


class CourseNetwork(nn.Module):
    """The course's network: 317,188 parameters, softplus everywhere, 360 features of the place and of the direction."""

    def __init__(self) -> None:
        super().__init__()
        self.places = Encoding(COURSE_FREQUENCIES, COURSE_FIRST, with_input=False)
        self.directions = Encoding(COURSE_FREQUENCIES, COURSE_FIRST, with_input=False)
        self.first = nn.Linear(self.places.width, _COURSE_WIDTH)
        self.second = nn.Linear(_COURSE_WIDTH, _COURSE_WIDTH)
        self.to_density = nn.Linear(_COURSE_WIDTH, 1)
        self.mixed = nn.Linear(_COURSE_WIDTH + self.directions.width, _COURSE_WIDTH)
        self.to_color = nn.Linear(_COURSE_WIDTH, 3)
        nn.init.constant_(self.to_density.bias, _COURSE_BIAS)

    def trunk(self, points: Tensor, dials: Dials) -> tuple[Tensor, Tensor]:
        """See FieldNetwork."""
        hidden = functional.softplus(self.first(self.places(points, dials.frequencies)), _BETA)
        features = functional.softplus(self.second(hidden), _BETA)
        return self.to_density(features)[:, 0], features

    def density(self, raw: Tensor) -> Tensor:
        """See FieldNetwork."""
        return functional.softplus(raw, _BETA)

    def head(self, features: Tensor, directions: Tensor, dials: Dials) -> Tensor:
        """See FieldNetwork."""
        encoded = _encoded_directions(self.directions, directions, dials)
        return self.to_color(functional.softplus(self.mixed(torch.cat([features, encoded], dim=-1)), _BETA))


def make_networks(options: ClassicOptions, seed: int) -> nn.ModuleDict:
    """The run's networks on the CPU: "coarse", and "fine" with hierarchical sampling. Equal seeds give equal ones."""
    names = ("coarse", "fine") if options.hierarchical else ("coarse",)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.ModuleDict(
            {name: CourseNetwork() if options.network == "course" else OriginalNetwork(options) for name in names}
        )


def parameter_count(network: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(parameter.numel() for parameter in network.parameters())


def _encoded_directions(encoding: Encoding, directions: Tensor, dials: Dials) -> Tensor:
    if not dials.view_dependence:
        return directions.new_zeros((len(directions), encoding.width))
    encoded: Tensor = encoding(directions, dials.direction_frequencies)
    return encoded
