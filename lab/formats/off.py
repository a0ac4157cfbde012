"""OFF (object file format of Geomview), also COFF and NOFF: reading and writing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lab.formats.base import Progress, Raw, Source, fan, left_out, plural, rounds_colors, unit_colors
from lab.formats.text import REAL, Lines, as_lines, first_misfit, numbers, read_text, shown, without_comments
from lab.scene import Array, Mesh, Points

_HEAD = re.compile(rb"\s*(ST)?(C)?(N)?(4)?(n)?OFF(?![A-Za-z_])[ \t]*(BINARY)?")


def read_off(source: Source) -> Raw:
    """A mesh, or points when there are no faces; colours and normals of vertices are kept, colours of faces not."""
    text = without_comments(read_text(source))
    head = _HEAD.match(text)
    if head is None and not re.match(rb"\s*\d+[ \t]+\d+([ \t]+\d+)?[ \t\r]*\n", text):  # the word OFF may be left out
        raise source.error(
            "line 1", "an OFF file begins with the word “OFF”, this one does not", "Check what kind of file it is"
        )
    prefix = head.groups() if head else (None,) * 6
    if prefix[5]:
        raise source.error("line 1", "binary OFF is not supported", "Save it as text, or as PLY")
    if prefix[3] or prefix[4]:
        raise source.error(
            "line 1", "OFF with other than three dimensions is not supported", "Project it to three dimensions first"
        )
    if head:
        text = b"\n" * text[: head.end()].count(b"\n") + text[head.end() :]
    lines = Lines(text)
    source.progress(0.2, "Reading")
    filled = np.flatnonzero(lines.counts)
    verts, faces = _counts(lines, filled, source)
    raw = _vertices(lines, filled[1 : 1 + verts], verts, prefix, source)
    source.progress(0.5, "Reading")
    if faces:
        _faces(raw, lines, filled[1 + verts : 1 + verts + faces], faces, source)
    return raw


def _counts(lines: Lines, filled: Array, source: Source) -> tuple[int, int]:
    """The numbers of vertices and faces, no larger than the file has lines for."""
    words = lines.line(int(filled[0])).split() if len(filled) else []
    if len(words) < 2 or not all(re.fullmatch(rb"\d{1,15}", word) for word in words[:2]):
        place = f"line {int(filled[0]) + 1}" if len(filled) else "line 2"
        raise source.error(
            place, "the numbers of vertices and faces are missing", "The header is damaged; export the file again"
        )
    verts, faces = int(words[0]), int(words[1])
    if verts + faces > len(filled) - 1:
        declared = f"{plural(verts, 'vertex')} and {plural(faces, 'face')}"
        cause = f"it declares {declared}, but only {len(filled) - 1:,} lines follow"
        raise source.truncated(f"line {int(filled[0]) + 1}", cause)
    return verts, faces


def _values(lines: Lines, which: Array, source: Source) -> Array:
    mask = np.zeros(len(lines), bool)
    mask[which] = True
    text = lines.select(mask)
    values = numbers(text)
    if values is None:
        line, word = first_misfit(text, REAL)
        raise source.error(
            f"line {which[line] + 1:,}", f"“{word}” is not a number", "Correct the line, or export the file again"
        )
    return values


def _vertices(lines: Lines, which: Array, count: int, prefix: tuple[bytes | None, ...], source: Source) -> Raw:
    textured, colored, normal = (bool(part) for part in prefix[:3])
    width = 3 + 3 * normal + 3 * colored
    if count == 0:
        return Raw(np.zeros((0, 3)))
    short = lines.counts[which] < width
    if short.any():
        line = int(which[np.argmax(short)])
        found = f"“{shown(lines.line(line))}” has {plural(int(lines.counts[line]), 'number')}"
        raise source.truncated(f"line {line + 1:,}", f"{found}, a vertex needs {width}")
    values = _values(lines, which, source)
    first = np.cumsum(lines.counts[which]) - lines.counts[which]
    table = values[first[:, None] + np.arange(width)]
    raw = Raw(table[:, :3], name_vertex=lambda vertex: f"line {int(which[vertex]) + 1:,}")
    if normal:
        raw.normals = table[:, 3:6]
    if colored:
        opacity = 1 if (lines.counts[which] > width).all() else 0  # tells the range of the colours as well
        raw.colors = unit_colors(values[first[:, None] + np.arange(width - 3, width + opacity)])[:, :3]
    elif not textured and not normal and (lines.counts[which] >= 6).all():  # plain OFF with colours all the same
        raw.colors = unit_colors(values[first[:, None] + np.arange(3, 6)])
    if textured:
        raw.dropped.append("texture coordinates")
    return raw


def _faces(raw: Raw, lines: Lines, which: Array, count: int, source: Source) -> None:
    values = _values(lines, which, source)
    words = lines.counts[which]
    first = np.cumsum(words) - words
    corners = values[first]
    wrong = ~((corners >= 0) & (corners < words) & (corners == np.floor(corners)))
    if wrong.any():
        face = int(np.argmax(wrong))
        found = f"it says that it has {corners[face]:g} corners, then come {plural(int(words[face]) - 1, 'number')}"
        raise source.truncated(f"line {int(which[face]) + 1:,}", found)
    lengths = corners.astype(np.int64)
    few = int(np.count_nonzero(lengths < 3))
    if few:
        source.warn(f"Left out {plural(few, 'face')} with fewer than three corners.")
    if (words > lengths + 1).any():
        raw.dropped.append("colours of faces")
    at, polygons = fan(first + 1, lengths)
    indices = values[at]
    bad = ~((np.abs(indices) < 2.0**53) & (indices == np.floor(indices))).all(axis=1)
    if bad.any():
        line = int(which[polygons[np.argmax(bad)]])
        raise source.error(
            f"line {line + 1:,}", "an index is not a whole number", "Correct the line, or export the file again"
        )
    raw.faces = indices.astype(np.int64)
    raw.name_face = lambda face: f"line {int(which[polygons[face]]) + 1:,}"


def write_off(path: Path, entity: Mesh | Points, progress: Progress) -> tuple[str, ...]:
    """Write OFF, or COFF with colours."""
    far = bool(np.any(entity.origin))
    verts = entity.verts + entity.origin if far else entity.verts
    faces = entity.faces if isinstance(entity, Mesh) else np.zeros((0, 3), np.int32)
    style = "%r %r %r" if far else "%.9g %.9g %.9g"  # each brings its precision back exactly
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write(f"{'OFF' if entity.colors is None else 'COFF'}\n{len(verts)} {len(faces)} 0\n")
        if entity.colors is None:
            file.write(as_lines(style + "\n", verts))
        else:
            colors = np.rint(np.clip(entity.colors, 0, 1) * 255)
            file.write(as_lines(style + " %d %d %d 255\n", verts, colors))
        progress(0.5, "Writing")
        file.write(as_lines("3 %d %d %d\n", faces))
    return left_out(entity, "colours") + (("colours finer than 256 levels",) if rounds_colors(entity) else ())
