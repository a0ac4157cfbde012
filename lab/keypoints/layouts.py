"""The layouts in which programs write the joints of a person: names in their order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lab.keypoints.mapping import BLAZEPOSE, BODY_25, LSP

COCO_17: Final = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder"),
    *("left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip"),
    *("left_knee", "right_knee", "left_ankle", "right_ankle"),
)
COCO_18: Final = (
    *("nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
    *("right_eye", "left_eye", "right_ear", "left_ear"),
)
"""OpenPose's own order of COCO's joints, with a neck."""

LAYOUTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"BlazePose": BLAZEPOSE, "BODY_25": BODY_25, "COCO_18": COCO_18, "COCO_17": COCO_17, "LSP": LSP}
)
"""By name. They differ in length, so that a list of joints without a name is understood by its length."""

LIMBS: Final = (
    *(("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")),
    *((f"{side}_shoulder", f"{side}_hip") for side in ("left", "right")),
    *((f"{side}_shoulder", f"{side}_elbow") for side in ("left", "right")),
    *((f"{side}_elbow", f"{side}_wrist") for side in ("left", "right")),
    *((f"{side}_hip", f"{side}_knee") for side in ("left", "right")),
    *((f"{side}_knee", f"{side}_ankle") for side in ("left", "right")),
    *((f"{side}_ankle", f"{side}_{end}") for side in ("left", "right") for end in ("heel", "foot_index", "big_toe")),
    *((f"{side}_wrist", f"{side}_index") for side in ("left", "right")),
    *(("nose", "left_ear"), ("nose", "right_ear"), ("neck", "nose"), ("neck", "head_top")),
)
"""Pairs of joints that are drawn as lines, as far as a layout has both."""


def layout_of(names: tuple[str, ...]) -> str:
    """The name of the layout that has these joints; "" for none."""
    return next((layout for layout, joints in LAYOUTS.items() if joints == names), "")


def by_count(count: int) -> tuple[str, ...]:
    """The joints of the layout that has so many. Raises KeyError."""
    for joints in LAYOUTS.values():
        if len(joints) == count:
            return joints
    raise KeyError(count)
