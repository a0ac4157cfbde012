"""Hands that lean on the floor bend back at the wrist; recordings without hands would push them through it."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d

from lab.body.motion.soles import SIDES
from lab.body.motion.tracks import Tracks
from lab.body.skeleton import joint
from lab.motions import so3
from lab.scene import Array

FURTHEST: Final = 1.4
"""Radians that a wrist bends back at most."""

_STEPS = 57
_SMOOTH = 0.05  # seconds
_CLEAR = 0.02  # metres, about half of a hand's thickness


def bend_wrists(quaternions: Array, tracks: Tracks, tips: dict[str, Array], fps: float) -> Array:
    """The poses (N, 24, 4) with wrists bent back as far as their fingertips need to stay above the floor, y = 0.

    tips: by side, the place of the fingertips from the wrist at rest, (3,) metres. At rest the palms face down, so that
    bending back is a turn about Z.
    """
    bent = quaternions.copy()
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        wrist = joint(f"{side}_wrist")
        angles = np.linspace(0.0, FURTHEST, _STEPS)
        turned = so3.exp(sign * angles[:, None] * [0.0, 0.0, 1.0]) @ tips[side]
        heights = tracks.rotations[:, wrist, 1] @ turned.T + tracks.places[:, wrist, 1, None]
        free = heights >= _CLEAR
        first = np.where(free.any(axis=1), np.argmax(free, axis=1), np.argmax(heights, axis=1))
        angle = gaussian_filter1d(angles[first], max(_SMOOTH * fps, 1e-3), mode="nearest")
        turn = so3.quaternion_exp(sign * angle[:, None] * [0.0, 0.0, 1.0])
        bent[:, wrist] = so3.multiply(quaternions[:, wrist], turn)
    return bent
