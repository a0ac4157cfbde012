"""Feet that stand do not slide: the legs follow by inverse kinematics."""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.body.motion.contacts import runs
from lab.body.motion.tracks import Tracks
from lab.body.motion.two_bones import move_ankle
from lab.body.skeleton import PARENTS, joint
from lab.motions import so3
from lab.scene import Array

BLEND: Final = 0.15
"""Seconds before and after a contact over which the leg goes over into the motion as it was."""

_MOST = 0.12  # metres; a foot that slides further does so on purpose
_DOWN = 0.012  # metres; a leg that is stretched further to reach the floor would lock its knee
_HIPS = {"left": ("left_hip", "left_knee", "left_ankle"), "right": ("right_hip", "right_knee", "right_ankle")}


def correction(points: Array, standing: Array, fps: float) -> Array:
    """How a foot has to be moved so that what stands of it neither slides nor sinks: (N, 3), metres, world.

    points: (N, 2, 3), heel and toe. standing: (N, 2). Within a contact the way of the standing point is undone, so that
    heel and toe may take turns, and the foot stands where it was on the average. Around it the correction fades.
    """
    moved = np.zeros((len(points), 3))
    anchored = np.zeros(len(points), bool)
    for first, last in runs(np.asarray(standing.any(axis=1))):
        own, down = points[first:last], standing[first:last]
        slid = np.zeros((last - first, 3))
        slid[1:] = -np.cumsum(_step(own, down), axis=0)
        slid[:, [0, 2]] -= slid[:, [0, 2]].mean(axis=0)
        slid[:, 1] = np.maximum(-own[..., 1].min(axis=1), -_DOWN)  # a heel that rises over the toe is not pulled down
        if np.abs(slid).max() <= _MOST:
            moved[first:last], anchored[first:last] = slid, True
    return _faded(moved, anchored, max(1, round(BLEND * fps)))


def plant(quaternions: Array, tracks: Tracks, corrections: dict[str, Array]) -> Array:
    """The poses (N, 24, 4) with the ankles moved by ``corrections``: by side, (N, 3) metres. Feet keep their turn."""
    planted = quaternions.copy()
    for side, moved in corrections.items():
        numbers = [joint(name) for name in _HIPS[side]]
        hip, knee, ankle = (tracks.places[:, number] for number in numbers)
        thigh, shin = move_ankle(hip, knee, ankle, ankle + moved)
        foot = tracks.rotations[:, numbers[2]]
        above = tracks.rotations[:, PARENTS[numbers[0]]]
        turns = (thigh @ tracks.rotations[:, numbers[0]], shin @ tracks.rotations[:, numbers[1]], foot)
        for number, turned in zip(numbers, turns, strict=True):
            planted[:, number] = so3.to_quaternion(np.swapaxes(above, -1, -2) @ turned)
            above = turned
    return planted


def _step(points: Array, standing: Array) -> Array:
    """From each frame to the next, the level way of what stands in both; of the lower point if that changes: (M, 3)."""
    steps = np.diff(points, axis=0)
    both = standing[1:] & standing[:-1]
    lower = np.argmin(points[1:, :, 1] + points[:-1, :, 1], axis=1)
    weights = np.where(both.any(axis=1, keepdims=True), both, np.eye(2, dtype=bool)[lower]).astype(np.float64)
    step = np.einsum("np,npd->nd", weights / weights.sum(axis=1, keepdims=True), steps)
    step[:, 1] = 0.0
    return np.asarray(step)


def _faded(moved: Array, anchored: Array, blend: int) -> Array:
    """Frames without contact go smoothly from the correction of the one before to that of the next, or to none."""
    faded = moved.copy()
    for first, last in runs(~anchored):
        ahead, behind = np.arange(last - first) + 1.0, np.arange(last - first)[::-1] + 1.0
        if first > 0:
            faded[first:last] += _ease(1 - ahead / blend)[:, None] * moved[first - 1]
        if last < len(moved):
            faded[first:last] += _ease(1 - behind / blend)[:, None] * moved[last]
    return faded


def _ease(share: Array) -> Array:
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(share * share * (3 - 2 * share))
