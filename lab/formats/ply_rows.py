"""The rows of a PLY file's elements as columns.

Rows with lists have no fixed size. Nearly always all lists are equally long, and then the rows are one regular array;
otherwise a short loop finds where each row starts, and the numbers are gathered in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import numpy as np

from lab.formats.base import Source, plural
from lab.formats.text import REAL, first_misfit, numbers
from lab.scene import Array

Columns = dict[str, Array | tuple[Array, Array]]
"""Property name -> (N,) values; for a list, (N,) int64 lengths and all items one after the other."""


@dataclass(frozen=True)
class Property:
    """kind: numpy type code without byte order, such as "f4"; count_kind: of a list's length, None for one number."""

    name: str
    kind: str
    count_kind: str | None = None

    @property
    def head(self) -> str:
        """The type of the property's first number in a row."""
        return self.count_kind or self.kind


@dataclass
class Element:
    """name, number of rows, and what each row holds, in order."""

    name: str
    count: int
    properties: list[Property] = field(default_factory=list)


class _Store(Protocol):
    """The body of the file. Positions count numbers in text, bytes in binary; ``end`` is that after the last."""

    end: int
    unit: str

    def size(self, kind: str) -> int:
        """What a number of this type takes."""

    def column(self, first: int, stride: int, count: int, kind: str, items: int) -> Array:
        """(count, items) numbers, ``items`` in a row from each of the positions first, first + stride, ..."""

    def gather(self, positions: Array, kind: str) -> Array:
        """(N,) the numbers at the positions."""

    def length(self, position: int, kind: str) -> int:
        """A list's length, or -1 for what cannot be one."""


class _Text:
    unit = "number"

    def __init__(self, values: Array) -> None:
        self._values = values
        self.end = len(values)

    def size(self, kind: str) -> int:
        return 1

    def column(self, first: int, stride: int, count: int, kind: str, items: int) -> Array:
        return self._as(np.ndarray((count, items), np.float64, self._values, 8 * first, (8 * stride, 8)), kind)

    def gather(self, positions: Array, kind: str) -> Array:
        return self._as(self._values[positions], kind)

    def length(self, position: int, kind: str) -> int:
        value = float(self._values[position])
        return int(value) if 0 <= value < 1 << 40 and value.is_integer() else -1

    def _as(self, values: Array, kind: str) -> Array:
        """Single precision where declared; other numbers stay double, which holds every integer type of PLY."""
        return values.astype(np.float32) if kind == "f4" else values


class _Binary:
    unit = "byte"

    def __init__(self, data: bytes, order: str) -> None:
        self._data = data
        self._buffer = np.frombuffer(data, np.uint8)
        self._order = order
        self.end = len(data)

    def size(self, kind: str) -> int:
        return np.dtype(kind).itemsize

    def column(self, first: int, stride: int, count: int, kind: str, items: int) -> Array:
        strides = (stride, self.size(kind))
        return np.ndarray((count, items), self._order + kind, self._data, first, strides).astype(kind)

    def gather(self, positions: Array, kind: str) -> Array:
        parts = self._buffer[positions[:, None] + np.arange(self.size(kind))]
        return parts.view(self._order + kind).reshape(-1).astype(kind)

    def length(self, position: int, kind: str) -> int:
        word = self._data[position : position + self.size(kind)]
        return max(-1, int.from_bytes(word, "little" if self._order == "<" else "big", signed=kind[0] == "i"))


def read_rows(data: bytes, start: int, order: str, elements: Sequence[Element], source: Source) -> list[Columns]:
    """The columns of each element. order: "" for text, "<" or ">" for binary. Raises FormatError."""
    if order:
        _check_room(
            elements,
            [sum(np.dtype(prop.head).itemsize for prop in e.properties) for e in elements],
            len(data) - start,
            source,
        )
        store: _Store = _Binary(data, order)
        position = start
    else:
        _check_room(elements, [2 * len(e.properties) for e in elements], len(data) - start + 1, source)
        store = _Text(_all_numbers(data, start, source))
        position = 0
    tables = []
    for element in elements:
        columns, position = _read_element(store, element, position, source)
        tables.append(columns)
    left = store.end - position
    if left and not (order and not data[position:].strip()):
        source.warn(f"Ignored {plural(left, store.unit)} after the last element.")
    return tables


