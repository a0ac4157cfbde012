"""Writing PLY: binary little-endian, or ASCII."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lab.formats.base import Progress, left_out
from lab.formats.text import as_lines
from lab.scene import Array, Mesh, Points

_SPELLING = {"f4": "float", "f8": "double", "u1": "uchar"}


def write_ply(path: Path, entity: Mesh | Points, progress: Progress, *, ascii: bool = False) -> tuple[str, ...]:
    """Write binary little-endian PLY (or ASCII); coordinates are double when the origin is not zero."""
    table = _vertex_table(entity)
    faces = entity.faces if isinstance(entity, Mesh) else None
    with open(path, "wb") as file:
        file.write(_header_text(table, faces, ascii).encode())
        for part in _parts(table, progress, 0.0, 0.6):
            file.write(_lines_of(part) if ascii else part.tobytes())
        if faces is not None:
            for part in _parts(faces, progress, 0.6, 1.0):
                _write_faces(file, part, ascii)
    return left_out(entity, "normals", "colours", "scalar fields")


def _vertex_table(entity: Mesh | Points) -> Array:
    """The vertices as one structured array: position, normal, colour, scalars."""
    far = bool(np.any(entity.origin))
    verts = entity.verts + entity.origin if far else entity.verts
    columns: list[tuple[str, str, Array]] = [(axis, "f8" if far else "f4", verts[:, i]) for i, axis in enumerate("xyz")]
    if entity.normals is not None:
        columns += [(name, "f4", entity.normals[:, i]) for i, name in enumerate(("nx", "ny", "nz"))]
    if entity.colors is not None:
        bytes_ = np.rint(np.clip(entity.colors, 0, 1) * 255)
        columns += [(name, "u1", bytes_[:, i]) for i, name in enumerate(("red", "green", "blue"))]
    taken = {name for name, _, _ in columns}
    for name, values in entity.scalars.items():
        plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "scalar"
        while plain in taken:
            plain += "_"
        taken.add(plain)
        columns.append((plain, "f4", values))
    table = np.empty(len(verts), [(name, "<" + kind) for name, kind, _ in columns])
    for name, _, values in columns:
        table[name] = values
    return table


def _header_text(table: Array, faces: Array | None, ascii: bool) -> str:
    names = table.dtype.names or ()
    lines = ["ply", f"format {'ascii' if ascii else 'binary_little_endian'} 1.0", "comment DL3D Lab"]
    lines.append(f"element vertex {len(table)}")
    lines += [f"property {_SPELLING[table.dtype[name].str[1:]]} {name}" for name in names]
    if faces is not None:
        lines += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header", ""])


def _parts(array: Array, progress: Progress, start: float, end: float, size: int = 1 << 17) -> Iterator[Array]:
    for first in range(0, len(array), size):
        progress(start + (end - start) * first / len(array), "Writing")
        yield array[first : first + size]


def _lines_of(table: Array) -> bytes:
    """Rows as text. Nine digits bring single precision back exactly; %r is the shortest for double."""
    styles = {"<f4": "%.9g", "<f8": "%r", "|u1": "%d"}
    line = " ".join(styles[table.dtype[i].str] for i in range(len(table.dtype.names or ()))) + "\n"
    return "".join([line % row for row in table.tolist()]).encode()


def _write_faces(file: BinaryIO, faces: Array, ascii: bool) -> None:
    if ascii:
        file.write(as_lines("3 %d %d %d\n", faces).encode())
        return
    rows = np.empty(len(faces), [("count", "u1"), ("corners", "<i4", 3)])
    rows["count"], rows["corners"] = 3, faces
    file.write(rows.tobytes())
