"""Blending the faces of a pixel, hard or softly, with the numbers of PyTorch3D's ``renderer/blending.py`` (0.7.9).

D = sigmoid(-d / sigma), alpha = 1 - Π(1 - D), and with the closeness z' = (z_far - z) / (z_far - z_near) the weights
w = D exp(z' / gamma) / (sum of the same over all faces + the background's exp(eps / gamma)). Source: REFERENCE III.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.scene import Array

_EPSILON = 1e-10  # PyTorch3D's: the closeness of the background, and the least that its weight can be

SEAM = 1e-10
"""Squared NDC: the blur radius of hard pictures, far less than a pixel, so that no background shows between two faces.

PyTorch3D leaves a pixel empty whose centre lies exactly on the edge between them.
"""


@dataclass(frozen=True)
class Blend:
    """How the faces of a pixel are mixed. The defaults are PyTorch3D's.

    sigma, blur_radius: squared NDC; gamma; faces_per_pixel: K. z_near, z_far: metres, between which depths are scaled.
    perspective_correct: barycentrics; sane: correct them inside of faces only. hard: the nearest face alone counts.
    """

    sigma: float = 1e-4
    gamma: float = 1e-4
    blur_radius: float = 0.0
    faces_per_pixel: int = 1
    z_near: float = 1.0
    z_far: float = 100.0
    perspective_correct: bool = True
    sane: bool = True
    hard: bool = False

    def rules(self, orthographic: bool) -> dict[str, Any]:
        """The settings that ``rasterize`` takes, but for near clipping and culling."""
        return {
            "faces_per_pixel": 1 if self.hard else self.faces_per_pixel,
            "blur_radius": SEAM if self.hard else self.blur_radius,
            "clip_barycentric": False if self.hard else None,
            "perspective_correct": self.perspective_correct and not orthographic,
            "sane_barycentrics": self.sane,
        }


HARD = Blend(hard=True)
"""One face, no blur."""


@dataclass(frozen=True, eq=False)
class Weights:
    """How the faces of P pixels count; places without a face have 0.

    coverage: (P, K), D. face: (P, K), w, and background: (P,), together 1 in each pixel. alpha: (P,).
    """

    coverage: Array
    face: Array
    background: Array
    alpha: Array


def weigh(dists: Array, zbuf: Array, found: Array, blend: Blend) -> Weights:
    """The weights of fragments (P, K), nearest first: signed squared NDC distances, depths, and which there are."""
    coverage = np.where(found, sigmoid(-dists / blend.sigma), 0)
    if blend.hard:
        first = np.zeros(found.shape)
        first[:, :1] = found[:, :1]
        any_face = first.sum(axis=1)
        return Weights(coverage, first, 1 - any_face, any_face)
    closeness = np.where(found, (blend.z_far - zbuf) / (blend.z_far - blend.z_near), 0)
    nearest = np.maximum(closeness.max(axis=1, initial=0.0), _EPSILON)
    shares = coverage * np.exp((closeness - nearest[:, None]) / blend.gamma)
    rest = np.maximum(np.exp((_EPSILON - nearest) / blend.gamma), _EPSILON)
    total = shares.sum(axis=1) + rest
    return Weights(coverage, shares / total[:, None], rest / total, 1 - np.prod(1 - coverage, axis=1))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, small) / (1 + small))
