"""A body laid into a scan by Gauss-Newton: nearest points both ways, robust, with priors of pose and shape.

The pairs are those of point-to-plane registration (Chen and Medioni 1992) with a little of point-to-point, weighed by
Geman and McClure's function, whose reach shrinks from step to step. A point counts as one measurement of 5 mm, and
all of them together as ``_INDEPENDENT`` ones, so that they balance the priors, which are negative log likelihoods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from lab.body.data import BodyData
from lab.body.joint_model import JointModel
from lab.body.normals import vertex_normals
from lab.body.posing import Poser
from lab.scene import Array

if TYPE_CHECKING:
    from lab.body.prior import PosePrior

_SPREAD = 0.005  # m, of a measurement
_INDEPENDENT = 300.0
_ALONG = 0.15  # of a distance within the tangent plane
_DAMPING = 1e-3
_LONGEST = 0.25  # rad or m or betas / 4, of one step


@dataclass(frozen=True, eq=False)
class Body:
    """Where the body is. betas: (B,). pose: (J, 3) axis-angle, radians, the pelvis first. transl: (3,), metres."""

    betas: Array
    pose: Array
    transl: Array

    def moved(self, step: Array) -> Body:
        """After a step (3 J + 3 + B,) in the order of the Jacobian's columns: pose, transl, betas."""
        turns = self.pose.size
        return Body(
            self.betas + step[turns + 3 :],
            self.pose + step[:turns].reshape(-1, 3),
            self.transl + step[turns : turns + 3],
        )


@dataclass(frozen=True)
class Weights:
    """Of the terms; reach: metres, beyond which distances hardly count more."""

    scan: float = 1.0
    body: float = 0.3
    pose: float = 1.0
    shape: float = 1.0
    reach: float = 0.05


@dataclass(frozen=True, eq=False)
class Look:
    """The body at one step. Metres. to_body: (N,) from the scan's points to it; to_scan: (M,) from some vertices."""

    body: Body
    verts: Array
    normals: Array
    nearest: Array
    to_body: Array
    to_scan: Array


class ScanFit:
    """One body and one scan. points: (N, 3) metres, world. dense: more of the scan, to measure the body against."""

    def __init__(self, data: BodyData, points: Array, dense: Array, prior: PosePrior, *, vertices: int = 1500) -> None:
        self.data, self.points, self._prior = data, points, prior
        self._tree = cKDTree(dense)
        self._dense = dense
        self._poser = Poser(data)
        self.faces = np.ascontiguousarray(data.faces, np.int32)
        chosen = np.linspace(0, len(data.v_template) - 1, min(vertices, len(data.v_template))).astype(np.int64)
        self._some = chosen
        self._all = np.arange(len(data.v_template))

    def look(self, body: Body) -> Look:
        """Where the body is and what is near to it."""
        shaped = self._poser.shape(body.betas)
        posed = self._poser.pose(shaped, body.pose, body.transl).verts
        verts = posed.astype(np.float64)
        normals = vertex_normals(posed, self.faces).astype(np.float64)
        _, nearest = cKDTree(verts).query(self.points)
        offset = self.points - verts[nearest]
        across = np.abs((offset * normals[nearest]).sum(axis=1))
        along = np.linalg.norm(offset, axis=1)
        to_body = np.where(along < 0.03, across, along)  # far from its nearest vertex a point is beside the surface
        to_scan, _ = self._tree.query(verts[self._some])
        return Look(body, verts, normals, nearest, to_body, to_scan)

    def terms(self, look: Look, weights: Weights) -> dict[str, float]:
        """The terms of the objective, unweighted; their weighted sum is what falls."""
        return {
            "scan": _robust(look.to_body, weights.reach),
            "body": _robust(look.to_scan, weights.reach),
            "pose": float(self._prior.energy(look.body.pose[1:].ravel()[:69])),
            "shape": 0.5 * float(look.body.betas @ look.body.betas),
        }

    def step(self, look: Look, weights: Weights, *, shape: bool = True) -> Body:
        """One step of Gauss-Newton. shape: also the betas beyond the first."""
        used, place = np.unique(look.nearest, return_inverse=True)
        _, target = self._tree.query(look.verts[self._some])
        both = np.concatenate([used, self._some])
        model = JointModel(self.data, verts=both.tolist(), betas=len(look.body.betas))
        places = model.forward(look.body.betas, look.body.pose, look.body.transl)
        jacobian = model.jacobian(places)[model.joints :]
        size = jacobian.shape[2]
        H, g = np.zeros((size, size)), np.zeros(size)
        self._add_pairs(H, g, jacobian[place], look.nearest, self.points, look, weights.scan, weights.reach)
        self._add_pairs(H, g, jacobian[len(used) :], self._some, self._dense[target], look, weights.body, weights.reach)
        self._add_priors(H, g, look.body, weights)
        H[np.diag_indices(size)] *= 1.0 + _DAMPING
        H[np.diag_indices(size)] += 1e-6
        if not shape:
            H[-len(look.body.betas) + 1 :, -len(look.body.betas) + 1 :] += 1e9 * np.eye(len(look.body.betas) - 1)
        step = np.linalg.solve(H, -g)
        betas = len(look.body.betas)
        longest = max(np.abs(step[:-betas]).max(), np.abs(step[-betas:]).max() / 4)
        return look.body.moved(step * min(1.0, _LONGEST / max(longest, 1e-12)))

    def _add_pairs(
        self,
        H: Array,
        g: Array,
        jacobian: Array,
        vertices: Array,
        goals: Array,
        look: Look,
        weight: float,
        reach: float,
    ) -> None:
        """Add the pairs of vertices and where they should be."""
        if weight <= 0.0:
            return
        offset = look.verts[vertices] - goals
        normals = look.normals[vertices]
        squared = (offset**2).sum(axis=1)
        count = weight * _INDEPENDENT / len(goals) / _SPREAD**2 * (reach**2 / (reach**2 + squared)) ** 2
        across = np.einsum("ma,man->mn", normals, jacobian)
        H += (across * count[:, None]).T @ across
        g += across.T @ (count * (normals * offset).sum(axis=1))
        flat, rows = jacobian.reshape(-1, jacobian.shape[2]), np.repeat(_ALONG**2 * count, 3)
        H += (flat * rows[:, None]).T @ flat
        g += flat.T @ (rows * offset.ravel())

    def _add_priors(self, H: Array, g: Array, body: Body, weights: Weights) -> None:
        betas = len(body.betas)
        residuals, slopes = self._prior.residuals(body.pose[1:].ravel()[:69])
        pose = slice(3, 3 + slopes.shape[1])
        H[pose, pose] += weights.pose * slopes.T @ slopes
        g[pose] += weights.pose * slopes.T @ residuals
        H[-betas:, -betas:] += weights.shape * np.eye(betas)
        g[-betas:] += weights.shape * body.betas


def _robust(distances: Array, reach: float) -> float:
    """Geman and McClure's function of distances, as negative log likelihood; see the module."""
    squared = distances**2
    return float(0.5 * _INDEPENDENT / _SPREAD**2 * np.mean(reach**2 * squared / (reach**2 + squared)))
