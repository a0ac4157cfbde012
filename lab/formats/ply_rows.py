"""The rows of a PLY file's elements as columns.

Rows with lists have no fixed size. Nearly always all lists are equally long, and then the rows are one regular array;
otherwise a short loop finds where each row starts, and the numbers are gathered in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from lab.formats.base import Source, plural
from lab.formats.ply_store import Binary, Element, Store, Text
from lab.formats.text import REAL, first_misfit, numbers
from lab.scene import Array

Columns = dict[str, Array | tuple[Array, Array]]
"""Property name -> (N,) values; for a list, (N,) int64 lengths and all items one after the other."""


@dataclass(frozen=True, eq=False)
class Table:
    """An element's columns, and where its rows begin: at starts[row], or at first + row * stride without starts."""

    element: Element
    columns: Columns
    store: Store
    first: int
    stride: int = 0
    starts: Array | None = None

    def place(self, row: int) -> str:
        """Where a row is, for messages: "line 17, face 2 (counted from 0)"."""
        position = self.first + row * self.stride if self.starts is None else int(self.starts[row])
        return f"{self.store.place(position)}, {self.element.name} {row:,} (counted from 0)"


def read_rows(data: bytes, start: int, order: str, elements: Sequence[Element], source: Source) -> list[Table]:
    """The table of each element. order: "" for text, "<" or ">" for binary. Raises FormatError."""
    if order:
        _check_room(
            elements,
            [sum(np.dtype(prop.head).itemsize for prop in e.properties) for e in elements],
            len(data) - start,
            source,
        )
        store: Store = Binary(data, order, start)
    else:
        _check_room(elements, [2 * len(e.properties) for e in elements], len(data) - start + 1, source)
        store = Text(_all_numbers(data, start, source), data, start)
    position = store.start
    tables = []
    for element in elements:
        table, position = _read_element(store, element, position, source)
        tables.append(table)
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


def _read_element(store: Store, element: Element, start: int, source: Source) -> tuple[Table, int]:
    """The table, and the position after the element."""
    if not element.count or not element.properties:
        empty = np.zeros(0, np.int64)
        columns: Columns = {
            p.name: (empty, np.zeros(0, p.kind)) if p.count_kind else np.zeros(0, p.kind) for p in element.properties
        }
        return Table(element, columns, store, start), start
    return _read_regular(store, element, start) or _read_irregular(store, element, start, source)


def _read_regular(store: Store, element: Element, start: int) -> tuple[Table, int] | None:
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
    return Table(element, columns, store, start, width), start + element.count * width


def _read_irregular(store: Store, element: Element, start: int, source: Source) -> tuple[Table, int]:
    """Find where each row's properties start, one after the other, then gather the numbers."""
    starts: list[list[int]] = [[] for _ in element.properties]
    lengths: list[list[int]] = [[] for _ in element.properties]
    steps = [(store.size(prop.head), store.size(prop.kind), prop) for prop in element.properties]
    position = start
    for row in range(element.count):
        for index, (head, size, prop) in enumerate(steps):
            if position + head > store.end:
                _refuse(store, element, row, position, "the file ends before it", source)
            length = store.length(position, prop.head) if prop.count_kind else 0
            starts[index].append(position)
            lengths[index].append(length)
            position += head + length * size
            if length < 0 or position > store.end:
                cause = "it has a list that is longer than the file or has no proper length"
                _refuse(store, element, row, starts[index][-1], cause, source)
    columns: Columns = {}
    for index, (head, size, prop) in enumerate(steps):
        first = np.array(starts[index])
        if prop.count_kind is None:
            columns[prop.name] = store.gather(first, prop.kind)
            continue
        counts = np.array(lengths[index])
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        columns[prop.name] = (counts, store.gather(np.repeat(first + head, counts) + within * size, prop.kind))
    return Table(element, columns, store, start, starts=np.array(starts[0])), position


def _refuse(store: Store, element: Element, row: int, position: int, cause: str, source: Source) -> NoReturn:
    place = f"{store.place(position)}, {element.name} {row:,} (counted from 0) of {element.count:,}"
    raise source.truncated(place, cause)
