"""SMPLify's objective: five terms, each with its gradient and Gauss-Newton matrix (REFERENCE IV.2).

The unknowns x: pose (3 J), transl (3), betas (B), as in ``lab.body.joint_model``.

Source: F. Bogo et al., "Keep It SMPL: Automatic Estimation of 3D Human Pose and Shape from a Single Image" (2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lab.body.joint_model import JointModel, Places
from lab.body.prior import PosePrior
from lab.body.smplify.capsules import Spheres
from lab.body.smplify.observed import NEAREST, Lens, Observed
from lab.body.smplify.quadratic import Quadratic
from lab.scene import Array

DATA, POSE, LIMITS, COLLISION, SHAPE = "data", "pose_prior", "limits", "collision", "shape_prior"
TERMS: Final = (DATA, POSE, LIMITS, COLLISION, SHAPE)
SIGMA: Final = 100.0
"""Pixels at which the robust data term levels off."""
_BENDS: Final = ((55, 1.0), (58, -1.0), (12, -1.0), (15, -1.0))
"""Numbers of the pose that bend elbows (left, right) and knees, and which way is unnatural."""
_BEND_SCALE: Final = 10.0
_STEEPEST: Final = 5.0  # radians; beyond, exp would only overflow


@dataclass(frozen=True, eq=False)
class Look:
    """The objective at one x.

    value: the weighted sum, infinite where a point has no picture. terms: unweighted. gradient (U,), hessian (U, U) of
    the weighted sum. apart: (K,), distance of each 2D joint from its picture, px of the photo. places: of the points.
    """

    value: float
    terms: Mapping[str, float]
    gradient: Array
    hessian: Array
    apart: Array
    places: Places


class Objective:
    """The objective for one person in one picture."""

    def __init__(self, model: JointModel, prior: PosePrior, spheres: Spheres, observed: Observed, lens: Lens) -> None:
        if model.joints != 24:
            raise ValueError(f"model: expected SMPL's 24 joints, found {model.joints}")
        self.model, self.prior, self.spheres = model, prior, spheres
        self.observed, self.lens = observed, lens
        self._counted = lens.scaled(observed.scale)

    def split(self, x: Array) -> tuple[Array, Array, Array]:
        """(pose (J, 3), transl (3,), betas (B,))."""
        end = 3 * self.model.joints
        return x[:end].reshape(-1, 3), x[end : end + 3], x[end + 3 :]

    def places(self, x: Array) -> Places:
        """Where the body's points are."""
        pose, transl, betas = self.split(x)
        return self.model.forward(betas, pose, transl)

    def evaluate(self, x: Array, weights: Mapping[str, float]) -> Look:
        """The terms, and with ``weights`` their sum; a term that weighs 0 is not in the sum but told of."""
        unknowns, places = self.model.unknowns, self.places(x)
        seen = self.observed.matrix @ places.points
        if not bool((seen[:, 2] < -NEAREST).all()):
            empty = np.zeros(unknowns)
            return Look(np.inf, {}, empty, np.diag(empty), np.full(len(seen), np.inf), places)
        data, apart = self._data(places, seen)
        parts = {
            DATA: data,
            POSE: self._pose_prior(x),
            LIMITS: bending(x, unknowns),
            COLLISION: self.spheres.energy(places),
            SHAPE: self._shape_prior(x),
        }
        gradient, hessian = np.zeros(unknowns), np.zeros((unknowns, unknowns))
        for name, part in parts.items():
            if weights[name] > 0.0:
                part.add_to(weights[name], gradient, hessian)
        terms = {name: part.value for name, part in parts.items()}
        return Look(_total(terms, weights), terms, gradient, hessian, apart, places)

    def value(self, x: Array, weights: Mapping[str, float]) -> float:
        """The weighted sum alone, for asking whether a step was good."""
        return self.evaluate(x, weights).value

    def _data(self, places: Places, seen: Array) -> tuple[Quadratic, Array]:
        """E_J with Geman and McClure's rho; in the Gauss-Newton matrix each joint counts by rho's slope."""
        observed, scale = self.observed, self.observed.scale
        off = self._counted.project(seen) - scale * observed.xy
        square = (off * off).sum(axis=1)
        value = float((observed.weight**2) @ robust(square))
        slope = observed.weight * robust_root_slope(square)
        by_point = slope[:, None, None] * self._counted.derivative(seen)
        points = observed.matrix @ self.model.jacobian(places).reshape(len(places.points), -1)
        jacobian = by_point @ points.reshape(len(seen), 3, -1)
        found = Quadratic.of(
            (slope[:, None] * off).ravel(), jacobian.reshape(2 * len(seen), -1), slice(None), self.model.unknowns
        )
        return Quadratic(value, found.gradient, found.hessian), np.sqrt(square) / scale

    def _pose_prior(self, x: Array) -> Quadratic:
        residuals, jacobian = self.prior.residuals(x[3:72])
        return Quadratic.of(residuals, jacobian, slice(3, 72), self.model.unknowns)

    def _shape_prior(self, x: Array) -> Quadratic:
        start = 3 * self.model.joints + 3
        return Quadratic.of(x[start:], np.eye(self.model.betas), slice(start, None), self.model.unknowns)


def robust(square: Array) -> Array:
    """Geman and McClure's rho of squared distances, px²: sigma² e² / (sigma² + e²)."""
    return np.asarray(SIGMA**2 * square / (SIGMA**2 + square))


def robust_root_slope(square: Array) -> Array:
    """The root of d rho / d e²: what a residual is multiplied with so that least squares has rho's gradient."""
    return np.asarray(SIGMA**2 / (SIGMA**2 + square))


def bending(x: Array, unknowns: int) -> Quadratic:
    """E_a: the squares of 10 exp(± theta) where elbows and knees would bend the wrong way."""
    index = np.array([number for number, _ in _BENDS])
    sign = np.array([sign for _, sign in _BENDS])
    residuals = _BEND_SCALE * np.exp(np.clip(sign * x[index], -_STEEPEST, _STEEPEST))
    jacobian = np.zeros((len(index), unknowns))
    jacobian[np.arange(len(index)), index] = np.where(np.abs(x[index]) < _STEEPEST, sign * residuals, 0.0)
    return Quadratic.of(residuals, jacobian, slice(None), unknowns)


def _total(terms: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return float(sum(weights[name] * terms[name] for name in TERMS))
