"""STL (stereolithography): reading ASCII and binary, writing binary.

STL repeats the corners of each triangle; equal ones become one vertex, so that the surface hangs together.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from lab import geometry
from lab.formats.base import Progress, Raw, Source, left_out, plural
from lab.formats.text import REAL, Lines, blocks, first_misfit, normalised, numbers
from lab.scene import Array, Mesh

_HEADER = 84
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def read_stl(source: Source) -> Raw:
    """A mesh; the faces' own normals are not kept, they follow from the corners."""
    data = source.read()
    dropped: list[str] = []
    corners = _read_text(data, source) if _is_text(data) else _read_binary(data, source, dropped)
    source.progress(0.6, "Joining the triangles")
    corners = corners + np.float32(0)  # -0.0 and 0.0 are the same place
    first, inverse = geometry.merge_equal(corners)
    return Raw(corners[first], faces=inverse.reshape(-1, 3), dropped=dropped)


def _is_text(data: bytes) -> bool:
    """Text begins with "solid", but so do some binary headers: those have exactly the size that they declare."""
    if not data[:512].lstrip().lower().startswith(b"solid"):
        return False
    if len(data) >= _HEADER and len(data) == _HEADER + _TRIANGLE.itemsize * struct.unpack_from("<I", data, 80)[0]:
        return False
    return b"\0" not in data[:512]


def _read_binary(data: bytes, source: Source, dropped: list[str]) -> Array:
    """(3 F, 3) float32 corners; to ``dropped`` comes what the triangles hold besides."""
    if len(data) < _HEADER:
        raise source.truncated("header", f"a binary STL file has at least {_HEADER} bytes, this one has {len(data)}")
    count = struct.unpack_from("<I", data, 80)[0]
    room = (len(data) - _HEADER) // _TRIANGLE.itemsize
    if count > room:
        raise source.truncated("byte 80", f"it declares {plural(count, 'triangle')}, but has room for only {room:,}")
    if count == 0:
        raise source.error("byte 80", "it declares no triangles", "Export it again from the program that made it")
    left = len(data) - _HEADER - count * _TRIANGLE.itemsize
    if left:
        source.warn(f"Ignored {plural(left, 'byte')} after the last triangle.")
    triangles = np.frombuffer(data, _TRIANGLE, count, _HEADER)
    if triangles["attribute"].any():
        dropped.append("attributes of the triangles (some programs put colours there)")
    return triangles["corners"].reshape(-1, 3)


def _read_text(data: bytes, source: Source) -> Array:
    """(3 F, 3) float32 corners, from the lines that begin with "vertex"."""
    data = normalised(data)
    parts = []
    for block, number, end in blocks(data):
        parts.append(_read_lines(Lines(block, number), source))
        source.progress(0.5 * end / len(data), "Reading")
    corners = np.concatenate(parts)
    if not len(corners):
        raise source.error("", "it holds no triangles (lines that begin with “vertex”)", "Check that it is an STL file")
    if len(corners) % 3:
        raise source.truncated("end", f"the last triangle has only {plural(len(corners) % 3, 'corner')} of three")
    return corners


def _read_lines(lines: Lines, source: Source) -> Array:
    initials = lines.initials(7) | 0x20  # lower case
    mask = (initials[:, :6] == np.frombuffer(b"vertex", np.uint8)).all(axis=1) & (initials[:, 6] == ord(" "))
    if not mask.any():
        return np.zeros((0, 3), np.float32)
    wrong = mask & (lines.counts != 4)
    if wrong.any():
        line = int(np.argmax(wrong))
        found = plural(int(lines.counts[line]) - 1, "number")
        raise source.truncated(f"line {lines.number + line:,}", f"a corner has three coordinates, this one has {found}")
    text = lines.buffer.copy()
    text[lines.words[lines.first[mask]][:, None] + np.arange(6)] = ord(" ")
    values = numbers(lines.select(mask, text))
    if values is None or len(values) != 3 * np.count_nonzero(mask):
        line, word = first_misfit(lines.select(mask, text), REAL)
        number = lines.number + int(np.flatnonzero(mask)[line])
        raise source.error(
            f"line {number:,}", f"“{word}” is not a number", "Correct the line, or export the file again"
        )
    return values.astype(np.float32).reshape(-1, 3)


def write_stl(path: Path, mesh: Mesh, progress: Progress) -> tuple[str, ...]:
    """Write binary STL; positions in single precision, so a far origin costs detail."""
    triangles = np.zeros(len(mesh.faces), _TRIANGLE)
    triangles["normal"] = geometry.face_normals(mesh.verts, mesh.faces)
    verts = (mesh.verts + mesh.origin).astype(np.float32) if np.any(mesh.origin) else mesh.verts
    triangles["corners"] = verts[mesh.faces]
    progress(0.5, "Writing")
    with open(path, "wb") as file:
        file.write(b"DL3D Lab".ljust(80, b"\0"))
        file.write(struct.pack("<I", len(triangles)))
        file.write(triangles.tobytes())
    far = ("detail (the coordinates are far from zero)",) if np.any(mesh.origin) else ()
    return left_out(mesh) + far
