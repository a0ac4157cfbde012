"""The camera of the tracker: hard pictures of a model, conversion of poses to other cameras and back.

A *view* is the matrix (4, 4) float64 from the object's own frame to the lab's camera axes (+X right, +Y up, looking
along -Z), for column vectors. The object's own frame has the model's middle at the origin and its radius as the unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.pose.model import Model, Shape
from lab.pose.normal_kernels import hard_faces, project
from lab.pose.target import Window
from lab.pose.variables import Pose
from lab.scene import Array

_FLIP = np.array([-1.0, 1.0, -1.0])
"""The lab's camera axes in those of PyTorch3D's view space."""
NEAR = 1e-3
"""Of the object's radius: faces that come closer are left out."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A hard picture. rgb (H, W, 3) float32, 0 where nothing is seen; seen (H, W) bool."""

    rgb: Array
    seen: Array


@dataclass(frozen=True)
class Lens:
    """A perspective camera with its principal point amid. focal: NDC (the short side spans [-1, 1]). size: (H, W)."""

    focal: float
    size: tuple[int, int]

    @classmethod
    def of(cls, fov_deg: float, size: tuple[int, int]) -> Self:
        """With a field of view of ``fov_deg`` over the picture's height."""
        return cls(size[0] / min(size) / math.tan(math.radians(fov_deg) / 2), size)

    @property
    def window(self) -> Window:
        return Window.whole(self.size)

    def pose(self, view: Array, model: Model) -> Pose:
        """A view as the Pose of a camera in the model's working frame."""
        R = view[:3, :3].T * _FLIP
        return Pose(R, model.radius * view[:3, 3] * _FLIP - model.center @ R, np.full(2, self.focal), np.zeros(2))

    def draw(self, shape: Shape, pose: Pose, near: float) -> Drawn:
        """The shape pixel by pixel, in its corners' colours. near: least depth, metres."""
        found, where = covered(shape, pose, self.window, near)
        seen = found >= 0
        second, third = where[seen, 0], where[seen, 1]
        weights = np.stack([1.0 - second - third, second, third], axis=1)
        rgb = np.zeros((*self.size, 3), np.float32)
        rgb[seen] = np.einsum("nc,ncd->nd", weights, shape.colors[found[seen]])
        return Drawn(rgb, seen)


def covered(shape: Shape, pose: Pose, window: Window, near: float) -> tuple[Array, Array]:
    """The nearest face of every pixel (H, W) int32, -1 for none, and its barycentrics (H, W, 2) of corners 1 and 2."""
    ndc, _ = project(shape.verts, pose.R, pose.T, pose.focal, pose.principal, np.zeros(3), 1.0)
    return hard_faces(ndc, shape.faces, window.left, window.top, window.step, *window.size, near)


def view_of(pose: Pose, model: Model) -> Array:
    """The view (4, 4) of a Pose of the model's working frame."""
    out = np.eye(4)
    out[:3, :3] = (pose.R * _FLIP).T
    out[:3, 3] = pose.view(model.center) * _FLIP / model.radius
    return out
