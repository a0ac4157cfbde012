"""Reading OBJ (Wavefront): vertices, faces, texture coordinates, normals, vertex colours, materials.

The lines of each kind are found with array operations and their numbers parsed in one go; only the few lines that name
things (``usemtl`` and the like) are looked at one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from lab.formats.base import FormatError, Raw, Source, fan, plural, unit_colors
from lab.formats.mtl import Library
from lab.formats.text import REAL, Lines, blocks, first_misfit, numbers, read_text, shown, without_comments
from lab.scene import Array

_V, _VT, _VN, _F, _OTHER = 1, 2, 3, 4, 5
_CORNER = re.compile(rb"[+-]?\d+(/([+-]?\d+)?){0,2}")
_IGNORED = {
    b"o", b"g", b"s", b"mg", b"lod", b"bevel", b"c_interp", b"d_interp", b"usemap", b"maplib", b"shadow_obj",
    b"trace_obj", b"cstype", b"deg", b"end", b"parm",
}  # fmt: skip
_DROPPED = {
    b"l": "lines", b"p": "point elements", b"vp": "curves and surfaces", b"curv": "curves and surfaces",
    b"curv2": "curves and surfaces", b"surf": "curves and surfaces", b"trim": "curves and surfaces",
    b"hole": "curves and surfaces", b"scrv": "curves and surfaces", b"sp": "curves and surfaces",
}  # fmt: skip


@dataclass
class _Parts:
    """What was read so far; each list holds one array a block.

    verts (n, 3), colors (n, 3) NaN where missing, vt (n, 2), vn (n, 3) float64. corners (c, 3) int64: indices of
    vertex, texture coordinate and normal, from 0, -1 where missing. counts, lines, materials (p,): of each polygon.
    """

    verts: list[Array] = field(default_factory=list)
    vert_lines: list[Array] = field(default_factory=list)
    colors: list[Array] = field(default_factory=list)
    vt: list[Array] = field(default_factory=list)
    vn: list[Array] = field(default_factory=list)
    corners: list[Array] = field(default_factory=list)
    counts: list[Array] = field(default_factory=list)
    lines: list[Array] = field(default_factory=list)
    materials: list[Array] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=lambda: {_V: 0, _VT: 0, _VN: 0})
    material: int = -1
    names: dict[str, int] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    unknown: int = 0
    first_unknown: str = ""


def read_obj(source: Source) -> Raw:
    """A mesh, or points when there are no faces. Polygons become fans; indices may be negative."""
    data = read_text(source)
    data = data.replace(b"\\\r\n", b"  ").replace(b"\\\n", b"  ")  # a line that goes on in the next one
    parts = _Parts()
    for block, number, end in blocks(data):
        _read_block(parts, Lines(without_comments(block), number), source)
        source.progress(0.8 * end / len(data), "Reading")
    if not parts.seen[_V]:
        raise source.error("", "it holds no vertices (lines that begin with “v”)", "Check that it is an OBJ file")
    if parts.unknown:
        source.warn(f"Ignored {plural(parts.unknown, 'line')} of unknown meaning (the first: {parts.first_unknown}).")
    return _assemble(parts, source)


# --- one block of lines ---------------------------------------------------------------------------------------------


def _read_block(parts: _Parts, lines: Lines, source: Source) -> None:
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


def _read_vertices(parts: _Parts, lines: Lines, mask: Array, text: Array, source: Source) -> None:
    """``v x y z``, ``v x y z w`` and ``v x y z r g b``; the weight w of rational curves has no meaning for meshes."""
    values = _padded(lines, mask, text, 3, 6, source)
    parts.verts.append(values[:, :3])
    parts.vert_lines.append(lines.number + np.flatnonzero(mask))
    parts.colors.append(np.where((lines.counts[mask] < 7)[:, None], np.nan, values[:, 3:]))


def _read_words(parts: _Parts, lines: Lines, which: Array, source: Source) -> list[tuple[int, int]]:
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
        elif keyword in _DROPPED:
            parts.dropped.append(_DROPPED[keyword])
        elif keyword not in _IGNORED:
            parts.unknown += 1
            parts.first_unknown = parts.first_unknown or f"line {lines.number + index:,}, “{shown(keyword)}”"
    return changes


def _read_faces(
    parts: _Parts, lines: Lines, mask: Array, text: Array, before: dict[int, Array], source: Source
) -> None:
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


# --- the whole ------------------------------------------------------------------------------------------------------


def _assemble(parts: _Parts, source: Source) -> Raw:
    raw = Raw(np.concatenate(parts.verts), dropped=parts.dropped)
    lines = np.concatenate(parts.vert_lines)
    raw.name_vertex = lambda vertex: f"line {int(lines[vertex]):,}"
    raw.colors = _vertex_colors(np.concatenate(parts.colors))
    normals = np.concatenate(parts.vn) if parts.vn else None
    if not parts.corners:
        if normals is not None and len(normals) == len(raw.verts):
            raw.normals = normals
        return raw
    counts = np.concatenate(parts.counts)
    few = int(np.count_nonzero(counts < 3))
    if few:
        source.warn(f"Left out {plural(few, 'face')} with fewer than three corners.")
    corners, polygons = fan(np.cumsum(counts) - counts, counts)
    table = np.concatenate(parts.corners)
    face_lines = np.concatenate(parts.lines)
    raw.faces = table[:, 0][corners]
    raw.name_face = lambda face: f"line {int(face_lines[polygons[face]]):,}"
    if normals is not None:
        _add_normals(raw, normals, table[:, 2][corners], source)
    if parts.vt:
        _add_uvs(raw, np.concatenate(parts.vt), table[:, 1][corners], source)
    if parts.names:
        _add_materials(raw, parts, np.concatenate(parts.materials)[polygons], source)
    return raw


def _vertex_colors(values: Array) -> Array | None:
    """Colours in [0, 1]; vertices without one become white; None when no vertex has one."""
    missing = np.isnan(values).any(axis=1)
    if missing.all():
        return None
    colors = unit_colors(values)
    colors[missing] = 1.0
    return colors


def _add_normals(raw: Raw, normals: Array, corners: Array, source: Source) -> None:
    """Normals per corner become normals per vertex where all corners of a vertex agree."""
    assert raw.faces is not None
    used = corners >= 0
    if not used.any():
        return
    inside = raw.faces.min() >= 0 and raw.faces.max() < len(raw.verts)
    if corners.max() >= len(normals) or not inside:
        source.warn("Left out the normals: some faces use ones that the file does not have.")
        return
    of_vertex = np.full((len(raw.verts), 3), np.nan)
    of_vertex[raw.faces[used]] = normals[corners[used]]
    if np.nanmax(np.abs(of_vertex[raw.faces[used]] - normals[corners[used]]), initial=0.0) > 1e-4:
        raw.dropped.append("normals per corner (sharp edges)")
        return
    raw.normals = of_vertex


def _add_uvs(raw: Raw, vt: Array, corners: Array, source: Source) -> None:
    if corners.max(initial=-1) >= len(vt):
        source.warn("Left out the texture coordinates: some faces use ones that the file does not have.")
        return
    if (corners < 0).all():
        return
    vt = np.where(np.isnan(vt), 0.0, vt)  # a line "vt u" has no v
    raw.uvs = np.where((corners >= 0)[..., None], vt[np.maximum(corners, 0)], 0.0).astype(np.float32)


def _add_materials(raw: Raw, parts: _Parts, of_face: Array, source: Source) -> None:
    """Only materials that faces use; those before the first ``usemtl`` get a plain one."""
    library = Library(source)
    for name in parts.libraries:
        library.read(name)
    used, chosen = np.unique(of_face, return_inverse=True)
    names = ["", *parts.names]
    raw.materials = tuple(library.material(names[number + 1]) for number in used.tolist())
    raw.face_materials = chosen.astype(np.int32)
    raw.dropped += library.dropped
