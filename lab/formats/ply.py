"""Reading PLY, the Stanford polygon format: ASCII and both binary byte orders."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.formats.base import Raw, Source, fan, plural, unit_colors
from lab.formats.beside import BesideError, read_picture
from lab.formats.ply_rows import Columns, Element, Property, read_rows
from lab.scene import Array, Material

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_LONGEST_HEADER = 1 << 20
_COLORS = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
_NORMALS = (("nx", "ny", "nz"), ("normal_x", "normal_y", "normal_z"))
_UVS = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"))
_FACE_LISTS = ("vertex_indices", "vertex_index")


@dataclass
class _Header:
    order: str
    elements: list[Element] = field(default_factory=list)
    textures: list[str] = field(default_factory=list)
    size: int = 0


def read_ply(source: Source) -> Raw:
    """Vertices with colours, normals and further numbers as scalars; faces as fans; MeshLab's texture coordinates."""
    data = source.read()
    header = _parse_header(data, source)
    source.progress(0.2, "Reading")
    tables = read_rows(data, header.size, header.order, header.elements, source)
    source.progress(0.6, "Reading")
    found: dict[str, tuple[Element, Columns]] = {}
    other = []
    for element, columns in zip(header.elements, tables, strict=True):
        if element.name in ("vertex", "face") and element.name not in found:
            found[element.name] = element, columns
        else:
            other.append(f"element “{element.name}”")
    if "vertex" not in found:
        raise source.error("header", "it declares no element “vertex”", "Export it again from the program that made it")
    raw, uvs = _vertices(*found["vertex"], source)
    raw.dropped += other
    if "face" in found:
        _add_faces(raw, found["face"][1], uvs, header.textures, source)
    return raw


# --- the header -----------------------------------------------------------------------------------------------------


def _parse_header(data: bytes, source: Source) -> _Header:
    if not re.match(rb"ply[ \t]*\r?\n|ply\r", data):
        raise source.error(
            "line 1", "a PLY file begins with the line “ply”, this one does not", "Check what kind of file it is"
        )
    end = re.search(rb"(?<=[\r\n])end_header[ \t]*(\r\n|\n|\r)", data[:_LONGEST_HEADER])
    if end is None:
        raise source.truncated("header", "the line “end_header” is missing")
    header = _Header(order="?", size=end.end())
    text = data[: end.start()].decode("utf-8", "replace")
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text)[1:], start=2):
        words = line.split()
        try:
            _parse_line(header, words, line)
        except _HeaderError as error:
            raise source.error(f"line {number}", str(error), "The header is damaged; export the file again") from error
    if header.order == "?":
        raise source.error("header", "the line “format …” is missing", "The header is damaged; export the file again")
    return header


class _HeaderError(Exception):
    """A line of the header makes no sense; the message is a clause."""


def _parse_line(header: _Header, words: list[str], line: str) -> None:
    match words:
        case [] | ["obj_info", *_] | ["comment"]:
            return
        case ["comment", *rest]:
            if rest[0] == "TextureFile" and len(rest) > 1:
                header.textures.append(line.split("TextureFile", 1)[1].strip())
        case ["format", name, _] if name in _ORDERS:
            header.order = _ORDERS[name]
        case ["element", name, count]:
            header.elements.append(Element(name, _count(count)))
        case ["property", "list", count_type, item_type, name]:
            _last(header).properties.append(Property(name, _type(item_type), _count_type(count_type)))
        case ["property", kind, name]:
            _last(header).properties.append(Property(name, _type(kind)))
        case _:
            raise _HeaderError(f"“{line.strip()[:60]}” is no line of a PLY header")


