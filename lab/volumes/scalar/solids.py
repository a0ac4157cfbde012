"""Simple solids with soft edges, put into a volume one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lab.scene import Array

Triple = tuple[float, float, float]
Distance = Callable[[Array, Array, Array], Array]
"""Of points (x, y, z arrays that broadcast), about the signed distance from a solid: negative inside."""


_SOFT = 1.8  # voxels: how wide an edge is, as no scanner draws sharper ones


class Block:
    """A cube of ``side``³ voxels from -1 to 1 along x, y and z; values: (D, H, W) float32, D counts along z."""

    def __init__(self, side: int, fill: float) -> None:
        self.values = np.full((side, side, side), fill, np.float32)
        self._places = ((np.arange(side) + 0.5) * 2 / side - 1).astype(np.float32)
        self._edge = 2.0 / side

    def put(self, value: float, lower: Triple, upper: Triple, distance: Distance, *, add: bool = False) -> None:
        """Set (or add) ``value`` within a solid in the box from ``lower`` to ``upper``; edges are soft."""
        spans = [self._span(low, high) for low, high in zip(lower, upper, strict=True)]
        if any(span.start >= span.stop for span in spans):
            return
        x, y, z = (self._places[span] for span in spans)
        signed = distance(x[None, None, :], y[None, :, None], z[:, None, None])
        full = np.clip(0.5 - signed / (_SOFT * self._edge), 0.0, 1.0).astype(np.float32)
        part = self.values[spans[2], spans[1], spans[0]]
        part += full * (value if add else value - part)

    def ellipsoid(
        self, value: float, center: Triple, radii: Triple, turn_deg: float = 0.0, *, add: bool = False
    ) -> None:
        """An ellipsoid; turn_deg: about the y axis, from z to x."""
        cx, cy, cz = center
        a, b, c = radii
        cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))

        def distance(x: Array, y: Array, z: Array) -> Array:
            u, w = cos * (x - cx) - sin * (z - cz), sin * (x - cx) + cos * (z - cz)
            k0 = np.sqrt((u / a) ** 2 + ((y - cy) / b) ** 2 + (w / c) ** 2)
            k1 = np.sqrt((u / a**2) ** 2 + ((y - cy) / b**2) ** 2 + (w / c**2) ** 2)
            return np.asarray(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6))  # exact to first order at the surface

        reach = max(a, c) if turn_deg else 0.0
        ra, rc = max(a, reach) + self._edge, max(c, reach) + self._edge
        rb = b + self._edge
        self.put(value, (cx - ra, cy - rb, cz - rc), (cx + ra, cy + rb, cz + rc), distance, add=add)

    def box(self, value: float, lower: Triple, upper: Triple) -> None:
        """A box."""
        middle = [(low + high) / 2 for low, high in zip(lower, upper, strict=True)]
        half = [(high - low) / 2 for low, high in zip(lower, upper, strict=True)]

        def distance(x: Array, y: Array, z: Array) -> Array:
            parts = [np.abs(p - m) - h for p, m, h in zip((x, y, z), middle, half, strict=True)]
            return np.asarray(np.maximum(np.maximum(parts[0], parts[1]), parts[2]))

        grown = tuple(low - self._edge for low in lower), tuple(high + self._edge for high in upper)
        self.put(value, grown[0], grown[1], distance)  # type: ignore[arg-type]

    def cylinder(self, value: float, axis: int, center: Triple, radius: float, half: float) -> None:
        """A cylinder along x, y or z (0, 1, 2); ``half`` of its length."""

        def distance(x: Array, y: Array, z: Array) -> Array:
            offset = [p - c for p, c in zip((x, y, z), center, strict=True)]
            along = np.abs(offset[axis]) - half
            first, second = (offset[k] for k in range(3) if k != axis)
            return np.asarray(np.maximum(np.sqrt(first**2 + second**2) - radius, along))

        reach = [(half if k == axis else radius) + self._edge for k in range(3)]
        lower = tuple(c - r for c, r in zip(center, reach, strict=True))
        upper = tuple(c + r for c, r in zip(center, reach, strict=True))
        self.put(value, lower, upper, distance)  # type: ignore[arg-type]

    def _span(self, low: float, high: float) -> slice:
        first, last = np.searchsorted(self._places, (low, high))
        return slice(int(first), int(last))
