"""Paths between two poses: the usual ways to interpolate, right and wrong, as functions of t in [0, 1].

A pose is a 4x4 matrix for column vectors. All functions take ts (T,) and return (T, ...) float64. The methods differ in
the rotation; the origin goes straight and evenly, but for the screw, which carries it along a helix.

Source: K. Shoemake, "Animating rotation with quaternion curves" (1985); F. Park, B. Ravani, "Smooth invariant
interpolation of rotations" (1997).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lab.motions import euler, se3, so3
from lab.scene import Array


@dataclass(frozen=True)
class Choices:
    """What some methods leave open.

    order: of the Euler angles. other_sign: take the second quaternion as -q, the same rotation. Two quaternions whose
    dot product is negative are more than 180° of rotation apart; library code flips one first, naive code does not.
    """

    order: euler.Order = "YXZ"
    other_sign: bool = False


class Rotation(Protocol):
    """A way from A to B, each (3, 3), at the times ts (T,): (T, 3, 3), which are not always rotations."""

    def __call__(self, A: Array, B: Array, ts: Array, choices: Choices) -> Array: ...


def slerp(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    """The shortest way on the sphere of unit quaternions, evenly: A exp(t log(A^T B)).

    With the other sign it is the long way round, the rest of the full turn.
    """
    omega = so3.log(A.T @ B)
    if choices.other_sign:
        omega = so3.long_way(omega)
    return A @ so3.exp(ts[:, None] * omega)


def nlerp(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    """A straight line between the quaternions, scaled back to length 1: the way of slerp, not evenly.

    Half-way between q and -q the line goes through 0, which is no rotation; NaN then.
    """
    line = _quaternion_line(A, B, ts, choices)
    length = np.linalg.norm(line, axis=-1)
    out = np.full((len(ts), 3, 3), np.nan)
    sound = length > 1e-9
    out[sound] = so3.from_quaternion(line[sound])
    return out


def lerp(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    """A straight line between the quaternions, not scaled back: x -> q x q*, which scales by |q|²."""
    length = np.linalg.norm(_quaternion_line(A, B, ts, choices), axis=-1)
    rotations = np.nan_to_num(nlerp(A, B, ts, choices))
    return rotations * np.square(length)[:, None, None]


def euler_angles(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    """Each of the three angles goes straight from its one number to the other."""
    first, second = euler.from_matrix(A, choices.order), euler.from_matrix(B, choices.order)
    return euler.to_matrix(first + ts[:, None] * (second - first), choices.order)


def matrix_line(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    """(1 - t) A + t B, entry by entry: not a rotation on the way, and the object shrinks."""
    return A + ts[:, None, None] * (B - A)


def matrix_projected(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    """The rotation nearest to (1 - t) A + t B. Not unique half-way through a half turn."""
    return so3.project(matrix_line(A, B, ts, choices))


ROTATIONS: Mapping[str, Rotation] = MappingProxyType(
    {
        "slerp": slerp,
        "nlerp": nlerp,
        "quaternion": lerp,
        "euler": euler_angles,
        "matrix": matrix_line,
        "projected": matrix_projected,
    }
)
"""The ways that treat rotation and translation apart."""

METHODS: tuple[str, ...] = ("slerp", "screw", "euler", "matrix", "projected", "nlerp", "quaternion")


def screw(A: npt.ArrayLike, B: npt.ArrayLike, ts: npt.ArrayLike) -> Array:
    """The geodesic of SE(3), A exp(t log(A^-1 B)): one even screw motion. (4, 4) twice and (T,) -> (T, 4, 4)."""
    A = np.asarray(A, np.float64)
    xi = se3.log(se3.inverse(A) @ B)
    return A @ se3.exp(np.asarray(ts, np.float64)[:, None] * xi)


def path(method: str, A: npt.ArrayLike, B: npt.ArrayLike, ts: npt.ArrayLike, choices: Choices | None = None) -> Array:
    """Poses on the way from A to B, each (4, 4), at the times ts (T,), by a method of ``METHODS``: (T, 4, 4).

    The upper left (3, 3) of "matrix" and "quaternion" is not a rotation on the way. Raises KeyError for another method.
    """
    A, B, ts = np.asarray(A, np.float64), np.asarray(B, np.float64), np.asarray(ts, np.float64)
    if method == "screw":
        return screw(A, B, ts)
    turned = ROTATIONS[method](A[:3, :3], B[:3, :3], ts, choices or Choices())
    return se3.matrix(turned, A[:3, 3] + ts[:, None] * (B[:3, 3] - A[:3, 3]))


@dataclass(frozen=True, eq=False)
class Course:
    """How a path goes, at its times ts (T,).

    from_start: (T,) the angle from the first pose, radians, in [0, pi]. speed: (T - 1,) angular speed between two
    times, radians per unit of t. determinant: (T,) of the (3, 3) part: 1 for a rotation, the volume of the object else.
    turned: the length of the way in SO(3), radians; NaN if some pose has no nearest rotation.
    travelled: the length of the origin's way, metres.
    """

    ts: Array
    from_start: Array
    speed: Array
    determinant: Array
    turned: float
    travelled: float

    @property
    def determinant_error(self) -> float:
        """The largest |det - 1|; NaN counts as 1, as the object is gone there."""
        return float(np.nan_to_num(np.abs(self.determinant - 1), nan=1.0).max())


def course(poses: Array, ts: Array) -> Course:
    """Measures a path of poses (T, 4, 4) at increasing times ts (T,), T > 1, by the rotations nearest to them."""
    linear = poses[:, :3, :3]
    turns = _nearest(linear)
    steps = so3.angle_between(turns[:-1], turns[1:])
    return Course(
        ts=ts,
        from_start=so3.angle_between(turns[0], turns),
        speed=steps / np.diff(ts),
        determinant=_determinant(linear),
        turned=float(steps.sum()),
        travelled=float(np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1).sum()),
    )


def _nearest(linear: Array) -> Array:
    """The nearest rotations (T, 3, 3); NaN where there is none, as the matrix is flat or missing."""
    out = np.full(linear.shape, np.nan)
    sound = np.nan_to_num(_determinant(linear)) > 1e-12
    out[sound] = so3.project(linear[sound])
    return out


def _determinant(linear: Array) -> Array:
    with np.errstate(invalid="ignore"):  # of matrices with NaN
        return np.linalg.det(linear)


def _quaternion_line(A: Array, B: Array, ts: Array, choices: Choices) -> Array:
    p, q = so3.to_quaternion(A), so3.to_quaternion(B)
    if (p @ q < 0) != choices.other_sign:
        q = -q
    return p + ts[:, None] * (q - p)
