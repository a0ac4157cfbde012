"""A small box, two cameras and a network in float64, for tests of the kernels."""

from __future__ import annotations

import numpy as np

from lab.fields.hashed.network import Network, first_values, network_of
from lab.fields.hashed.occupancy import blocks_of
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.rays import Pictures, Space
from lab.scene import Array

NO_SKY = np.zeros((0, 1, 3))


def space_of(cells: Array, scale: float = 1.0) -> Space:
    """A box of 2 m from -1 to 1 with these cells, sampled every half cell."""
    edge = 2.0 / cells.shape[0]
    return Space(cells, blocks_of(cells), -np.ones(3), 1 / edge, 0.5 * edge, 1.0 / cells.shape[0], scale)


def values_of(options: HashOptions, seed: int = 3) -> tuple[Array, Array]:
    """(table, vector) float64, with numbers as after some training."""
    table, vector = first_values(options, seed)
    return np.random.default_rng(seed).normal(0.0, 0.7, table.shape), vector.astype(np.float64)


def network(options: HashOptions) -> Network:
    """A network with these values."""
    return network_of(options, *values_of(options))


def pictures(alphas: bool) -> Pictures:
    """Two of 8 x 8 pixels, looking at the box along Z and along X."""
    rng = np.random.default_rng(4)
    turned = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)
    sides = [(np.eye(3), [0.1, 0.05, 3.0]), (turned, [3.0, -0.1, 0.2])]
    views = np.stack([np.concatenate([r.reshape(-1), c, [10.0, 10.0, 4.0, 4.0]]) for r, c in sides])
    covers = rng.integers(0, 256, (2, 8, 8), np.uint8) if alphas else np.zeros((0, 1, 1), np.uint8)
    return Pictures(views, rng.integers(0, 256, (2, 8, 8, 3), np.uint8), covers)
