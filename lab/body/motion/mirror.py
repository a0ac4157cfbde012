"""The same motion with left and right exchanged."""

from __future__ import annotations

import numpy as np

from lab.body.skeleton import MIRROR
from lab.scene import Array


def mirrored(poses: Array) -> Array:
    """Poses (..., 24, 3), axis-angle, seen in a mirror that stands in the plane x = 0.

    A rotation vector is an axial one: its part along the mirror's normal stays, the others turn round.
    """
    return np.asarray(poses[..., list(MIRROR), :] * np.array([1.0, -1.0, -1.0]))
