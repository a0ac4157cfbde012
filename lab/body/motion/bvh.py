"""Motions in BVH (Biovision): a skeleton of offsets, and its angles frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from lab.body.motion.bvh_skeleton import lay_onto
from lab.body.motion.clip import Clip
from lab.files import explain
from lab.formats.base import FormatError, readable
from lab.motions import so3
from lab.scene import Array

_MOST_BYTES = 512 << 20
_MOST_JOINTS = 1000
_MOST_NUMBERS = 40_000_000
_CHANNELS: Final = {f"{axis}{kind}": (kind, "XYZ".index(axis)) for axis in "XYZ" for kind in ("position", "rotation")}


class _Bad(ValueError):
    """What is wrong with the text, in words that follow "walk.bvh cannot be read: "."""


@dataclass
class BvhJoint:
    """A joint: its place relative to its parent at rest, and its channels in the order in which they are applied."""

    name: str
    parent: int
    offset: Array
    channels: list[str] = field(default_factory=list)
    first: int = 0


@dataclass(frozen=True, eq=False)
class BvhMotion:
    """What a file says. values: (N, C), a column a channel; degrees, and the file's own unit of length."""

    joints: list[BvhJoint]
    values: Array
    seconds: float

    def rest(self) -> Array:
        """(J, 3): where the joints are while every angle is 0, the root at the origin."""
        places = np.zeros((len(self.joints), 3))
        for number, joint in enumerate(self.joints[1:], 1):
            places[number] = places[joint.parent] + joint.offset
        return places

    def pose(self) -> tuple[Array, Array]:
        """Rotations in the world (N, J, 3, 3) and places (N, J, 3) of all frames."""
        count = len(self.values)
        rotations, places = np.empty((count, len(self.joints), 3, 3)), np.empty((count, len(self.joints), 3))
        for number, joint in enumerate(self.joints):
            turn, shift = self._local(joint)
            if joint.parent < 0:
                rotations[:, number], places[:, number] = turn, shift
            else:
                above = rotations[:, joint.parent]
                rotations[:, number] = above @ turn
                places[:, number] = places[:, joint.parent] + (above @ shift[..., None])[..., 0]
        return rotations, places

    def _local(self, joint: BvhJoint) -> tuple[Array, Array]:
        """(N, 3, 3) and (N, 3). The first channel turns last, so that the product reads as the file does."""
        turn = np.broadcast_to(np.eye(3), (len(self.values), 3, 3))
        shift = np.repeat(joint.offset[None], len(self.values), axis=0)
        for place, channel in enumerate(joint.channels):
            column = self.values[:, joint.first + place]
            kind, axis = _CHANNELS[channel]
            if kind == "position":  # it takes the place of the offset
                shift[:, axis] = column
            else:
                turn = turn @ so3.exp(np.radians(column)[:, None] * np.eye(3)[axis])
        return turn, shift


