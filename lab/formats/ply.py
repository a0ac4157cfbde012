"""Reading PLY, the Stanford polygon format: ASCII and both binary byte orders."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.formats.base import Raw, Source, fan, plural, unit_colors
from lab.formats.beside import BesideError, read_picture
from lab.formats.ply_header import COLORS, NORMALS, SCALAR_PREFIX, UVS, face_list, find_group, parse_header
from lab.formats.ply_rows import Table, read_rows
from lab.formats.ply_store import Element
from lab.scene import Array, Material

_MOST_TEXTURES = 64


def read_ply(source: Source) -> Raw:
    """Vertices with colours, normals and further numbers as scalars; faces as fans; MeshLab's texture coordinates."""
    data = source.read()
    header = parse_header(data, source)
    if header.newline == "\r" and not header.order:
        data = data.replace(b"\r", b"\n")
    source.progress(0.2, "Reading")
    tables = read_rows(data, header.size, header.order, header.elements, source)
    source.progress(0.6, "Reading")
    found: dict[str, Table] = {}
    other = []
    for table in tables:
        if table.element.name in ("vertex", "face") and table.element.name not in found:
            found[table.element.name] = table
        else:
            other.append(f"element “{table.element.name}”")
    if "vertex" not in found:
        raise source.error("header", "it declares no element “vertex”", "Export it again from the program that made it")
    raw, uvs = _vertices(found["vertex"], source)
    raw.dropped += other
    if "face" in found:
        _add_faces(raw, found["face"], uvs, header.textures, source)
    return raw


# --- the content ----------------------------------------------------------------------------------------------------


def _vertices(table: Table, source: Source) -> tuple[Raw, Array | None]:
    """The vertices, and their texture coordinates (V, 2) if they have some."""
    columns = table.columns
    plain = {name: values for name, values in columns.items() if isinstance(values, np.ndarray)}
    missing = [axis for axis in "xyz" if axis not in plain]
    if missing:
        raise source.error("header", f"the vertices have no property “{missing[0]}”", "Export it again with x, y and z")
    precise = any(plain[axis].dtype.itemsize > 4 or plain[axis].dtype.kind != "f" for axis in "xyz")
    raw = Raw(_stack([plain.pop(axis) for axis in "xyz"], np.float64 if precise else np.float32))
    raw.name_vertex = table.place
    normals, colors, uvs = _take(plain, NORMALS), _take(plain, COLORS), _take(plain, UVS)
    if normals is not None:
        raw.normals = _stack(normals, np.float32)
    if colors is not None:
        raw.colors = _colors(colors, table.element)
    if plain.pop("alpha", None) is not None:
        raw.dropped.append("opacity (alpha)")
    raw.add_scalars((name.removeprefix(SCALAR_PREFIX) or name, values) for name, values in plain.items())
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
    return [columns.pop(name) for name in find_group(tuple(columns), spellings)] or None


def _colors(columns: list[Array], element: Element) -> Array:
    """Colours in [0, 1]. The declared type tells the range, also in ASCII, where every number looks alike."""
    kinds = {prop.name: prop.kind for prop in element.properties}
    declared = next((kinds[name] for names in COLORS for name in names if name in kinds), "u1")
    if declared in ("u1", "u2"):
        colors = _stack(columns, np.float32)
        colors /= np.float32(np.iinfo(declared).max)
        return colors if columns[0].dtype.kind == "u" else _within(colors)  # text may say anything
    if declared[0] in "iu":
        return _within(_stack(columns, np.float32) / np.float32(255))
    return unit_colors(_stack(columns, np.float32))


def _within(colors: Array) -> Array:
    return np.clip(np.nan_to_num(colors, nan=0.0), 0.0, 1.0)


def _add_faces(raw: Raw, table: Table, vertex_uvs: Array | None, textures: list[str], source: Source) -> None:
    columns = table.columns
    lists = {name: values for name, values in columns.items() if not isinstance(values, np.ndarray)}
    name = face_list(table.element)
    if not name:
        raise source.error(
            "header", "the faces have no list of vertices", "Export it again from the program that made it"
        )
    counts, items = lists[name]
    corners, polygons = fan(np.cumsum(counts) - counts, counts)
    raw.faces = _whole(items, counts, table, source)[corners]
    raw.name_face = lambda triangle: table.place(int(polygons[triangle]))
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


def _whole(items: Array, counts: Array, table: Table, source: Source) -> Array:
    """Vertex indices as whole numbers; in text they may have been written as anything."""
    if items.dtype.kind != "f":
        return items
    good = (np.abs(items) < 2.0**53) & (items == np.floor(items))
    if not good.all():
        row = int(np.searchsorted(np.cumsum(counts), np.argmin(good), side="right"))
        raise source.error(table.place(row), "a vertex index is not a whole number", "Export the file again")
    return items.astype(np.int64)


def _add_corner_uvs(raw: Raw, texcoord: tuple[Array, Array], counts: Array, corners: Array, source: Source) -> None:
    """MeshLab's texture coordinates: a list of u, v for each corner of a face."""
    lengths, values = texcoord
    if not np.array_equal(lengths, 2 * counts):
        source.warn("Left out the texture coordinates: their number does not match the corners of the faces.")
        return
    raw.uvs = values.astype(np.float32).reshape(-1, 2)[corners]


def _add_textures(raw: Raw, names: list[str], numbers: Array | None, source: Source) -> None:
    """MeshLab's textures: named in comments of the header, numbered by the faces; -1 is none."""
    materials = [Material()]
    for name in names[:_MOST_TEXTURES]:
        texture = None
        try:
            texture = read_picture(source.path.parent, name)
        except BesideError as error:
            source.warn(f"Left out the texture “{name}”: {error}.")
        materials.append(Material(name, (1.0, 1.0, 1.0), texture))
    if not any(material.texture is not None for material in materials):
        return
    assert raw.faces is not None
    chosen = np.zeros(len(raw.faces)) if numbers is None else np.nan_to_num(numbers, nan=-1)
    used, of_face = np.unique(np.clip(chosen, -1, len(materials) - 2).astype(np.int32) + 1, return_inverse=True)
    raw.materials = tuple(materials[number] for number in used.tolist())
    raw.face_materials = of_face.astype(np.int32)