def _count(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", word):
        raise _HeaderError(f"“{word[:24]}” is no count of elements")
    return int(word)


def _type(word: str) -> str:
    if word not in _TYPES:
        raise _HeaderError(f"“{word[:24]}” is no type of a PLY property")
    return _TYPES[word]


def _count_type(word: str) -> str:
    kind = _type(word)
    if kind[0] == "f":
        raise _HeaderError(f"a list cannot be counted by numbers of type “{word}”")
    return kind


def _last(header: _Header) -> Element:
    if not header.elements:
        raise _HeaderError("a property comes before the first element")
    return header.elements[-1]


# --- the content ----------------------------------------------------------------------------------------------------


def _vertices(element: Element, columns: Columns, source: Source) -> tuple[Raw, Array | None]:
    """The vertices, and their texture coordinates (V, 2) if they have some."""
    plain = {name: values for name, values in columns.items() if isinstance(values, np.ndarray)}
    missing = [axis for axis in "xyz" if axis not in plain]
    if missing:
        raise source.error("header", f"the vertices have no property “{missing[0]}”", "Export it again with x, y and z")
    precise = any(plain[axis].dtype.itemsize > 4 or plain[axis].dtype.kind != "f" for axis in "xyz")
    raw = Raw(_stack([plain.pop(axis) for axis in "xyz"], np.float64 if precise else np.float32))
    normals, colors, uvs = _take(plain, _NORMALS), _take(plain, _COLORS), _take(plain, _UVS)
    if normals is not None:
        raw.normals = _stack(normals, np.float32)
    if colors is not None:
        raw.colors = _colors(colors, element)
    if plain.pop("alpha", None) is not None:
        raw.dropped.append("opacity (alpha)")
    raw.add_scalars(plain.items())
    raw.dropped += [
        f"vertex property “{name}”" for name, values in columns.items() if not isinstance(values, np.ndarray)
    ]
    return raw, None if uvs is None else _stack(uvs, np.float32)


def _stack(columns: list[Array], dtype: Any) -> Array:
    stacked = np.empty((len(columns[0]), len(columns)), dtype)
    for index, column in enumerate(columns):
        stacked[:, index] = column
    return stacked


def _take(columns: dict[str, Array], spellings: tuple[tuple[str, ...], ...]) -> list[Array] | None:
    """Remove and return the first complete group of columns."""
    for names in spellings:
        if all(name in columns for name in names):
            return [columns.pop(name) for name in names]
    return None


def _colors(columns: list[Array], element: Element) -> Array:
    """Colours in [0, 1]. The declared type tells the range, also in ASCII, where every number looks alike."""
    kinds = {prop.name: prop.kind for prop in element.properties}
    declared = next((kinds[name] for names in _COLORS for name in names if name in kinds), "u1")
    if declared in ("u1", "u2"):
        return np.clip(_stack(columns, np.float32) / np.float32(np.iinfo(declared).max), 0, 1)
    if declared[0] in "iu":
        return np.clip(_stack(columns, np.float32) / np.float32(255), 0, 1)
    return unit_colors(_stack(columns, np.float32))


def _add_faces(raw: Raw, columns: Columns, vertex_uvs: Array | None, textures: list[str], source: Source) -> None:
    lists = {name: values for name, values in columns.items() if not isinstance(values, np.ndarray)}
    name = next((known for known in _FACE_LISTS if known in lists), None)
    if name is None:
        others = [key for key in lists if key != "texcoord"]
        if not others:
            raise source.error(
                "header", "the faces have no list of vertices", "Export it again from the program that made it"
            )
        name = others[0]
    counts, items = lists[name]
    corners, polygons = fan(np.cumsum(counts) - counts, counts)
    raw.faces = _whole(items, source)[corners]
    raw.name_face = lambda triangle: f"face {polygons[triangle]:,} (counted from 0)"
    few = int(np.count_nonzero(counts < 3))
    if few:
        source.warn(f"Left out {plural(few, 'face')} with fewer than three corners.")
    raw.dropped += [f"face property “{key}”" for key in columns if key not in (name, "texcoord", "texnumber")]
    if "texcoord" in lists:
        _add_corner_uvs(raw, lists["texcoord"], counts, corners, source)
    elif vertex_uvs is not None and raw.faces.min(initial=0) >= 0 and raw.faces.max(initial=0) < len(vertex_uvs):
        raw.uvs = vertex_uvs[raw.faces]
    if raw.uvs is not None:
        numbers = columns.get("texnumber")
        _add_textures(raw, textures, numbers[polygons] if isinstance(numbers, np.ndarray) else None, source)


def _whole(items: Array, source: Source) -> Array:
    """Vertex indices as int64; in text they may have been written as anything."""
    if items.dtype.kind == "f" and not (np.abs(items) < 2.0**53).all():
        raise source.error(
            "element “face”", "a vertex index is not a number that an index can have", "Export the file again"
        )
    indices = items.astype(np.int64)
    if items.dtype.kind == "f" and not (indices == items).all():
        raise source.error("element “face”", "a vertex index is not a whole number", "Export the file again")
    return indices


def _add_corner_uvs(raw: Raw, texcoord: tuple[Array, Array], counts: Array, corners: Array, source: Source) -> None:
    """MeshLab's texture coordinates: a list of u, v for each corner of a face."""
    lengths, values = texcoord
    if not np.array_equal(lengths, 2 * counts):
        source.warn("Left out the texture coordinates: their number does not match the corners of the faces.")
        return
    raw.uvs = values.astype(np.float32).reshape(-1, 2)[corners]


def _add_textures(raw: Raw, names: list[str], numbers: Array | None, source: Source) -> None:
    materials = []
    for name in names[:64]:
        texture = None
        try:
            texture = read_picture(source.path.parent, name)
        except BesideError as error:
            source.warn(f"Left out the texture “{name}”: {error}.")
        materials.append(Material(name, (1.0, 1.0, 1.0), texture))
    if not any(material.texture is not None for material in materials):
        raw.uvs = None
        return
    assert raw.faces is not None
    chosen = np.zeros(len(raw.faces)) if numbers is None else np.nan_to_num(numbers)
    raw.materials = tuple(materials)
    raw.face_materials = np.clip(chosen, 0, len(materials) - 1).astype(np.int32)
