"""Where the rows of a PLY body are, also when the body is damaged or only its beginning was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.formats.ply_store import Element, Property, Store
from lab.scene import Array

_MOST_IRREGULAR = 500_000


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of an element that were found: (count + 1,) positions, the last one is behind the last row."""

    element: Element
    starts: Array

    def __len__(self) -> int:
        return len(self.starts) - 1


def locate_rows(store: Store, elements: Sequence[Element]) -> list[Rows]:
    """The rows of each element, as far as the body goes. Positions count numbers in text and bytes in binary."""
    found = []
    position = store.start
    for element in elements:
        starts = _regular(store, element, position)
        if starts is None:
            starts = _irregular(store, element, position)
        found.append(Rows(element, starts))
        position = int(starts[-1])
        if len(starts) <= element.count:
            break
    return found


def _row_size(store: Store, element: Element, position: int) -> int:
    """The length of the row that begins at ``position``; -1 when it does not fit the body."""
    size = 0
    for prop in element.properties:
        head = store.size(prop.head)
        if position + size + head > store.end:
            return -1
        length = store.length(position + size, prop.head) if prop.count_kind else 0
        size += head + length * store.size(prop.kind)
        if length < 0 or position + size > store.end:
            return -1
    return size


def _regular(store: Store, element: Element, position: int) -> Array | None:
    """The starts when all rows are as long as the first one; None when they are not."""
    size = _row_size(store, element, position) if element.properties else 0
    if size <= 0 or not element.count:
        return np.full(1 if size < 0 else min(element.count, _MOST_IRREGULAR) + 1, position)
    count = min(element.count, (store.end - position) // size)
    at = position
    for prop in element.properties:
        if prop.count_kind is not None:
            lengths = store.column(at, size, count, prop.head, 1)
            if not (lengths == lengths[0]).all():
                return None
            at += int(lengths[0, 0]) * store.size(prop.kind)
        at += store.size(prop.head)
    return position + size * np.arange(count + 1)


def _irregular(store: Store, element: Element, position: int) -> Array:
    starts = [position]
    for _ in range(min(element.count, _MOST_IRREGULAR)):
        size = _row_size(store, element, starts[-1])
        if size < 0:
            break
        starts.append(starts[-1] + size)
    return np.array(starts)


def describe_row(store: Store, rows: Rows, row: int) -> str:
    """ "vertex 3: x 0.1, y 0.2, z 0.3", "face 0: 3 corners 0 1 2"."""
    position = int(rows.starts[row])
    words = []
    for prop in rows.element.properties:
        length = store.length(position, prop.head) if prop.count_kind else 1
        items = position + (store.size(prop.head) if prop.count_kind else 0)
        words.append(_describe(store, prop, items, length))
        position = items + length * store.size(prop.kind)
    return f"{rows.element.name} {row:,}: " + ", ".join(words)


def _describe(store: Store, prop: Property, position: int, length: int) -> str:
    values = store.gather(position + store.size(prop.kind) * np.arange(min(length, 8)), prop.kind)
    text = " ".join(short(float(value)) for value in values) + (" …" if length > 8 else "")
    if prop.count_kind is None:
        return f"{prop.name} {text}"
    return f"{prop.name} ({length}) {text}" if length else f"{prop.name} (0)"


def short(value: float) -> str:
    """A number in seven digits."""
    return f"{value:.7g}"
