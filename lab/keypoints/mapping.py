"""Which point of a body each 2D joint of a detector is, and how far it is to be believed.

Detectors name joints alike but mean different places: their hips lie on the outside of the pelvis, SMPL's in the
socket. So the hips have no weight in the data term (REFERENCE IV.2); the camera's first place still uses them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from lab.scene import Array


@dataclass(frozen=True)
class Place:
    """A 2D joint on the body: the mean of ``points``, joints or landmarks of the model, and its ``weight``, 0 to 1."""

    points: tuple[str, ...]
    weight: float = 1.0


def _both(*parts: str) -> tuple[str, ...]:
    return tuple(f"{side}_{part}" for part in parts for side in ("left", "right"))


BLAZEPOSE: Final = (
    *("nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer"),
    *("left_ear", "right_ear", "mouth_left", "mouth_right"),
    *_both("shoulder", "elbow", "wrist", "pinky", "index", "thumb", "hip", "knee", "ankle", "heel", "foot_index"),
)
BODY_25: Final = (
    *("nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist"),
    *("mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
    *("right_eye", "left_eye", "right_ear", "left_ear"),
    *("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel"),
)
LSP: Final = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    *("neck", "head_top"),
)
"""The names of the joints of three layouts, in their order."""


def _sides(weight: float, **parts: str) -> dict[str, Place]:
    return {
        f"{side}_{part}": Place((f"{side}_{point}",), weight)
        for part, point in parts.items()
        for side in ("left", "right")
    }


PLACES: Final[Mapping[str, Place]] = MappingProxyType(
    _sides(0.0, hip="hip")
    | _sides(1.0, shoulder="shoulder", elbow="elbow", wrist="wrist", knee="knee", ankle="ankle")
    | _sides(0.7, heel="heel", big_toe="big_toe", small_toe="small_toe")
    | _sides(0.7, foot_index="big_toe")
    | _sides(0.4, eye="eye", ear="ear", index="index", pinky="pinky", thumb="thumb")
    | {
        "nose": Place(("nose",), 0.6),
        "head_top": Place(("head_top",), 0.7),
        "neck": Place(("left_shoulder", "right_shoulder"), 0.0),
        "mid_hip": Place(("left_hip", "right_hip"), 0.0),
    }
)
"""By the name that the layouts of ``lab.keypoints`` use. LSP's neck is not used, as in the original; nor is OpenPose's,
which is the middle of shoulders that count already. Those of the face and the fingers sit on the skin, and networks put
them less exactly."""

TORSO: Final = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
"""What the camera is first placed by."""


@dataclass(frozen=True, eq=False)
class Mapped:
    """The 2D joints that the body has. rows: (K,) which of the given ones. matrix: (K, P), of the body's points, rows
    sum to 1. weight: (K,), 0 to 1, without confidences. names: (K,)."""

    rows: Array
    matrix: Array
    weight: Array
    names: tuple[str, ...]


def map_joints(names: Sequence[str], points: Sequence[str]) -> Mapped:
    """Which of the 2D joints ``names`` are among the ``points`` of a body, and where."""
    known = {name: number for number, name in enumerate(points)}
    found = [
        (row, name)
        for row, name in enumerate(names)
        if name in PLACES and all(point in known for point in PLACES[name].points)
    ]
    matrix = np.zeros((len(found), len(points)))
    for number, (_, name) in enumerate(found):
        places = PLACES[name].points
        matrix[number, [known[point] for point in places]] = 1.0 / len(places)
    return Mapped(
        np.array([row for row, _ in found], np.int64),
        matrix,
        np.array([PLACES[name].weight for _, name in found]),
        tuple(name for _, name in found),
    )
