"""Writing OBJ, with its material list and pictures beside it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from lab import geometry
from lab.files import atomic_write
from lab.formats.base import Progress, left_out
from lab.formats.beside import save_pictures
from lab.formats.text import as_lines
from lab.scene import Array, Material, Mesh, Points


@dataclass(frozen=True)
class ObjStyle:
    """How an OBJ file is written. relative: faces count back from the last vertex, with negative indices."""

    relative: bool = False


def write_obj(
    path: Path, entity: Mesh | Points, progress: Progress, *, style: ObjStyle, target: Path
) -> tuple[str, ...]:
    """Write OBJ text to ``path``, which will be renamed to ``target``; material list and pictures go beside that."""
    mesh = entity if isinstance(entity, Mesh) else None
    materials = mesh.materials if mesh is not None and mesh.face_materials is not None else ()
    names = _material_names(materials)
    with ExitStack() as companions, open(path, "w", encoding="utf-8", newline="\n") as file:
        if materials:  # they replace older ones only when the model itself is complete
            _write_materials(target, materials, names, companions)
        progress(0.2, "Writing")
        file.write("# DL3D Lab\n")
        if materials:
            file.write(f"mtllib {target.stem}.mtl\n")
        file.write(_vertex_lines(entity))
        if entity.normals is not None:
            file.write(as_lines("vn %.9g %.9g %.9g\n", entity.normals))
        progress(0.5, "Writing")
        if mesh is not None:
            _write_faces(file, mesh, names, style)
    renamed = any(material.name not in ("", name) for material, name in zip(materials, names, strict=True))
    return left_out(entity, "normals", "colours", "textures", *(("materials",) if materials else ())) + (
        ("blanks in the names of materials",) if renamed else ()
    )


def _vertex_lines(entity: Mesh | Points) -> str:
    far = bool(np.any(entity.origin))
    verts = entity.verts + entity.origin if far else entity.verts
    style = "v %r %r %r" if far else "v %.9g %.9g %.9g"  # each brings its precision back exactly
    if entity.colors is None:
        return as_lines(style + "\n", verts)
    return as_lines(style + " %.9g %.9g %.9g\n", verts, entity.colors)


def _write_faces(file: TextIO, mesh: Mesh, names: list[str], options: ObjStyle) -> None:
    def numbered(indices: Array, count: int) -> Array:
        return indices - count if options.relative else indices + 1

    columns = [numbered(mesh.faces, len(mesh.verts))]
    style = "%d"
    if mesh.uvs is not None:
        first, inverse = geometry.merge_equal(mesh.uvs.reshape(-1, 2))
        file.write(as_lines("vt %.9g %.9g\n", mesh.uvs.reshape(-1, 2)[first]))
        columns.append(numbered(inverse.reshape(-1, 3), len(first)))
        style += "/%d"
    if mesh.normals is not None:
        columns.append(columns[0])
        style += "/%d" if mesh.uvs is not None else "//%d"
    rows = np.stack(columns, axis=2).reshape(len(mesh.faces), -1)
    style = f"f {style} {style} {style}\n"
    if not names or mesh.face_materials is None:
        file.write(as_lines(style, rows))
        return
    starts = np.flatnonzero(np.diff(mesh.face_materials, prepend=-1))  # the order of the faces is kept
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        file.write(f"usemtl {names[int(mesh.face_materials[start])]}\n")
        file.write(as_lines(style, rows[start:end]))


def _material_names(materials: tuple[Material, ...]) -> list[str]:
    """Distinct names without blanks, by which the faces refer to the materials."""
    names: list[str] = []
    for number, material in enumerate(materials):
        name = re.sub(r"[\s#]+", "_", material.name).strip("_") or f"material_{number}"
        while name in names:
            name += f"_{number}"
        names.append(name)
    return names


def _write_materials(target: Path, materials: tuple[Material, ...], names: list[str], files: ExitStack) -> None:
    lines = ["# DL3D Lab"]
    pictures = save_pictures(target, materials, files)
    for material, name, picture in zip(materials, names, pictures, strict=True):
        lines += ["", f"newmtl {name}", "Kd " + " ".join(repr(float(value)) for value in material.diffuse)]
        if picture:
            lines.append(f"map_Kd {picture}")
    temporary = files.enter_context(atomic_write(target.with_suffix(".mtl")))
    temporary.write_text("\n".join([*lines, ""]), encoding="utf-8")
