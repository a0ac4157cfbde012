"""Plain tables of points: XYZ, ASC, PTS, TXT and CSV. A header line names the columns, or their values tell them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np

from lab.formats.base import FormatError, Progress, Raw, Source, left_out, rounds_colors, unit_colors
from lab.formats.text import REAL, Lines, as_lines, blocks, first_misfit, numbers, read_text, shown
from lab.scene import Array, Mesh, Points

_NAMES = {
    "x": "x", "y": "y", "z": "z", "r": "r", "g": "g", "b": "b", "red": "r", "green": "g", "blue": "b",
    "rf": "r", "gf": "g", "bf": "b", "nx": "nx", "ny": "ny", "nz": "nz",
    "normal_x": "nx", "normal_y": "ny", "normal_z": "nz", "normalx": "nx", "normaly": "ny", "normalz": "nz",
    "x_coord": "x", "y_coord": "y", "z_coord": "z", "points_0": "x", "points_1": "y", "points_2": "z",
    "easting": "x", "northing": "y", "elevation": "z", "height": "z",
}  # fmt: skip
_HEAD_BYTES = 1 << 16


def read_xyz(source: Source) -> Raw:
    """Points from a table with at least three columns; further columns are colours, normals or scalars."""
    text = read_text(source)
    header, start, separator = _head(text, source)
    table = _read_table(text, start, separator, source)
    if table.shape[1] < 3:
        line = text.count(b"\n", 0, start) + 1
        found = f"its rows have {table.shape[1]} columns, at least x, y and z are needed"
        raise source.error(f"line {line}", found, "Check that it is a table of points")
    names = _column_names(header, table, source.path.suffix.lower() == ".pts")
    of_bytes = {"red", "green", "blue"} <= {name.strip().lower() for name in header}
    return _points(table, names, of_bytes)


# --- the header -----------------------------------------------------------------------------------------------------


def _head(text: bytes, source: Source) -> tuple[list[str], int, bytes]:
    """The names of the columns (or none), where the numbers begin, and what stands between them."""
    header: list[str] = []
    position = 0
    for line in text[:_HEAD_BYTES].split(b"\n"):
        plain = line.strip()
        comment = plain.startswith((b"#", b"//", b"%", b";"))
        words = _words(plain.lstrip(b"#/%; \t") if comment else plain)
        if not comment and len(words) > 1 and sum(map(_is_number, words)) >= min(3, len(words)):
            return header, position, _separator(plain)
        count_of_points = len(words) == 1 and words[0].isdigit()
        if len(words) > 2 and not count_of_points and not any(map(_is_number, words)):
            header = [word.strip(b"\"'").decode("utf-8", "replace") for word in words]
        position += len(line) + 1
        if position > len(text):
            break
    raise source.error("", "it holds no lines of three or more numbers", "Check that it is a table of points")


def _words(line: bytes) -> list[bytes]:
    parts = (
        re.split(rb"\s*[,;\t]\s*|\s+", line.strip()) if b";" not in line else re.split(rb"\s*;\s*|\s+", line.strip())
    )
    return [part for part in parts if part]


def _is_number(word: bytes) -> bool:
    return REAL.fullmatch(word.replace(b",", b".")) is not None


def _separator(line: bytes) -> bytes:
    return next((mark for mark in (b";", b",") if mark in line), b" ")


# --- the numbers ----------------------------------------------------------------------------------------------------


def _read_table(text: bytes, start: int, separator: bytes, source: Source) -> Array:
    """(N, C) float64."""
    parts: list[Array] = []
    for block, number, end in blocks(text, start):
        part = _read_block(_plain(block, separator), number, source)
        if parts and len(part) and part.shape[1] != parts[0].shape[1]:
            raise source.error(
                f"line {number:,}", f"rows of {parts[0].shape[1]} columns become rows of {part.shape[1]}", _ADVICE
            )
        if len(part):
            parts.append(part)
        source.progress(0.8 * end / len(text), "Reading")
    return np.concatenate(parts) if parts else np.zeros((0, 0))


_ADVICE = "Correct the line, or export the file again"


def _plain(block: bytes, separator: bytes) -> bytes:
    """The block with blanks between the numbers, NaN for empty cells, a decimal point, and no comments or quotes."""
    if b"#" in block or b"//" in block:
        block = re.sub(rb"(?m)(#|//)[^\n]*$", b"", block)
    block = block.replace(b'"', b" ") if b'"' in block else block
    if separator == b";" and b"," in block:
        block = block.replace(b",", b".")
    if separator != b" ":
        if re.search(separator + rb"[ \t]*[\r\n" + separator + rb"]", block):
            block = re.sub(
                separator + rb"(?=[ \t]*(" + separator + rb"|$))", separator + b"nan", block, flags=re.MULTILINE
            )
        block = block.replace(separator, b" ")
    return block


def _read_block(block: bytes, number: int, source: Source) -> Array:
    lines = Lines(block, number)
    filled = lines.counts > 0
    if not filled.any():
        return np.zeros((0, 0))
    width = int(lines.counts[filled][0])
    uneven = filled & (lines.counts != width)
    if uneven.any():
        line = int(np.argmax(uneven))
        found = f"“{shown(lines.line(line))}” has {int(lines.counts[line])} columns, the rows before it have {width}"
        raise source.error(f"line {number + line:,}", found, _ADVICE)
    values = numbers(block)
    if values is not None:
        return values.reshape(-1, width)
    return _read_with_words(lines, np.flatnonzero(filled), width, source)


def _read_with_words(lines: Lines, filled: Array, width: int, source: Source) -> Array:
    """A block with columns of words (such as class names): those become NaN, all other columns must be numbers."""
    first = lines.line(int(filled[0])).split()
    numeric = [index for index, word in enumerate(first) if REAL.fullmatch(word)]
    try:
        values = np.loadtxt(io.BytesIO(lines.text), usecols=numeric, ndmin=2, comments=None)
    except ValueError as error:
        raise _misfit(lines, numeric, source) from error
    table = np.full((len(values), width), np.nan)
    table[:, numeric] = values
    return table


def _misfit(lines: Lines, numeric: list[int], source: Source) -> FormatError:
    for index in range(len(lines)):
        words = lines.line(index).split()
        for column in numeric:
            if column < len(words) and not REAL.fullmatch(words[column]):
                line = lines.number + index
                return source.error(f"line {line:,}", f"“{shown(words[column])}” is not a number", _ADVICE)
    line, word = first_misfit(lines.text, REAL)
    return source.error(f"line {lines.number + line:,}", f"“{word}” is not a number", _ADVICE)


# --- the columns ----------------------------------------------------------------------------------------------------


def _column_names(header: list[str], table: Array, intensity_first: bool) -> list[str]:
    """A name for each column; from the header where it fits, else guessed from the number of columns and the values.

    intensity_first: of seven columns, the fourth is the intensity (the rule of PTS files).
    """
    if len(header) == table.shape[1]:
        known = [_NAMES.get(name.strip().lower(), name) for name in header]
        if {"x", "y", "z"} <= set(known):
            return known
    count = table.shape[1]
    names = ["x", "y", "z", *(f"column {index}" for index in range(4, count + 1))]
    rest = table[:, 3:]
    if count in (4, 7) and (intensity_first or not _like_colors(rest[:, :3])):
        names[3] = "intensity"
    at = 4 if count == 7 and names[3] == "intensity" else 3
    for _ in range(2):
        group = table[:, at : at + 3]
        if group.shape[1] == 3 and "nx" not in names and _like_normals(group):
            names[at : at + 3] = ["nx", "ny", "nz"]
            at += 3
        elif group.shape[1] == 3 and "r" not in names and _like_colors(group):
            names[at : at + 3] = ["r", "g", "b"]
            at += 3
    return names


def _like_colors(group: Array) -> bool:
    if group.shape[1] != 3 or not np.isfinite(group).all() or group.min() < 0:
        return False
    return bool(group.max() <= 1.0 or (group.max() <= 255.0 and (group == np.floor(group)).all()))


def _like_normals(group: Array) -> bool:
    length = np.linalg.norm(group, axis=1)
    return bool(np.mean(np.abs(length - 1.0) < 0.01) > 0.9)


def _points(table: Array, names: list[str], of_bytes: bool) -> Raw:
    """of_bytes: the header says "red green blue", which whole numbers are then from 0 to 255, however dark."""
    column = {name: index for index, name in reversed(list(enumerate(names)))}
    raw = Raw(table[:, [column[axis] for axis in "xyz"]])
    used = {column[axis] for axis in "xyz"}
    if all(name in column for name in ("nx", "ny", "nz")):
        at = [column[name] for name in ("nx", "ny", "nz")]
        raw.normals, used = table[:, at], used | set(at)
    if all(name in column for name in "rgb"):
        at = [column[name] for name in "rgb"]
        colors = table[:, at]
        whole = of_bytes and bool((colors == np.floor(colors)).all())
        raw.colors = np.clip(colors / 255.0, 0, 1).astype(np.float32) if whole else unit_colors(colors)
        used |= set(at)
    rest = [index for index in range(len(names)) if index not in used]
    words = [index for index in rest if np.isnan(table[:, index]).all()]
    raw.dropped += [f"{names[index]} (no numbers)" for index in words]
    raw.add_scalars((names[index], table[:, index]) for index in rest if index not in words)
    return raw


# --- writing --------------------------------------------------------------------------------------------------------


def write_xyz(path: Path, entity: Mesh | Points, progress: Progress) -> tuple[str, ...]:
    """Write a header line and a line a vertex: x y z, red green blue (0 to 255), nx ny nz."""
    far = bool(np.any(entity.origin))
    names, styles = ["x y z"], ["%r %r %r" if far else "%.9g %.9g %.9g"]
    columns = [entity.verts + entity.origin if far else entity.verts]
    if entity.colors is not None:
        names.append("red green blue")
        styles.append("%d %d %d")
        columns.append(np.rint(np.clip(entity.colors, 0, 1) * 255))
    if entity.normals is not None:
        names.append("nx ny nz")
        styles.append("%.9g %.9g %.9g")
        columns.append(entity.normals)
    progress(0.3, "Writing")
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write("# " + " ".join(names) + "\n")
        file.write(as_lines(" ".join(styles) + "\n", *columns))
    faces = ("faces",) if isinstance(entity, Mesh) else ()
    rounded = ("colours finer than 256 levels",) if rounds_colors(entity) else ()
    return faces + left_out(entity, "colours", "normals") + rounded
