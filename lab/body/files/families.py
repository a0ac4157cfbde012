"""What is known of SMPL, SMPL-H and SMPL-X beyond what their files say: joint names and landmarks."""

from __future__ import annotations

from typing import Final

from lab.body.skeleton import JOINTS

_BODY: Final = JOINTS[:22]  # the hands are fingers in the larger models
_FINGERS: Final = tuple(
    f"{side}_{finger}{number}"
    for side in ("left", "right")
    for finger in ("index", "middle", "pinky", "ring", "thumb")
    for number in (1, 2, 3)
)

FAMILIES: Final = {24: "SMPL", 52: "SMPL-H", 55: "SMPL-X"}
"""The model that has so many joints."""

JOINT_NAMES: Final = {
    "SMPL": JOINTS,
    "SMPL-H": (*_BODY, *_FINGERS),
    "SMPL-X": (*_BODY, "jaw", "left_eye", "right_eye", *_FINGERS),
}
"""The joints of each, in the order of its files."""

SHAPES_OF_SMPLX: Final = {20: 10, 400: 300}
"""How many of SMPL-X's ``shapedirs`` are shapes, by how many there are; the others are expressions of the face."""

_SMPL_VERTS: Final = 6890
_SMPL_LANDMARKS: Final = {
    "nose": 332,
    "right_eye": 6260,
    "left_eye": 2800,
    "right_ear": 4071,
    "left_ear": 583,
    "left_big_toe": 3216,
    "left_small_toe": 3226,
    "left_heel": 3387,
    "right_big_toe": 6617,
    "right_small_toe": 6624,
    "right_heel": 6787,
    "head_top": 411,
}


def landmarks(family: str, verts: int) -> dict[str, int]:
    """The landmarks' vertices of an official model (REFERENCE IV.2); none where they are not known.

    SMPL-H has the mesh of SMPL.
    """
    return dict(_SMPL_LANDMARKS) if family in ("SMPL", "SMPL-H") and verts == _SMPL_VERTS else {}
