"""A camera's pose as numbers that can be moved: the course's look-at position, or all of SE(3) with the focal length.

Frames. World: right-handed, Y up, metres. View: PyTorch3D's, +X left, +Y up, +Z into the scene, for row vectors,
``x_view = x_world @ R + T``. Focal lengths and principal points are in NDC, where the image's short side spans [-1, 1].
Sources: REFERENCE I.3 and III.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from lab.cameras.conventions import PyTorch3DCamera, from_pytorch3d, to_pytorch3d
from lab.cameras.model import CameraModel, look_at
from lab.motions import so3
from lab.scene import Array

UP = (0.0, 1.0, 0.0)


@dataclass(frozen=True, eq=False)
class Pose:
    """A perspective camera: R (3, 3), T (3,) for row vectors; focal (2,), principal (2,) in NDC. All float64."""

    R: Array
    T: Array
    focal: Array
    principal: Array

    @classmethod
    def of(cls, camera: CameraModel) -> Self:
        """The pose of the lab's own camera."""
        other = to_pytorch3d(camera)
        return cls(other.R, other.T, other.focal_length, other.principal_point)

    @classmethod
    def looking_at(cls, position: npt.ArrayLike, at: npt.ArrayLike, focal: float, up: Array | None = None) -> Self:
        """At ``position`` (3,), towards ``at`` (3,), upright, with one focal length and the principal point amid."""
        upward = UP if up is None else (float(up[0]), float(up[1]), float(up[2]))
        c2w = look_at(np.asarray(position, float), np.asarray(at, float), upward)
        R = c2w[:3, :3] * np.array([-1.0, 1.0, -1.0])
        return cls(R, -c2w[:3, 3] @ R, np.full(2, float(focal)), np.zeros(2))

    def camera(self, size: tuple[int, int], *, near: float = 0.01, far: float = 1000.0) -> CameraModel:
        """The lab's own camera for an image of ``size`` (H, W)."""
        other = PyTorch3DCamera(so3.project(self.R), self.T, self.focal, self.principal, size, True, False)
        return from_pytorch3d(other, near=near, far=far)

    @property
    def center(self) -> Array:
        """(3,): where the camera stands, world."""
        return np.asarray(-self.R @ self.T)

    def view(self, points: Array) -> Array:
        """Points (N, 3), world, in view coordinates."""
        return points @ self.R + self.T

    def turned(self, omega: npt.ArrayLike, shift: npt.ArrayLike, pivot: Array, log_focal: float = 0.0) -> Self:
        """The pose after the view was turned by ``omega`` (3,) about the point ``pivot`` and then moved.

        omega: radians, shift: (3,) metres, both along the camera's axes; pivot: (3,) world. log_focal: added to the
        logarithm of the focal lengths. It is x_view -> exp(omega) (x_view - p) + p + shift, p the pivot in the view.
        """
        turn = so3.exp(omega).T
        p = self.view(pivot)
        T = (self.T - p) @ turn + p + np.asarray(shift, float)
        return replace(self, R=self.R @ turn, T=T, focal=self.focal * np.exp(log_focal))


@dataclass(frozen=True, eq=False)
class PoseGradient:
    """The gradient of a scalar by a pose's own numbers: R (3, 3), T (3,), focal (2,)."""

    R: Array
    T: Array
    focal: Array


class Variables(Protocol):
    """A pose as free numbers. ``moved`` gives new ones; nothing is changed in place."""

    @property
    def pose(self) -> Pose: ...

    @property
    def count(self) -> int:
        """How many numbers."""
        ...

    def pull(self, gradient: PoseGradient) -> Array:
        """(count,) the gradient by these numbers, at zero movement."""
        ...

    def moved(self, delta: Array) -> Self:
        """After a movement by ``delta`` (count,)."""
        ...


@dataclass(frozen=True, eq=False)
class LookAt:
    """The course's variables: a camera at ``position`` (3,) that looks at ``at`` (3,), upright."""

    position: Array
    at: Array
    focal: float
    count: int = 3

    @property
    def pose(self) -> Pose:
        return Pose.looking_at(self.position, self.at, self.focal)

    def moved(self, delta: Array) -> Self:
        return replace(self, position=self.position + delta)

    def pull(self, gradient: PoseGradient) -> Array:
        """Back through T = -C R and R = [x y z] with z = (at - C)^, x = (up x z)^, y = z x x. (3,)."""
        R = self.pose.R
        pull_R = gradient.R - np.outer(self.position, gradient.T)
        pull_position = -R @ gradient.T
        x, _, z = R.T
        pull_x, pull_y, pull_z = pull_R.T
        pull_z = pull_z + np.cross(x, pull_y)
        pull_x = pull_x + np.cross(pull_y, z)
        across = float(np.linalg.norm(np.cross(UP, z)))
        if across > 1e-9:  # straight up or down, x does not depend on the position
            pull_z = pull_z + np.cross((pull_x - x * (x @ pull_x)) / across, UP)
        distance = float(np.linalg.norm(self.at - self.position))
        return np.asarray(pull_position - (pull_z - z * (z @ pull_z)) / distance)


@dataclass(frozen=True, eq=False)
class FreePose:
    """All of SE(3): a turn about ``pivot`` and a shift, along the camera's axes; with the focal length if ``zoom``.

    The six (or seven) numbers are a movement from ``at``: rotation vector (radians), shift (in units of ``unit``
    metres, the object's radius, so that all numbers move the image about as much), change of the logarithm of the
    focal length. About the object's own middle, turn and shift hardly disturb each other.
    """

    at: Pose
    pivot: Array
    unit: float = 1.0
    zoom: bool = False

    @property
    def pose(self) -> Pose:
        return self.at

    @property
    def count(self) -> int:
        return 7 if self.zoom else 6

    def moved(self, delta: Array) -> Self:
        log_focal = float(delta[6]) if self.zoom else 0.0
        return replace(self, at=self.at.turned(delta[:3], self.unit * delta[3:6], self.pivot, log_focal))

    def pull(self, gradient: PoseGradient) -> Array:
        pose = self.at
        M = pose.R.T @ gradient.R
        turn = -np.array([M[2, 1] - M[1, 2], M[0, 2] - M[2, 0], M[1, 0] - M[0, 1]])
        turn += np.cross(pose.T - pose.view(self.pivot), gradient.T)
        parts = [turn, self.unit * gradient.T]
        if self.zoom:
            parts.append(np.array([gradient.focal @ pose.focal]))
        return np.concatenate(parts)


def pose_errors(found: Pose, true: Pose, center: Array) -> tuple[float, float]:
    """How far a pose is from the true one: (rotation error, degrees; error of the distance, %).

    The distance is that of the camera from the object's middle ``center`` (3,), relative to the true one.
    """
    turn = float(np.degrees(so3.angle_between(found.R, true.R)))
    here, there = (float(np.linalg.norm(pose.view(center))) for pose in (found, true))
    return turn, 100.0 * abs(here - there) / there
