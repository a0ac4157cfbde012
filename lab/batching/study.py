"""The study of batches: one batch as list, padded and packed tables beside its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePath

from lab.batching.batches import bundled_batch, joined, layout, made_batch, name_labels
from lab.batching.code import code_text
from lab.batching.forms import Forms
from lab.batching.tables import batch_table, form_table, marked_row, memory_table
from lab.chapters.data.batching import COURSE_BATCH, SIDE_BY_SIDE, BatchingParams
from lab.geometry import unique_edges
from lab.render.messages import Style
from lab.scene import Geometry, Mesh, Points
from lab.study import Board, Content, Note, StudyContext, StudyError, Table, Text, View3D

EDGES_AT_ONCE = 50_000
"""Faces of a batch up to which its edges are found before the first board; of a larger one, after it."""
_EDGES_DRAWN = 2000
"""Faces up to which their edges are drawn: a coarse mesh without them looks like a pebble."""
_PICKED = Style(color=(1.0, 1.0, 1.0), point_size=14.0)


@dataclass(eq=False)
class _Batch:
    """What is remembered of one batch."""

    names: tuple[str, ...]
    meshes: tuple[Mesh, ...]
    forms: Forms
    notes: tuple[Note, ...]
    tables: dict[tuple[str, str], Table] = field(default_factory=dict)
    views: dict[str, View3D] = field(default_factory=dict)
    batch_tables: dict[bool, Table] = field(default_factory=dict)
    memory: Table | None = None

    @cached_property
    def oddities(self) -> tuple[Note, ...]:
        """Which meshes are not manifold; takes as long as finding the edges."""
        return tuple(_oddities(dict(zip(self.names, self.meshes, strict=True))))


class Batching:
    """Shows a batch. It remembers the last one, its tables and its pictures."""

    def __init__(self) -> None:
        self._batch: _Batch | None = None
        self._key: tuple[object, ...] = ()

    def boards(self, params: BatchingParams, ctx: StudyContext) -> Iterator[Board]:
        """See ``lab.study.Study``. A large batch comes without its edges first."""
        batch = self._take(params, ctx)
        small = len(batch.forms.faces_packed) <= EDGES_AT_ONCE or batch.forms.edges_are_known
        if not small and params.what != "edges":
            yield _board(batch, params, edges=False)
            ctx.report(None, "Finding the edges")
        yield _board(batch, params, edges=True)

    def _take(self, params: BatchingParams, ctx: StudyContext) -> _Batch:
        """The batch that is asked for; the last one, if it is the same."""
        own = ctx.geometries("meshes")
        key = (params.batch, *params.meshes, *own)
        if self._batch is None or key != self._key:
            named, notes = _named(params, own)
            names, meshes = tuple(named), tuple(named.values())
            self._batch = _Batch(names, meshes, Forms(meshes), tuple(notes))
            self._key = key
        return self._batch


def _named(params: BatchingParams, own: tuple[Geometry, ...]) -> tuple[Mapping[str, Mesh], list[Note]]:
    """The meshes by name. Raises StudyError when none of the person's own has faces."""
    if not own:
        return (made_batch() if params.batch == COURSE_BATCH else bundled_batch()), []
    found: dict[str, Mesh] = {}
    left_out = []
    for path, entity in zip(params.meshes, own, strict=True):
        name = PurePath(path).stem
        if not isinstance(entity, Mesh) or not len(entity.faces):
            left_out.append(name)
            continue
        while name in found:
            name += "'"
        found[name] = entity
    if not found:
        raise StudyError("None of the chosen objects has faces, so there is no batch of meshes. Choose meshes.")
    notes = []
    if left_out:
        text = f"Left out, as they have no faces: {', '.join(left_out)}."
        notes.append(Note("warning", text, "Point clouds are batched with PyTorch3D's Pointclouds, in the same forms."))
    return found, notes


def _oddities(meshes: Mapping[str, Mesh]) -> Iterator[Note]:
    """Which meshes are not manifold."""
    for name, mesh in meshes.items():
        _, uses = unique_edges(mesh.faces)
        crowded, single = int((uses > 2).sum()), int((uses == 1).sum())
        if crowded:
            words = f"'{name}' is not manifold: {crowded} of its edges have more than two faces, {single} only one."
            yield Note("info", words, "A batch does not mind; fitting and signed distances do.")


# --- what is shown --------------------------------------------------------------------------------------------------


def _board(batch: _Batch, params: BatchingParams, *, edges: bool) -> Board:
    forms = batch.forms
    vertex = params.vertex if 0 <= params.vertex < len(forms.verts_packed) else None
    notes = (*batch.notes, *batch.oddities) if edges else batch.notes
    if params.vertex >= len(forms.verts_packed):
        notes += (Note("warning", f"The batch has {len(forms.verts_packed):,} vertices; none has this number."),)
    key = params.form, params.what
    if key not in batch.tables:
        batch.tables[key] = form_table(forms, *key)
    if edges not in batch.batch_tables:
        batch.batch_tables[edges] = batch_table(forms, batch.names, edges=edges)
    if batch.memory is None:
        batch.memory = memory_table(forms)
    mesh = None if vertex is None else int(forms.verts_to_mesh[vertex])
    code = code_text(forms, batch.names, params.form, params.what)
    shown: dict[str, Content] = {"code": Text(code, "python")} if params.code else {}
    return Board(
        panes={
            "view": _view(batch, params.display, vertex),
            "rows": replace(batch.tables[key], marked=marked_row(forms, *key, vertex)),
            "batch": replace(batch.batch_tables[edges], marked=mesh),
            "memory": replace(batch.memory, marked=list(forms.memory).index(params.form)),
            **shown,
        },
        figures=_figures(batch, params.form),
        notes=notes,
        status=f"{len(batch.tables[key]):,} rows: {code.splitlines()[-1].partition('  #')[0]}",
    )


def _view(batch: _Batch, display: str, vertex: int | None) -> View3D:
    """All meshes as one entity, so that the number of a picked vertex is its row in the packed form."""
    if display not in batch.views:
        places = layout(batch.meshes, side_by_side=display == SIDE_BY_SIDE)
        parts = [places.place(number, mesh.verts + mesh.origin) for number, mesh in enumerate(batch.meshes)]
        whole = joined(parts, [mesh.faces for mesh in batch.meshes])
        style = Style(wireframe=len(whole.faces) <= _EDGES_DRAWN)
        batch.views[display] = View3D({"batch": whole}, {"batch": style}, labels=name_labels(batch.names, parts))
    view = batch.views[display]
    if vertex is None:
        return view
    drawn = view.entities["batch"]
    assert isinstance(drawn, Mesh)
    return replace(
        view,
        entities={**view.entities, "vertex": Points(drawn.verts[vertex : vertex + 1])},
        styles={**view.styles, "vertex": _PICKED},
    )


def _figures(batch: _Batch, form: str) -> dict[str, float | str | bool]:
    forms = batch.forms
    count, room = forms.verts_padded.shape[:2]
    memory = forms.memory
    padded = memory["padded"].verts + memory["padded"].faces
    return {
        "Meshes": count,
        "Packed vertices": len(forms.verts_packed),
        "Padded rows": count * room,
        "Padding (%)": 100.0 * (1.0 - memory["list"].total / padded),
        "Memory of this form (KiB)": memory[form].total / 1024.0,
        "Round trip is exact": forms.round_trip_is_exact,
    }
