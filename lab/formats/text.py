"""Numbers out of text, in bulk: lines and words are found with array operations, not with a loop over lines."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lab.formats.base import Source
from lab.scene import Array

BLOCK = 8 << 20  # bytes parsed at a time: bounds the temporary memory and lets progress be shown
REAL = re.compile(rb"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)", re.IGNORECASE)


def normalised(data: bytes) -> bytes:
    """Text without a byte-order mark, with ``\\n`` at the ends of lines (old files have a lone ``\\r``)."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return data


def read_text(source: Source) -> bytes:
    """The text of a file, as by ``normalised``; UTF-16 becomes UTF-8. Raises FormatError for what is no text."""
    return decoded(source.read(), source)


def decoded(data: bytes, source: Source) -> bytes:
    """``read_text`` for bytes of the file that were read already."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    at = data[:4096].find(b"\0")
    if at >= 0:
        raise source.error(f"byte {at}", "it should be text, but is something else", "Check what kind of file it is")
    return normalised(data)


def without_comments(block: bytes) -> bytes:
    """The text without what follows a ``#`` at the start of a word, on each line."""
    return re.sub(rb"(?<![^\s])#[^\n]*", b"", block) if b"#" in block else block


def blocks(data: bytes, start: int = 0, size: int = BLOCK) -> Iterator[tuple[bytes, int, int]]:
    """Cut ``data`` from ``start`` at ends of lines: (block, number of its first line, offset of its end)."""
    line = 1 + data.count(b"\n", 0, start)
    while start < len(data):
        end = data.rfind(b"\n", start, start + size) + 1 if start + size < len(data) else len(data)
        if end <= start:  # a line longer than a block
            end = data.find(b"\n", start) + 1 or len(data)
        block = data[start:end]
        yield block, line, end
        line += block.count(b"\n")
        start = end


class Lines:
    """The lines of a block of text and their words.

    words: (W,) offset of each word. first, counts: (L,) index of each line's first word, and how many it has.
    """

    def __init__(self, block: bytes, number: int = 1) -> None:
        self.text = block if block.endswith(b"\n") else block + b"\n"
        self.number = number
        self.buffer = np.frombuffer(self.text, np.uint8)
        ends = np.flatnonzero(self.buffer == ord("\n")) + 1
        self.starts = np.concatenate([[0], ends[:-1]])
        self.lengths = ends - self.starts
        begins = self.buffer > ord(" ")
        begins[1:] &= ~begins[:-1]
        self.words = np.flatnonzero(begins)
        self.first = np.searchsorted(self.words, self.starts)
        self.counts = np.diff(self.first, append=len(self.words))

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, index: int) -> bytes:
        """One line, without the blanks around it."""
        start = self.starts[index]
        return self.text[start : start + self.lengths[index]].strip()

    def initials(self, count: int) -> Array:
        """(L, count) uint8: the first bytes of each line's first word, padded with blanks after the line's end."""
        at = np.full(len(self), len(self.text))
        at[self.counts > 0] = self.words[self.first[self.counts > 0]]
        padded = np.concatenate([self.buffer, np.full(count, ord("\n"), np.uint8)])
        return padded[at[:, None] + np.arange(count)]

    def select(self, mask: Array, buffer: Array | None = None) -> bytes:
        """The text of the lines in ``mask``; from ``buffer``, an edited copy of ``self.buffer``, if given."""
        chosen = self.buffer if buffer is None else buffer
        return (chosen if mask.all() else chosen[np.repeat(mask, self.lengths)]).tobytes()


def numbers(text: bytes, dtype: npt.DTypeLike = np.float64) -> Array | None:
    """All numbers of ``text``, separated by blanks; None when something else is among them."""
    if not text or text.isspace():
        return np.zeros(0, dtype)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # what older numpy does instead of the ValueError
            return np.fromstring(text, dtype, sep=" ")
    except (ValueError, DeprecationWarning):
        return None


def first_misfit(text: bytes, pattern: re.Pattern[bytes]) -> tuple[int, str]:
    """The first word that does not fit: (line within ``text``, the word). For messages; loops over the words."""
    for index, line in enumerate(text.split(b"\n")):
        for word in line.split():
            if not pattern.fullmatch(word):
                return index, shown(word)
    return 0, "…"


def shown(word: bytes) -> str:
    """A word of the file for a message: printable and short."""
    text = word[:24].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "?" for char in text) + ("…" if len(word) > 24 else "")


def as_lines(style: str, *columns: Array) -> str:
    """Text with a line for each row: ``style`` (with %) filled with the row's numbers from all columns (N, k)."""
    rows = [column.tolist() for column in columns]
    if len(rows) == 1:
        return "".join([style % tuple(row) for row in rows[0]])
    return "".join([style % tuple(itertools.chain(*parts)) for parts in zip(*rows, strict=True)])
