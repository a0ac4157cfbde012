"""Small photos of known content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def disc(height: int = 60, width: int = 80, radius: float = 15.0) -> np.ndarray:
    """(H, W) bool: a disc in the middle."""
    y, x = np.mgrid[:height, :width] + 0.5
    return np.hypot(x - width / 2, y - height / 2) < radius


def orange_on_grey(mask: np.ndarray, noise: float = 0.0) -> np.ndarray:
    """(H, W, 3) uint8: an orange object before a light grey wall; noise: standard deviation in levels."""
    rng = np.random.default_rng(3)
    colors = np.where(mask[..., None], [230, 120, 30], [200, 202, 205]) + rng.normal(0, noise, (*mask.shape, 3))
    return np.clip(np.rint(colors), 0, 255).astype(np.uint8)


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    """Save with Pillow, in the format of the ending."""
    Image.fromarray(pixels).save(path, **options)
    return path
