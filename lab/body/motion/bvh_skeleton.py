"""Other skeletons: which of their joints are SMPL's, and how their rotations become those of the body.

In one reference pose, at rest or in the first frame, the body is posed by where the joints are: bones point the same
way, and what that leaves open follows from the hips, the shoulders and the level feet. From there on every joint of
the body turns as its counterpart does: R(t) = W(t) W(ref)^T R(ref).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.body.motion.bvh_names import match
from lab.body.motion.clip import Clip
from lab.body.motion.retarget import ENDS, retarget, shortest
from lab.body.skeleton import joint
from lab.motions import so3
from lab.scene import Array

UNITS: Final = {"metres": 1.0, "centimetres": 0.01, "millimetres": 0.001, "inches": 0.0254, "CMU's units": 0.056444}
"""What 1 may mean in a file: the one is taken that gives legs of a person's length."""

_LEG = 0.82  # metres
_UP: Final = np.array([0.0, 1.0, 0.0])
_Z_TO_Y: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


def lay_onto(
    name: str,
    names: list[str],
    parents: list[int],
    neutral: Array,
    rotations: Array,
    places: Array,
    fps: float,
    rest: Array,
) -> Clip:
    """A motion of SMPL's joints from that of another skeleton of J joints.

    neutral: (J, 3) places at rest. rotations: (N, J, 3, 3) in the world. places: (N, J, 3). rest: (24, 3), the body's
    joints. Raises ValueError when the skeleton is not that of a person.
    """
    found = match(names, parents)
    if _is_person(neutral, found):
        reference, turned = neutral, np.broadcast_to(np.eye(3), rotations.shape[1:])
    else:  # such as skeletons whose bones all lie along one axis at rest
        reference, turned = places[0], rotations[0]
    to_lab = _Z_TO_Y if _is_z_up(reference, places, found) else np.eye(3)
    scale, leg = _scale(neutral, found)
    posed = pose_by_places({key: reference[number] @ to_lab.T for key, number in found.items()}, rest)
    world = {
        key: to_lab @ rotations[:, number] @ (turned[number].T @ to_lab.T @ posed[key])
        for key, number in found.items()
        if key in posed
    }
    root = places[:, found["pelvis"]] @ to_lab.T * scale
    return Clip(name, retarget(world, {}), root, fps, leg)


def pose_by_places(places: dict[str, Array], rest: Array) -> dict[str, Array]:
    """The rotation of each joint in the world, (3, 3), so that the body at rest (24, 3) looks like ``places``.

    places: (3,) by SMPL's names. Y is up, and the feet stand level.
    """
    pelvis = (
        _frame(places, "left_hip", "right_hip", "pelvis", _first(places, "spine3", "neck", "head"))
        @ _frame(
            {name: rest[joint(name)] for name in ("left_hip", "right_hip", "pelvis", "spine3")},
            *("left_hip", "right_hip", "pelvis", "spine3"),
        ).T
    )
    chest = _frame(places, "left_shoulder", "right_shoulder", "pelvis", _first(places, "neck", "spine3", "head"))
    own = {name: rest[joint(name)] for name in ("left_shoulder", "right_shoulder", "pelvis", "neck")}
    chest = chest @ _frame(own, "left_shoulder", "right_shoulder", "pelvis", "neck").T
    turns = {"pelvis": pelvis, "spine1": pelvis, "spine2": chest, "spine3": chest, "neck": chest, "head": chest}
    for side in ("left", "right"):
        turns[f"{side}_collar"] = chest
        for start, above in ((f"{side}_hip", pelvis), (f"{side}_shoulder", chest)):
            turns[start] = _along(start, above, places, rest)
            below = ENDS[start]
            turns[below] = _along(below, turns[start], places, rest)
        turns[f"{side}_wrist"] = turns[f"{side}_hand"] = turns[f"{side}_elbow"]
        turns[f"{side}_ankle"] = turns[f"{side}_foot"] = _level_foot(side, pelvis, places)
    return turns


def _along(name: str, above: Array, places: dict[str, Array], rest: Array) -> Array:
    """As the joint above, and then the shortest way to where the bone points."""
    if ENDS[name] not in places:
        return above
    own = above @ (rest[joint(ENDS[name])] - rest[joint(name)])
    return shortest(own, places[ENDS[name]] - places[name]) @ above


def _level_foot(side: str, pelvis: Array, places: dict[str, Array]) -> Array:
    """A foot that stands level and points where its toes are, or where the pelvis faces."""
    forward = pelvis[:, 2]
    if f"{side}_foot" in places:
        forward = places[f"{side}_foot"] - places[f"{side}_ankle"]
    level = forward - (forward @ _UP) * _UP
    if np.linalg.norm(level) < 1e-6:
        level = pelvis[:, 2] - (pelvis[:, 2] @ _UP) * _UP
    return so3.exp(np.arctan2(level[0], level[2]) * _UP)


def _frame(places: dict[str, Array], left: str, right: str, low: str, high: str) -> Array:
    """The axes (3, 3) of a trunk: X to its left, Y up along it."""
    across, up = places[left] - places[right], places[high] - places[low]
    forward = np.cross(across, up)
    if not np.linalg.norm(forward) > 1e-9:
        raise ValueError("its hips, its shoulders and its spine lie on one line")
    x, z = across / np.linalg.norm(across), forward / np.linalg.norm(forward)
    return np.stack([x, np.cross(z, x), z], axis=1)


def _first(places: dict[str, Array], *names: str) -> str:
    return next(name for name in names if name in places)


def _is_person(neutral: Array, found: dict[str, int]) -> bool:
    """Whether the legs go another way than the trunk, and the shoulders the same way as the hips."""
    at = {name: neutral[number] for name, number in found.items()}
    trunk = at[_first(at, "neck", "head", "spine3")] - at["pelvis"]
    legs = at["left_ankle"] + at["right_ankle"] - at["left_hip"] - at["right_hip"]
    hips, shoulders = at["left_hip"] - at["right_hip"], at["left_shoulder"] - at["right_shoulder"]
    return _cosine(trunk, legs) < -0.5 and _cosine(hips, shoulders) > 0.5


def _is_z_up(reference: Array, places: Array, found: dict[str, int]) -> bool:
    """By where the trunk points, in the reference pose and in the motion."""
    top = found[_first(dict.fromkeys(found, reference), "neck", "head", "spine3")]
    trunk = reference[top] - reference[found["pelvis"]]
    moving = (places[:, top] - places[:, found["pelvis"]]).mean(axis=0)
    up = trunk / np.linalg.norm(trunk) + moving / max(float(np.linalg.norm(moving)), 1e-9)
    return bool(abs(up[2]) > abs(up[1]))


def _scale(neutral: Array, found: dict[str, int]) -> tuple[float, float]:
    """Metres for one of the file's units, and the length of the legs in metres."""
    chain = neutral[[found["left_hip"], found["left_knee"], found["left_ankle"]]]
    length = float(np.linalg.norm(np.diff(chain, axis=0), axis=1).sum())
    if not length > 0:
        raise ValueError("its legs have no length")
    unit = min(UNITS.values(), key=lambda scale: abs(np.log(scale * length / _LEG)))
    return unit, unit * length


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
