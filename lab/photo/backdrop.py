"""The background of a photo as a smooth surface of colour: a wall is seldom lit evenly, and lenses darken corners."""

from __future__ import annotations

import numpy as np

from lab.scene import Array

_ROWS = 256  # at a time
_MOST = 2000  # pixels of the border that are looked at
_SCALE = 10.0  # of the residuals: those of several times as much do not count
_STAGES = ((3, 10), (6, 15))  # how many terms of the surface, and how often it is fitted with them
_BINS = 16  # a channel


def backdrop(places: Array) -> Array:
    """The surface of second degree through the colours of the border, (6, 3): of 1, x, y, x², x y, y² in [-1, 1].

    places: (H, W, 3) float32, see lab.photo.colors.coordinates. A robust fit: least squares, reweighted with Welsch's
    function, first of a plane. It begins with the most frequent colour and with that of each side, and the surface that
    most of the border is near to is taken, so that an object may reach over less than half of it.
    """
    height, width = places.shape[:2]
    sides = [places[0], places[-1], places[:, 0], places[:, -1]]
    starts = [np.median(side, axis=0) for side in sides]
    colors = np.concatenate(sides).astype(np.float64)
    step = -(-len(colors) // _MOST)
    colors = colors[::step]
    basis = _basis(*(values[::step].astype(np.float64) for values in _border_places(height, width)))
    low, high = colors.min(axis=0), colors.max(axis=0)
    spread = np.maximum(high - low, 1e-6)
    starts.append(low + spread * _mode((colors - low) / spread))
    fits = [_fit(colors, basis, start) for start in starts]
    return max(fits, key=lambda fit: fit[1])[0].astype(np.float32)


def _fit(colors: Array, basis: Array, start: Array) -> tuple[Array, float]:
    """The surface (6, 3) that grows out of one colour, and how much of the border is near to it."""
    surface = np.zeros((6, 3))
    surface[0] = start
    for terms, rounds in _STAGES:
        for _ in range(rounds):
            weighted = (basis[:, :terms] * _weights(colors - basis @ surface)[:, None]).T
            # of the normal equations, as few as they are; lstsq, because a border of one row has no slope across it
            surface[:terms] = np.linalg.lstsq(weighted @ basis[:, :terms], weighted @ colors, rcond=1e-9)[0]
    return surface, float(_weights(colors - basis @ surface).sum())


def _weights(apart: Array) -> Array:
    """Welsch's weights of residuals (N, 3)."""
    return np.exp(-np.einsum("ij,ij->i", apart, apart) / _SCALE**2)


def near_backdrop(places: Array, surface: Array, tolerance: float) -> Array:
    """(H, W) bool: which of ``places`` (H, W, 3) lie at most ``tolerance`` from the surface."""
    height, width = places.shape[:2]
    across = _spread(width)
    result = np.empty((height, width), bool)
    for row in range(0, height, _ROWS):
        down = _spread(height)[row : row + _ROWS]
        grid_down, grid_across = np.meshgrid(down, across, indexing="ij")
        apart = places[row : row + _ROWS] - _basis(grid_across, grid_down) @ surface
        result[row : row + _ROWS] = np.einsum("ijk,ijk->ij", apart, apart) <= tolerance * tolerance
    return result


def _basis(x: Array, y: Array) -> Array:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _spread(count: int) -> Array:
    return np.linspace(-1, 1, count, dtype=np.float32) if count > 1 else np.zeros(1, np.float32)


def _border_places(height: int, width: int) -> tuple[Array, Array]:
    """x and y in [-1, 1] of the pixels of the border, in the order of its sides: top, bottom, left, right."""
    across, down = _spread(width), _spread(height)
    left, right = np.full(height, across[0]), np.full(height, across[-1])
    top, bottom = np.full(width, down[0]), np.full(width, down[-1])
    return np.concatenate([across, across, left, right]), np.concatenate([top, bottom, down, down])


def _mode(colors: Array) -> Array:
    """The most frequent of colours (N, 3) in [0, 1]."""
    bins = np.minimum((colors * _BINS).astype(np.int64), _BINS - 1)
    codes = (bins[:, 0] * _BINS + bins[:, 1]) * _BINS + bins[:, 2]
    middle = bins[np.flatnonzero(codes == np.bincount(codes).argmax())[0]]
    near = (np.abs(bins - middle) <= 1).all(axis=1)
    return colors[near].mean(axis=0)
