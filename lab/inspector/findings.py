"""What is worth saying about a file's content: winding, holes, edges of many faces, size and place."""

from __future__ import annotations

import numpy as np

from lab import geometry
from lab.formats import Loaded
from lab.formats.base import plural
from lab.geometry import Stats
from lab.inspector.document import Finding
from lab.inspector.ply_rows import short
from lab.scene import Array, Mesh

_LARGE, _SMALL = 100.0, 1e-3


def signed_volume(verts: Array, faces: Array) -> float:
    """The volume that a closed surface encloses, positive when its faces are wound outwards.

    verts: (V, 3), faces: (F, 3). In cubic units of ``verts``; a sixth of the sum of the triple products.
    """
    corners = verts.astype(np.float64)
    corners -= corners.mean(axis=0) if len(corners) else 0.0
    a, b, c = (corners[faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def against_the_grain(faces: Array) -> int:
    """How many edges both of whose faces run through in the same direction: one of the two is wound wrongly."""
    wide = faces.astype(np.int64)
    start, end = wide.reshape(-1), np.roll(wide, -1, axis=1).reshape(-1)
    keys = np.sort(start * (wide.max(initial=0) + 1) + end)
    return int(np.count_nonzero(keys[1:] == keys[:-1]))


def unused_vertices(mesh: Mesh) -> int:
    """Vertices that no face uses."""
    used = np.zeros(len(mesh.verts), bool)
    used[mesh.faces.reshape(-1)] = True
    return len(used) - int(np.count_nonzero(used))


def findings(loaded: Loaded, stats: Stats) -> tuple[Finding, ...]:
    """The reader's warnings first, then what its figures tell."""
    found = [Finding("warning", text) for text in loaded.warnings]
    if isinstance(loaded.entity, Mesh):
        found += _of_surface(loaded.entity, stats)
    found += _of_size(stats)
    if loaded.up == "z":
        found.append(Finding("info", "By the rule of this format z points up; in the lab y does.", "Turn it: --up z."))
    return tuple(found)


def _of_surface(mesh: Mesh, stats: Stats) -> list[Finding]:
    found = []
    wrong = against_the_grain(mesh.faces)
    if wrong and not stats.nonmanifold_edges:
        text = f"{plural(wrong, 'edge')} between faces that are wound in opposite senses: inside and outside mix."
        found.append(Finding("warning", text, "Recompute the normals outside in another program."))
    if stats.watertight and not wrong:
        volume = signed_volume(mesh.verts, mesh.faces)
        if volume < 0:
            text = f"Wound inwards: the signed volume is {short(volume)}. Its normals point in, and a renderer that "
            text += "hides back faces shows its inside."
            found.append(Finding("warning", text, "Flip the order of the corners of each face."))
        else:
            found.append(Finding("info", f"Closed and wound outwards: it encloses a volume of {short(volume)}."))
    elif not stats.watertight:
        edges = plural(stats.boundary_edges, "boundary edge")
        text = f"Not closed: {edges}. It has no inside." if stats.boundary_edges else "It has no inside."
        found.append(Finding("info", text))
    unused = unused_vertices(mesh)
    if unused:
        found.append(Finding("info", f"{plural(unused, 'vertex')} that no face uses."))
    first, _ = geometry.merge_equal(mesh.verts + np.float32(0))
    twice = len(mesh.verts) - len(first)
    if twice:
        text = f"{plural(twice, 'vertex')} at a place where there is one already: the surface is cut there."
        found.append(Finding("info", text))
    return found


def _of_size(stats: Stats) -> list[Finding]:
    size = float((stats.bounds_upper - stats.bounds_lower).max())
    if size > _LARGE:
        text = f"The longest side is {short(size)}: perhaps it is in millimetres, or a landscape in metres."
        return [Finding("info", text, "From millimetres to metres: --scale 0.001.")]
    if 0 < size < _SMALL:
        return [Finding("info", f"The longest side is only {short(size)}: perhaps its unit is not the metre.")]
    return []
