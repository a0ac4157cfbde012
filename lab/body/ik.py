"""Inverse kinematics: the pose in which a joint is where it was pulled to.

The pose minimises, by damped least squares (Levenberg and Marquardt's method) within the limits of the joints,

    a h(p_k - target) + b sum over pins of |p_m - pin_m|² + d^T M d

where h is the square nearby and grows with the distance beyond (Huber's), d is what changed since the pull began, pose
and transl, and M says how stiff each joint is. With the precision of a pose prior added to M, joints give way together
as they do in recorded motions. M is positive definite: the answer is unique near where the pull began, comes back when
the target does, and a target out of reach stretches the body towards it and no more.

Source: S. R. Buss, "Introduction to Inverse Kinematics with Jacobian Transpose, Pseudoinverse and Damped Least Squares
Methods" (2004), for the method's family; K. Levenberg (1944) and D. W. Marquardt (1963).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from lab.body.limits import HIGH, LOW
from lab.body.skeleton import JOINTS, PARENTS
from lab.motions import so3
from lab.scene import Array

_PULL: Final = 1.0 / 0.02**2  # a joint that is 2 cm off counts as much as one of stiffness 1 that is turned by 1 rad
_PIN: Final = 10.0 * _PULL  # so that a pull out of reach lifts no foot
_NEAR: Final = 0.05  # metres: further off, the pull grows no stronger
_STEPS: Final = 24
_STRIDE: Final = 0.6  # radians: no number changes more in one step
_SETTLED: Final = 2e-4  # radians and metres: a smaller step is none
_FREE: Final = np.pi  # radians: how far a number may go where there are no limits
_SHIFT: Final = 60.0  # stiffness of the translation, per m²: a metre is as a joint of stiffness 60 turned by 1 rad
_HELD: Final = 1e7  # stiffness of what may not move

STIFFNESS: Final[Mapping[str, float]] = {
    "pelvis": 12.0,
    "hip": 1.0,
    "knee": 0.6,
    "ankle": 2.0,
    "foot": 20.0,
    "spine1": 8.0,
    "spine2": 8.0,
    "spine3": 8.0,
    "neck": 8.0,
    "head": 12.0,
    "collar": 8.0,
    "shoulder": 1.0,
    "elbow": 0.6,
    "wrist": 8.0,
    "hand": 20.0,
}
"""By joint without its side: what a turn by 1 rad costs."""

_STIFF = np.array([STIFFNESS[name.removeprefix("left_").removeprefix("right_")] for name in JOINTS])
_BELOW = np.eye(len(JOINTS), dtype=bool)
for _joint in range(len(JOINTS) - 1, 0, -1):
    _BELOW[PARENTS[_joint]] |= _BELOW[_joint]
_ABOVE = np.repeat(np.repeat(_BELOW - 0.5 * np.eye(len(JOINTS)), 3, axis=0), 3, axis=1)  # 1/2 within a joint: symmetric


@dataclass(frozen=True, eq=False)
class Pull:
    """What is asked for. joint: the number of the joint; target: (3,) metres, world.

    pins: joints that stay where they are in the start pose. follow: whether the pelvis may move and turn.
    limits: whether joints keep within lab.body.limits. precision: (69, 69) of body_pose, symmetric and positive
    semidefinite, added to M; None is none.
    """

    joint: int
    target: Array
    pins: tuple[int, ...] = ()
    follow: bool = True
    limits: bool = True
    precision: Array | None = None


@dataclass(frozen=True, eq=False)
class Pulled:
    """pose: (24, 3) radians. transl: (3,) metres. off: how far the joint is from the target, metres. steps: taken."""

    pose: Array
    transl: Array
    off: float
    steps: int


class Chain:
    """The joints of a shaped body, (24, 3) at rest, metres: where they are in a pose, and what a pull makes of it."""

    def __init__(self, joints: npt.ArrayLike) -> None:
        self._rest = np.asarray(joints, np.float64)
        if self._rest.shape != (len(JOINTS), 3):
            raise ValueError(f"joints: expected ({len(JOINTS)}, 3), found {self._rest.shape}")
        self._bones = self._rest.copy()
        self._bones[1:] -= self._rest[list(PARENTS[1:])]

    def forward(self, x: Array) -> tuple[Array, Array]:
        """The joints in the world: places (24, 3), rotations (24, 3, 3). x: (75,), pose and then transl."""
        rotations = so3.exp(x[:-3].reshape(-1, 3))
        places = np.empty((len(JOINTS), 3))
        places[0] = self._bones[0] + x[-3:]
        for joint in range(1, len(JOINTS)):
            parent = PARENTS[joint]
            places[joint] = places[parent] + rotations[parent] @ self._bones[joint]
            rotations[joint] = rotations[parent] @ rotations[joint]
        return places, rotations

    def jacobian(self, x: Array, places: Array, rotations: Array, joints: Array) -> tuple[Array, Array]:
        """The derivative of some joints' places with respect to x, (K, 3, 75), and the axis of each number (24, 3, 3).

        joints: (K,) numbers. axes: [joint, number], world: what the number turns all that hangs on the joint about.
        """
        above = np.concatenate([np.eye(3)[None], rotations[list(PARENTS[1:])]])
        axes = above @ so3.left_jacobian(x[:-3].reshape(-1, 3))  # columns: the axis that each number turns about
        arms = places[joints][:, None] - places[None]  # (K, J, 3)
        turned = np.cross(axes[None], arms[..., None], axisa=2, axisb=2, axisc=2)  # (K, J, 3, number)
        turned = turned * _BELOW[:, joints].T[:, :, None, None]
        result = np.empty((len(joints), 3, len(x)))
        result[:, :, :-3] = turned.transpose(0, 2, 1, 3).reshape(len(joints), 3, -1)
        result[:, :, -3:] = np.eye(3)
        return result, np.swapaxes(axes, 1, 2)

    def pull(
        self, pose: npt.ArrayLike, transl: npt.ArrayLike, pull: Pull, begin: tuple[Array, Array] | None = None
    ) -> Pulled:
        """The pose that a pull makes of another one.

        pose: (24, 3) radians, transl: (3,) metres: where the pull began. begin: a pose and a transl to search from,
        such as the answer to a target nearby. A pose beyond the limits comes back within them. Never raises on a
        target that cannot be reached.
        """
        start = np.concatenate([np.asarray(pose, np.float64).reshape(-1), np.asarray(transl, np.float64)])
        low, high = _box(pull.limits, start)
        start = np.clip(start, low, high)
        x = start if begin is None else np.clip(np.concatenate([begin[0].reshape(-1), begin[1]]), low, high)
        problem = _Problem(self, start, pull)
        x, steps = _minimise(problem, x, low, high)
        places, _ = self.forward(x)
        off = float(np.linalg.norm(places[pull.joint] - pull.target))
        return Pulled(x[:-3].reshape(-1, 3).copy(), x[-3:].copy(), off, steps)


class _Problem:
    """The objective, its value, and its quadratic model."""

    def __init__(self, chain: Chain, start: Array, pull: Pull) -> None:
        self._chain, self._start = chain, start
        pins = tuple(pin for pin in pull.pins if pin != pull.joint)
        self._joints = np.array((pull.joint, *pins))
        begun, _ = chain.forward(start)
        self._targets = np.concatenate([np.asarray(pull.target, np.float64)[None], begun[list(pins)]])
        self._weights = np.array([_PULL, *[_PIN] * len(pins)])
        self._metric = _metric(pull)

    def value(self, x: Array) -> float:
        """The objective at x."""
        return self._sum(x, self._chain.forward(x)[0])

    def _sum(self, x: Array, places: Array) -> float:
        squares, change = np.square(places[self._joints] - self._targets).sum(axis=1), x - self._start
        if squares[0] > _NEAR**2:
            squares[0] = 2 * _NEAR * np.sqrt(squares[0]) - _NEAR**2
        return float(self._weights @ squares + change @ self._metric @ change)

    def model(self, x: Array) -> tuple[float, Array, Array, Array]:
        """Value, half the gradient (75,), half the Hessian (75, 75), and half that of Gauss and Newton, semidefinite.

        The Hessian has the bend of each arc, a_i x (a_j x arm): without it, a limb that is stretched towards a place
        out of reach swings to and fro. What the axes of one joint do to each other is left out.
        """
        places, rotations = self._chain.forward(x)
        jacobian, axes = self._chain.jacobian(x, places, rotations, self._joints)
        off, weights = places[self._joints] - self._targets, self._weights.copy()
        weights[0] *= min(1.0, _NEAR / max(float(np.linalg.norm(off[0])), _NEAR))
        force = weights[:, None] * off
        flat = jacobian.reshape(-1, len(x))
        gauss = (flat.T * np.repeat(weights, 3)) @ flat + self._metric
        gradient = force.reshape(-1) @ flat + self._metric @ (x - self._start)
        turns = np.cross(force[:, None], axes.reshape(-1, 3)[None])  # (K, 72, 3)
        bend = np.tensordot(turns, jacobian[:, :, :-3], axes=((0, 2), (0, 1))) * _ABOVE
        hessian = gauss.copy()
        hessian[:-3, :-3] += bend + bend.T
        return self._sum(x, places), gradient, hessian, gauss


def _minimise(problem: _Problem, x: Array, low: Array, high: Array) -> tuple[Array, int]:
    """Newton's steps, damped, within a box: numbers that push against their limit are left out of a step."""
    damping = 1e-4
    value, gradient, hessian, gauss = problem.model(x)
    for step in range(1, _STEPS + 1):
        free = ~(((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0)))
        change = np.zeros_like(x)
        change[free] = -_solve(hessian, gauss, gradient, free, damping)
        change *= min(1.0, _STRIDE / max(float(np.abs(change).max()), _STRIDE))
        tried = np.clip(x + change, low, high)
        now, moved = problem.value(tried), float(np.abs(tried - x).max())
        if now <= value:
            x, damping = tried, max(damping / 8, 1e-9)
            if moved < _SETTLED or value - now < 1e-6 * value:
                return x, step
            value, gradient, hessian, gauss = problem.model(x)
        else:
            damping = max(damping, 1e-4) * 8
            if moved < _SETTLED:
                return x, step
    return x, _STEPS