def read_bvh(path: Path, rest: Array) -> Clip:
    """The motion in a .bvh, laid onto SMPL's joints. rest: (24, 3) joints of the body. Raises FormatError."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _Bad(f"it has more than {_MOST_BYTES >> 20} MB")
        motion = parse(path.read_text(encoding="utf-8", errors="replace"))
        names = [joint.name for joint in motion.joints]
        parents = [joint.parent for joint in motion.joints]
        rotations, places = motion.pose()
        return lay_onto(path.stem, names, parents, motion.rest(), rotations, places, 1 / motion.seconds, rest)
    except OSError as error:
        raise FormatError(f"{path.name} cannot be read: {explain(error)}.") from error
    except ValueError as error:
        raise FormatError(readable(f"{path.name} cannot be read: {error}.")) from error


def parse(text: str) -> BvhMotion:
    """Raises ValueError with what is wrong, and in which line."""
    words = _Words(text)
    words.expect("HIERARCHY")
    words.expect("ROOT")
    joints: list[BvhJoint] = []
    _joint(words, joints)
    if words.peek() == "ROOT":
        raise _Bad(f"line {words.line}: a second skeleton begins; save one person to a file")
    channels = sum(len(joint.channels) for joint in joints)
    words.expect("MOTION")
    words.expect("Frames:")
    frames = int(words.number())
    words.expect("Frame")
    words.expect("Time:")
    seconds = words.number()
    if not 1e-4 <= seconds <= 10:
        raise _Bad(f"line {words.line}: a frame lasts {seconds:g} seconds; 0.0001 to 10 are expected")
    if frames < 1 or channels < 3 or frames * channels > _MOST_NUMBERS:
        raise _Bad(f"line {words.line}: {frames:,} frames of {channels:,} channels are declared, which makes no sense")
    return BvhMotion(joints, words.table(frames, channels), seconds)


def _joint(words: _Words, joints: list[BvhJoint]) -> None:
    """One joint with all below it. Without recursion, as the depth is the file's."""
    above: list[int] = []
    name, column = words.name(), 0
    while True:
        words.expect("{")
        words.expect("OFFSET")
        offset = np.array([words.number() for _ in range(3)])
        joints.append(BvhJoint(name, above[-1] if above else -1, offset))
        if len(joints) > _MOST_JOINTS:
            raise _Bad(f"line {words.line}: it has more than {_MOST_JOINTS:,} joints")
        above.append(len(joints) - 1)
        if words.peek() == "CHANNELS":
            column = _read_channels(words, joints[-1], column)
        while words.peek() == "}":
            words.next()
            above.pop()
            if not above:
                return
        kind = words.next()
        if kind == "End":
            words.next()  # "Site"
            name = f"{joints[above[-1]].name} end"
        elif kind == "JOINT":
            name = words.name()
        else:
            raise _Bad(f"line {words.line}: expected JOINT, End Site or a closing brace, found “{kind}”")


def _read_channels(words: _Words, joint: BvhJoint, column: int) -> int:
    words.next()
    count = int(words.number())
    if not 0 <= count <= 6:
        raise _Bad(f"line {words.line}: a joint has {count} channels; at most 6 are expected")
    joint.first = column
    for _ in range(count):
        channel = words.next()
        if channel not in _CHANNELS:
            raise _Bad(f"line {words.line}: the channel “{channel}” is unknown")
        joint.channels.append(channel)
    return column + count


class _Words:
    """The words of a text one by one, with the line that each stands in."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._row = 0
        self._words: list[str] = []
        self.line = 0

    def peek(self) -> str:
        """The next word, "" at the end."""
        while not self._words and self._row < len(self._lines):
            self._words = self._lines[self._row].split()[::-1]
            self._row += 1
        return self._words[-1] if self._words else ""

    def next(self) -> str:
        word = self.peek()
        self.line = self._row
        if not word:
            raise _Bad("it ends too early")
        return self._words.pop()

    def expect(self, word: str) -> None:
        found = self.next()
        if found.lower() != word.lower():
            raise _Bad(f"line {self.line}: expected {word}, found “{found[:40]}”")

    def number(self) -> float:
        word = self.next()
        try:
            value = float(word)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise _Bad(f"line {self.line}: expected a number, found “{word[:40]}”")
        return value

    def name(self) -> str:
        """A joint's name: the rest of the line, as names may have blanks."""
        parts = [self.next()]
        while self._words and self._words[-1] != "{":
            parts.append(self._words.pop())
        return " ".join(parts)

    def table(self, rows: int, columns: int) -> Array:
        """The numbers that follow, a row a line; more or fewer than declared are an error."""
        table = np.empty((rows, columns))
        for row in range(rows):
            if not self.peek():
                raise _Bad(f"{rows:,} frames are declared, and it ends after {row:,}")
            words, self._words = self._words[::-1], []
            try:
                numbers = np.array(words, np.float64)
            except ValueError:
                raise _Bad(f"line {self._row}: it has something that is no number") from None
            if len(numbers) != columns or not np.isfinite(numbers).all():
                raise _Bad(f"line {self._row}: expected {columns} numbers, found {len(numbers)}")
            table[row] = numbers
        return table
