"""Clicks and strokes of the brush: which dabs they add.

The form is always a little behind: while the brush moves, questions still hold the dabs from before the stroke, or an
earlier answer. So a stroke is named by a digest of the dabs that it began with (``SkinningParams.stroke``), and goes on
from what it has painted so far, whatever the form holds. A click is simpler: the dabs with one more are the same answer
to the same question, however often it is asked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from lab.body.skinning.dabs import Brush, Dab, fits, parse, place_of, write
from lab.chapters.body.skinning import SkinningParams
from lab.scene import Array

_SPACING: Final = 0.3  # of the radius, from dab to dab
_MOST: Final = 24  # dabs in one answer

FromView = Callable[[Array], tuple[int, Array]]
"""The vertex that is seen nearest to a place of the world (3,), and where it is in the template (3,)."""


def digest(text: str) -> float:
    """What names a stroke that begins with these dabs; never 0."""
    return float(zlib.crc32(text.encode()) + 1)


@dataclass(eq=False)
class _Stroke:
    """A stroke that goes on. name: its digest; text: what it has painted so far; at: where its last dab was, world."""

    name: float
    text: str
    at: Array


@dataclass(frozen=True)
class Painted:
    """dabs: the text after this question. vertex: the last one that the brush met, or None. full: no room for more."""

    dabs: str
    vertex: int | None = None
    full: bool = False


class Strokes:
    """Remembers the stroke that goes on."""

    def __init__(self) -> None:
        self._stroke: _Stroke | None = None

    def paint(self, params: SkinningParams, brush: Brush, start: Array, from_view: FromView) -> Painted:
        """The dabs with those that the brush adds now. start: (3,) where the brush is if it was not moved yet."""
        if not params.paint:
            self._stroke = None
            return Painted(params.dabs)
        stroke = self._grasp(params, start)
        if stroke is None:
            return Painted(params.dabs)
        goal = np.array([params.brush_x, params.brush_y, params.brush_z])
        step = _SPACING * brush.radius / 1000
        added: list[Dab] = []
        vertex, way = None, goal - stroke.at
        count = min(int(np.linalg.norm(way) / step), _MOST)
        for n in range(1, count + 1):
            vertex, place = from_view(stroke.at + way * (n / count))
            dab = Dab(brush, place_of(place))
            if not added or added[-1] != dab:
                added.append(dab)
        if not added:
            return Painted(stroke.text)
        text = write((*parse(stroke.text), *added))
        if not fits(text):
            return Painted(stroke.text, vertex, full=True)
        stroke.text, stroke.at = text, goal
        return Painted(text, vertex)

    def _grasp(self, params: SkinningParams, start: Array) -> _Stroke | None:
        """The stroke that the question belongs to; None where its dabs are what came of an earlier one."""
        if params.stroke == 0.0:
            self._stroke = None
        elif digest(params.dabs) == params.stroke:
            if self._stroke is None or self._stroke.name != params.stroke or self._stroke.text == params.dabs:
                self._stroke = _Stroke(params.stroke, params.dabs, start)
        elif self._stroke is not None and self._stroke.name != params.stroke:
            self._stroke = None
        return self._stroke


def clicked(text: str, brush: Brush, place: Array) -> Painted:
    """The dabs with one more, at a place of the template (3,), metres."""
    more = write((*parse(text), Dab(brush, place_of(place))))
    return Painted(more) if fits(more) else Painted(text, full=True)