def _solve(hessian: Array, gauss: Array, gradient: Array, free: Array, damping: float) -> Array:
    """The damped step of the free numbers, by the Hessian where it is positive definite, else by Gauss and Newton's."""
    chosen = np.ix_(free, free)
    scale = damping * np.diag(np.diag(gauss[chosen]))
    try:
        return np.asarray(cho_solve(cho_factor(hessian[chosen] + scale, check_finite=False), gradient[free]))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.solve(gauss[chosen] + scale, gradient[free]))


def _metric(pull: Pull) -> Array:
    """M: (75, 75)."""
    stiff = np.concatenate([np.repeat(_STIFF, 3), np.full(3, _SHIFT)])
    if not pull.follow:
        stiff[:3] = stiff[-3:] = _HELD
    metric = np.diag(stiff)
    if pull.precision is not None:
        metric[3:-3, 3:-3] += pull.precision
    return metric


def _box(limits: bool, start: Array) -> tuple[Array, Array]:
    """The least and the most of each number, (75,). The pelvis and the translation are free."""
    low, high = np.full(len(start), -np.inf), np.full(len(start), np.inf)
    if limits:
        low[3:-3], high[3:-3] = LOW[1:].reshape(-1), HIGH[1:].reshape(-1)
    else:
        low[3:-3], high[3:-3] = -_FREE, _FREE
    return low, high
