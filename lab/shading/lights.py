"""Lights, with PyTorch3D's defaults: point lights do not weaken with distance, and nothing casts a shadow.

Source: REFERENCE II.1; PyTorch3D 0.7.9 ``renderer/lighting.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array

RGB = tuple[float, float, float]

NONE: RGB = (0.0, 0.0, 0.0)


def grey(value: float) -> RGB:
    """The colour with ``value`` in all three channels."""
    return (value, value, value)


@dataclass(frozen=True)
class AmbientLights:
    """Light from nowhere: it shows a surface's colour, and nothing of its form. ambient: linear RGB."""

    ambient: RGB = (1.0, 1.0, 1.0)
    diffuse: RGB = NONE
    specular: RGB = NONE


@dataclass(frozen=True)
class PointLights:
    """Light from one place. location: metres, world. ambient, diffuse, specular: linear RGB."""

    location: tuple[float, float, float] = (0.0, 1.0, 0.0)
    ambient: RGB = (0.5, 0.5, 0.5)
    diffuse: RGB = (0.3, 0.3, 0.3)
    specular: RGB = (0.2, 0.2, 0.2)


@dataclass(frozen=True)
class DirectionalLights:
    """Light from infinitely far away. direction: *towards* the light, world, of any length. Colours: as above."""

    direction: tuple[float, float, float] = (0.0, 1.0, 0.0)
    ambient: RGB = (0.5, 0.5, 0.5)
    diffuse: RGB = (0.3, 0.3, 0.3)
    specular: RGB = (0.2, 0.2, 0.2)


Light = AmbientLights | PointLights | DirectionalLights


def towards(light: Light, points: Array) -> Array | None:
    """From points (N, 3), world, to the light, not of unit length: (N, 3), or None where light has no direction."""
    if isinstance(light, PointLights):
        return np.asarray(light.location, points.dtype) - points
    if isinstance(light, DirectionalLights):
        return np.broadcast_to(np.asarray(light.direction, points.dtype), points.shape)
    return None
