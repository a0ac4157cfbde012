"""How different two colours look: CIE 1976 L*a*b* and its distance, and the plain distance of RGB."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lab.scene import Array

Space = Literal["lab", "rgb"]

TOLERANCE = 12.0
"""Usual distance of colours: 2.3 in L*a*b* can just be told apart; noise and shadow on a background differ by more."""

_ROWS = 256  # at a time, so that a large photo needs little memory besides its own
# sRGB (IEC 61966-2-1, D65) to XYZ, each row over the white point's, so that white is (1, 1, 1)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_TO_XYZ_OF_WHITE = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).astype(np.float32)
_KNEE = (6 / 29) ** 3


def to_lab(pixels: Array) -> Array:
    """(..., 3) sRGB, uint8 or float in [0, 1], as L* in [0, 100], a*, b*, float32 (CIE 15:2004, D65 white)."""
    encoded = pixels.astype(np.float32) * np.float32(1 / 255) if pixels.dtype == np.uint8 else np.float32(pixels)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)
    xyz = linear @ _TO_XYZ_OF_WHITE.T
    root = np.where(xyz > _KNEE, np.cbrt(xyz), xyz * np.float32((29 / 6) ** 2 / 3) + np.float32(4 / 29))
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def coordinates(pixels: Array, space: Space = "lab") -> Array:
    """(H, W, 3) sRGB as (H, W, 3) float32 in which distances are told: L*a*b*, or RGB in percent."""
    if space == "rgb":
        return pixels.astype(np.float32) * np.float32(100 / 255 if pixels.dtype == np.uint8 else 100)
    result = np.empty(pixels.shape, np.float32)
    for row in range(0, len(pixels), _ROWS):
        result[row : row + _ROWS] = to_lab(pixels[row : row + _ROWS])
    return result


def within(places: Array, color: Array, tolerance: float) -> Array:
    """(H, W) bool: which of ``places`` (H, W, 3) lie at most ``tolerance`` from ``color`` (3,)."""
    result = np.empty(places.shape[:2], bool)
    for row in range(0, len(places), _ROWS):
        apart = places[row : row + _ROWS] - np.float32(color)
        result[row : row + _ROWS] = np.einsum("ijk,ijk->ij", apart, apart) <= tolerance * tolerance
    return result
