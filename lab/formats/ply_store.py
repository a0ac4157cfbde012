"""The body of a PLY file as a store of numbers: text or binary, with positions and the places they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from lab.formats.text import blocks
from lab.scene import Array


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


class Store(Protocol):
    """The body of the file. Positions count numbers in text, bytes in binary; ``end`` is that after the last."""

    start: int
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

    def place(self, position: int) -> str:
        """The position as a person finds it in the file: "line 12" or "byte 340"."""


class Text:
    """The numbers of an ASCII body, all parsed. data, body: the file and where its body begins, for places."""

    unit = "number"

    def __init__(self, values: Array, data: bytes, body: int) -> None:
        self._values = values
        self._data = data
        self._body = body
        self.start = 0
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

    def place(self, position: int) -> str:
        return f"line {line_of_number(self._data, self._body, position):,}"

    def _as(self, values: Array, kind: str) -> Array:
        """Single precision where declared; other numbers stay double, which holds every integer type of PLY."""
        return values.astype(np.float32) if kind == "f4" else values


class Binary:
    """The bytes of a binary body. order: "<" or ">". body: where it begins."""

    unit = "byte"

    def __init__(self, data: bytes, order: str, body: int) -> None:
        self._data = data
        self._buffer = np.frombuffer(data, np.uint8)
        self._order = order
        self.start = body
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

    def place(self, position: int) -> str:
        return f"byte {position:,}"


def line_of_number(data: bytes, body: int, index: int) -> int:
    """The line, counted from 1, that holds the number ``index`` (from 0) of the text from ``body`` on."""
    line = 1
    for block, line, _ in blocks(data, body):
        begins = np.frombuffer(block, np.uint8) > ord(" ")
        begins[1:] &= ~begins[:-1]
        count = int(np.count_nonzero(begins))
        if index < count:
            return line + block.count(b"\n", 0, int(np.flatnonzero(begins)[index]))
        index -= count
    return line
