"""The study "Motions": an object under a twist, and all the numbers that belong to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lab.chapters.cameras.motions import MotionsParams
from lab.motions import drawing, euler, se3, so3
from lab.motions.body import LENGTH, body, moved
from lab.motions.motion import Motion
from lab.motions.motion_words import NEAR_PI, figures, notes, numbers
from lab.motions.singular import log_errors
from lab.palette import surface
from lab.render.messages import Style
from lab.scene import Array, Geometry, Lines
from lab.studies.kept import Kept
from lab.study import Board, Handle, Label, Plot, StudyContext, Text, View3D

OMEGA_COLOR, RHO_COLOR, LOG_COLOR = surface(1), surface(0), surface(3)
SCREW_COLOR = surface(4)
_SAMPLES = 200
_RING = 0.75 * LENGTH


class MotionsStudy:
    """Answers within a few milliseconds. What does not depend on t is kept while t moves."""

    def __init__(self) -> None:
        self._kept = Kept()

    def boards(self, params: MotionsParams, ctx: StudyContext) -> Iterator[Board]:
        """One board: the motion, the Euler axes, the numbers and the curves."""
        xi = (params.rx, params.ry, params.rz, params.wx, params.wy, params.wz)
        order: euler.Order = params.order  # type: ignore[assignment]
        motion = Motion(xi, params.t, order)
        shape = self._kept.get("shape", (ctx.geometry("object"),), lambda: body(ctx.geometry("object")))
        yield Board(
            panes={
                "motion": self._motion_view(motion, shape, params.frames),
                "gimbals": _gimbal_view(motion, shape),
                "numbers": Text(numbers(motion), "python"),
                "curves": self._plot(motion, params.plot),
            },
            figures=figures(motion),
            notes=tuple(notes(motion)),
        )

    # --- the motion -----------------------------------------------------------------------------------------------

    def _motion_view(self, motion: Motion, shape: Geometry, count: int) -> View3D:
        reach = _reach(motion)
        way: dict[str, Lines] = self._kept.get("way", (motion.xi, count), lambda: _way(motion, count, reach))
        log = drawing.arrow(np.zeros(3), motion.log)
        turned = {"log": log, "log turn": drawing.arc(np.zeros(3), motion.log, 0.35)}
        entities = {"start": shape, "moved": moved(shape, motion.pose), **way, **_frame(motion.pose)}
        labels = [*_screw_labels(motion, reach)]
        if motion.theta > math.pi - NEAR_PI:  # the log and the rotation vector are not the same any more
            entities |= turned
            labels.append(_label(motion.log, f"log R, {np.linalg.norm(motion.log):.2f} rad", LOG_COLOR))
        if abs(motion.theta - math.pi) < NEAR_PI:
            entities["other log"] = drawing.arrow(np.zeros(3), so3.long_way(motion.log))
            labels.append(_label(so3.long_way(motion.log), "just as good", LOG_COLOR))
        styles = {
            "start": Style(opacity=0.25),
            "screw axis": Style(color=SCREW_COLOR),
            "path": Style(color=SCREW_COLOR),
            "nose": Style(color=surface(2)),
            **dict.fromkeys(("log", "log turn", "other log"), Style(color=LOG_COLOR)),
        }
        return View3D(
            entities, {path: styles[path] for path in styles if path in entities}, _handles(motion), tuple(labels)
        )

    def _plot(self, motion: Motion, kind: str) -> Plot:
        """The curves. They do not depend on t, and are the same objects while it moves."""
        curves = self._kept.get("curves", (motion.xi, motion.order, kind), lambda: _curves(motion, kind))
        if kind == "Error of the log":
            at = math.degrees(float(np.linalg.norm(motion.log)))
            return Plot(curves, "angle, degrees", "error, radians", log_y=True, at=at)
        return Plot(curves, "t", "degrees", at=motion.t)


def _reach(motion: Motion) -> float:
    """How far the axis is drawn to either side of its middle, metres: past the tip of omega, which lies along it."""
    shift = motion.screw.shift / 2
    return max(LENGTH + abs(shift), motion.screw.angle + 0.5 - shift)


def _way(motion: Motion, count: int, reach: float) -> dict[str, Lines]:
    """What the whole motion leaves behind: the paths of the origin and of the nose, frames, and the screw's axis."""
    _, poses = motion.along(_SAMPLES)
    nose = np.array([0.0, 0.0, LENGTH / 2])
    way = {
        "path": drawing.polyline(poses[:, :3, 3]),
        "nose": drawing.polyline(se3.apply(poses, nose[None])[:, 0]),
    }
    if count:
        way["frames"] = drawing.frames(motion.along(count + 1)[1], 0.3)
    screw = motion.screw
    if np.any(screw.direction):
        way["screw axis"] = drawing.axis(_middle(screw), screw.direction, reach)
    return way


