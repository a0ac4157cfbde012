"""Look at a file: a document to page through, and all that is known of it in one value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lab.files import explain
from lab.formats import READABLE, FormatError, Progress, read_with_stats
from lab.formats.base import Loaded, Source, no_progress
from lab.formats.text import decoded
from lab.geometry import Stats
from lab.inspector.document import MOST_BYTES, Document, Finding, Line, MaterialInfo, Part
from lab.inspector.findings import findings, signed_volume
from lab.inspector.obj_document import MtlDocument, ObjDocument
from lab.inspector.plain_document import BytesDocument
from lab.inspector.ply_document import PlyDocument
from lab.inspector.text_document import TextDocument
from lab.scene import Mesh, Points

MOST_MEASURED = 1 << 30
"""Bytes of a file that is also read as geometry, unless it is asked for."""


@dataclass(frozen=True)
class Inspection:
    """All that is known of a file. lines: the page that was asked for. total: how many there are.

    kept: what reading it gives, in words; dropped: what the file also holds. figures: of its geometry. error: why it
    cannot be read, "" if it can.
    """

    name: str
    kind: str
    nbytes: int
    cut: bool
    header: tuple[Line, ...]
    parts: tuple[Part, ...]
    materials: tuple[MaterialInfo, ...]
    lines: tuple[Line, ...]
    total: int
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    figures: dict[str, float | str | bool]
    findings: tuple[Finding, ...]
    error: str = ""


def open_document(path: Path, data: bytes | None = None) -> Document:
    """The file as a document; of a large one only the beginning. data: its bytes, if they are at hand.

    Raises FormatError when it cannot be read, or has a header that cannot.
    """
    source = Source(path)
    if path.suffix.lower() not in READABLE and path.suffix.lower() != ".mtl":
        known = ", ".join([*READABLE, ".mtl"])
        raise FormatError(f"{path.name} cannot be inspected: it has the ending “{path.suffix}”. Known are {known}.")
    if data is None:
        data = source.read(MOST_BYTES + 1)
    cut = len(data) > MOST_BYTES
    data = data[:MOST_BYTES]
    kind = READABLE.get(path.suffix.lower(), "")
    match path.suffix.lower():
        case ".ply":
            return PlyDocument(data, source, cut=cut)
        case ".obj":
            return ObjDocument(decoded(data, source), path.parent, cut=cut)
        case ".mtl":
            return MtlDocument(decoded(data, source), path.parent, cut=cut)
    if b"\0" in data[:4096]:
        return BytesDocument(data, kind, cut=cut)
    return TextDocument(decoded(data, source), kind, cut=cut)


def inspect(
    path: str | os.PathLike[str],
    *,
    first: int = 1,
    count: int = 24,
    measure: bool = True,
    progress: Progress = no_progress,
) -> Inspection:
    """Look at a file: ``count`` lines from ``first`` on, its parts, and (``measure``) what reading it gives.

    Light on large files: 64 MiB are looked at line by line, and files beyond 1 GiB are not read as geometry.
    Raises FormatError when nothing can be said of it; damage behind the header is an ``error`` of the inspection.
    """
    path = Path(path)
    document = open_document(path)
    try:
        nbytes = path.stat().st_size
    except OSError as error:
        raise FormatError(f"{path.name} cannot be read: {explain(error)}.") from error
    loaded, stats, error = None, None, ""
    extra: tuple[Finding, ...] = ()
    if document.cut:
        extra += (Finding("info", f"Only its first {MOST_BYTES >> 20} MiB were looked at line by line."),)
    if measure and path.suffix.lower() != ".mtl":
        if nbytes > MOST_MEASURED:
            extra += (Finding("info", "It is larger than 1 GiB and was not read as geometry."),)
        else:
            try:
                loaded, stats = read_with_stats(path, progress=progress)
            except FormatError as caught:
                error = str(caught)
    return Inspection(
        name=path.name,
        kind=document.kind,
        nbytes=nbytes,
        cut=document.cut,
        header=document.header,
        parts=document.parts,
        materials=document.materials,
        lines=document.page(first, count),
        total=document.total,
        kept=() if loaded is None else kept_parts(loaded.entity),
        dropped=() if loaded is None else loaded.dropped,
        figures={} if loaded is None or stats is None else figures_of(loaded, stats),
        findings=(() if loaded is None or stats is None else findings(loaded, stats)) + extra,
        error=error,
    )


def kept_parts(entity: Mesh | Points) -> tuple[str, ...]:
    """What an entity holds, in words: ("2,930 vertices", "5,856 triangles", "normals")."""
    mesh = entity if isinstance(entity, Mesh) else None
    parts = [f"{len(entity.verts):,} {'points' if mesh is None else 'vertices'}"]
    if mesh is not None:
        parts.append(f"{len(mesh.faces):,} triangles")
    parts += ["normals"] if entity.normals is not None else []
    parts += ["colours"] if entity.colors is not None else []
    parts += ["texture coordinates"] if mesh is not None and mesh.uvs is not None else []
    if mesh is not None and mesh.materials:
        textures = sum(material.texture is not None for material in mesh.materials)
        parts.append(f"materials ({len(mesh.materials):,}, {textures:,} with a picture)")
    return (*parts, *(f"scalar field “{name}”" for name in entity.scalars))


def figures_of(loaded: Loaded, stats: Stats) -> dict[str, float | str | bool]:
    """The figures of the geometry, by the labels under which they are shown."""
    size = stats.bounds_upper - stats.bounds_lower
    figures: dict[str, float | str | bool] = {"Vertices": stats.verts}
    if isinstance(loaded.entity, Mesh):
        figures |= {
            "Triangles": stats.faces,
            "Edges": stats.edges,
            "Euler characteristic": stats.verts - stats.edges + stats.faces,
            "Boundary edges": stats.boundary_edges,
            "Non-manifold edges": stats.nonmanifold_edges,
            "Parts": stats.components or 0,
            "Watertight": stats.watertight,
            "Area": stats.area,
        }
        if stats.watertight:
            figures["Signed volume"] = signed_volume(loaded.entity.verts, loaded.entity.faces)
    return figures | {
        "Size": " × ".join(f"{value:.4g}" for value in size),
        "Lower corner": ", ".join(f"{value:.6g}" for value in stats.bounds_lower),
        "Upper corner": ", ".join(f"{value:.6g}" for value in stats.bounds_upper),
    }
