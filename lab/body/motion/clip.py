"""A motion of the body: a pose for each frame, in SMPL's order of joints."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lab.body.skeleton import JOINTS
from lab.motions import so3
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Clip:
    """A motion, N frames. World: metres, Y up.

    poses: (N, 24, 3) float64 axis-angle, radians, each joint relative to its parent, the pelvis first.
    root: (N, 3) float64, where the pelvis joint is. leg: metres from hip over knee to ankle of the one who moved, by
    which the way is scaled to another body. fps: frames a second. betas: of the one who moved, (B,), or empty where
    unknown. loops: whether the last frame leads into the first.
    """

    name: str
    poses: Array
    root: Array
    fps: float
    leg: float
    gender: str = "neutral"
    betas: Array = field(default_factory=lambda: np.zeros(0))
    loops: bool = False

    def __post_init__(self) -> None:
        count = len(self.root)
        if self.poses.shape != (count, len(JOINTS), 3) or self.root.shape != (count, 3) or count == 0:
            raise ValueError(f"Clip: expected poses (N, 24, 3) and root (N, 3), found {self.poses.shape}")

    def __len__(self) -> int:
        return len(self.poses)

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return (len(self) - 1) / self.fps

    @cached_property
    def quaternions(self) -> Array:
        """(N, 24, 4) wxyz of the poses, each in the half of the sphere where the frame before it is."""
        return continuous(so3.quaternion_exp(self.poses))


def continuous(quaternions: Array) -> Array:
    """The same rotations (N, ..., 4), their signs chosen so that neighbours in time are near each other."""
    same = np.sum(quaternions[1:] * quaternions[:-1], axis=-1, keepdims=True) >= 0
    signs = np.cumprod(np.where(same, 1.0, -1.0), axis=0)
    return np.asarray(np.concatenate([quaternions[:1], quaternions[1:] * signs]))
