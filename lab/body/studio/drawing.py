"""What the study draws: the body, its bones, and what can be taken in hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from lab.body import look
from lab.body.limits import at_limit
from lab.body.skeleton import JOINTS, PARENTS, title
from lab.body.studio.figure import Stance
from lab.chapters.body.body import BodyParams
from lab.motions import so3
from lab.palette import surface
from lab.render.messages import Color, Style
from lab.scene import Array, Entity, Lines
from lab.study import Handle, Table, View3D

DOT: Final[Color] = surface(0)
CHOSEN: Final[Color] = surface(4)
LIMIT: Final[Color] = surface(1)
BONE: Final[Color] = (0.93, 0.90, 0.82)

_BONES: Final = np.array([(parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0], np.int32)
_THROUGH: Final = 0.35  # opacity of a body that one looks into
_GHOST: Final = 0.18


def view(params: BodyParams, stance: Stance, ghost: Entity | None) -> View3D:
    """The body, and by choice its bones and the same body at rest, with the handles."""
    entities: dict[str, Entity] = {"body": stance.mesh}
    styles = {"body": Style(color=look.CLAY, opacity=_THROUGH if params.bones else 1.0)}
    if params.bones:
        entities["bones"] = Lines(stance.joints, _BONES)
        styles["bones"] = Style(color=BONE)
    if ghost is not None:
        entities["T-pose"] = ghost
        styles["T-pose"] = Style(color=look.CLAY, opacity=_GHOST)
    return View3D(entities, styles, tuple(handles(params, stance)))


def handles(params: BodyParams, stance: Stance) -> Iterator[Handle]:
    """A dot at each joint, and rings at the chosen one."""
    if params.dots:
        limited = set(at_limit(stance.state.pose))
        grip = stance.state.grip
        for index, name in enumerate(JOINTS):
            color = CHOSEN if name == params.joint else LIMIT if name in limited else DOT
            yield _dot(name, stance.joints[index], grip, color)
    if params.rings:
        yield _rings(params.joint, stance)


def _dot(name: str, place: Array, grip: float, color: Color) -> Handle:
    x, y, z = place.tolist()
    sets: Mapping[str, Any] = {
        "joint": name,
        "pull": name,
        "grip": grip,
        "pull_x": x,
        "pull_y": y,
        "pull_z": z,
    }
    return Handle(
        f"pull {name}", "dot", ("pull_x", "pull_y", "pull_z"), (x, y, z), label=title(name), color=color, sets=sets
    )


def _rings(name: str, stance: Stance) -> Handle:
    """The rotation of a joint in its parent's frame."""
    index = JOINTS.index(name)
    x, y, z = stance.joints[index].tolist()
    wx, wy, wz = stance.state.pose[index].tolist()
    bx, by, bz = so3.log(stance.above[index]).tolist()
    params = ("", "", "", *(f"pose[{3 * index + axis}]" for axis in range(3)))
    return Handle("turn", "frame", params, (x, y, z), (wx, wy, wz), basis=(bx, by, bz))


def shape_table(betas: tuple[float, ...], words: tuple[str, ...]) -> Table:
    """The betas of the model with what each does. betas: at most as many as the form has; words: of the model."""
    count = min(len(betas), len(words))
    return Table(
        ("beta", "what it does", "value"), (np.arange(1, count + 1), words[:count], np.array(betas[:count])), digits=2
    )


def table(params: BodyParams, stance: Stance) -> Table:
    """All joints with their rotation vectors in degrees."""
    limited = set(at_limit(stance.state.pose))
    degrees = np.degrees(stance.state.pose)
    words = tuple("at its limit" if name in limited else "" for name in JOINTS)
    return Table(
        ("joint", "x, °", "y, °", "z, °", "limit"),
        (tuple(map(title, JOINTS)), *(np.ascontiguousarray(degrees[:, axis]) for axis in range(3)), words),
        digits=1,
        marked=JOINTS.index(params.joint),
    )
