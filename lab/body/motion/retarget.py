"""Laying the rotations of another skeleton onto SMPL's joints.

Both skeletons are brought into the same pose in thought: A turns a bone of the body, as it is at rest, into the
direction that the other skeleton's bone has at rest, by the shortest way. What the other bone turns from there, W, the
body's bone turns as well, so that its rotation in the world is W A. Joints that the other skeleton lacks share the
turn between those that it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from lab.body.skeleton import JOINTS, PARENTS, joint
from lab.motions import so3
from lab.scene import Array

ENDS: Final = {
    "left_hip": "left_knee",
    "right_hip": "right_knee",
    "left_knee": "left_ankle",
    "right_knee": "right_ankle",
    "left_shoulder": "left_elbow",
    "right_shoulder": "right_elbow",
    "left_elbow": "left_wrist",
    "right_elbow": "right_wrist",
}
"""The bones of the limbs: from which joint to which. Their directions are what has to look alike."""

CHAINS: Final = (("pelvis", "spine1", "spine2", "spine3"), ("spine3", "neck", "head"))
"""Joints in a row. Those that are not known share the turn between the known ones evenly."""

_COLLAR = 0.22
"""How much of the upper arm's swing from the side of the T-pose the collar takes, as the shoulder blade does. [-]"""


def shortest(start: Array, end: Array) -> Array:
    """The rotation that takes direction ``start`` to ``end`` by the shortest way: (..., 3) twice -> (..., 3, 3)."""
    start = np.asarray(start, np.float64) / np.linalg.norm(start, axis=-1, keepdims=True)
    end = np.asarray(end, np.float64) / np.linalg.norm(end, axis=-1, keepdims=True)
    across = np.cross(start, end)
    sine = np.linalg.norm(across, axis=-1, keepdims=True)
    cosine = np.sum(start * end, axis=-1, keepdims=True)
    other = np.where(np.abs(start[..., :1]) < 0.9, np.cross(start, [1.0, 0, 0]), np.cross(start, [0, 1.0, 0]))
    axis = np.where(sine > 1e-9, across / np.maximum(sine, 1e-9), other / np.linalg.norm(other, axis=-1, keepdims=True))
    return so3.exp(axis * np.arctan2(sine, cosine))


def alignments(rest: Array, directions: Mapping[str, Array]) -> dict[str, Array]:
    """A of each bone that has a direction, (3, 3): from the body's rest joints ``rest`` (24, 3) to ``directions``."""
    found = {}
    for name, direction in directions.items():
        own = rest[joint(ENDS[name])] - rest[joint(name)]
        found[name] = shortest(own, direction)
    return found


def retarget(world: Mapping[str, Array], aligned: Mapping[str, Array]) -> Array:
    """Poses (N, 24, 3), axis-angle relative to the parents, radians.

    world: rotation of joints in the world (N, 3, 3), from the other skeleton's rest to each frame, by SMPL's names; the
    pelvis must be among them. aligned: A by name, see ``alignments``; none is the identity.
    """
    known = {name: turns @ aligned[name] if name in aligned else np.asarray(turns) for name, turns in world.items()}
    for chain in CHAINS:
        _share(known, chain)
    for side in ("left", "right"):
        if f"{side}_collar" not in known and f"{side}_shoulder" in known:
            known[f"{side}_collar"] = _collar(known["spine3"], known[f"{side}_shoulder"], side)
    frames = np.empty((len(known["pelvis"]), len(JOINTS), 3, 3))
    poses = np.empty((*frames.shape[:2], 3))
    for index, name in enumerate(JOINTS):
        above = frames[:, PARENTS[index]] if index else np.eye(3)
        frames[:, index] = known.get(name, above)
        poses[:, index] = so3.log(np.swapaxes(above, -1, -2) @ frames[:, index])
    return poses


def _share(known: dict[str, Array], chain: tuple[str, ...]) -> None:
    """Fill the gaps of a chain: between two known joints by even steps, behind the last one nothing turns."""
    places = [place for place, name in enumerate(chain) if name in known]
    for first, last in pairwise(places):
        start = known[chain[first]]
        way = so3.log(np.swapaxes(start, -1, -2) @ known[chain[last]])
        for place in range(first + 1, last):
            known[chain[place]] = start @ so3.exp(way * ((place - first) / (last - first)))
    for place in range(places[-1] + 1, len(chain)):
        known[chain[place]] = known[chain[places[-1]]]


def _collar(chest: Array, arm: Array, side: str) -> Array:
    """The collar's rotation in the world: it follows the upper arm a part of its way."""
    outwards = np.array([1.0 if side == "left" else -1.0, 0.0, 0.0])
    local = (np.swapaxes(chest, -1, -2) @ arm) @ outwards
    swing = so3.log(shortest(np.broadcast_to(outwards, local.shape), local))
    lowered = np.minimum(1.0, 0.6 / np.maximum(np.linalg.norm(swing, axis=-1, keepdims=True) * _COLLAR, 1e-9))
    return chest @ so3.exp(_COLLAR * lowered * swing)
