"""Reading PCD, the point clouds of the Point Cloud Library: ascii, binary and binary_compressed."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import numpy as np

from lab.formats.base import Raw, Source, unit_colors
from lab.formats.lzf import decompress
from lab.formats.text import REAL, first_misfit, normalised, numbers
from lab.scene import Array

_TYPES = {"F": "f", "I": "i", "U": "u"}
_SIZES = {"F": (4, 8), "I": (1, 2, 4, 8), "U": (1, 2, 4, 8)}
_LONGEST_HEADER = 1 << 16
_AT_ORIGIN = ["0", "0", "0", "1", "0", "0", "0"]


@dataclass(frozen=True)
class _Field:
    """kind: numpy type code, little-endian; count: numbers a point."""

    name: str
    kind: str
    count: int

    @property
    def size(self) -> int:
        return np.dtype(self.kind).itemsize * self.count


def read_pcd(source: Source) -> Raw:
    """Points with normals, colours (packed rgb too) and further fields as scalars."""
    data = source.read()
    header, start, data = _split(data, source)
    fields, count = _fields(header, source)
    source.progress(0.3, "Reading")
    match header["DATA"][0].lower():
        case "ascii":
            columns = _read_text(data, start, fields, count, source)
        case "binary":
            columns = _read_binary(data, start, fields, count, source)
        case "binary_compressed":
            columns = _read_compressed(data, start, fields, count, source)
        case other:
            raise source.error(
                "header", f"the data are of an unknown kind “{other[:24]}”", "Save it as ascii or binary PCD, or as PLY"
            )
    source.progress(0.7, "Reading")
    raw = _points(columns, fields, source)
    if header.get("VIEWPOINT", _AT_ORIGIN) != _AT_ORIGIN:
        raw.dropped.append("viewpoint of the scanner")
    return raw


def _split(data: bytes, source: Source) -> tuple[dict[str, list[str]], int, bytes]:
    """The header's entries, where the data begin, and the file's bytes."""
    end = re.search(rb"(?:^|[\r\n])[ \t]*DATA[ \t]+(\w+)[ \t]*(\r\n|\n|\r)", data[:_LONGEST_HEADER])
    if end is None:
        raise source.error(
            "header", "the line “DATA …” is missing", "Check that it is a PCD file, and that it is complete"
        )
    header: dict[str, list[str]] = {}
    for line in re.split(rb"[\r\n]+", data[: end.end()]):
        words = line.split(b"#")[0].decode("utf-8", "replace").split()
        if words:
            header[words[0].upper()] = words[1:]
    return header, end.end(), data


def _fields(header: dict[str, list[str]], source: Source) -> tuple[list[_Field], int]:
    names = header.get("FIELDS") or header.get("COLUMNS") or []
    sizes, kinds = header.get("SIZE", []), header.get("TYPE", [])
    counts = header.get("COUNT") or ["1"] * len(names)
    if not names or not len(names) == len(sizes) == len(kinds) == len(counts):
        raise source.error(
            "header", "FIELDS, SIZE, TYPE and COUNT do not have the same number of entries", "Export it again"
        )
    fields = []
    for name, size, kind, number in zip(names, sizes, kinds, counts, strict=True):
        if not (kind in _TYPES and size in map(str, _SIZES[kind]) and re.fullmatch(r"\d{1,6}", number)):
            raise source.error(
                "header",
                f"the field “{name[:24]}” has an unknown type, {kind[:8]} of {size[:8]} bytes",
                "Export it again",
            )
        fields.append(_Field(name.lower(), f"<{_TYPES[kind]}{size}", int(number)))
    return fields, _count(header, source)


def _count(header: dict[str, list[str]], source: Source) -> int:
    words = header.get("POINTS") or []
    product = [*header.get("WIDTH", [])[:1], *(header.get("HEIGHT", [])[:1] or ["1"])] if not words else words[:1]
    if not product or not all(re.fullmatch(r"\d{1,15}", word) for word in product):
        raise source.error("header", "the number of points is missing", "Export it again from the program that made it")
    count = int(product[0]) * (int(product[1]) if len(product) > 1 else 1)
    if count == 0:
        raise source.error("header", "it declares no points", "Export it again from the program that made it")
    return count


def _read_text(data: bytes, start: int, fields: list[_Field], count: int, source: Source) -> dict[str, Array]:
    body = normalised(data[start:])
    width = sum(field.count for field in fields)
    if 2 * width * count > len(body) + 1:
        raise _too_few(count, len(body) // (2 * max(width, 1)), source)
    values = numbers(body)
    if values is None:
        line, word = first_misfit(body, REAL)
        number = data.count(b"\n", 0, start) + line + 1
        raise source.error(
            f"line {number:,}", f"“{word}” is not a number", "Correct the line, or export the file again"
        )
    if len(values) < width * count:
        raise _too_few(count, len(values) // width, source)
    table = values[: width * count].reshape(count, width)
    columns, at = {}, 0
    for field in fields:
        part = table[:, at : at + field.count]
        columns[field.name] = part.astype(field.kind) if field.kind in ("<f4", "<f8") else part
        at += field.count
    return columns


def _read_binary(data: bytes, start: int, fields: list[_Field], count: int, source: Source) -> dict[str, Array]:
    stride = sum(field.size for field in fields)
    if count * stride > len(data) - start:
        raise _too_few(count, (len(data) - start) // max(stride, 1), source)
    columns, at = {}, start
    for field in fields:
        strides = (stride, np.dtype(field.kind).itemsize)
        columns[field.name] = np.ndarray((count, field.count), field.kind, data, at, strides)
        at += field.size
    return columns


def _read_compressed(data: bytes, start: int, fields: list[_Field], count: int, source: Source) -> dict[str, Array]:
    """All values of the first field, then all of the second, and so on, packed together."""
    if len(data) < start + 8:
        raise _too_few(count, 0, source)
    packed, size = struct.unpack_from("<II", data, start)
    need = count * sum(field.size for field in fields)
    if size < need:
        raise _too_few(count, size * count // max(need, 1), source)
    if packed > len(data) - start - 8:
        raise source.truncated(
            f"byte {start:,}", f"{packed:,} packed bytes are declared, only {len(data) - start - 8:,} follow"
        )
    try:
        body = decompress(data[start + 8 : start + 8 + packed], size)
    except ValueError as error:
        raise source.truncated(f"byte {start + 8:,}", f"the packed data are damaged: {error}") from error
    columns, at = {}, 0
    for field in fields:
        columns[field.name] = np.frombuffer(body, field.kind, count * field.count, at).reshape(count, field.count)
        at += count * field.size
    return columns


def _too_few(declared: int, room: int, source: Source) -> Exception:
    return source.truncated(
        "header", f"it declares {declared:,} points, but the file has room for only {max(room, 0):,}"
    )


def _points(columns: dict[str, Array], fields: list[_Field], source: Source) -> Raw:
    missing = [axis for axis in "xyz" if axis not in columns or columns[axis].shape[1] != 1]
    if missing:
        raise source.error("header", f"it has no field “{missing[0]}”", "Export it again with x, y and z")
    raw = Raw(np.concatenate([columns.pop(axis) for axis in "xyz"], axis=1))
    raw.verts = raw.verts if raw.verts.dtype == np.float32 else raw.verts.astype(np.float64)
    axes = ("normal_x", "normal_y", "normal_z")
    if all(name in columns and columns[name].shape[1] == 1 for name in axes):
        raw.normals = np.concatenate([columns.pop(name) for name in axes], axis=1)
    kinds = {field.name: field.kind for field in fields}
    for name in ("rgb", "rgba"):
        if name in columns and columns[name].shape[1] == 1:
            raw.colors = _packed_colors(columns.pop(name)[:, 0], kinds[name])
    if raw.colors is None and all(name in columns and columns[name].shape[1] == 1 for name in "rgb"):
        raw.colors = unit_colors(np.concatenate([columns.pop(name) for name in "rgb"], axis=1).astype(np.float64))
    single = {name: values[:, 0] for name, values in columns.items() if values.shape[1] == 1 and name != "_"}
    raw.add_scalars(single.items())
    raw.dropped += [f"field “{name}”" for name in columns if name not in single and name != "_"]
    return raw


def _packed_colors(values: Array, kind: str) -> Array:
    """Colours from 0x00RRGGBB; older files store those bits as a float."""
    if kind == "<f4":
        words = np.ascontiguousarray(values, np.float32).view(np.uint32)
    else:
        words = np.nan_to_num(values).astype(np.int64).astype(np.uint32)
    shifted = np.stack([words >> 16, words >> 8, words], axis=1) & 0xFF
    return (shifted / 255.0).astype(np.float32)
