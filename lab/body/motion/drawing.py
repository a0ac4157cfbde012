"""What the study "Motion" draws beside the body: its way, its footprints and its curves."""

from __future__ import annotations

import numpy as np

from lab.body.motion.contacts import level_speed, runs
from lab.body.motion.prepared import Prepared
from lab.body.motion.soles import PARTS, SIDES
from lab.body.skeleton import joint, title
from lab.motions import so3
from lab.motions.drawing import polyline
from lab.palette import surface
from lab.scene import Array, Lines, Points

_ABOVE = 0.004  # metres over the floor, so that it does not fight with the grid


def way(motion: Prepared) -> Lines:
    """The way of the pelvis, drawn on the floor."""
    return polyline(motion.root * [1, 0, 1] + [0, _ABOVE, 0])


def footprints(motion: Prepared) -> Points:
    """Where heels and toes stand: a point for each contact, the left ones and the right ones in their colours."""
    places, colors = [np.zeros((0, 3))], [np.zeros((0, 3))]
    for column in range(motion.standing.shape[1]):
        stood = [motion.feet[first:last, column].mean(axis=0) for first, last in runs(motion.standing[:, column])]
        if stood:
            places.append(np.array(stood) * [1, 0, 1] + [0, _ABOVE, 0])
            colors.append(np.tile(surface(column // len(PARTS)), (len(stood), 1)))
    return Points(np.concatenate(places), colors=np.concatenate(colors))


def foot_curves(motion: Prepared) -> dict[str, tuple[Array, Array]]:
    """Height of heels and toes, cm, over seconds."""
    seconds = np.arange(len(motion.feet)) / motion.fps
    names = [f"{side} {part}" for side in SIDES for part in PARTS]
    return {name: (seconds, 100 * motion.feet[:, column, 1]) for column, name in enumerate(names)}


def joint_curves(motion: Prepared, name: str) -> dict[str, tuple[Array, Array]]:
    """A joint's rotation vector relative to its parent, degrees, over seconds."""
    seconds = np.arange(len(motion.root)) / motion.fps
    degrees = np.degrees(so3.quaternion_log(motion.quaternions[:, joint(name)]))
    return {f"{title(name)} {axis}": (seconds, degrees[:, column]) for column, axis in enumerate("xyz")}


def speed_curves(motion: Prepared) -> dict[str, tuple[Array, Array]]:
    """Speeds along the floor, m/s, over seconds: of the pelvis and of the toes."""
    seconds = np.arange(len(motion.root)) / motion.fps
    speeds = level_speed(np.concatenate([motion.root[:, None], motion.feet[:, 1::2]], axis=1), motion.fps)
    return {name: (seconds, speeds[:, column]) for column, name in enumerate(("pelvis", "left toe", "right toe"))}
