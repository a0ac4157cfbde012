"""Poses to begin with: angles that were set by eye, in degrees, as a person would describe them.

Light: plain Python, so that the chapter can declare them. A joint that is not named is as in the T-pose. x to the left,
y up, z to the front: an arm comes down by a turn about z, a knee bends by a turn about x.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lab.body.skeleton import JOINTS, MIRROR

Angles = tuple[float, float, float]


@dataclass(frozen=True)
class Posture:
    """A pose. angles: joint -> degrees about x, y and z as an axis-angle vector; both: the same for left and right."""

    title: str
    doc: str
    angles: Mapping[str, Angles]

    @property
    def pose(self) -> tuple[float, ...]:
        """SMPL's 72 numbers, radians."""
        return tuple(math.radians(angle) for name in JOINTS for angle in self.angles.get(name, (0.0, 0.0, 0.0)))


def _both(**left: Angles) -> dict[str, Angles]:
    """Angles of the left side, and their mirror images of the right: hip -> left_hip and right_hip."""
    found: dict[str, Angles] = {}
    for name, (x, y, z) in left.items():
        index = JOINTS.index(f"left_{name}")
        found[JOINTS[index]], found[JOINTS[MIRROR[index]]] = (x, y, z), (x, -y, -z)
    return found


_ARMS_DOWN = _both(collar=(0, 0, -6), shoulder=(0, -6, -66), elbow=(0, -16, -4))

POSTURES: Final = (
    Posture("T-pose", "All joints at zero: arms out, palms down. Every pose is told from here.", {}),
    Posture(
        "A-pose",
        "Arms half down and legs a little apart, as scanners ask for it.",
        {
            **_both(collar=(0, 0, -4), shoulder=(0, 0, -42), hip=(0, 0, 4), ankle=(0, 0, -4)),
        },
    ),
    Posture(
        "Standing",
        "At ease: the weight on the left leg, the right knee loose.",
        {
            **_ARMS_DOWN,
            "pelvis": (0, 4, -3),
            "spine1": (2, 0, 4),
            "spine3": (0, -3, 0),
            "neck": (4, 0, 0),
            "head": (0, 6, -2),
            "left_hip": (1, 6, 2),
            "right_hip": (-12, -10, 0),
            "right_knee": (20, 0, 0),
            "right_ankle": (-8, 0, 1),
            "left_ankle": (-1, 0, 1),
        },
    ),
    Posture(
        "Sitting",
        "Hips and knees at right angles, hands on the thighs.",
        {
            **_both(hip=(-86, 4, 5), knee=(86, 0, 0), collar=(0, -4, -6), shoulder=(18, -36, -56), elbow=(0, -52, -8)),
            "spine1": (6, 0, 0),
            "spine2": (4, 0, 0),
        },
    ),
    Posture(
        "Walking",
        "In mid-stride: the left leg in front, the right arm forward.",
        {
            **_ARMS_DOWN,
            "pelvis": (2, -5, 0),
            "spine3": (0, 8, 0),
            "left_hip": (-26, 0, 1),
            "left_knee": (6, 0, 0),
            "left_ankle": (-2, 0, 0),
            "right_hip": (18, 0, -1),
            "right_knee": (16, 0, 0),
            "right_ankle": (6, 0, 0),
            "right_foot": (-28, 0, 0),
            "left_shoulder": (0, 14, -68),
            "right_shoulder": (0, 28, 64),
            "right_elbow": (0, 32, 4),
        },
    ),
    Posture(
        "Running",
        "Both knees bent, the right leg behind, the elbows at right angles.",
        {
            "pelvis": (10, -8, 0),
            "spine1": (6, 4, 0),
            "spine3": (0, 10, 0),
            "neck": (-8, 0, 0),
            "left_hip": (-74, 0, 2),
            "left_knee": (82, 0, 0),
            "left_ankle": (-6, 0, 0),
            "right_hip": (16, 0, -2),
            "right_knee": (34, 0, 0),
            "right_ankle": (24, 0, 0),
            "right_foot": (-20, 0, 0),
            "left_collar": (0, 8, -6),
            "left_shoulder": (-14, 42, -58),
            "left_elbow": (0, -88, 0),
            "right_collar": (0, 10, 6),
            "right_shoulder": (8, 48, 60),
            "right_elbow": (0, 96, 0),
        },
    ),
    Posture(
        "Waving",
        "The right hand greets, the left arm hangs.",
        {
            **_ARMS_DOWN,
            "right_collar": (0, 0, -14),
            "right_shoulder": (-60, 20, 4),
            "right_elbow": (0, 78, -26),
            "right_wrist": (0, 0, -10),
            "head": (0, -10, -5),
            "spine2": (0, -4, 2),
        },
    ),
    Posture(
        "Thinking",
        "The right hand at the chin, the left arm across the body.",
        {
            "left_collar": (-3, -10, -9),
            "left_shoulder": (12, -50, -73),
            "left_elbow": (0, -71, -4),
            "right_collar": (-5, 10, 3),
            "right_shoulder": (-11, 52, 55),
            "right_elbow": (3, 114, -3),
            "right_wrist": (0, 0, 30),
            "neck": (14, 0, 0),
            "head": (10, -6, 4),
            "spine1": (3, 0, 0),
            "spine3": (6, 0, 0),
            "left_hip": (-2, 4, 4),
            "right_hip": (-8, -8, -6),
            "right_knee": (14, 0, 0),
            "right_ankle": (-6, 0, 4),
        },
    ),
    Posture(
        "Tree",
        "Yoga: the sole of the right foot at the left thigh, the palms above the head.",
        {
            "left_hip": (0, 0, -3),
            "left_ankle": (0, 0, 3),
            "right_hip": (-66, -50, -28),
            "right_knee": (146, -10, 0),
            "right_ankle": (30, 0, 0),
            **_both(collar=(0, 0, 32), shoulder=(-9, -11, 50), elbow=(0, -11, 16)),
        },
    ),
    Posture(
        "Warrior",
        "Yoga: the left knee bent over its foot, the arms out, the look along the left hand.",
        {
            "left_hip": (-50, 48, 48),
            "left_knee": (72, 0, 0),
            "left_ankle": (-18, 4, -6),
            "right_hip": (0, -8, -46),
            "right_ankle": (0, 0, 25),
            "head": (0, 42, 0),
            "neck": (0, 36, 0),
        },
    ),
    Posture(
        "Hero",
        "Hands at the hips, the chest out, the legs apart.",
        {
            **_both(hip=(0, 8, 9), ankle=(0, 4, -9), collar=(0, 6, -4), shoulder=(38, 22, -46), elbow=(0, -100, -24)),
            "spine2": (-6, 0, 0),
            "spine3": (-8, 0, 0),
            "neck": (4, 0, 0),
        },
    ),
    Posture(
        "Squat",
        "Down as far as it goes, with the arms to the front.",
        {
            **_both(hip=(-112, 14, 16), knee=(128, 0, 0), ankle=(-32, 0, 0), collar=(0, -14, 0), shoulder=(0, -72, 2)),
            "pelvis": (14, 0, 0),
            "spine1": (18, 0, 0),
            "spine2": (10, 0, 0),
            "neck": (-20, 0, 0),
        },
    ),
)
