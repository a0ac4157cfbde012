"""Points of a body that can touch the floor, each carried by one joint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lab.body.data import BodyData
from lab.body.skeleton import JOINTS, joint
from lab.scene import Array

SIDES: Final = ("left", "right")
PARTS: Final = ("heel", "toe")
_EACH = 41  # every so many vertices one stands for its neighbours; a prime, so that it follows no pattern of a mesh


@dataclass(frozen=True, eq=False)
class Soles:
    """What can touch the floor, of one shape of the body.

    joints, offsets: (P,) and (P, 3), the joint that carries each point, and where it is from there at rest, metres.
    The first four points are left heel, left toe, right heel, right toe; the others are spread over the whole body.
    of_hands: (P,) bool, those beyond the wrists. tips: by side, from the wrist to the fingertips at rest, (3,).
    """

    joints: Array
    offsets: Array
    of_hands: Array
    tips: dict[str, Array]


def soles(data: BodyData, verts: Array, rest: Array) -> Soles:
    """Of a shape: verts (V, 3) and SMPL's joints (24, 3) at rest.

    It works for any model: by weights, not by vertex numbers. What fingers or a jaw carry goes to wrist or head.
    """
    carrier = _carriers(data)[np.argmax(data.weights, axis=1)]
    feet = [_foot_point(verts, carrier, side, part) for side in SIDES for part in PARTS]
    chosen = np.concatenate([feet, np.arange(0, len(verts), _EACH)])
    joints = carrier[chosen]
    joints[: len(feet)] = [joint(f"{side}_{'ankle' if part == 'heel' else 'foot'}") for side in SIDES for part in PARTS]
    hands = {side: np.isin(carrier, (joint(f"{side}_wrist"), joint(f"{side}_hand"))) for side in SIDES}
    tips = {side: _tip(verts[hands[side]], side) - rest[joint(f"{side}_wrist")] for side in SIDES}
    of_hands = (hands["left"] | hands["right"])[chosen]
    return Soles(joints, verts[chosen].astype(np.float64) - rest[joints], of_hands, tips)


def _carriers(data: BodyData) -> Array:
    """(J,) which of SMPL's joints carries each joint of a model: itself, or the nearest one above it."""
    carriers = np.arange(len(data.parents))
    for number in range(len(carriers)):
        while data.joint_names[carriers[number]] not in JOINTS:
            carriers[number] = data.parents[carriers[number]]
    return np.array([joint(data.joint_names[number]) for number in carriers])


def _tip(hand: Array, side: str) -> Array:
    """The furthest vertex of a hand, whose arm is held out sideways."""
    return np.asarray(hand[np.argmax(hand[:, 0] if side == "left" else -hand[:, 0])], np.float64)


def _foot_point(verts: Array, carrier: Array, side: str, part: str) -> int:
    """The lowest vertex of the foot's rear third, or of its front third."""
    own = np.flatnonzero((carrier == joint(f"{side}_ankle")) | (carrier == joint(f"{side}_foot")))
    if not len(own):  # a model whose foot moves with its shin
        own = np.flatnonzero(carrier == joint(f"{side}_knee"))
    z = verts[own, 2]
    third = np.ptp(z) / 3
    part_of = own[z < z.min() + third] if part == "heel" else own[z > z.max() - third]
    return int(part_of[np.argmin(verts[part_of, 1])])
