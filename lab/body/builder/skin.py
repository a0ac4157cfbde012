"""Skinning weights: MakeHuman's 163 bones gathered onto SMPL's 24 joints; and where those joints are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lab.body.builder.source import Source, SourceError
from lab.body.skeleton import JOINTS, MIRROR
from lab.scene import Array

MOST: Final = 4  # weights of a vertex, as in SMPL

BONES: Final = {
    "root": "pelvis",
    "pelvis": "pelvis",
    "spine05": "pelvis",
    "spine04": "spine1",
    "spine03": "spine1",
    "spine02": "spine2",
    "breast": "spine2",
    "spine01": "spine3",
    "neck": "neck",
    "head": "head",
    "clavicle": "collar",
    "shoulder01": "collar",
    "upperarm": "shoulder",
    "lowerarm": "elbow",
    "wrist": "wrist",
    "metacarpal": "wrist",
    "finger1": "wrist",  # the thumb stays when the fingers bend
    "finger": "hand",
    "upperleg": "hip",
    "lowerleg": "knee",
    "foot": "ankle",
    "toe": "foot",
}
"""Start of a bone's name -> the joint, without its side, that it follows. Others follow their parent's."""

CUBES: Final = {
    "pelvis": ("pelvis",),
    "spine1": ("spine-4",),
    "spine2": ("spine-2",),
    "spine3": ("spine-1",),
    "neck": ("neck",),
    "head": ("head",),
    "hip": ("upper-leg",),
    "knee": ("knee",),
    "ankle": ("ankle",),
    "foot": ("foot-1",),
    "collar": ("clavicle", "scapula"),  # MakeHuman has two joints where SMPL has one between them
    "shoulder": ("shoulder",),
    "elbow": ("elbow",),
    "wrist": ("hand",),
    "hand": ("finger-3-1",),  # the middle knuckle
}
"""Joint, without its side -> the marker cubes of the base mesh whose mean it is."""


def split_side(name: str) -> tuple[str, str]:
    """A joint's name without its side, and "l-", "r-" or ""."""
    for side in ("left_", "right_"):
        if name.startswith(side):
            return name.removeprefix(side), side[0] + "-"
    return name, ""


def cube(source_groups: dict[str, Any], name: str) -> Array:
    """(8,) int64: the vertices of a marker cube such as "l-knee". Raises SourceError."""
    try:
        return np.concatenate([np.arange(int(a), int(b) + 1) for a, b in source_groups[f"joint-{name}"]])
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"The base mesh has no marker for {name}: it is not the one this builder knows.") from error


def cubes_of(groups: dict[str, Any], name: str) -> Array:
    """The marker vertices of one of SMPL's joints. Raises SourceError."""
    plain, side = split_side(name)
    return np.concatenate([cube(groups, side + marker) for marker in CUBES[plain]])


def joint_of_bone(bone: str, parents: dict[str, str]) -> int:
    """The number of the joint that a bone of MakeHuman's rig follows. Raises SourceError when there is none."""
    side = {".L": "left_", ".R": "right_"}
    for _ in range(len(parents) + 1):
        where = side.get(bone[-2:], "")
        for start, joint in BONES.items():
            if bone.startswith(start):
                return JOINTS.index(joint if joint in JOINTS else where + joint)
        bone = parents.get(bone, "")
    raise SourceError(f"The rig has a bone that hangs nowhere: {bone}.")


def weights(source: Source, count: int) -> Array:
    """(count, 24) float64: the weights of the base mesh's vertices; rows of helpers may be zero. Raises SourceError."""
    rig = source.json("rigs/standard/rig.default.json")
    table = source.json("rigs/standard/weights.default.json")["weights"]
    parents = {bone: str(entry.get("parent") or "") for bone, entry in rig.items()}
    result = np.zeros((count, len(JOINTS)))
    for bone, pairs in table.items():
        rows = np.array(pairs, np.float64).reshape(-1, 2)
        index = rows[:, 0].astype(np.int64)
        if len(index) and (index.min() < 0 or index.max() >= count or not np.isfinite(rows).all()):
            raise SourceError(f"The weights of the bone {bone} name a vertex that does not exist.")
        np.add.at(result[:, joint_of_bone(bone, parents)], index, rows[:, 1])
    return result


def tidy(table: Array, mirror: Array) -> Array:
    """(V, 24) float64: symmetric, at most MOST weights a row, rows sum to 1. Raises SourceError for an empty row."""
    table = 0.5 * (table + table[mirror][:, MIRROR])
    if not (table.sum(axis=1) > 0.0).all():
        raise SourceError("Some vertices have no skinning weights.")
    rank = np.round(table / table.sum(axis=1, keepdims=True), 9)
    kept = np.where(rank >= np.sort(rank, axis=1)[:, -MOST][:, None], table, 0.0)
    # Of weights that are alike both sides must drop the same ones: all those that tie for the last place.
    tied = (kept > 0.0).sum(axis=1) > MOST
    above = rank[tied] > np.sort(rank[tied], axis=1)[:, -MOST][:, None]
    kept[tied] = np.where(above, table[tied], 0.0)
    lost = kept.sum(axis=1) <= 0.0
    kept[lost] = table[lost]
    return kept / kept.sum(axis=1, keepdims=True)
