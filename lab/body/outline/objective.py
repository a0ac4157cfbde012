"""The objective of a fit to an outline: a soft silhouette over PyTorch's body, and two priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import cKDTree

from lab.body.data import BodyData
from lab.body.model import BodyModel
from lab.body.prior import PosePrior
from lab.cameras.model import CameraModel
from lab.kernels.crew import Crew
from lab.pose.target import Target
from lab.raster.projection import Projection
from lab.raster.silhouette import SoftSilhouette
from lab.raster.torch_ops import soft_silhouette
from lab.scene import Array

_MEASUREMENTS = 600.0
"""A silhouette that shares nothing with the mask costs as much as a pose so unlikely: exp(-600)."""
_COVER = 10.0
"""What a pixel of the mask costs that is one unit of NDC from the body, in overlaps."""
_SAMPLES = 800
NAMES = ("betas", "body_pose", "global_orient", "transl")
BETAS = 10


@dataclass(frozen=True, eq=False)
class Seen:
    """The body of one evaluation. verts: (V, 3), world. alpha: (H, W), its soft silhouette. iou: with the mask."""

    verts: Array
    alpha: Array
    iou: float
    terms: dict[str, float]


class Objective:
    """The variables of one body, their terms and their gradient. crew: threads that draw."""

    def __init__(self, data: BodyData, target: Target, camera: CameraModel, prior: PosePrior, crew: Crew) -> None:
        self._model = BodyModel(data)
        self._prior, self._crew = prior, crew
        self._faces, self._size = np.asarray(data.faces), target.size
        self._mask = torch.from_numpy(target.mask)
        view = Projection.of(camera)
        self._R, self._T = (torch.from_numpy(a).float() for a in (view.R, view.T))
        self._focal, self._principal = (torch.from_numpy(a).float() for a in (view.focal, view.principal))
        self._inside = _pixels_of(target)
        self._renderers: dict[float, SoftSilhouette] = {}

    def evaluate(self, variables: Mapping[str, torch.Tensor], weights: Mapping[str, float], sigma: float) -> Seen:
        """The terms; the gradients of their weighted sum are added to ``grad`` of those variables that want one."""
        wanted = any(tensor.requires_grad for tensor in variables.values())
        with torch.set_grad_enabled(wanted):
            body = self._model(**{name: variables[name][None] for name in NAMES})
            verts = body.verts[0]
            view = verts @ self._R + self._T
            ndc = torch.cat([self._focal * view[:, :2] / view[:, 2:] + self._principal, view[:, 2:]], dim=1)
            alpha = soft_silhouette(ndc, self._renderer(sigma))
            shared, both = (alpha * self._mask).sum(), (alpha + self._mask - alpha * self._mask).sum()
            silhouette = _MEASUREMENTS * (1.0 - shared / both + _COVER * self._uncovered(ndc[:, :2]))
            shape = 0.5 * (variables["betas"] ** 2).sum()
            if wanted:
                (weights["silhouette"] * silhouette + weights["shape"] * shape).backward()
        pose = variables["body_pose"].detach().numpy().astype(np.float64)
        if wanted and variables["body_pose"].requires_grad:
            residuals, slopes = self._prior.residuals(pose)
            pull = weights["pose"] * (slopes.T @ residuals)
            variables["body_pose"].grad += torch.from_numpy(pull).float()
        drawn, mask = alpha.detach().numpy(), self._mask.numpy() > 0.5
        terms = {
            "silhouette": float(silhouette.detach()),
            "pose": float(self._prior.energy(pose)),
            "shape": float(shape.detach()),
        }
        covered = drawn > 0.5
        iou = float((covered & mask).sum() / max(1, (covered | mask).sum()))
        return Seen(verts.detach().numpy(), drawn, iou, terms)

    def _uncovered(self, points: torch.Tensor) -> torch.Tensor:
        """Mean squared distance, NDC, from pixels of the mask to the nearest vertex in the picture.

        A soft silhouette feels only what is near to it; this pulls at a limb from any distance.
        """
        _, nearest = cKDTree(points.detach().numpy()).query(self._inside)
        return ((points[nearest] - torch.from_numpy(self._inside)) ** 2).sum(dim=1).mean()

    def _renderer(self, sigma: float) -> SoftSilhouette:
        if sigma not in self._renderers:
            self._renderers = {sigma: SoftSilhouette(self._faces, self._size, sigma=sigma, crew=self._crew)}
        return self._renderers[sigma]


def _pixels_of(target: Target) -> Array:
    """(N, 2) float32: some pixels of the mask, NDC, spread evenly over it."""
    height, width = target.size
    rows, columns = np.nonzero(target.mask > 0.5)
    chosen = np.linspace(0, len(rows) - 1, min(_SAMPLES, len(rows))).astype(np.int64)
    x = (width - 2 * columns[chosen] - 1) / min(target.size)
    y = (height - 2 * rows[chosen] - 1) / min(target.size)
    return np.stack([x, y], axis=1).astype(np.float32)
