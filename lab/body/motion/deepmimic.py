"""Reads the motion files of DeepMimic (X. B. Peng et al., "DeepMimic", 2018): humanoid3d_*.txt.

A frame has 44 numbers: seconds until the next one; the root's place; and the rotations of root, chest, neck, then of
hip, knee, ankle, shoulder and elbow on the right side and on the left. Ball joints are quaternions wxyz, knees and
elbows are angles about Z. Its world is Y up and the person faces +X; at rest the arms hang.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from lab.body.motion.clip import Clip
from lab.body.motion.retarget import alignments, retarget
from lab.formats.base import FormatError
from lab.motions import so3
from lab.scene import Array

_COLUMNS = 44
_TO_LAB: Final = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
_LEG = 0.421546 + 0.409870  # metres, thigh and shin of its humanoid
_DOWN: Final = np.array([0.0, -1.0, 0.0])


def read_deepmimic(path: Path, rest: Array) -> Clip:
    """A motion, with its frames evenly spaced at the rate of the file's shortest step.

    rest: (24, 3) joints of the body at rest. Raises FormatError for a file of another kind.
    """
    try:
        content = json.loads(path.read_text())
        frames = np.array(content["Frames"], np.float64)
        loops = content.get("Loop") == "wrap"
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path.name} cannot be read: it is no motion of DeepMimic.") from error
    if frames.ndim != 2 or frames.shape[1] != _COLUMNS or len(frames) < 2 or not np.isfinite(frames).all():
        raise FormatError(f"{path.name} cannot be read: expected frames of {_COLUMNS} numbers.")
    steps = frames[:-1, 0]
    if not np.all(steps > 0):
        raise FormatError(f"{path.name} cannot be read: a frame lasts no time at all.")
    world = _world_rotations(frames)
    directions = {name: _DOWN for side in ("left", "right") for name in _limbs(side)}
    poses = retarget(world, alignments(rest, directions))
    name = path.stem.removeprefix("humanoid3d_")
    clip = Clip(name, poses, frames[:, 1:4] @ _TO_LAB.T, 1 / steps.min(), _LEG, loops=loops)
    return clip if np.ptp(steps) < 1e-3 * steps.min() else _even(clip, np.concatenate([[0.0], np.cumsum(steps)]))


def _limbs(side: str) -> tuple[str, ...]:
    return tuple(f"{side}_{name}" for name in ("hip", "knee", "shoulder", "elbow"))


def _world_rotations(frames: Array) -> dict[str, Array]:
    """Of its joints, by SMPL's names, (N, 3, 3): from its rest, in the axes of the lab."""

    def ball(first: int) -> Array:
        return _TO_LAB @ so3.from_quaternion(frames[:, first : first + 4]) @ _TO_LAB.T

    def hinge(column: int) -> Array:
        return so3.exp(frames[:, column, None] * (_TO_LAB @ np.array([0.0, 0.0, 1.0])))

    pelvis = ball(4)
    chest = pelvis @ ball(8)
    world = {"pelvis": pelvis, "spine3": chest, "head": chest @ ball(12)}
    for side, first in (("right", 16), ("left", 30)):
        world[f"{side}_hip"] = pelvis @ ball(first)
        world[f"{side}_knee"] = world[f"{side}_hip"] @ hinge(first + 4)
        world[f"{side}_ankle"] = world[f"{side}_knee"] @ ball(first + 5)
        world[f"{side}_shoulder"] = chest @ ball(first + 9)
        world[f"{side}_elbow"] = world[f"{side}_shoulder"] @ hinge(first + 13)
    return world


def _even(clip: Clip, times: Array) -> Clip:
    """The same motion with a frame every 1 / fps, interpolated on the sphere of rotations."""
    wanted = np.arange(int(times[-1] * clip.fps) + 1) / clip.fps
    right = np.clip(np.searchsorted(times, wanted, side="right"), 1, len(times) - 1)
    left = right - 1
    share = ((wanted - times[left]) / (times[right] - times[left]))[:, None]
    start, end = so3.exp(clip.poses[left]), so3.exp(clip.poses[right])
    way = so3.log(np.swapaxes(start, -1, -2) @ end)
    poses = so3.log(start @ so3.exp(way * share[..., None]))
    root = clip.root[left] * (1 - share) + clip.root[right] * share
    return Clip(clip.name, poses, root, clip.fps, clip.leg, loops=clip.loops)