def _check_room(elements: Sequence[Element], sizes: Sequence[int], room: int, source: Source) -> None:
    """Compare the declared counts with the size of the file before anything of that size is made."""
    for element, size in zip(elements, sizes, strict=True):
        need = element.count * size
        if need > room:
            raise source.truncated(
                f"element “{element.name}”",
                f"the header declares {element.count:,} of them, which take at least {need:,} bytes, "
                f"but only {max(room, 0):,} are left in the file",
            )
        room -= need


def _all_numbers(data: bytes, start: int, source: Source) -> Array:
    body = data[start:]
    values = numbers(body)
    if values is not None:
        return values
    line, word = first_misfit(body, REAL)
    number = data.count(b"\n", 0, start) + line + 1
    raise source.error(f"line {number:,}", f"“{word}” is not a number", "Correct the line, or export the file again")


def _read_element(store: _Store, element: Element, start: int, source: Source) -> tuple[Columns, int]:
    """The columns, and the position after the element."""
    if not element.count or not element.properties:
        empty = np.zeros(0, np.int64)
        return {p.name: (empty, empty) if p.count_kind else np.zeros(0, p.kind) for p in element.properties}, start
    return _read_regular(store, element, start) or _read_irregular(store, element, start, source)


def _read_regular(store: _Store, element: Element, start: int) -> tuple[Columns, int] | None:
    """Suppose that all rows are as long as the first one; None when they are not, or the file is too short for it."""
    offsets, lengths, width = [], [], 0
    for prop in element.properties:
        head = store.size(prop.head)
        if start + width + head > store.end:
            return None
        offsets.append(width)
        lengths.append(store.length(start + width, prop.head) if prop.count_kind else 0)
        width += head + lengths[-1] * store.size(prop.kind)
    if min(lengths) < 0 or start + element.count * width > store.end:
        return None
    columns: Columns = {}
    for prop, offset, length in zip(element.properties, offsets, lengths, strict=True):
        heads = store.column(start + offset, width, element.count, prop.head, 1)[:, 0]
        if prop.count_kind is None:
            columns[prop.name] = heads
            continue
        if not (heads == length).all():
            return None
        items = store.column(start + offset + store.size(prop.head), width, element.count, prop.kind, length)
        columns[prop.name] = (np.full(element.count, length), items.reshape(-1))
    return columns, start + element.count * width


def _read_irregular(store: _Store, element: Element, start: int, source: Source) -> tuple[Columns, int]:
    """Find where each row's properties start, one after the other, then gather the numbers."""
    starts: list[list[int]] = [[] for _ in element.properties]
    lengths: list[list[int]] = [[] for _ in element.properties]
    steps = [(store.size(prop.head), store.size(prop.kind), prop) for prop in element.properties]
    position = start
    for row in range(element.count):
        for index, (head, size, prop) in enumerate(steps):
            if position + head > store.end:
                _refuse(element, row, "the file ends before it", source)
            length = store.length(position, prop.head) if prop.count_kind else 0
            starts[index].append(position)
            lengths[index].append(length)
            position += head + length * size
            if length < 0 or position > store.end:
                _refuse(element, row, "it has a list that is longer than the file or has no proper length", source)
    columns: Columns = {}
    for index, (head, size, prop) in enumerate(steps):
        first = np.array(starts[index])
        if prop.count_kind is None:
            columns[prop.name] = store.gather(first, prop.kind)
            continue
        counts = np.array(lengths[index])
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        columns[prop.name] = (counts, store.gather(np.repeat(first + head, counts) + within * size, prop.kind))
    return columns, position


def _refuse(element: Element, row: int, cause: str, source: Source) -> NoReturn:
    place = f"{element.name} {row:,} (counted from 0) of {element.count:,}"
    raise source.truncated(place, cause)
