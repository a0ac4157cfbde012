"""What all inspected files have in common: lines with their meaning, parts, materials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

MOST_BYTES = 64 << 20
"""Of a file, that are looked at line by line. The rest of a larger file is only measured."""

SHOWN = 160
"""Characters of a line that are shown."""


@dataclass(frozen=True)
class Line:
    """A line of text, or a row of a binary file. number: from 1. place: "line 3" or "byte 240".

    element: the element or the kind of statement that it belongs to, as in Part; "" for none.
    """

    number: int
    place: str
    text: str
    meaning: str
    element: str = ""


@dataclass(frozen=True)
class Part:
    """A property of an element, or a kind of statement. nbytes: in the file. use: what the lab makes of it."""

    element: str
    name: str
    type: str
    count: int
    nbytes: int
    use: str


@dataclass(frozen=True)
class MaterialInfo:
    """A material of a list. values: all that it says. texture: file of its picture; picture: what was found there.

    faces: how many statements ``f`` use it.
    """

    name: str
    place: str
    values: tuple[tuple[str, str], ...]
    texture: str
    picture: str
    faces: int


@dataclass(frozen=True)
class Finding:
    """A sentence about the file, and what can be done."""

    level: Literal["info", "warning", "error"]
    text: str
    advice: str = ""


class Document(Protocol):
    """A file that can be looked at. total: its lines (in a binary body, its rows). vertices: how many it declares.

    header: the lines at its beginning that say how to read the rest. cut: only its beginning was looked at.
    """

    kind: str
    header: tuple[Line, ...]
    parts: tuple[Part, ...]
    materials: tuple[MaterialInfo, ...]
    total: int
    vertices: int
    cut: bool

    def page(self, first: int, count: int) -> tuple[Line, ...]:
        """Lines from number ``first`` on."""

    def line_of(self, vertex: int) -> int | None:
        """The number of the line that holds a vertex (from 0), None when it was not looked at."""


def shown_text(line: bytes) -> str:
    """A line of a file as one line of printable text, not too long."""
    text = line[: 4 * SHOWN].decode("utf-8", "replace").rstrip().replace("\t", "    ")
    text = "".join(char if char.isprintable() else "·" for char in text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def shown_bytes(data: bytes, most: int = 24) -> str:
    """Bytes in hexadecimal."""
    return data[:most].hex(" ") + (" …" if len(data) > most else "")
