"""A PLY file, looked at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lab.formats.base import Source
from lab.formats.ply_header import FACE_LISTS, Header, face_roles, parse_header, vertex_roles
from lab.formats.ply_store import Binary, Element, Property, Store, Text
from lab.formats.text import Lines, numbers
from lab.inspector.document import Line, MaterialInfo, Part, shown_bytes, shown_text
from lab.inspector.ply_rows import Rows, describe_row, locate_rows
from lab.scene import Array

_KINDS = {
    "ascii": "PLY, ASCII",
    "binary_little_endian": "PLY, binary, little-endian",
    "binary_big_endian": "PLY, binary, big-endian",
}
_USES: Mapping[str, str] = {
    "position": "coordinates",
    "normal": "normals",
    "colour": "colours",
    "texture": "texture coordinates",
    "scalar": "scalar field",
    "corners": "faces",
    "dropped": "dropped",
}


class PlyDocument:
    """data: the file's beginning, or all of it. Raises FormatError when the header is damaged."""

    def __init__(self, data: bytes, source: Source, *, cut: bool) -> None:
        self._header = parse_header(data, source)
        if self._header.newline == "\r" and not self._header.order:
            data = data.replace(b"\r", b"\n")
        self._data = data
        self._lines: Lines | None = None
        self.cut = cut
        self.kind = _KINDS[self._header.encoding]
        self.materials: tuple[MaterialInfo, ...] = ()
        self._store = self._open_body()
        self._rows = [] if self._store is None else locate_rows(self._store, self._header.elements)
        self.header = _header_lines(self._header)
        self.parts = tuple(self._parts())
        self.total = len(self.header) + (sum(map(len, self._rows)) if self._lines is None else len(self._lines))
        self.vertices = next((e.count for e in self._header.elements if e.name == "vertex"), 0)

    def page(self, first: int, count: int) -> tuple[Line, ...]:
        wanted = range(max(first, 1), min(first + count, self.total + 1))
        return tuple(self._line(number) for number in wanted)

    def line_of(self, vertex: int) -> int | None:
        before = len(self.header)
        for rows in self._rows:
            if rows.element.name == "vertex":
                if not 0 <= vertex < len(rows):
                    return None
                if self._lines is None:
                    return before + vertex + 1
                at = int(np.searchsorted(self._lines.first, rows.starts[vertex], side="right"))
                return len(self.header) + at
            before += len(rows)
        return None

    # --- the body ---------------------------------------------------------------------------------------------------

    def _open_body(self) -> Store | None:
        """None for a body of text that is not all numbers; its lines are then shown without their meaning."""
        start = self._header.size
        if self._header.order:
            return Binary(self._data, self._header.order, start)
        body = self._data[start:]
        if self.cut:  # the last line may have been cut through
            body = body[: body.rfind(b"\n") + 1]
        self._lines = Lines(body or b"\n", len(self._header.lines) + 1)
        values = numbers(body)
        return None if values is None else Text(values, self._data, start)

    def _line(self, number: int) -> Line:
        index = number - len(self.header) - 1
        if index < 0:
            return self.header[number - 1]
        if self._lines is not None:
            text = shown_text(self._lines.line(index))
            return Line(number, f"line {number:,}", text, *self._meaning_of_line(index))
        assert self._store is not None
        for rows in self._rows:
            if index < len(rows):
                start, end = (int(position) for position in rows.starts[index : index + 2])
                text = shown_bytes(self._data[start:end])
                meaning = describe_row(self._store, rows, index)
                return Line(number, f"byte {start:,}", text, meaning, rows.element.name)
            index -= len(rows)
        raise IndexError(number)

    def _meaning_of_line(self, index: int) -> tuple[str, str]:
        """What a line of the body means, and the element of its row."""
        assert self._lines is not None
        count, position = int(self._lines.counts[index]), int(self._lines.first[index])
        if not count:
            return "blank", ""
        for rows in self._rows:
            if position < rows.starts[-1]:
                row = int(np.searchsorted(rows.starts, position, side="right")) - 1
                start, end = (int(at) for at in rows.starts[row : row + 2])
                name = f"{rows.element.name} {row:,}"
                if (start, end) == (position, position + count):
                    assert self._store is not None
                    return describe_row(self._store, rows, row), rows.element.name
                text = f"goes on with {name}" if start < position else f"several rows, from {name} on"
                return text, rows.element.name
        return "not understood" if self._store is None or self.cut else "after the last element", ""

    # --- the parts --------------------------------------------------------------------------------------------------

    def _parts(self) -> list[Part]:
        found = []
        names: set[str] = set()
        for number, element in enumerate(self._header.elements):
            rows = self._rows[number] if number < len(self._rows) else None
            roles: Mapping[str, str] = {}
            if element.name not in names:
                roles = {"vertex": vertex_roles, "face": face_roles}.get(element.name, lambda _: {})(element)
            names.add(element.name)
            sizes = self._column_bytes(element, rows)
            for prop, nbytes in zip(element.properties, sizes, strict=True):
                use = _USES[roles.get(prop.name, "dropped")]
                found.append(Part(element.name, prop.name, _type(prop, self._header), element.count, nbytes, use))
        return found

    def _column_bytes(self, element: Element, rows: Rows | None) -> list[int]:
        """How many bytes each property takes, in text with the blank or the end of line behind each number."""
        if rows is None or not len(rows) or self._store is None:
            return [0] * len(element.properties)
        if self._lines is None:
            known = len(rows) / element.count if element.count else 1.0
            fixed = [np.dtype(p.head).itemsize * element.count for p in element.properties]
            lists = [index for index, p in enumerate(element.properties) if p.count_kind]
            rest = round((int(rows.starts[-1]) - int(rows.starts[0])) / known) - sum(fixed)
            if len(lists) == 1:
                fixed[lists[0]] += rest
            elif lists:
                for index, share in zip(lists, self._list_shares(rows, lists), strict=True):
                    fixed[index] += round(rest * share)
            return fixed
        return self._text_bytes(element, rows)

    def _list_shares(self, rows: Rows, lists: list[int]) -> list[float]:
        """How the bytes of the items are shared among several lists, from the first rows."""
        assert self._store is not None
        sizes = np.zeros(len(rows.element.properties))
        for row in range(min(len(rows), 1000)):
            position = int(rows.starts[row])
            for index, prop in enumerate(rows.element.properties):
                length = self._store.length(position, prop.head) if prop.count_kind else 0
                sizes[index] += length * self._store.size(prop.kind)
                position += self._store.size(prop.head) + length * self._store.size(prop.kind)
        total = sizes[lists].sum()
        return [float(size / total) if total else 1.0 / len(lists) for size in sizes[lists]]

    def _text_bytes(self, element: Element, rows: Rows) -> list[int]:
        """Exact for rows that are all of one shape; else all of a row's bytes go to its last list."""
        assert self._lines is not None
        words = self._lines.words
        ends = np.append(words, len(self._lines.text))
        lengths = np.diff(ends)[int(rows.starts[0]) : int(rows.starts[-1])]
        strides = np.diff(rows.starts)
        if not len(lengths):
            return [0] * len(element.properties)
        if not (strides == strides[0]).all():
            total = [0] * len(element.properties)
            total[-1] = int(lengths.sum())
            return total
        columns: Array = lengths.reshape(len(strides), -1).sum(axis=0)
        sizes, at = [], 0
        for prop in element.properties:
            assert self._store is not None
            width = 1
            if prop.count_kind:
                width += self._store.length(int(rows.starts[0]) + at, prop.head)
            sizes.append(int(columns[at : at + width].sum()))
            at += width
        return sizes


