"""Where a fit to a scan begins: the unit of the scan, and a few poses on all sides of it, of which the best goes on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lab.body.prior import PosePrior
from lab.body.scan.fit import Body, ScanFit, Weights
from lab.body.skeleton import JOINTS, MIRROR, joint
from lab.chapters.body.scan import AUTO, UNITS
from lab.experiment import ExperimentError
from lab.motions import so3
from lab.scene import Array

_TALL = (0.5, 2.6)
"""Metres: as tall as a child or with the arms up."""
_ARMS = (20.0, 65.0)
"""Degrees by which the arms of the first poses are lowered from the T-pose."""
_SIDES = tuple(range(0, 360, 45))
_COARSE = Weights(reach=0.3)
_FINER = Weights(reach=0.12)
_SHARP = Weights(reach=0.08)
_FIRST, _MORE, _LAST = 12, 15, 20
"""Steps of each start, of those that are kept, and of both facings of the best of these."""
_STARTS, _KEPT, _BEST = 24, 6, 3
_REFLECTED = np.array([1.0, -1.0, -1.0])
"""A rotation vector seen in the mirror that exchanges left and right."""


def scale_of(points: Array, unit: str) -> tuple[float, str]:
    """(metres that 1 stands for, name of the unit). Raises ExperimentError when the scan is no person in any unit."""
    if unit != AUTO:
        return UNITS[unit], unit
    tallest = float(np.ptp(points[:, 1]))
    for name, scale in UNITS.items():
        if _TALL[0] <= tallest * scale <= _TALL[1]:
            return scale, name
    raise ExperimentError(
        f"The scan is {tallest:.3g} tall, which is no person in metres, centimetres or millimetres. "
        "Turn it so that Y points up, or choose its unit."
    )


def first_bodies(points: Array, fit: ScanFit, prior: PosePrior, betas: int) -> list[Body]:
    """Standing bodies and the common poses of the prior, on all sides; those that lie nearest to the points (N, 3)."""
    lower, upper = points.min(axis=0), points.max(axis=0)
    found = []
    for pose in (*map(_standing, _ARMS), *prior.means):
        for side in _SIDES:
            turned = np.concatenate([np.array([[0.0, np.radians(side), 0.0]]), pose.reshape(-1, 3)])
            verts = fit.look(Body(np.zeros(betas), turned, np.zeros(3))).verts
            middle = (verts.min(axis=0) + verts.max(axis=0)) / 2
            body = Body(np.zeros(betas), turned, (lower + upper) / 2 - middle)
            found.append((cost(fit, body, _COARSE), body))
    return [body for _, body in sorted(found, key=_cost)[:_STARTS]]


def _standing(arms: float) -> Array:
    """(69,) of a body that stands with its arms lowered by ``arms`` degrees."""
    pose = np.zeros((len(JOINTS), 3))
    pose[joint("left_shoulder"), 2] = -np.radians(arms)
    pose[joint("right_shoulder"), 2] = np.radians(arms)
    return pose[1:].ravel()


def best_start(fit: ScanFit, bodies: list[Body], tell: Callable[[float], None]) -> Body:
    """The body that comes nearest after some steps from each of ``bodies``, or looking the other way from there.

    tell: how far the search is, in [0, 1]. A person has a front and a back that look alike to nearest points, so the
    best ones are compared with themselves turned about, their left and right exchanged.
    """
    total = len(bodies) * _FIRST + _KEPT * _MORE + 2 * _BEST * _LAST
    done = 0

    def tried(body: Body, count: int, weights: Weights, *, shape: bool) -> tuple[float, Body]:
        nonlocal done
        for _ in range(count):
            body = fit.step(fit.look(body), weights, shape=shape)
            done += 1
            tell(done / total)
        return cost(fit, body, weights), body

    coarse = sorted((tried(body, _FIRST, _COARSE, shape=False) for body in bodies), key=_cost)[:_KEPT]
    finer = sorted((tried(body, _MORE, _FINER, shape=False) for _, body in coarse), key=_cost)[:_BEST]
    both = [facing for _, body in finer for facing in (body, turned_back(body))]
    return min((tried(body, _LAST, _SHARP, shape=True) for body in both), key=_cost)[1]


def _cost(found: tuple[float, Body]) -> float:
    return found[0]


def cost(fit: ScanFit, body: Body, weights: Weights) -> float:
    """The objective of a body."""
    terms = fit.terms(fit.look(body), weights)
    return weights.scan * terms["scan"] + weights.body * terms["body"] + terms["pose"] + terms["shape"]


def turned_back(body: Body) -> Body:
    """A body in about the same place that looks the other way: turned about the vertical, left and right exchanged."""
    pose = body.pose[list(MIRROR)] * _REFLECTED
    pose[0] = so3.log(so3.exp(np.array([0.0, np.pi, 0.0])) @ so3.exp(body.pose[0]))
    return Body(body.betas, pose, body.transl)
