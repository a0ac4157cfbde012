"""SMPL's tree of 24 joints: names, parents and sides (REFERENCE IV.2)."""

from __future__ import annotations

from typing import Final

JOINTS: Final = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
)

PARENTS: Final = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

POSE: Final = 3 * len(JOINTS)
"""Numbers of a pose: an axis-angle vector for each joint, the pelvis first."""


def joint(name: str) -> int:
    """The number of a joint. Raises ValueError for an unknown name."""
    return JOINTS.index(name)


def _other_side(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return "left_" + name.removeprefix("right_") if name.startswith("right_") else name


MIRROR: Final = tuple(JOINTS.index(_other_side(name)) for name in JOINTS)
"""The joint of the other side, for each; the middle ones are their own."""


def title(name: str) -> str:
    """A joint's name as a person reads it: "Left elbow"."""
    return name.replace("_", " ").capitalize()
