"""The study "Interpolation": several ways between two poses, on a moving object."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lab.chapters.cameras.interpolation import InterpolationParams
from lab.motions import drawing, paths, se3, so3
from lab.motions.body import body, copies, moved
from lab.palette import surface
from lab.render.messages import Style
from lab.scene import Array, Entity, Geometry
from lab.studies.kept import Kept
from lab.study import Board, Handle, Label, Note, Plot, StudyContext, Table, View3D

TITLES = {
    "slerp": "Slerp",
    "screw": "SE(3) screw",
    "euler": "Euler angles",
    "matrix": "Matrix",
    "projected": "Matrix, projected",
    "nlerp": "Quaternion, scaled",
    "quaternion": "Quaternion",
}
_SAMPLES = 241  # even, so that t = 1/2 is one of them
_ROW = 2.8  # metres from one row to the next
_DETOUR = math.radians(1.0)


class Way:
    """One method between two poses: its measures and what it draws, but for the object at time t."""

    def __init__(self, method: str, A: Array, B: Array, choices: paths.Choices) -> None:
        self.method, self.A, self.B, self.choices = method, A, B, choices
        ts = np.linspace(0.0, 1.0, _SAMPLES)
        self.poses = paths.path(method, A, B, ts, choices)
        self.course = paths.course(self.poses, ts)
        self.angle_curve = (ts, np.degrees(self.course.from_start))
        self.speed_curve = ((ts[1:] + ts[:-1]) / 2, np.degrees(self.course.speed))

    def at(self, ts: Array) -> Array:
        """Poses (T, 4, 4) at times (T,)."""
        return paths.path(self.method, self.A, self.B, ts, self.choices)


class InterpolationStudy:
    """Answers within some ten milliseconds. Only the moving objects depend on t; the rest is kept while t moves."""

    def __init__(self) -> None:
        self._kept = Kept()

    def boards(self, params: InterpolationParams, ctx: StudyContext) -> Iterator[Board]:
        """One board: the ways in a view, their angles and speeds, and a table of their measures."""
        ends = _ends(params)
        choices = paths.Choices(params.order, params.other_sign)  # type: ignore[arg-type]
        ways = [self._way(method, ends, choices) for method in paths.METHODS if getattr(params, method)]
        shape = self._kept.get("shape", (ctx.geometry("object"),), lambda: body(ctx.geometry("object")))
        apart = float(so3.angle_between(ends[0][:3, :3], ends[1][:3, :3]))
        yield Board(
            panes={
                "ways": self._view(params, ways, shape, ends),
                "angle": Plot({TITLES[way.method]: way.angle_curve for way in ways}, "t", "degrees", at=params.t),
                "speed": Plot(
                    {TITLES[way.method]: way.speed_curve for way in ways}, "t", "degrees per unit of t", at=params.t
                ),
                "methods": _table(ways),
            },
            figures=_figures(ways, apart),
            notes=tuple(_notes(ways, apart)),
        )

    def _way(self, method: str, ends: tuple[Array, Array], choices: paths.Choices) -> Way:
        key = (ends[0].tobytes(), ends[1].tobytes(), choices)
        return self._kept.get(method, key, lambda: Way(method, *ends, choices))

    def _view(self, params: InterpolationParams, ways: list[Way], shape: Geometry, ends: tuple[Array, Array]) -> View3D:
        entities: dict[str, Entity] = {}
        styles: dict[str, Style] = {}
        labels = []
        for row, way in enumerate(ways):
            shift = np.array([0.0, 0.0, -_ROW * row if params.apart else 0.0])
            color = surface(row)
            key = (way, shape, tuple(shift), params.ghosts, len(ways))
            still = self._kept.get(
                f"{way.method} drawn", key, lambda w=way, s=shift: _still(w, shape, s, params, len(ways))
            )
            entities |= still
            entities[f"{way.method}/object"] = moved(shape, _shifted(way.at(np.array([params.t])), shift)[0])
            styles |= {
                f"{way.method}/ghosts": Style(color=color, opacity=0.22),
                f"{way.method}/path": Style(color=color),
                f"{way.method}/object": Style(color=color),
            }
            if params.apart:
                x, y, z = ends[0][:3, 3] + shift
                labels.append(Label((x - 2.2, y + 0.3, z), TITLES[way.method], color))
        return View3D(
            entities,
            {path: style for path, style in styles.items() if path in entities},
            _handles(params),
            tuple(labels),
        )


def _ends(params: InterpolationParams) -> tuple[Array, Array]:
    first = np.radians([params.au, params.av, params.aw])
    last = np.radians([params.bu, params.bv, params.bw])
    return (
        se3.matrix(so3.exp(first), np.array([params.ax, params.ay, params.az])),
        se3.matrix(so3.exp(last), np.array([params.bx, params.by, params.bz])),
    )


def _shifted(poses: Array, shift: Array) -> Array:
    poses = poses.copy()
    poses[:, :3, 3] += shift
    return poses


def _still(way: Way, shape: Geometry, shift: Array, params: InterpolationParams, ways: int) -> dict[str, Entity]:
    """What does not move with t: the ghosts from the first pose to the last, and the way of the origin."""
    most = 240_000 // max(1, ways)
    entities: dict[str, Any] = {f"{way.method}/path": drawing.polyline(_shifted(way.poses, shift)[:, :3, 3])}
    if params.ghosts:
        ts = np.linspace(0.0, 1.0, params.ghosts) if params.ghosts > 1 else np.array([1.0])
        poses = _shifted(way.at(ts), shift)
        entities[f"{way.method}/ghosts"] = copies(shape, poses, most)
    return entities


def _handles(params: InterpolationParams) -> tuple[Handle, ...]:
    p = params
    return (
        Handle(
            "first",
            "frame",
            ("ax", "ay", "az", "au", "av", "aw"),
            (p.ax, p.ay, p.az),
            (p.au, p.av, p.aw),
            label="first",
            degrees=True,
        ),
        Handle(
            "last",
            "frame",
            ("bx", "by", "bz", "bu", "bv", "bw"),
            (p.bx, p.by, p.bz),
            (p.bu, p.bv, p.bw),
            label="last",
            degrees=True,
        ),
    )


# --- words and numbers ------------------------------------------------------------------------------------------------


def _table(ways: list[Way]) -> Table:
    courses = [way.course for way in ways]
    return Table(
        ("Method", "Turns °", "Least det", "Fastest °", "Slowest °", "Origin m"),
        (
            tuple(TITLES[way.method] for way in ways),
            np.array([math.degrees(course.turned) for course in courses]),
            np.array([float(np.nan_to_num(course.determinant).min()) for course in courses]),
            np.array([_degrees(np.nanmax, course.speed) for course in courses]),
            np.array([_degrees(np.nanmin, course.speed) for course in courses]),
            np.array([course.travelled for course in courses]),
        ),
        hues=np.arange(len(ways), dtype=np.int32),
        digits=2,
    )


def _degrees(choose: Any, speed: Array) -> float:
    return math.degrees(choose(speed)) if np.isfinite(speed).any() else math.nan


def _figures(ways: list[Way], apart: float) -> dict[str, float | str]:
    figures: dict[str, float | str] = {"Apart (°)": math.degrees(apart)}
    for way in ways:
        turned = math.degrees(way.course.turned)
        figures[f"Way of {TITLES[way.method]} (°)"] = turned if math.isfinite(turned) else "none: it goes flat"
    for way in ways:
        figures[f"Volume error of {TITLES[way.method]}"] = way.course.determinant_error
    return figures


def _notes(ways: list[Way], apart: float) -> Iterator[Note]:
    if not ways:
        yield Note("info", "No method is switched on.", "Switch one on under Methods.")
    for way in ways:
        detour, title = way.course.turned - apart, TITLES[way.method]
        if way.course.determinant_error > 0.5:
            least = max(0.0, float(np.nan_to_num(way.course.determinant).min()))
            yield Note("warning", f"{title}: the object shrinks to {least:.0%} of its volume on the way.")
        elif detour > _DETOUR:
            yield Note(
                "info",
                f"{title} turns {math.degrees(way.course.turned):.0f}° where {math.degrees(apart):.0f}° would do.",
            )