def _middle(screw: se3.Screw) -> Array:
    return screw.point + screw.shift / 2 * screw.direction


def _frame(pose: Array) -> dict[str, Lines]:
    return {"frame": drawing.frames(pose[None], 0.6 * LENGTH)}


def _handles(motion: Motion) -> tuple[Handle, ...]:
    x, y, z = motion.xi[3:]
    rx, ry, rz = motion.xi[:3]
    origin = (0.0, 0.0, 0.0)
    return (
        Handle("rho", "vector", ("rx", "ry", "rz"), origin, vector=(rx, ry, rz), label="ρ", color=RHO_COLOR),
        Handle("omega", "vector", ("wx", "wy", "wz"), origin, vector=(x, y, z), label="ω", color=OMEGA_COLOR),
    )


def _screw_labels(motion: Motion, reach: float) -> Iterator[Label]:
    screw = motion.screw
    if np.any(screw.direction):
        words = "axis of the screw" if screw.angle else "direction of the shift"
        yield _label(_middle(screw) + reach * screw.direction, words, SCREW_COLOR)


def _label(position: Array, text: str, color: tuple[float, float, float]) -> Label:
    return Label((float(position[0]), float(position[1]), float(position[2])), text, color)


# --- the Euler axes ---------------------------------------------------------------------------------------------------


def _gimbal_view(motion: Motion, shape: Geometry) -> View3D:
    """The object turned in its place, the axis of each Euler angle, and the circle in which that angle turns it."""
    columns = euler.axes(motion.angles, motion.order)
    entities: dict[str, Any] = {"object": moved(shape, se3.matrix(motion.rotation, np.zeros(3)))}
    styles = {}
    labels = []
    for index, (letter, angle) in enumerate(zip(motion.order, np.degrees(motion.angles), strict=True)):
        name, radius, direction = ("first", "second", "third")[index], _RING * (1 - 0.1 * index), columns[:, index]
        entities[name] = drawing.joined(
            [drawing.circle(np.zeros(3), direction, radius), drawing.axis(np.zeros(3), direction, radius * 1.15)]
        )
        styles[name] = Style(color=surface(index))
        labels.append(_label(direction * radius * 1.15, f"{index + 1}: {letter} {angle + 0.0:.0f}°", surface(index)))
    return View3D(entities, styles, labels=tuple(labels))


# --- curves -----------------------------------------------------------------------------------------------------------


def _curves(motion: Motion, kind: str) -> dict[str, tuple[Array, Array]]:
    if kind == "Error of the log":
        angles = np.radians(90 * (1 - np.cos(np.linspace(1e-3, math.pi, 181))))  # dense at both ends
        direction = motion.screw.direction if motion.screw.angle else np.array([0.0, 1.0, 0.0])
        textbook, quaternion = log_errors(direction, angles)
        least = 1e-10  # so that an error of 0 can stand on a logarithmic axis
        return {
            "textbook": (np.degrees(angles), np.maximum(textbook, least)),
            "quaternion": (np.degrees(angles), np.maximum(quaternion, least)),
        }
    ts, poses = motion.along(_SAMPLES + 1)
    R = poses[:, :3, :3]
    if kind == "Euler angles":
        angles = np.degrees(euler.from_matrix(R, motion.order))
        ordinals = ("1st", "2nd", "3rd")
        return {f"{ordinals[i]}: {motion.order[i]}": (ts, angles[:, i]) for i in range(3)}
    omega = np.degrees(so3.log(R))
    curves = {letter: (ts, omega[:, i]) for i, letter in enumerate("xyz")}
    return {**curves, "length": (ts, np.linalg.norm(omega, axis=1))}
