"""How much of the light from outside reaches each vertex of a grid."""

from __future__ import annotations

from itertools import product

import numpy as np

from lab.scene import Array

SIDES = 5
"""From so many sides light must reach what is outside. One alone would let it in through a hole that no picture saw."""

_WAYS = tuple(way for way in product((-1, 0, 1), repeat=3) if any(way))
"""The 26 ways from a vertex to its neighbours."""


def optical_depths(sigma: Array, edge: Array, sides: int = SIDES) -> Array:
    """(X, Y, Z) float32: the integral of the density from outside the grid to each vertex.

    sigma: (X, Y, Z) float32, per metre. edge: (3,), metres, from one vertex to the next. Light comes straight from 26
    sides. From ``sides`` of them the depth is at most what is returned, so that exp(-depth) of their light arrives.
    """
    least = [np.full(sigma.shape, np.inf, np.float32) for _ in range(sides)]
    for way in _WAYS:
        depth = _swept(sigma, edge, way)
        for kept in least:  # in order, the smallest first: each takes the smaller one, and hands on the larger
            larger = np.maximum(kept, depth)
            np.minimum(kept, depth, out=kept)
            depth = larger
    return least[-1]


def _swept(sigma: Array, edge: Array, way: tuple[int, ...]) -> Array:
    """(X, Y, Z) float32: the depths of light that goes one way, carried from layer to layer.

    By the rule of trapezoids each vertex has half a step before it and half behind it.
    """
    axis = next(a for a in range(3) if way[a])
    layers = slice(None, None, way[axis])
    half = np.float32(0.5 * np.linalg.norm(np.array(way) * edge))
    (to_row, from_row), (to_column, from_column) = (_shifted(way[a]) for a in range(3) if a != axis)
    out = np.empty_like(sigma)
    depth = np.zeros(np.delete(sigma.shape, axis), np.float32)
    for here, arrived in zip(np.moveaxis(sigma, axis, 0)[layers], np.moveaxis(out, axis, 0)[layers], strict=True):
        share = half * here
        np.add(depth, share, out=arrived)
        moved = np.zeros_like(depth)  # from outside the grid comes all of the light
        moved[to_row, to_column] = (arrived + share)[from_row, from_column]
        depth = moved
    return out


def _shifted(step: int) -> tuple[slice, slice]:
    """Where to, and where from, to move entries by ``step`` along an axis."""
    return slice(max(step, 0), min(step, 0) or None), slice(max(-step, 0), min(-step, 0) or None)
