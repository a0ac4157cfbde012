"""The study "inspector": a file beside its picture."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from lab.chapters.data.inspector import AS_IT_IS, OBJ, PLY_ASCII, PLY_BIG, PLY_LITTLE, InspectorParams
from lab.files import explain
from lab.formats import FormatError, Loaded, read_with_stats, write
from lab.formats.base import Source
from lab.formats.ply_transcode import transcode_ply
from lab.formats.ply_write import Encoding, PlyStyle
from lab.geometry import extremes
from lab.inputs import RequestError, find_geometry
from lab.inspector.document import Document, Finding
from lab.inspector.findings import findings
from lab.inspector.inspect import MOST_MEASURED, figures_of, kept_parts, open_document
from lab.inspector.report import full_size, size_text
from lab.palette import surface
from lab.scene import Entity, Geometry, Lines
from lab.study import Board, Content, Label, Note, StudyContext, StudyError, Table, Text, View3D

_PAGE = 200  # lines of the content table
_QUICK = 4 << 20  # bytes of a file that is read before the first board
_MOST_SHOWN = 24 << 20  # bytes of a file that is also shown in another variant
_MOST_SIZED = 8 << 20  # bytes of a file whose sizes in all variants are found by writing them
_ARM = 0.04  # of the cross at the chosen vertex, in sizes of the entity
_ENCODINGS: Mapping[str, Encoding] = {
    PLY_ASCII: "ascii",
    PLY_LITTLE: "binary_little_endian",
    PLY_BIG: "binary_big_endian",
}


@dataclass(frozen=True, eq=False)
class _Geometry:
    """What reading the file gave, or why it cannot be read."""

    loaded: Loaded | None = None
    findings: tuple[Finding, ...] = ()
    error: str = ""
    figures: Mapping[str, float | str | bool] = field(default_factory=dict)


class Inspector:
    """Keeps the file that was looked at last: its document in the shown variant, its geometry, its sizes."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._document_key: tuple[object, ...] = ()
        self._document: Document | None = None
        self._shown_bytes = 0
        self._geometry: _Geometry | None = None
        self._sizes: dict[str, str] | None = None
        self._picked: tuple[int, Lines] | None = None

    def boards(self, params: InspectorParams, ctx: StudyContext) -> Iterator[Board]:
        """The text at once, then the geometry, then the sizes in the other formats. Raises StudyError."""
        path, nbytes = self._open(params.file)
        if nbytes > _QUICK and self._geometry is None and params.show_as == AS_IT_IS:
            yield self._board(path, nbytes, params, ctx)
        if self._geometry is None:
            self._geometry = _read(path, nbytes, ctx)
        board = self._board(path, nbytes, params, ctx)
        yield board
        if self._sizes is None and self._geometry.loaded is not None and nbytes <= _MOST_SIZED:
            ctx.checkpoint()
            self._sizes = _sizes(self._geometry.loaded)
            yield self._board(path, nbytes, params, ctx)

    # --- what is kept -----------------------------------------------------------------------------------------------

    def _open(self, name: str) -> tuple[Path, int]:
        """The file and its size; forgets the one before when it is another or was changed."""
        if not name:
            raise StudyError("No file is chosen. Choose one with Browse, or drop it on the panel.")
        try:
            path = find_geometry(name)
            status = path.stat()
        except RequestError as error:
            raise StudyError(str(error)) from error
        except OSError as error:
            raise StudyError(f"{name} cannot be read: {explain(error)}.") from error
        key = (str(path), status.st_mtime_ns, status.st_size)
        if key != self._key:
            self._key, self._document_key = key, ()
            self._document = self._geometry = self._sizes = self._picked = None
        return path, status.st_size

    def _open_document(self, path: Path, nbytes: int, params: InspectorParams) -> tuple[Document, str]:
        """The document in the variant that is to be shown, and why it is not, if so."""
        shown, problem = params.show_as, ""
        if shown != AS_IT_IS and (nbytes > _MOST_SHOWN or self._geometry is None or self._geometry.loaded is None):
            damaged = self._geometry is not None and self._geometry.loaded is None
            why = "it cannot be read" if damaged else f"it has {size_text(nbytes)}"
            shown, problem = AS_IT_IS, f"The file is shown as it is, because {why}."
        key = (shown, params.spelling, params.face_list) if shown != AS_IT_IS else (shown,)
        if self._document is None or key != self._document_key:
            try:
                if shown == AS_IT_IS:
                    self._document, self._shown_bytes = open_document(path), nbytes
                else:
                    assert self._geometry is not None
                    assert self._geometry.loaded is not None
                    self._document, self._shown_bytes = _variant(path, self._geometry.loaded, shown, params)
            except FormatError as error:
                raise StudyError(str(error)) from error
            self._document_key = key
        return self._document, problem

    # --- the board --------------------------------------------------------------------------------------------------

    def _board(self, path: Path, nbytes: int, params: InspectorParams, ctx: StudyContext) -> Board:
        document, problem = self._open_document(path, nbytes, params)
        geometry = self._geometry or _Geometry()
        first = max(1, min(params.first_line, document.total - _PAGE // 4))
        line = document.line_of(params.vertex)
        panes: dict[str, Content] = {
            "content": _content(document, first, line),
            "elements": _elements(document),
            "about": Text(_about(path, nbytes, document, geometry)),
        }
        if document.materials:
            panes["materials"] = _materials(document)
        if geometry.loaded is not None:
            panes["view"] = self._view(geometry.loaded, params.vertex)
        notes = [Note("info", problem, "The command ./dl3d convert saves it in another form.")] if problem else []
        notes += [Note("error", geometry.error)] if geometry.error else []
        notes += [Note("warning", f.text, f.advice) for f in geometry.findings if f.level == "warning"]
        followed = "vertex" in ctx.changed and "file" not in ctx.changed
        hidden = line is not None and not first <= line < first + _PAGE
        return Board(
            panes,
            self._figures(nbytes, geometry),
            {} if geometry.loaded is None else {path.stem: geometry.loaded.entity},
            tuple(notes),
            {"first_line": max(1, line - 3)} if followed and hidden and line is not None else {},
            status=f"{document.kind}, {size_text(self._shown_bytes)}",
        )

    def _view(self, loaded: Loaded, vertex: int) -> View3D:
        """The entity, and a cross with its number at the chosen vertex (of lines, which cannot be picked)."""
        entity = loaded.entity
        entities: dict[str, Entity] = {"file": entity}
        labels: tuple[Label, ...] = ()
        if 0 <= vertex < len(entity.verts):
            if self._picked is None or self._picked[0] != vertex:
                self._picked = vertex, _cross(entity, vertex)
            entities["vertex"] = self._picked[1]
            x, y, z = (entity.origin + entity.verts[vertex]).tolist()
            labels = (Label((x, y, z), f"vertex {vertex:,}", surface(1)),)
        return View3D(entities, labels=labels)

    def _figures(self, nbytes: int, geometry: _Geometry) -> dict[str, float | str | bool]:
        figures: dict[str, float | str | bool] = {"File size": size_text(nbytes)}
        if self._document_key != (AS_IT_IS,):
            figures["Shown size"] = size_text(self._shown_bytes)
        return figures | dict(geometry.figures) | (self._sizes or {})


# --- reading and writing --------------------------------------------------------------------------------------------


def _read(path: Path, nbytes: int, ctx: StudyContext) -> _Geometry:
    if path.suffix.lower() == ".mtl":
        return _Geometry()
    if nbytes > MOST_MEASURED:
        text = "It is larger than 1 GiB; only its beginning was looked at."
        return _Geometry(findings=(Finding("warning", text, "Open it in the scene."),))
    try:
        loaded, stats = read_with_stats(path, progress=lambda fraction, text: ctx.report(fraction, text))
    except FormatError as error:
        return _Geometry(error=str(error))
    return _Geometry(loaded, findings(loaded, stats), figures=figures_of(loaded, stats))


def _variant(path: Path, loaded: Loaded, shown: str, params: InspectorParams) -> tuple[Document, int]:
    """The file in another variant as a document, and its size. A PLY file keeps all that it holds."""
    spelling: Literal["old", "new"] = "new" if params.spelling == "new" else "old"
    face_list: Literal["vertex_indices", "vertex_index"] = (
        "vertex_index" if params.face_list == "vertex_index" else "vertex_indices"
    )
    style = PlyStyle(_ENCODINGS.get(shown, "ascii"), spelling, face_list)
    with tempfile.TemporaryDirectory(prefix="dl3d-") as folder:
        target = Path(folder, path.stem + (".obj" if shown == OBJ else ".ply"))
        if shown != OBJ and path.suffix.lower() == ".ply":
            source = Source(path)
            data = transcode_ply(source.read(), style, source)
        else:
            write(target, loaded.entity, ply=style)
            data = target.read_bytes()
        return open_document(target, data), len(data)


def _sizes(loaded: Loaded) -> dict[str, str]:
    """How large the geometry is in the usual formats, found by writing it."""
    kinds = [("PLY, ASCII", ".ply", True), ("PLY, binary", ".ply", False), ("OBJ", ".obj", False)]
    sizes = {}
    with tempfile.TemporaryDirectory(prefix="dl3d-") as folder:
        for label, suffix, ascii in kinds:
            target = Path(folder, f"model{suffix}")
            write(target, loaded.entity, ascii=ascii)
            sizes[f"As {label}"] = size_text(os.path.getsize(target))
    return sizes


# --- the panes ------------------------------------------------------------------------------------------------------


def _hues(document: Document) -> dict[str, int]:
    """Which colour each element or kind of statement has."""
    return {name: number for number, name in enumerate(dict.fromkeys(part.element for part in document.parts))}


def _content(document: Document, first: int, marked: int | None) -> Table:
    lines, hues = document.page(first, _PAGE), _hues(document)
    return Table(
        ("Place", "Content", "Meaning"),
        (
            tuple(line.place for line in lines),
            tuple(line.text for line in lines),
            tuple(line.meaning for line in lines),
        ),
        hues=np.array([hues.get(line.element, -2) for line in lines], np.int32),
        marked=marked - first if marked is not None and first <= marked < first + len(lines) else None,
    )


def _cross(entity: Geometry, vertex: int) -> Lines:
    """Three short lines through a vertex, a twenty-fifth of the entity's size to each side."""
    lower, upper = extremes(entity.verts)
    size = float((upper - lower).max()) or 1.0
    arms = np.concatenate([np.eye(3), -np.eye(3)]) * (_ARM * size)
    edges = np.array([[0, 3], [1, 4], [2, 5]])
    return Lines(entity.verts[vertex] + arms, edges, np.tile(surface(1), (3, 1)), entity.origin)


def _elements(document: Document) -> Table:
    parts, hues = document.parts, _hues(document)
    return Table(
        ("Element", "Property", "Use", "Type", "Count", "Bytes"),
        (
            tuple(part.element for part in parts),
            tuple(part.name for part in parts),
            tuple(part.use for part in parts),
            tuple(part.type for part in parts),
            np.array([part.count for part in parts], np.int64),
            np.array([part.nbytes for part in parts], np.int64),
        ),
        hues=np.array([hues[part.element] for part in parts], np.int32),
    )


def _materials(document: Document) -> Table:
    rows = []
    for material in document.materials:
        where = (material.name, material.place, f"{material.faces:,}")
        values = material.values or (("", ""),)
        for number, (key, words) in enumerate(values):
            picture = material.picture if key == "map_Kd" else ""
            rows.append((*(where if number == 0 else ("", "", "")), key, f"{words}  ({picture})" if picture else words))
    return Table(("Material", "Place", "Faces", "Value", "Content"), tuple(zip(*rows, strict=True)))


def _about(path: Path, nbytes: int, document: Document, geometry: _Geometry) -> str:
    blocks = [f"{path.name}: {document.kind}, {full_size(nbytes)}"]
    if document.cut:
        blocks[0] += "\nOnly the beginning was looked at line by line."
    if geometry.loaded is not None:
        blocks.append("Reading keeps\n" + "\n".join(f"  {part}" for part in kept_parts(geometry.loaded.entity)))
        dropped = geometry.loaded.dropped or ("nothing",)
        blocks.append("Reading drops\n" + "\n".join(f"  {part}" for part in dropped))
    found = [f"  {f.text} {f.advice}".rstrip() for f in geometry.findings]
    if found:
        blocks.append("Findings\n" + "\n".join(found))
    if geometry.error:
        blocks.append(f"It cannot be read\n  {geometry.error}")
    if document.header:
        blocks.append("Header\n" + "\n".join(f"  {line.text}" for line in document.header))
    return "\n\n".join(blocks) + "\n"
