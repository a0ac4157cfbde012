"""From the statements of an OBJ file to one mesh: corners, normals, texture coordinates, materials."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lab.formats.base import Raw, Source, fan, plural, unit_colors
from lab.formats.mtl import Library
from lab.scene import Array


@dataclass
class Parts:
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
    seen: dict[int, int] = field(default_factory=dict)
    material: int = -1
    names: dict[str, int] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    groups: dict[str, set[str]] = field(default_factory=dict)
    unknown: int = 0
    first_unknown: str = ""


def assemble(parts: Parts, source: Source) -> Raw:
    """The mesh of all statements, or the points when there are no faces. Raises FormatError."""
    groups = [f"{kind} ({len(names):,})" for kind, names in parts.groups.items()]
    raw = Raw(np.concatenate(parts.verts), dropped=[*parts.dropped, *groups])
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
    if len(normals) == len(raw.verts) and np.array_equal(corners[used], raw.faces[used]):
        raw.normals = normals  # one a vertex, also for vertices that no face uses
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


def _add_materials(raw: Raw, parts: Parts, of_face: Array, source: Source) -> None:
    """Only materials that faces use; those before the first ``usemtl`` get a plain one."""
    library = Library(source)
    for name in parts.libraries:
        library.read(name)
    used, chosen = np.unique(of_face, return_inverse=True)
    names = ["", *parts.names]
    raw.materials = tuple(library.material(names[number + 1]) for number in used.tolist())
    raw.face_materials = chosen.astype(np.int32)
    raw.dropped += library.dropped(material.name for material in raw.materials)
    unused = [name for name in library.names if name not in {material.name for material in raw.materials}]
    if unused:
        raw.dropped.append(f"materials that no face uses ({len(unused):,})")
