"""Small fields whose pictures can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np

from lab.cameras.model import CameraModel, look_at
from lab.scene import Array, Field


def raw_of(sigma: float, scale: float) -> float:
    """The raw density that gives ``sigma`` per metre."""
    return math.log(math.expm1(sigma / scale))


def slab(sigma: float = 2.0, thickness: float = 1.0, color: tuple[float, float, float] = (0.8, 0.4, 0.2)) -> Field:
    """A box of even density, 2 m wide and high and ``thickness`` deep, about the origin."""
    shape = (5, 5, 33)
    count = math.prod(shape)
    raw = np.full(count, raw_of(sigma, 10.0), np.float16)
    logits = np.log(np.array(color) / (1 - np.array(color)))
    colors = np.tile(logits, (count, 1)).astype(np.float16)[..., None]
    upper = np.array([1.0, 1.0, thickness / 2])
    return Field(np.arange(count, dtype=np.int32).reshape(shape), raw, colors, -upper, upper, 10.0)


def ball(radius: float = 0.7, cells: int = 32, harmonics: int = 1) -> Field:
    """A ball in a box of 2 m, with no vertices far outside of it; reddish on the right."""
    line = np.linspace(-1.0, 1.0, cells + 1)
    x, y, z = np.meshgrid(line, line, line, indexing="ij")
    away = np.sqrt(x**2 + y**2 + z**2)
    there = away < radius + 0.2
    rows = np.full(there.shape, -1, np.int32)
    rows[there] = np.arange(there.sum())
    density = np.clip((radius - away[there]) * 40.0, -8.0, 8.0)
    color = np.zeros((int(there.sum()), 3, harmonics))
    color[:, 0, 0] = 3.0 * x[there]
    return Field(rows, density.astype(np.float16), color.astype(np.float16), -np.ones(3), np.ones(3), 60.0)


def camera(eye: tuple[float, float, float] = (0.0, 0.0, 3.0), size: int = 32) -> CameraModel:
    """A camera that looks at the origin with a field of view of 53°."""
    place: Array = look_at(np.array(eye), np.zeros(3))
    return CameraModel(place, size, size, size / 2, size / 2, size, size)
