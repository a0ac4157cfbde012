"""The forms of a batch as tables: a row an element, in the hue of its mesh; what is padding has the hue -1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.batching.forms import Forms
from lab.scene import Array
from lab.study import Table

PADDING = -1
NAMES = {"vertices": ("x", "y", "z"), "faces": ("a", "b", "c"), "edges": ("a", "b")}


def form_table(forms: Forms, form: str, what: str) -> Table:
    """One form ("list", "padded", "packed") of "vertices", "faces", "edges" or "index vectors"."""
    if what == "index vectors":
        return _index_table(forms, form)
    names = NAMES[what]
    packed, mesh, first = _packed(forms, what)
    if form == "packed":
        return _table(("mesh", *names), (mesh, *packed.T), mesh)
    if form == "list":
        local = packed if what == "vertices" else packed - forms.verts_first[mesh][:, None]
        return _table(("mesh", "row", *names), (mesh, _rows(mesh, first), *local.T), mesh)
    padded = {"vertices": "verts_padded", "faces": "faces_padded", "edges": "edges_padded"}[what]
    return _padded_table(names, getattr(forms, padded), mesh, first)


def marked_row(forms: Forms, form: str, what: str, vertex: int | None) -> int | None:
    """The row of ``form_table`` that holds a packed vertex, or the first face or edge with it; None for none."""
    if vertex is None:
        return None
    if what == "index vectors":
        return int(forms.padded_to_packed[vertex]) if form == "padded" else vertex
    packed, mesh, first = _packed(forms, what)
    at = vertex
    if what != "vertices":
        found = np.flatnonzero((packed == vertex).any(axis=1))
        if not len(found):
            return None
        at = int(found[0])
    if form != "padded":
        return at
    room = int(np.bincount(mesh).max())
    return int(mesh[at] * room + at - first[mesh[at]])


def batch_table(forms: Forms, names: Sequence[str], *, edges: bool) -> Table:
    """A row a mesh: counts, and where it begins in the packed form. edges: whether to find them, too."""
    columns: dict[str, Array | tuple[str, ...]] = {
        "mesh": tuple(names),
        "V": forms.verts_count,
        "F": forms.faces_count,
        "first V": forms.verts_first,
        "first F": forms.faces_first,
    }
    if edges:
        columns |= {"E": forms.edges_count, "first E": forms.edges_first}
    return _table(tuple(columns), tuple(columns.values()), np.arange(len(forms)))


def memory_table(forms: Forms) -> Table:
    """A row a form: all of its bytes in KiB, the share of vertices and faces that is padding in %, and the parts."""
    memory = forms.memory
    useful = memory["list"].total
    kib = [[part / 1024.0 for part in (m.total, m.verts, m.faces, m.index)] for m in memory.values()]
    total, *parts = (np.array(column) for column in zip(*kib, strict=True))
    padding = np.array([100.0 * (1.0 - useful / (m.verts + m.faces)) for m in memory.values()])
    names = ("form", "KiB", "padding %", "vertices", "faces", "index")
    return Table(names, (tuple(memory), total, padding, *parts), digits=1)


def _packed(forms: Forms, what: str) -> tuple[Array, Array, Array]:
    """The packed rows, the mesh of each, and the first row of each mesh."""
    if what == "vertices":
        return forms.verts_packed, forms.verts_to_mesh, forms.verts_first
    if what == "faces":
        return forms.faces_packed, forms.faces_to_mesh, forms.faces_first
    return forms.edges_packed, forms.edges_to_mesh, forms.edges_first


def _padded_table(names: tuple[str, ...], padded: Array, mesh: Array, first: Array) -> Table:
    """(N, M, C) as N M rows."""
    count, room, width = padded.shape
    used = np.zeros((count, room), bool)
    used[mesh, _rows(mesh, first)] = True
    owner = np.repeat(np.arange(count), room)
    cells = (owner, np.tile(np.arange(room), count), *padded.reshape(-1, width).T)
    return _table(("mesh", "row", *names), cells, np.where(used.ravel(), owner, PADDING))


def _index_table(forms: Forms, form: str) -> Table:
    """How the rows of the vertices of one form are found in the others."""
    mesh, flat = forms.verts_to_mesh, forms.padded_to_packed
    packed = np.arange(len(mesh))
    if form == "packed":
        names = ("packed row", "verts_packed_to_mesh_idx", "verts_padded_to_packed_idx")
        return _table(names, (packed, mesh, flat), mesh)
    if form == "list":
        return _table(("mesh", "row", "packed row"), (mesh, _rows(mesh, forms.verts_first), packed), mesh)
    count, room = forms.verts_padded.shape[:2]
    back = np.full(count * room, PADDING)
    back[flat] = packed
    owner = np.repeat(np.arange(count), room)
    cells = (np.arange(count * room), owner, np.tile(np.arange(room), count), back)
    return _table(("padded row", "mesh", "row", "packed row"), cells, np.where(back < 0, PADDING, owner))


def _rows(mesh: Array, first: Array) -> Array:
    """The row of each packed element within its own mesh."""
    return np.arange(len(mesh)) - first[mesh]


def _table(columns: tuple[str, ...], cells: tuple[Array | tuple[str, ...], ...], hues: Array) -> Table:
    return Table(columns, cells, hues=hues.astype(np.int32), digits=3)
