"""Reading OBJ (Wavefront): vertices, faces, texture coordinates, normals, vertex colours, materials.

The lines of each kind are found with array operations and their numbers parsed in one go; only the few lines that name
things (``usemtl`` and the like) are looked at one by one.
"""

from __future__ import annotations

import re

import numpy as np

from lab.formats.base import FormatError, Raw, Source, plural
from lab.formats.obj_parts import Parts, assemble
from lab.formats.text import REAL, Lines, blocks, first_misfit, numbers, read_text, shown, without_comments
from lab.scene import Array

_V, _VT, _VN, _F, _OTHER = 1, 2, 3, 4, 5
_CORNER = re.compile(rb"[+-]?\d+(/([+-]?\d+)?){0,2}")
_IGNORED = {
    b"lod", b"bevel", b"c_interp", b"d_interp", b"usemap", b"maplib", b"shadow_obj",
    b"trace_obj", b"cstype", b"deg", b"end", b"parm",
}  # fmt: skip
_NAMED = {b"o": "names of objects", b"g": "groups", b"s": "smoothing groups", b"mg": "smoothing groups"}
_DROPPED = {
    b"l": "lines", b"p": "point elements", b"vp": "curves and surfaces", b"curv": "curves and surfaces",
    b"curv2": "curves and surfaces", b"surf": "curves and surfaces", b"trim": "curves and surfaces",
    b"hole": "curves and surfaces", b"scrv": "curves and surfaces", b"sp": "curves and surfaces",
}  # fmt: skip


def read_obj(source: Source) -> Raw:
    """A mesh, or points when there are no faces. Polygons become fans; indices may be negative."""
    data = read_text(source)
    data = joined(data)
    parts = Parts(seen=dict.fromkeys((_V, _VT, _VN), 0))
    for block, number, end in blocks(data):
        _read_block(parts, Lines(without_comments(block), number), source)
        source.progress(0.8 * end / len(data), "Reading")
    if not parts.seen[_V]:
        raise source.error("", "it holds no vertices (lines that begin with “v”)", "Check that it is an OBJ file")
    if parts.unknown:
        source.warn(f"Ignored {plural(parts.unknown, 'line')} of unknown meaning (the first: {parts.first_unknown}).")
    return assemble(parts, source)


def joined(data: bytes) -> bytes:
    """Lines that go on in the next one (a backslash at their end) as one, with blank lines after it for the others."""
    first, *others = re.split(rb"\\\r?\n", data)
    pieces, owed = [first], 0
    for piece in others:
        rest, newline, tail = piece.partition(b"\n")
        owed += 1
        pieces += [b" ", rest]
        if newline:
            pieces += [b"\n" * (owed + 1), tail]
            owed = 0
    return b"".join(pieces)


# --- one block of lines ---------------------------------------------------------------------------------------------


def _read_block(parts: Parts, lines: Lines, source: Source) -> None:
    kinds = _kinds(lines)
    text = lines.buffer.copy()
    named = kinds > 0
    keywords = lines.words[lines.first[named]]
    text[keywords] = ord(" ")
    double = np.isin(kinds[named], (_VT, _VN))
    text[keywords[double] + 1] = ord(" ")
    before = {kind: parts.seen[kind] + np.cumsum(kinds == kind) for kind in (_V, _VT, _VN)}
    if (kinds == _V).any():
        _read_vertices(parts, lines, kinds == _V, text, source)
    if (kinds == _VT).any():
        parts.vt.append(_padded(lines, kinds == _VT, text, 1, 2, source))
    if (kinds == _VN).any():
        parts.vn.append(_padded(lines, kinds == _VN, text, 3, 3, source))
    changes = _read_words(parts, lines, np.flatnonzero(kinds == _OTHER), source)
    if (kinds == _F).any():
        _read_faces(parts, lines, kinds == _F, text, before, source)
        at = np.searchsorted([line for line, _ in changes], np.flatnonzero(kinds == _F))
        parts.materials.append(np.array([parts.material, *(material for _, material in changes)])[at])
    if changes:
        parts.material = changes[-1][1]
    for kind, count in before.items():
        parts.seen[kind] = int(count[-1])


def _kinds(lines: Lines) -> Array:
    """(L,) what each line is, by its first word; 0 for an empty line."""
    a, b, c = lines.initials(3).T
    blank_b, blank_c = b <= ord(" "), c <= ord(" ")
    kinds = np.where(lines.counts > 0, _OTHER, 0)
    kinds[(a == ord("v")) & blank_b] = _V
    kinds[(a == ord("f")) & blank_b] = _F
    kinds[(a == ord("v")) & (b == ord("t")) & blank_c] = _VT
    kinds[(a == ord("v")) & (b == ord("n")) & blank_c] = _VN
    return kinds


def _padded(lines: Lines, mask: Array, text: Array, fewest: int, most: int, source: Source) -> Array:
    """(n, most) the first numbers of each line in ``mask``, NaN where a line has fewer, but ``fewest`` at least."""
    counts = lines.counts[mask] - 1
    short = counts < fewest
    if short.any():
        line = int(np.flatnonzero(mask)[np.argmax(short)])
        raise source.error(
            f"line {lines.number + line:,}",
            f"“{shown(lines.line(line))}” has {plural(int(counts[np.argmax(short)]), 'number')}, expected {fewest}",
            "The file is cut off or damaged; get it again",
        )
    values = numbers(lines.select(mask, text))
    if values is None or len(values) != counts.sum():
        raise _bad_word(lines, mask, text, REAL, "a number", source)
    first = np.cumsum(counts) - counts
    if (counts == counts[0]).all():
        values = values.reshape(-1, counts[0])[:, :most]
        return np.pad(values, ((0, 0), (0, most - values.shape[1])), constant_values=np.nan)
    columns = np.arange(most)
    at = np.minimum(first[:, None] + columns, len(values) - 1)
    return np.where(columns < counts[:, None], values[at], np.nan)


