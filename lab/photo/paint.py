"""Painting a mask: strokes of a round brush, and a list of changes that can be undone. Light: numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array


@dataclass(frozen=True)
class Box:
    """Rows [top, bottom) and columns [left, right) of a picture; empty where an end is not behind its start."""

    top: int
    left: int
    bottom: int
    right: int

    def __bool__(self) -> bool:
        return self.bottom > self.top and self.right > self.left

    def __or__(self, other: Box) -> Box:
        """The smallest box that holds both."""
        if not self or not other:
            return self or other
        return Box(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    @property
    def slices(self) -> tuple[slice, slice]:
        """To index an array with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


NOTHING = Box(0, 0, 0, 0)


def stroke(mask: Array, start: tuple[float, float], end: tuple[float, float], radius: float, value: bool) -> Box:
    """Set ``mask`` (H, W) bool, in place, to ``value`` on the way of a disc from start to end. Returns what it touched.

    start, end: (x, y) in pixels, the first pixel's centre is (0.5, 0.5). radius: pixels, at least half a one, so that a
    thin brush leaves no gaps. A pixel is touched when its centre is within ``radius`` of the way.
    """
    height, width = mask.shape
    radius = max(radius, 0.5)
    top = max(0, int(np.floor(min(start[1], end[1]) - radius)))
    bottom = min(height, int(np.ceil(max(start[1], end[1]) + radius)) + 1)
    if top >= bottom:
        return NOTHING
    left, right = _spans(np.arange(top, bottom) + 0.5, start, end, radius)
    first = np.clip(np.ceil(left - 0.5), 0, width).astype(int)
    last = np.clip(np.floor(right - 0.5) + 1, 0, width).astype(int)
    touched = first < last
    if not touched.any():
        return NOTHING
    for row, a, b in zip(range(top, bottom), first.tolist(), last.tolist(), strict=True):
        if a < b:
            mask[row, a:b] = value
    rows = np.flatnonzero(touched)
    return Box(top + int(rows[0]), int(first[touched].min()), top + int(rows[-1]) + 1, int(last[touched].max()))


def _spans(y: Array, start: tuple[float, float], end: tuple[float, float], radius: float) -> tuple[Array, Array]:
    """From where to where each line of height y (N,) lies in the capsule; +inf and -inf where it misses it.

    A capsule is convex, so that the least and greatest x of its two discs and of the strip between them are its own.
    """
    (x0, y0), (x1, y1) = start, end
    left, right = np.full(y.shape, np.inf), np.full(y.shape, -np.inf)
    for x, centre in ((x0, y0), (x1, y1)):
        square = radius * radius - (y - centre) ** 2
        reach = np.where(square >= 0, np.sqrt(np.maximum(square, 0)), -np.inf)
        left, right = np.minimum(left, x - reach), np.maximum(right, x + reach)
    length = float(np.hypot(x1 - x0, y1 - y0))
    if length == 0:
        return left, right
    across = radius * (y1 - y0) / length, -radius * (x1 - x0) / length
    for side in (1, -1):  # the two edges of the strip: segments parallel to the way
        (ax, ay), (bx, by) = ((x + side * across[0], v + side * across[1]) for x, v in (start, end))
        if ay == by:
            continue
        share = (y - ay) / (by - ay)
        on = (share >= 0) & (share <= 1)
        edge = ax + share * (bx - ax)
        left, right = np.where(on, np.minimum(left, edge), left), np.where(on, np.maximum(right, edge), right)
    return left, right


@dataclass(frozen=True)
class _Change:
    """box, and the bits that changed in it."""

    box: Box
    bits: Array

    def apply(self, mask: Array) -> Box:
        rows, columns = self.box.slices
        part = mask[rows, columns]
        part ^= np.unpackbits(self.bits, count=part.size).reshape(part.shape).view(bool)
        return self.box


class History:
    """The changes of a mask, as the bits that each one turned over: undone and done again by turning them back.

    most_bytes: the oldest changes are forgotten beyond it.
    """

    def __init__(self, most_bytes: int = 64 << 20) -> None:
        self._most_bytes = most_bytes
        self._done: list[_Change] = []
        self._undone: list[_Change] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def keep(self, before: Array, after: Array, box: Box) -> bool:
        """Remember a change of the mask within ``box``; False when nothing changed. before, after: whole masks."""
        if not box:
            return False
        changed = before[box.slices] ^ after[box.slices]
        if not changed.any():
            return False
        self._undone.clear()
        self._done.append(_Change(box, np.packbits(changed)))
        while len(self._done) > 1 and sum(change.bits.nbytes for change in self._done) > self._most_bytes:
            self._done.pop(0)
        return True

    def undo(self, mask: Array) -> Box:
        """Take the last change back, in place. Returns where; an empty box when there is none."""
        return _move(self._done, self._undone, mask)

    def redo(self, mask: Array) -> Box:
        """Make the change again that was taken back last. Returns where."""
        return _move(self._undone, self._done, mask)


def _move(source: list[_Change], target: list[_Change], mask: Array) -> Box:
    if not source:
        return NOTHING
    change = source.pop()
    target.append(change)
    return change.apply(mask)
