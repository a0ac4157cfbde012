"""Limbs that point away in place of towards the camera: in the picture they nearly look alike.

Source: C. J. Taylor, "Reconstruction of Articulated Objects from Point Correspondences in a Single Uncalibrated Image"
(2000): each bone of known length has two directions that give the same picture.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.body.joint_model import JointModel
from lab.body.skeleton import joint
from lab.motions import so3
from lab.scene import Array

BONES: Final = tuple(
    (f"{side}_{start}", f"{side}_{end}", after)
    for side in ("left", "right")
    for start, end, after in (
        ("shoulder", "elbow", f"{side}_wrist"),
        ("elbow", "wrist", f"{side}_hand"),
        ("hip", "knee", f"{side}_ankle"),
        ("knee", "ankle", f"{side}_foot"),
    )
)
"""Where a bone begins and ends, and the joint after it, whose bone keeps its direction."""


def flipped(model: JointModel, x: Array, bone: tuple[str, str, str]) -> Array:
    """x with one bone mirrored in the plane across the line of sight; what hangs on it keeps its own directions."""
    start, end = joint(bone[0]), joint(bone[1])
    end_pose = 3 * model.joints
    places = model.forward(x[end_pose + 3 :], x[:end_pose], x[end_pose : end_pose + 3])
    ray = places.points[start] / np.linalg.norm(places.points[start])
    direction = places.points[end] - places.points[start]
    mirrored = direction - 2.0 * (direction @ ray) * ray
    turn = between(direction, mirrored)
    parent = int(model.parents[start])
    above = places.rotations[parent]
    result = x.copy()
    result[3 * start : 3 * start + 3] = so3.log(above.T @ turn @ places.rotations[start])
    # the joint after it keeps its rotation in the world
    result[3 * end : 3 * end + 3] = so3.log((turn @ places.rotations[start]).T @ places.rotations[end])
    return result


def between(a: Array, b: Array) -> Array:
    """The smallest rotation (3, 3) that takes the direction of ``a`` to that of ``b``."""
    cross, dot = np.cross(a, b), float(a @ b)
    sine = float(np.linalg.norm(cross))
    if sine < 1e-12 * max(abs(dot), 1e-12):
        if dot >= 0.0:
            return np.eye(3)
        other = np.cross(a, np.eye(3)[np.abs(a).argmin()])
        return so3.exp(np.pi * other / np.linalg.norm(other))
    return so3.exp(np.arctan2(sine, dot) * cross / sine)
