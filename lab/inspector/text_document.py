"""A file of text with one statement a line, looked at: what OBJ, MTL and the plain formats share."""

from __future__ import annotations

import numpy as np

from lab.formats.text import Lines
from lab.inspector.document import Line, MaterialInfo, Part, shown_text
from lab.scene import Array


class TextDocument:
    """Lines without a meaning; the formats that have one inherit from it. cut: the text is only the beginning."""

    def __init__(self, text: bytes, kind: str, *, cut: bool) -> None:
        if cut:  # the last line may have been cut through
            text = text[: text.rfind(b"\n") + 1] or text
        self._shown = Lines(text)
        self._lines = self._shown if b"\\" not in text else Lines(self.joined(text))
        self.kind = kind
        self.cut = cut
        self.header: tuple[Line, ...] = ()
        self.parts: tuple[Part, ...] = ()
        self.materials: tuple[MaterialInfo, ...] = ()
        self.total = len(self._lines)
        self.vertices = 0

    def joined(self, text: bytes) -> bytes:
        """The text with each statement in one line, and as many lines as before."""
        return text

    def page(self, first: int, count: int) -> tuple[Line, ...]:
        wanted = range(max(first, 1), min(first + count, self.total + 1))
        return tuple(self._line(number) for number in wanted)

    def line_of(self, vertex: int) -> int | None:
        return None

    def meaning(self, index: int, words: list[str]) -> str:
        """What the line ``index`` (from 0) means; ``words`` are those of the line, without its comment."""
        return ""

    def _line(self, number: int) -> Line:
        shown = shown_text(self._shown.line(number - 1))
        text = self._lines.line(number - 1).decode("utf-8", "replace")
        words = text.split(" #")[0].split("\t#")[0].split()
        if text.startswith("#"):
            meaning = "words for people; programs pass over them"
        elif not words:  # perhaps control characters, which only Python takes for blanks
            meaning = "goes on with the line above" if shown else "blank"
        else:
            meaning = self.meaning(number - 1, words)
        element = "#" if text.startswith("#") else words[0] if words else ""
        return Line(number, f"line {number:,}", shown, meaning, element)

    def count_statements(self) -> tuple[dict[str, tuple[int, int]], Array]:
        """First word -> (lines, bytes) in the order of the file, and (L,) which of these each line is, -1 if none.

        Words of more than seven letters are told apart by these seven. A comment is "#".
        """
        initials = self._lines.initials(8)
        blank = np.maximum.accumulate(initials <= ord(" "), axis=1)
        initials = np.where(blank, 0, initials)
        initials[initials[:, 0] == ord("#"), 1:] = 0
        initials[:, 7] = 0
        keys = np.ascontiguousarray(initials).view(np.uint64)[:, 0]
        distinct, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        sizes = np.bincount(inverse, weights=self._lines.lengths, minlength=len(distinct))
        order = [index for index in np.argsort(first).tolist() if distinct[index]]
        rank = np.full(len(distinct), -1)
        rank[order] = np.arange(len(order))
        table = {}
        for index in order:
            word = self._lines.line(int(first[index])).split()[0].decode("utf-8", "replace")
            table["#" if word.startswith("#") else word] = int(counts[index]), int(sizes[index])
        return table, rank[inverse]
