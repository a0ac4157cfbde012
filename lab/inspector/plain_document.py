"""Files of the other formats, looked at: their text, or their bytes."""

from __future__ import annotations

from lab.inspector.document import Line, MaterialInfo, Part

_WIDTH = 16


class BytesDocument:
    """Sixteen bytes a row, in hexadecimal and as letters."""

    def __init__(self, data: bytes, kind: str, *, cut: bool) -> None:
        self._data = data
        self.kind = kind
        self.cut = cut
        self.header: tuple[Line, ...] = ()
        self.parts: tuple[Part, ...] = ()
        self.materials: tuple[MaterialInfo, ...] = ()
        self.total = -(-len(data) // _WIDTH)
        self.vertices = 0

    def page(self, first: int, count: int) -> tuple[Line, ...]:
        wanted = range(max(first, 1), min(first + count, self.total + 1))
        return tuple(self._line(number) for number in wanted)

    def line_of(self, vertex: int) -> int | None:
        return None

    def _line(self, number: int) -> Line:
        start = (number - 1) * _WIDTH
        row = self._data[start : start + _WIDTH]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        return Line(number, f"byte {start:,}", row.hex(" "), letters)
