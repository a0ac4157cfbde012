"""The losses of a pose against an image, and their gradient, through the soft rasteriser.

| term       | raw value                                                                                     |
|------------|-----------------------------------------------------------------------------------------------|
| silhouette | sum (or mean) of (alpha - mask)²                                                              |
| iou        | 1 - sum(alpha mask) / sum(alpha + mask - alpha mask)                                          |
| rgb        | sum (or mean) of (rgb - target)² over pixels and channels                                     |
| distance   | sum (or mean) of alpha d+ + (1 - alpha) d-, d the distance to the mask's outline, NDC         |

The sum is the course's (REFERENCE III.2: its text says mean, its code sums). The distance transform pulls from
anywhere: an outline far from the mask still stands on a slope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.kernels.crew import Crew
from lab.pose.target import Target
from lab.pose.variables import Pose, PoseGradient
from lab.raster.projection import Projection
from lab.raster.silhouette import SoftSilhouette
from lab.raster.soft import SoftRender
from lab.scene import Array

TERMS = ("silhouette", "iou", "rgb", "distance")
Reduction = Literal["sum", "mean"]
BLUR = float(np.log(1.0 / 1e-4 - 1.0))
"""The usual blur radius over sigma: beyond it the sigmoid is below 1e-4."""


@dataclass(frozen=True)
class Look:
    """How the soft rasteriser looks. sigma: NDC², of level 0; each coarser level has four times as much, so that the
    blur stays as wide in pixels. gamma: of the depth's softmax. background: RGB. near, far: metres, for that softmax.
    """

    sigma: float = 1e-4
    gamma: float = 1e-4
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)
    near: float = 1.0
    far: float = 100.0
    reduction: Reduction = "sum"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """value: the weighted sum. terms: raw values of all terms that were weighed above 0, and of silhouette and iou.

    gradient: of the value by the pose. alpha (H, W), rgb (H, W, 3) or None: what was rendered, float32.
    """

    value: float
    terms: Mapping[str, float]
    gradient: PoseGradient
    alpha: Array
    rgb: Array | None

    @property
    def finite(self) -> bool:
        """Whether value and gradient are numbers that a step can be made with."""
        parts = (self.gradient.R, self.gradient.T, self.gradient.focal)
        return bool(np.isfinite(self.value)) and all(bool(np.isfinite(part).all()) for part in parts)


class Objective:
    """A mesh, an image, and the losses between them.

    verts: (V, 3) world, metres; faces: (F, 3); corner_colors: (F, 3, 3) in [0, 1], which rgb needs.
    Not for several threads at once; each has its own.
    """

    def __init__(
        self,
        verts: Array,
        faces: Array,
        target: Target,
        *,
        corner_colors: Array | None = None,
        look: Look | None = None,
        crew: Crew | None = None,
    ) -> None:
        self.target, self.look = target, look or Look()
        self._verts = np.ascontiguousarray(verts, np.float64)
        self._faces = np.ascontiguousarray(faces, np.int32)
        self._colors = None if corner_colors is None else np.ascontiguousarray(corner_colors, np.float32)
        self._crew = crew
        self._silhouettes: dict[int, SoftSilhouette] = {}
        self._renders: dict[int, SoftRender] = {}

    @property
    def levels(self) -> int:
        """How many levels the target has; 0 is the finest."""
        return len(self.target.levels)

    def evaluate(self, pose: Pose, weights: Mapping[str, float], level: int = 0) -> Evaluation:
        """Value, terms and gradient of a pose at a level of the pyramid. Terms of weight 0 cost nothing."""
        projection = Projection(pose.R, pose.T, pose.focal, pose.principal)
        ndc = np.ascontiguousarray(projection.forward(self._verts), np.float32)
        target = self.target.levels[level]
        silhouette = self._silhouette(level)
        alpha = silhouette.forward(ndc)
        scale = 1.0 / alpha.size if self.look.reduction == "mean" else 4.0**level
        terms, pulls = _alpha_terms(alpha, target, scale)
        total = sum((weights.get(name, 0.0) * pull for name, pull in pulls.items()), np.zeros_like(alpha))
        pull_ndc = silhouette.backward(np.ascontiguousarray(total, np.float32)).astype(np.float64)
        rgb = None
        if weights.get("rgb", 0.0) > 0.0 and target.rgb is not None and self._colors is not None:
            render = self._render(level)
            rgb = render.forward(ndc, self._colors).rgb
            apart = rgb - target.rgb
            scale = 1.0 / apart.size if self.look.reduction == "mean" else 4.0**level
            terms["rgb"] = scale * float(np.square(apart, dtype=np.float64).sum())
            pull_rgb = np.ascontiguousarray(2.0 * scale * weights["rgb"] * apart, np.float32)
            pull_ndc += render.backward(pull_rgb)[0]
        value = sum(weights.get(name, 0.0) * term for name, term in terms.items())
        pulled = projection.backward(pull_ndc)
        return Evaluation(float(value), terms, PoseGradient(pulled.R, pulled.T, pulled.focal), alpha, rgb)

    def _sigma(self, level: int) -> float:
        return self.look.sigma * 4.0**level

    def _silhouette(self, level: int) -> SoftSilhouette:
        if level not in self._silhouettes:
            size, sigma = self.target.levels[level].size, self._sigma(level)
            self._silhouettes[level] = SoftSilhouette(self._faces, size, sigma=sigma, crew=self._crew)
        return self._silhouettes[level]

    def _render(self, level: int) -> SoftRender:
        if level not in self._renders:
            look, size, sigma = self.look, self.target.levels[level].size, self._sigma(level)
            self._renders[level] = SoftRender(
                self._faces,
                size,
                sigma=sigma,
                gamma=look.gamma,
                blur_radius=BLUR * sigma,
                background=look.background,
                z_near=look.near,
                z_far=look.far,
                crew=self._crew,
            )
        return self._renders[level]


def _alpha_terms(alpha: Array, target: Target, scale: float) -> tuple[dict[str, float], dict[str, Array]]:
    """The terms of alpha alone, sums times ``scale``, and the gradient of each by alpha (H, W)."""
    a, mask = alpha.astype(np.float64), target.mask
    apart, shared = a - mask, float((a * mask).sum())
    union = float((a + mask).sum()) - shared
    outside, inside = np.maximum(target.distances, 0.0), np.maximum(-target.distances, 0.0)
    terms = {
        "silhouette": scale * float((apart * apart).sum()),
        "iou": 1.0 - shared / union if union > 0.0 else 1.0,
        "distance": scale * float((a * outside + (1.0 - a) * inside).sum()),
    }
    by_iou = np.zeros_like(a) if union <= 0.0 else -(mask * union - shared * (1.0 - mask)) / (union * union)
    return terms, {"silhouette": 2.0 * scale * apart, "iou": by_iou, "distance": scale * (outside - inside)}
