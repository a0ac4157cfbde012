"""Smaller entities that look like the large ones, for drafts.

Software OpenGL takes between half and one microsecond for each triangle, line or point, seen or not, so a mesh of half
a million faces would orbit at two frames a second. In a picture of a million pixels a tenth of them tells nearly the
same. With a graphics card it is the light of each vertex that takes time, and the limits are higher.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lab import geometry
from lab.render.drawing import Piece, face_materials, material_table
from lab.render.topology import Memory
from lab.scene import Array, Lines, Mesh, Points


@dataclass(frozen=True)
class Limits:
    """The most of each kind that one entity has in a draft. at_rest: points of a cloud in a picture of full quality."""

    faces: int = 45_000
    lines: int = 40_000
    points: int = 40_000
    at_rest: int = 600_000


SOFTWARE = Limits()
HARDWARE = Limits(faces=300_000, lines=300_000, points=400_000, at_rest=4_000_000)


def is_large(entity: Mesh | Points | Lines, limits: Limits, wireframe: bool) -> bool:
    """Whether drafts show something smaller in its place."""
    if isinstance(entity, Mesh) and len(entity.faces):
        edges = 1.5 * len(entity.faces) if wireframe else 0
        return len(entity.faces) > limits.faces or edges > limits.lines
    if isinstance(entity, Lines):
        return len(entity.edges) > limits.lines
    return len(entity.verts) > limits.points


def coarse_mesh(mesh: Mesh, most: int, memory: Memory) -> Mesh:
    """The mesh, or one of about ``most`` faces that looks like it, without vectors.

    Its materials become colours of the vertices, with what their textures show there.
    """
    if len(mesh.faces) <= most:
        return mesh
    key = ("coarse", len(mesh.verts), most)
    used, fewer = memory.of(mesh.faces, key, lambda: clustered(mesh.verts, mesh.faces, most))
    textured = mesh.uvs is not None and any(material.texture is not None for material in mesh.materials)
    by_material = len(mesh.materials) > 0 and (textured or mesh.colors is None)
    colors = _material_colors(mesh, used, memory) if by_material else _some(mesh.colors, used)
    return Mesh(
        mesh.verts[used],
        fewer,
        normals=_some(mesh.normals, used),
        colors=colors,
        scalars={name: values[used] for name, values in mesh.scalars.items()},
        origin=mesh.origin,
    )


def _material_colors(mesh: Mesh, used: Array, memory: Memory) -> Array:
    """(U, 3) float32: how the materials colour the vertices ``used`` (U,), each as in one of its faces."""
    corner = memory.of(mesh.faces, ("corner", len(mesh.verts)), lambda: _a_corner(mesh))[used]
    of_vertex = face_materials(mesh)[corner // 3]
    colors = material_table(mesh)[of_vertex]
    for number, material in enumerate(mesh.materials):
        if material.texture is None or mesh.uvs is None:
            continue
        here = of_vertex == number
        height, width = material.texture.shape[:2]
        u, v = np.mod(mesh.uvs.reshape(-1, 2)[corner[here]], 1.0).T
        row = np.minimum((1 - v) * height, height - 1).astype(np.intp)
        texels = material.texture[row, np.minimum(u * width, width - 1).astype(np.intp)]
        colors[here] = texels * np.float32(1 / 255)
    return colors


def _a_corner(mesh: Mesh) -> Array:
    """(V,) int64: for each vertex a corner of a face, as an index into the flat list of faces; 0 without any."""
    corner = np.zeros(len(mesh.verts), np.int64)
    corner[mesh.faces.reshape(-1)] = np.arange(mesh.faces.size)
    return corner


def picked(points: Points, chosen: Array) -> Points:
    """The chosen points of a cloud, by index, without vectors."""

    return Points(
        points.verts[chosen],
        _some(points.normals, chosen),
        _some(points.colors, chosen),
        {name: values[chosen] for name, values in points.scalars.items()},
        origin=points.origin,
    )


def _some(array: Array | None, chosen: Array) -> Array | None:
    return None if array is None else array[chosen]


def every(count: int, most: int) -> int:
    """The stride that leaves at most ``most`` of ``count``."""
    return max(1, math.ceil(count / most))


def fewer_lines(piece: Piece, most: int) -> Piece:
    """The piece, or evenly picked lines of it where it has more than ``most``."""
    step = 1 if piece.kind != "lines" or piece.indices is None else every(len(piece.indices), most)
    if step == 1 or piece.indices is None:
        return piece
    return replace(piece, indices=piece.indices[::step], albedo=piece.albedo[::step])


def clustered(verts: Array, faces: Array, most: int) -> tuple[Array, Array]:
    """About ``most`` faces: the vertices in a cell of a grid become the one in their middle (Rossignac, Borrel 1993).

    verts: (V, 3); faces: (F, 3). Returns used (U,), the vertices that stay, and faces (G, 3) int32 into those. As it is
    an actual vertex that stays, the result holds while the vertices of a run move.
    """
    area = float(geometry.face_areas(verts, faces).sum())
    cell = math.sqrt(2.0 * area / most) or 1.0  # a surface has about two faces for each vertex, and so for each cell
    at = np.floor((verts - verts.min(axis=0)) / np.float32(cell)).astype(np.int64)
    across = at.max(axis=0) + 1
    cells, cluster = np.unique((at[:, 0] * across[1] + at[:, 1]) * across[2] + at[:, 2], return_inverse=True)
    counts = np.bincount(cluster)
    middle = np.stack([np.bincount(cluster, weights=axis) / counts for axis in verts.T], axis=1)
    order = np.lexsort((np.linalg.norm(verts - middle[cluster], axis=1), cluster))
    used = order[np.searchsorted(cluster[order], np.arange(len(cells)))]
    fewer = cluster[faces]
    whole = (fewer[:, 0] != fewer[:, 1]) & (fewer[:, 1] != fewer[:, 2]) & (fewer[:, 2] != fewer[:, 0])
    fewer = fewer[whole]
    a, b, c = np.sort(fewer, axis=1).T
    once = np.unique((a * len(cells) + b) * len(cells) + c, return_index=True)[1]
    fewer = fewer[once].astype(np.int32)
    fewer.flags.writeable = False  # so that a mesh takes it as it is, and what follows from it is remembered
    return used, fewer
