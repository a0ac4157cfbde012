"""Writing PLY in all its variants: three encodings, both spellings of the types, both names of the list of faces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from lab.formats.base import Progress, left_out, rounds_colors
from lab.formats.beside import save_pictures
from lab.formats.ply_header import COLORS, NEW_SPELLING, NORMALS, OLD_SPELLING, ORDERS, SCALAR_PREFIX, UVS
from lab.scene import Array, Mesh, Points

Encoding = Literal["ascii", "binary_little_endian", "binary_big_endian"]

_RESERVED = {"x", "y", "z", "alpha", *(name for groups in (NORMALS, COLORS, UVS) for group in groups for name in group)}


@dataclass(frozen=True)
class PlyStyle:
    """How a PLY file is written. spelling: "old" is float, uchar; "new" is float32, uint8.

    colors: "uchar" is what all programs read and has 256 levels; "float" keeps single precision.
    """

    encoding: Encoding = "binary_little_endian"
    spelling: Literal["old", "new"] = "old"
    face_list: Literal["vertex_indices", "vertex_index"] = "vertex_indices"
    colors: Literal["uchar", "float"] = "uchar"

    @property
    def types(self) -> Mapping[str, str]:
        """numpy's code of a type, and its name in the header."""
        return OLD_SPELLING if self.spelling == "old" else NEW_SPELLING


def write_ply(
    path: Path, entity: Mesh | Points, progress: Progress, *, style: PlyStyle, target: Path
) -> tuple[str, ...]:
    """Write to ``path``, which will be renamed to ``target``; pictures of textures go beside that.

    Coordinates are double when the origin is not zero. Texture coordinates are written a corner, as MeshLab does.
    """
    verts = _vertex_table(entity, style)
    faces, textures = None, []
    with ExitStack() as companions, open(path, "wb") as file:
        if isinstance(entity, Mesh):
            textures = save_pictures(target, entity.materials, companions) if entity.uvs is not None else []
            faces = _face_table(entity, textures, style)
        file.write(_header_text(verts, faces, [name for name in textures if name], style).encode())
        for part in _parts(verts, progress, 0.0, 0.6):
            file.write(part.tobytes() if ORDERS[style.encoding] else lines_of(part))
        if faces is not None:
            for part in _parts(faces, progress, 0.6, 1.0):
                file.write(part.tobytes() if ORDERS[style.encoding] else lines_of(part))
    rounded = ("colours finer than 256 levels",) if style.colors == "uchar" and rounds_colors(entity) else ()
    materials = ("materials but for their textures",) if isinstance(entity, Mesh) and entity.materials else ()
    return left_out(entity, "normals", "colours", "textures", "materials", "scalar fields") + rounded + materials


def _vertex_table(entity: Mesh | Points, style: PlyStyle) -> Array:
    """The vertices as one structured array: position, normal, colour, scalars."""
    far = bool(np.any(entity.origin))
    verts = entity.verts + entity.origin if far else entity.verts
    columns: list[tuple[str, str, Array]] = [(axis, "f8" if far else "f4", verts[:, i]) for i, axis in enumerate("xyz")]
    if entity.normals is not None:
        columns += [(name, "f4", entity.normals[:, i]) for i, name in enumerate(NORMALS[0])]
    if entity.colors is not None:
        exact = style.colors == "float"
        values = entity.colors if exact else np.rint(np.clip(entity.colors, 0, 1) * 255)
        columns += [(name, "f4" if exact else "u1", values[:, i]) for i, name in enumerate(COLORS[0])]
    columns += [(name, "f4", values) for name, values in _scalar_columns(entity.scalars)]
    order = ORDERS[style.encoding] or "<"
    table = np.empty(len(verts), [(name, order + kind) for name, kind, _ in columns])
    for name, _, values in columns:
        table[name] = values
    return table


def _scalar_columns(scalars: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """The scalar fields under names that PLY can hold and that mean nothing else."""
    taken: set[str] = set()
    for name, values in scalars.items():
        plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "scalar"
        if plain in _RESERVED or plain.startswith(SCALAR_PREFIX):
            plain = SCALAR_PREFIX + plain
        while plain in taken:
            plain += "_"
        taken.add(plain)
        yield plain, values


def _face_table(mesh: Mesh, textures: list[str], style: PlyStyle) -> Array:
    """The faces as one structured array, with the lengths of their lists: corners, texture coordinates, texture."""
    order = ORDERS[style.encoding] or "<"
    fields: list[tuple[str, str] | tuple[str, str, int]] = [("count", "u1"), (style.face_list, order + "i4", 3)]
    if mesh.uvs is not None:
        fields += [("count of texcoord", "u1"), ("texcoord", order + "f4", 6)]
    if any(textures):
        fields += [("texnumber", order + "i4")]
    table = np.empty(len(mesh.faces), fields)
    table["count"], table[style.face_list] = 3, mesh.faces
    if mesh.uvs is not None:
        table["count of texcoord"], table["texcoord"] = 6, mesh.uvs.reshape(-1, 6)
    if any(textures):
        saved = np.cumsum([bool(name) for name in textures]) - 1
        numbers = np.where([bool(name) for name in textures], saved, -1)
        table["texnumber"] = 0 if mesh.face_materials is None else numbers[mesh.face_materials]
    return table


def _header_text(verts: Array, faces: Array | None, textures: list[str], style: PlyStyle) -> str:
    lines = ["ply", f"format {style.encoding} 1.0", "comment DL3D Lab"]
    lines += [f"comment TextureFile {name}" for name in textures]
    lines.append(f"element vertex {len(verts)}")
    for name in verts.dtype.names or ():
        lines.append(f"property {style.types[verts.dtype[name].str[1:]]} {name}")
    if faces is not None:
        lines.append(f"element face {len(faces)}")
        for name in faces.dtype.names or ():
            kind = faces.dtype[name]
            if kind.shape:
                lines.append(f"property list {style.types['u1']} {style.types[kind.base.str[1:]]} {name}")
            elif not name.startswith("count"):
                lines.append(f"property {style.types[kind.str[1:]]} {name}")
    return "\n".join([*lines, "end_header", ""])


def _parts(array: Array, progress: Progress, start: float, end: float, size: int = 1 << 17) -> Iterator[Array]:
    for first in range(0, len(array), size):
        progress(start + (end - start) * first / len(array), "Writing")
        yield array[first : first + size]


def lines_of(table: Array) -> bytes:
    """Rows as text. Nine digits bring single precision back exactly; %r is the shortest for double."""
    styles = {"f4": "%.9g", "f8": "%r"}
    words: list[str] = []
    columns: list[list[object]] = []
    for name in table.dtype.names or ():
        block = table[name].reshape(len(table), -1)
        words += [styles.get(table.dtype[name].base.str[1:], "%d")] * block.shape[1]
        columns += block.T.tolist()
    line = " ".join(words) + "\n"
    return "".join([line % row for row in zip(*columns, strict=True)]).encode()
