"""Dabs of the brush as text, so that undo, the workspace and the command line have them as they have any parameter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lab.body.skeleton import JOINTS
from lab.chapters.body.skinning import ADD, AIR, BODY, BONES, CYLINDER, ERASE, SKIN, SMOOTH
from lab.params import LONGEST_TEXT

_OBJECTS: Final = {"body": BODY, "cylinder": CYLINDER}
_REACHES: Final = {"skin": SKIN, "air": AIR}
_JOINTS: Final = {BODY: JOINTS, CYLINDER: BONES}
_MM: Final = 1000.0
_FARTHEST: Final = 20_000  # mm


class DabsError(ValueError):
    """A line that is no dab; the message is a sentence."""


@dataclass(frozen=True)
class Brush:
    """object: BODY or CYLINDER. mode: ADD, ERASE or SMOOTH. reach: SKIN or AIR. radius: whole mm. strength: (0, 1]."""

    object: str
    joint: str
    mode: str
    reach: str
    radius: int
    strength: float


@dataclass(frozen=True)
class Dab:
    """One dab. place: in the template, whole mm."""

    brush: Brush
    place: tuple[int, int, int]


@lru_cache(maxsize=8)
def parse(text: str) -> tuple[Dab, ...]:
    """The dabs of a text: a line for each brush, followed by a line "x y z" for each of its dabs.

    Raises DabsError naming the line.
    """
    found: list[Dab] = []
    brush: Brush | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        try:
            if len(words) == 6:
                brush = _brush(words)
            elif len(words) == 3 and brush is not None:
                found.append(Dab(brush, _place(words)))
            elif words:
                raise ValueError("expected 'object joint brush distance radius strength', or 'x y z' after such a line")
        except ValueError as error:
            raise DabsError(f"Dabs, line {number}, {line.strip()[:60]!r}: {error}.") from error
    return tuple(found)


def write(dabs: Iterable[Dab]) -> str:
    """The text that ``parse`` reads."""
    lines: list[str] = []
    brush: Brush | None = None
    for dab in dabs:
        if dab.brush != brush:
            brush = dab.brush
            lines.append(_header(brush))
        lines.append("{} {} {}".format(*dab.place))
    return "\n".join(lines)


def fits(text: str) -> bool:
    """Whether a parameter can hold this text."""
    return len(text) <= LONGEST_TEXT


def place_of(position: Iterable[float]) -> tuple[int, int, int]:
    """A place in metres as whole millimetres."""
    x, y, z = (round(_MM * float(value)) for value in position)
    return x, y, z


def _header(brush: Brush) -> str:
    thing = next(word for word, name in _OBJECTS.items() if name == brush.object)
    reach = next(word for word, name in _REACHES.items() if name == brush.reach)
    return f"{thing} {brush.joint} {brush.mode} {reach} {brush.radius} {brush.strength:g}"


def _brush(words: list[str]) -> Brush:
    thing, joint, mode, reach, radius, strength = words
    if thing not in _OBJECTS:
        raise ValueError(f"there is no object {thing!r}; there are body and cylinder")
    if joint not in _JOINTS[_OBJECTS[thing]]:
        raise ValueError(f"there is no joint {joint!r}")
    if mode not in (ADD, ERASE, SMOOTH) or reach not in _REACHES:
        raise ValueError("the brush is add, erase or smooth, the distance skin or air")
    size, force = int(radius), float(strength)
    if not (1 <= size <= _FARTHEST and 0.0 < force <= 1.0):
        raise ValueError("the radius is in whole millimetres from 1, the strength above 0 up to 1")
    return Brush(_OBJECTS[thing], joint, mode, _REACHES[reach], size, force)


def _place(words: list[str]) -> tuple[int, int, int]:
    x, y, z = (int(word) for word in words)
    if max(abs(x), abs(y), abs(z)) > _FARTHEST:
        raise ValueError(f"a place is within {_FARTHEST:,} mm of the origin")
    return x, y, z
