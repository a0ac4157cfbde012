"""How alike two pictures are."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import gaussian_filter

from lab.scene import Array

_SIGMA, _REACH = 1.5, 5  # of the window of SSIM, pixels: 11 x 11
_K1, _K2 = 0.01, 0.03


def psnr(picture: Array, truth: Array, where: Array | None = None) -> float:
    """10 log10(1 / MSE), dB, of colours in [0, 1]; infinite for equal pictures. where: bool, the pixels that count."""
    squares = np.square(np.asarray(picture, np.float64) - truth)
    error = float((squares if where is None else squares[where]).mean())
    return -10.0 * math.log10(error) if error > 0 else math.inf


def ssim(picture: Array, truth: Array) -> float:
    """Structural similarity of two (H, W, 3) pictures in [0, 1], the mean over pixels and channels.

    Wang et al. 2004: Gaussian windows of 11 x 11 with a standard deviation of 1.5, K1 = .01, K2 = .03; only windows
    that lie within the pictures count. Raises ValueError for pictures smaller than a window.
    """
    if min(picture.shape[:2]) <= 2 * _REACH:
        raise ValueError(f"ssim: expected pictures of more than 10 pixels a side, found {picture.shape[:2]}")
    a, b = np.asarray(picture, np.float64), np.asarray(truth, np.float64)

    def window(values: Array) -> Array:
        wide = gaussian_filter(values, (_SIGMA, _SIGMA, 0), truncate=_REACH / _SIGMA)
        return np.asarray(wide[_REACH:-_REACH, _REACH:-_REACH])

    mean_a, mean_b = window(a), window(b)
    var_a, var_b = window(a * a) - mean_a**2, window(b * b) - mean_b**2
    both = window(a * b) - mean_a * mean_b
    c1, c2 = _K1**2, _K2**2
    similar = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return float(similar.mean())
