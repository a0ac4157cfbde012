"""How far each joint of a healthy adult turns: limits of the numbers of SMPL's pose.

A pose is an axis-angle vector for each joint, from the T-pose: x to the left, y up, z to the front. The limits are a
box for each of these vectors. At hinges (knee, elbow) that is exact; at ball joints a box has corners that a body has
not. The ranges are those of textbooks of anatomy, rounded: knee 150°, elbow 150°, hip 125° forward and 30° back, ...
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from lab.body.skeleton import JOINTS, MIRROR
from lab.scene import Array

_Range = tuple[float, float]
_WHOLE: Final[_Range] = (-180.0, 180.0)

_DEGREES: Final[dict[str, tuple[_Range, _Range, _Range]]] = {
    "pelvis": (_WHOLE, _WHOLE, _WHOLE),  # it carries the whole body, which may face anywhere
    "left_hip": ((-125.0, 30.0), (-50.0, 50.0), (-30.0, 65.0)),
    "left_knee": ((0.0, 150.0), (-15.0, 15.0), (-5.0, 5.0)),
    "left_ankle": ((-35.0, 55.0), (-30.0, 30.0), (-25.0, 25.0)),
    "left_foot": ((-60.0, 35.0), (-8.0, 8.0), (-8.0, 8.0)),
    "spine1": ((-20.0, 45.0), (-20.0, 20.0), (-25.0, 25.0)),
    "spine2": ((-15.0, 35.0), (-25.0, 25.0), (-20.0, 20.0)),
    "spine3": ((-15.0, 30.0), (-20.0, 20.0), (-15.0, 15.0)),
    "neck": ((-40.0, 40.0), (-45.0, 45.0), (-30.0, 30.0)),
    "head": ((-30.0, 35.0), (-45.0, 45.0), (-25.0, 25.0)),
    "left_collar": ((-12.0, 12.0), (-30.0, 20.0), (-15.0, 40.0)),
    "left_shoulder": ((-95.0, 95.0), (-135.0, 55.0), (-100.0, 100.0)),
    "left_elbow": ((-100.0, 100.0), (-150.0, 3.0), (-35.0, 35.0)),
    "left_wrist": ((-40.0, 40.0), (-35.0, 35.0), (-80.0, 75.0)),
    "left_hand": ((-10.0, 10.0), (-10.0, 10.0), (-60.0, 20.0)),
}
"""(least, most) about x, y and z, of the middle and of the left side. The right side is its mirror image."""

_NEAR: Final = math.radians(0.5)


def _of(index: int) -> npt.NDArray[np.float64]:
    """(3, 2) radians: the limits of one joint."""
    name = JOINTS[index]
    if name in _DEGREES:
        return np.radians(_DEGREES[name])
    (x0, x1), (y0, y1), (z0, z1) = _DEGREES[JOINTS[MIRROR[index]]]
    return np.radians([(x0, x1), (-y1, -y0), (-z1, -z0)])


_BOX = np.array([_of(index) for index in range(len(JOINTS))])
LOW: Final[Array] = np.ascontiguousarray(_BOX[:, :, 0])
"""(24, 3) radians: the least that each number of a pose may be."""
HIGH: Final[Array] = np.ascontiguousarray(_BOX[:, :, 1])
"""(24, 3) radians: the most."""
LOW.flags.writeable = HIGH.flags.writeable = False


def clamp(pose: npt.ArrayLike) -> Array:
    """The nearest pose within the limits: (..., 24, 3) radians -> (..., 24, 3) float64."""
    return np.clip(np.asarray(pose, np.float64), LOW, HIGH)


def excess(pose: npt.ArrayLike) -> Array:
    """How far each number of a pose is beyond its limit, radians, 0 within: (..., 24, 3) -> (..., 24, 3) float64."""
    vectors = np.asarray(pose, np.float64)
    return vectors - clamp(vectors)


def at_limit(pose: npt.ArrayLike) -> tuple[str, ...]:
    """The joints of which a number is at its limit or beyond, within half a degree. pose: (24, 3) radians.

    The pelvis has none. A knee or an elbow that is straight is where it always is at rest, and not told.
    """
    vectors = np.asarray(pose, np.float64)
    turned = np.abs(vectors) > _NEAR
    near = ((vectors <= LOW + _NEAR) | (vectors >= HIGH - _NEAR)) & turned
    found = np.asarray(near.any(axis=1))
    return tuple(JOINTS[index] for index in range(1, len(JOINTS)) if found[index])
