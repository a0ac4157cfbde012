"""The soft studies' table and plot: the faces of one pixel as numbers that add up, and alpha along its row."""

from __future__ import annotations

import math

import numpy as np

from lab.rendering.edge import alphas, distances, hard, near_line, radius_of
from lab.scene import Array
from lab.shading.probe import PixelProbe
from lab.study import Plot, Table

_COLUMNS = (
    "Face",
    "z",
    "d, px",
    "D",
    "w",
    "w · R",
    "w · G",
    "w · B",
    "Colour",
    "d, NDC²",
    "Affine",
    "Corrected",
)
_AROUND, _FINE = 12, 6  # pixels to either side of the probed one in the plot, and points for each


def center_of(shape: tuple[int, ...], row: int, column: int) -> tuple[float, float]:
    """NDC x (left) and y (up) of a pixel's centre."""
    height, width = shape[:2]
    short = min(height, width)
    return (width - 2 * column - 1) / short, (height - 2 * row - 1) / short


def faces_table(found: PixelProbe) -> Table:
    """One row for each face, one for the background, and their sum, which is the pixel."""
    count = len(found.face)
    nothing = np.full(2, math.nan)
    parts = found.contributions
    whole = found.weight.sum() + found.background_weight
    return Table(
        _COLUMNS,
        (
            (*map(str, found.face), "background", "sum = pixel"),
            np.concatenate([found.z, nothing]),
            np.concatenate([found.pixels, nothing]),
            np.concatenate([found.coverage, [math.nan, found.alpha]]),
            np.concatenate([found.weight, [found.background_weight, whole]]),
            *np.concatenate([parts, [found.rgb]]).T,
            (*map(_triple, found.parts.color), _triple(found.background), ""),
            np.concatenate([found.dist, nothing]),
            (*map(_triple, found.affine), "", ""),
            (*map(_triple, found.corrected), "", ""),
        ),
        hues=np.array([*range(count), -2, -2], np.int32),
        marked=count + 1,
    )


def _triple(values: Array) -> str:
    return "  ".join(f"{value:.3f}" if abs(value) < 100 else f"{value:.2g}" for value in values)


def edge_plot(ndc: Array, faces: Array, shape: tuple[int, ...], row: int, x: float, sigma: float) -> Plot:
    """Alpha along a row of the image about the pixel position x: for sigma, a tenth and ten times of it, and hard."""
    height, width = shape[:2]
    short = min(height, width)
    low, high = max(0.0, math.floor(x) - _AROUND), min(float(width), math.floor(x) + _AROUND + 1)
    at = np.linspace(low, high, round((high - low) * _FINE) + 1)
    across = (width - 2 * at) / short
    up = center_of(shape, row, 0)[1]
    named = {"α at σ / 10": sigma / 10, "α at σ": sigma, "α at 10 σ": sigma * 10}
    near = near_line(ndc, faces, up, (float(across[-1]), float(across[0])), radius_of(10 * sigma))
    found = distances(np.stack([across, np.full_like(across, up)], axis=1), near)
    curves = {"hard": (at, hard(found))}
    for name, alpha in zip(named, alphas(found, tuple(named.values())), strict=True):
        curves[name] = (at, alpha)
    return Plot(curves, "pixel x", "alpha", at=math.floor(x) + 0.5)
