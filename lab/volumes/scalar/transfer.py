"""Transfer functions: which colour and opacity a value of the scan has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.render.colormaps import table as colormap
from lab.scene import Array

ENTRIES = 1024
"""Of a table, over the values between the ends of the scan; between two of them it is linear."""
REFERENCE = 0.01
"""Of the scan's longest side: the way through the scan after which the opacity is the one that is drawn in the plot."""

_MOST = 0.995  # the greatest opacity, so that a stronger one is still different
_VISIBLE = 1e-5

Stop = tuple[float, float, tuple[float, float, float]]

LOOKS: dict[str, tuple[Stop, ...]] = {
    "bone": (
        (0.0, 0.0, (0.45, 0.25, 0.15)),
        (0.30, 0.0, (0.72, 0.50, 0.32)),
        (0.50, 0.25, (0.93, 0.83, 0.66)),
        (1.0, 0.95, (1.0, 0.98, 0.93)),
    ),
    "skin": (
        (0.0, 0.0, (0.80, 0.52, 0.40)),
        (0.35, 0.0, (0.87, 0.60, 0.46)),
        (0.55, 0.55, (0.93, 0.70, 0.56)),
        (1.0, 0.95, (0.98, 0.85, 0.75)),
    ),
    "skin and bone": (
        (0.0, 0.0, (0.85, 0.45, 0.35)),
        (0.12, 0.030, (0.90, 0.55, 0.42)),
        (0.26, 0.012, (0.85, 0.40, 0.30)),
        (0.42, 0.0, (0.95, 0.85, 0.70)),
        (0.60, 0.30, (0.97, 0.90, 0.76)),
        (1.0, 0.95, (1.0, 1.0, 0.98)),
    ),
    "layers": (
        (0.0, 0.0, (0.20, 0.35, 0.75)),
        (0.20, 0.05, (0.25, 0.55, 0.90)),
        (0.36, 0.0, (0.30, 0.75, 0.60)),
        (0.50, 0.12, (0.40, 0.85, 0.45)),
        (0.66, 0.0, (0.95, 0.75, 0.30)),
        (0.85, 0.60, (0.98, 0.55, 0.20)),
        (1.0, 0.95, (1.0, 0.92, 0.80)),
    ),
    "ramp": ((0.0, 0.0, (0.15, 0.15, 0.17)), (1.0, 0.6, (1.0, 1.0, 1.0))),
}
"""By name: control points (place in the window, opacity, colour). Beyond the first and the last nothing changes."""


@dataclass(frozen=True)
class Transfer:
    """Control points, and the window that they lie in.

    stops: (place, opacity, colour), places ascending. low, high: the window, shares of the way between the scan's ends.
    strength: how many times the reference length each opacity is for.
    """

    stops: tuple[Stop, ...]
    low: float
    high: float
    strength: float = 1.0

    def table(self) -> Array:
        """(ENTRIES, 4) float64: opacity after the reference length, and colour, of values between the scan's ends."""
        places, heights, colors = (np.array(column) for column in zip(*self.stops, strict=True))
        window = (np.linspace(0.0, 1.0, ENTRIES) - self.low) / max(self.high - self.low, 1e-6)
        opacity = np.interp(window, places, heights)
        shown = 1.0 - (1.0 - np.minimum(opacity, _MOST)) ** self.strength
        channels = [np.interp(window, places, colors[:, channel]) for channel in range(3)]
        return np.stack([shown, *channels], axis=1)


def for_step(table: Array, step: float, reference: float) -> Array:
    """The table (T, 4) float32 whose opacities are those of a ``step`` and no longer of ``reference``, both metres.

    Opacity correction: p' = 1 - (1 - p)^(step / reference), as p = 1 - exp(-density * length).
    """
    corrected = table.astype(np.float32)
    corrected[:, 0] = -np.expm1(np.log1p(-np.minimum(table[:, 0], 1.0 - 1e-12)) * (step / reference))
    return corrected


def own_stops(places: tuple[float, ...], heights: tuple[float, ...], colors: str) -> tuple[Stop, ...]:
    """Control points at the person's places and heights, in ascending order, with the colours of a colormap."""
    shades = colormap(colors)[:, :3] / 255.0
    pairs = sorted(zip(places, heights, strict=True))
    return tuple((place, height, tuple(shades[round(place * 255)].tolist())) for place, height in pairs)


def visible(table: Array, low: Array, high: Array, ends: tuple[float, float]) -> Array:
    """Whether anything can be seen among the values from ``low`` to ``high`` (any shape): bool of their shape."""
    shown = np.concatenate([[0], np.cumsum(table[:, 0] > _VISIBLE)])
    scale = (len(table) - 1) / (ends[1] - ends[0])
    first = np.clip(np.floor((low - ends[0]) * scale), 0, len(table) - 1).astype(np.int64)
    last = np.clip(np.ceil((high - ends[0]) * scale), 0, len(table) - 1).astype(np.int64)
    return np.asarray(shown[last + 1] > shown[first])