def _type(prop: Property, header: Header) -> str:
    """As spelled in the header."""
    for line in header.lines:
        words = line.split()
        if words[:1] == ["property"] and words[-1] == prop.name:
            return " ".join(words[1:-1])
    return prop.kind


def _header_lines(header: Header) -> tuple[Line, ...]:
    element = ""
    lines = []
    for number, text in enumerate(header.lines, start=1):
        words = text.split()
        if words[:1] == ["element"] and len(words) > 1:
            element = words[1]
        owner = element if words[:1] in (["element"], ["property"]) else ""
        lines.append(Line(number, f"line {number}", shown_text(text.encode()), _meaning(words, text, element), owner))
    return tuple(lines)


def _meaning(words: list[str], text: str, element: str) -> str:
    match words:
        case ["ply"]:
            return "this is a PLY file"
        case ["format", encoding, version]:
            how = {"ascii": "as text", "binary_little_endian": "binary, lowest byte first"}
            return f"the body is {how.get(encoding, 'binary, highest byte first')}; version {version}"
        case ["comment", "TextureFile", *_]:
            return f"the picture of the surface: “{text.split('TextureFile', 1)[1].strip()}”"
        case ["comment" | "obj_info", *_]:
            return "words for people; programs pass over them"
        case ["element", name, count]:
            return f"{int(count):,} rows “{name}” follow in the body, each with the properties below"
        case ["property", "list", count_type, item_type, name]:
            what = "the corners of a face" if name in FACE_LISTS else "a list"
            return f"{what}: how many ({_words(count_type)}), then so many numbers ({_words(item_type)})"
        case ["property", kind, name]:
            return f"the {name} of each {element}: {_words(kind)}"
        case ["end_header"]:
            return "the body begins behind this line"
        case []:
            return "blank"
    return ""


def _words(kind: str) -> str:
    size = {"char": 1, "uchar": 1, "int8": 1, "uint8": 1, "short": 2, "ushort": 2, "int16": 2, "uint16": 2, "double": 8,
            "float64": 8}.get(kind, 4)  # fmt: skip
    if kind.startswith(("float", "double")):
        return f"real, {size} bytes"
    return f"{'whole, not negative' if kind.startswith('u') else 'whole'}, {size} byte{'s' if size > 1 else ''}"
