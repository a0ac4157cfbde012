"""Where the joints of a moving body are: forward kinematics of all frames at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.body.skeleton import JOINTS, PARENTS
from lab.motions import so3
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Tracks:
    """Joints over time. rotations: (N, 24, 3, 3), in the world. places: (N, 24, 3), metres, world."""

    rotations: Array
    places: Array

    def carried(self, joints: Array, offsets: Array) -> Array:
        """Points that are fixed to joints: joints (P,) and offsets (P, 3) from them at rest -> (N, P, 3)."""
        turned = np.einsum("npij,pj->npi", self.rotations[:, joints], offsets, optimize=True)
        return np.asarray(turned + self.places[:, joints])

    def raised(self, heights: Array | float) -> Tracks:
        """The same, higher by (N,) or one number, metres."""
        up = np.zeros((len(self.places), 1, 3))
        up[:, 0, 1] = heights
        return Tracks(self.rotations, self.places + up)


def track(quaternions: Array, root: Array, rest: Array) -> Tracks:
    """quaternions: (N, 24, 4) wxyz, each relative to its parent. root: (N, 3), the pelvis. rest: (24, 3) joints."""
    local = so3.from_quaternion(quaternions)
    rotations = np.empty_like(local)
    places = np.empty((len(root), len(JOINTS), 3))
    rotations[:, 0], places[:, 0] = local[:, 0], root
    for joint in range(1, len(JOINTS)):
        above = PARENTS[joint]
        rotations[:, joint] = rotations[:, above] @ local[:, joint]
        places[:, joint] = places[:, above] + rotations[:, above] @ (rest[joint] - rest[above])
    return Tracks(rotations, places)