def _bad_word(
    lines: Lines, mask: Array, text: Array, pattern: re.Pattern[bytes], kind: str, source: Source
) -> FormatError:
    """The error for the first word in the lines of ``mask`` that does not fit the pattern."""
    line, word = first_misfit(lines.select(mask, text), pattern)
    number = lines.number + int(np.flatnonzero(mask)[line])
    return source.error(f"line {number:,}", f"“{word}” is not {kind}", "Correct the line, or export the file again")


def _read_vertices(parts: Parts, lines: Lines, mask: Array, text: Array, source: Source) -> None:
    """``v x y z``, ``v x y z w`` and ``v x y z r g b``; the weight w of rational curves has no meaning for meshes."""
    values = _padded(lines, mask, text, 3, 6, source)
    parts.verts.append(values[:, :3])
    parts.vert_lines.append(lines.number + np.flatnonzero(mask))
    parts.colors.append(np.where((lines.counts[mask] < 7)[:, None], np.nan, values[:, 3:]))


def _read_words(parts: Parts, lines: Lines, which: Array, source: Source) -> list[tuple[int, int]]:
    """The lines that are no numbers. Returns the changes of material: (line within the block, its number)."""
    changes = []
    for index in which.tolist():
        line = lines.line(index)
        keyword, _, rest = line.replace(b"\t", b" ").partition(b" ")
        name = rest.strip().decode("utf-8", "replace")
        if keyword == b"usemtl":
            changes.append((index, parts.names.setdefault(name, len(parts.names))))
        elif keyword == b"mtllib":
            parts.libraries.append(name)
        elif keyword in _NAMED:
            if name not in ("", "off", "0", "default"):
                parts.groups.setdefault(_NAMED[keyword], set()).add(name)
        elif keyword in _DROPPED:
            parts.dropped.append(_DROPPED[keyword])
        elif keyword not in _IGNORED:
            parts.unknown += 1
            parts.first_unknown = parts.first_unknown or f"line {lines.number + index:,}, “{shown(keyword)}”"
    return changes


def _read_faces(parts: Parts, lines: Lines, mask: Array, text: Array, before: dict[int, Array], source: Source) -> None:
    """``f a b c``, ``a/b``, ``a//c`` and ``a/b/c``, in any mixture."""
    packed = lines.select(mask, text)
    if b"/" in packed:  # a missing index is written as nothing: 5//3, 5/2/
        packed = re.sub(rb"/(?=\s)", b"/0", packed.replace(b"//", b"/0/"))
    plain = packed.replace(b"/", b" ")
    values = numbers(plain, np.int64)
    table = _split_corners(packed, values) if values is not None else None
    counts = lines.counts[mask] - 1
    if table is None or len(table) != counts.sum():
        raise _bad_word(lines, mask, text, _CORNER, "a corner of a face (such as 5, 5/2, 5//3 or 5/2/3)", source)
    owner = np.repeat(np.flatnonzero(mask), counts)
    for column, kind in enumerate((_V, _VT, _VN)):
        index = table[:, column].copy()
        table[:, column] = np.where(index > 0, index - 1, np.where(index < 0, index + before[kind][owner], -1))
        wrong = (index < 0) & (table[:, column] < 0)
        wrong |= (index == 0) if kind == _V else False
        if wrong.any():
            first = int(np.argmax(wrong))
            raise source.error(
                f"line {lines.number + int(owner[first]):,}",
                f"the index {int(index[first])} points at nothing (the first is 1, the last so far is -1)",
                "Export the file again from the program that made it",
            )
    parts.corners.append(table)
    parts.counts.append(counts)
    parts.lines.append(lines.number + np.flatnonzero(mask))


def _split_corners(packed: bytes, values: Array) -> Array | None:
    """(c, 3) int64: the indices of each corner, 0 where missing; None when numbers and slashes do not match."""
    buffer = np.frombuffer(packed, np.uint8)
    filled = buffer > ord(" ")
    begins = filled.copy()
    begins[1:] &= ~filled[:-1]
    words = np.flatnonzero(begins)
    if len(values) == len(words):  # no slashes
        table = np.zeros((len(words), 3), np.int64)
        table[:, 0] = values
        return table
    slashes = np.flatnonzero(buffer == ord("/"))
    sizes = 1 + np.diff(np.searchsorted(slashes, words), append=len(slashes))
    if sizes.sum() != len(values) or sizes.max() > 3:
        return None
    if (sizes == sizes[0]).all():
        return np.pad(values.reshape(-1, sizes[0]), ((0, 0), (0, 3 - int(sizes[0]))))
    first = np.cumsum(sizes) - sizes
    at = np.minimum(first[:, None] + np.arange(3), len(values) - 1)
    return np.where(np.arange(3) < sizes[:, None], values[at], 0)
