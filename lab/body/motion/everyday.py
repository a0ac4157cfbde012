"""Poses of people who stand, gesture and sit, drawn at random: what recorded athletes rarely do.

Every number below is an angle that anybody can check in a mirror; together they are a guess at how people hold
themselves, not a measurement.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from lab.body.motion.retarget import alignments, retarget, shortest
from lab.motions import so3
from lab.scene import Array

Kind = Literal["standing", "gesture", "sitting", "spread"]
KINDS: tuple[Kind, ...] = ("standing", "gesture", "sitting", "spread")

_DOWN = np.array([0.0, -1.0, 0.0])


def everyday(kind: Kind, count: int, rest: Array, rng: np.random.Generator) -> Array:
    """``count`` poses (N, 24, 3), axis-angle, radians, the pelvis upright.

    kind: "standing", arms hanging; "gesture", standing with the arms anywhere in reach; "sitting"; "spread", arms held
    out to the sides as when a body is measured. rest: (24, 3) joints of the body at rest.
    """
    upright = np.broadcast_to(np.eye(3), (count, 3, 3))
    bend = {"standing": 0.06, "gesture": 0.1, "sitting": 0.15, "spread": 0.03}[kind]
    chest = upright @ _turn(rng.normal([bend / 2, 0, 0], [bend, bend, bend * 0.6], (count, 3)))
    head = chest @ _turn(rng.normal([0.05, 0, 0], [0.15, 0.25, 0.08], (count, 3)))
    world = {"pelvis": upright, "spine3": chest, "head": head}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _add_leg(world, side, sign, kind == "sitting", rng)
        _add_arm(world, side, sign, kind, rng)
    directions = {f"{side}_{name}": _DOWN for side in ("left", "right") for name in ("hip", "knee")}
    return retarget(world, alignments(rest, directions))


def _add_leg(world: dict[str, Array], side: str, sign: float, sitting: bool, rng: np.random.Generator) -> None:
    count = len(world["pelvis"])
    if sitting:
        lift, knee = rng.normal(1.4, 0.12, count), rng.normal(1.45, 0.2, count)
    else:
        knee = np.abs(rng.normal(0.0, 0.12, count))
        lift = knee / 2 + rng.normal(0.0, 0.05, count)
    apart = rng.normal(0.12 if sitting else 0.03, 0.08 if sitting else 0.05, count)
    out = rng.normal(0.1, 0.08, count)  # the feet point a little outwards
    hip = _about("y", sign * out) @ _about("x", -lift) @ _about("z", sign * apart)
    world[f"{side}_hip"] = world["pelvis"] @ hip
    world[f"{side}_knee"] = world[f"{side}_hip"] @ _about("x", knee)
    flat = rng.normal(0.0, 0.04, count)
    world[f"{side}_ankle"] = _about("y", sign * out) @ _about("x", flat)


def _add_arm(world: dict[str, Array], side: str, sign: float, kind: Kind, rng: np.random.Generator) -> None:
    """Down and forward: how far the upper arm is from level, and from the side towards the front, radians."""
    count = len(world["pelvis"])
    busy = rng.random(count) < {"standing": 0.0, "gesture": 0.75, "sitting": 1.0, "spread": 1.0}[kind]
    low, front, elbow = rng.normal(1.3, 0.08, count), rng.normal(0.5, 0.5, count), np.abs(rng.normal(0.3, 0.15, count))
    if kind == "spread":
        raised = rng.uniform(-0.1, 0.9, count), rng.normal(0.0, 0.08, count), np.abs(rng.normal(0.0, 0.1, count))
    elif kind == "sitting":
        raised = rng.normal(1.05, 0.15, count), rng.normal(1.1, 0.2, count), rng.normal(1.1, 0.3, count)
    else:
        raised = rng.uniform(-1.0, 1.3, count), rng.uniform(0.0, 1.6, count), rng.uniform(0.1, 2.0, count)
    low, front, elbow = (np.where(busy, up, down) for up, down in zip(raised, (low, front, elbow), strict=True))
    direction = np.stack([sign * np.cos(low) * np.cos(front), -np.sin(low), np.cos(low) * np.sin(front)], axis=-1)
    outwards = np.array([sign, 0.0, 0.0])
    roll = rng.normal(0.0, np.where(busy, 0.3, 0.1), count)
    shoulder = shortest(np.broadcast_to(outwards, direction.shape), direction) @ so3.exp(roll[:, None] * outwards)
    world[f"{side}_shoulder"] = world["spine3"] @ shoulder
    world[f"{side}_elbow"] = world[f"{side}_shoulder"] @ _about("y", -sign * np.abs(elbow))


def _turn(vectors: Array) -> Array:
    return so3.exp(vectors)


def _about(axis: Literal["x", "y", "z"], angles: Array) -> Array:
    return so3.exp(angles[:, None] * np.eye(3)["xyz".index(axis)])
