"""From an entity and its style to the pieces that the graphics draw, and the colours that they have under a camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lab import geometry
from lab.render import colormaps, shading
from lab.render.arrows import MOST, arrow_mesh
from lab.render.camera import Camera
from lab.render.messages import Color, Shading, Style
from lab.render.topology import Memory, edge_list, evenly, refined, refinement
from lab.scene import Array, Entity, Image, Lines, Mesh, Points

DEFAULT_COLOR: Color = (0.80, 0.79, 0.775)
_COARSE, _VERY_COARSE = 4000, 1000  # meshes with fewer faces are refined once, and twice, for an even light
_WIRE_SHARE = 0.22  # brightness of the wires, of the surface's
_WIRE_WIDTH, _LINE_WIDTH = 1.0, 1.5  # pixels
_PLAIN = {"surface": 0.0, "data": 0.45, "arrow": 0.5}  # how much of a colour the light leaves as it is, to be read
_TYPICAL_ARROW = 0.9  # the quantile of a field that decides how long its arrows are
_LOWEST_SHADE = 0.5  # of a cloud with neither colours nor normals, which is brighter with height

Light = Literal["surface", "data", "cloud", "arrow", "none"]
Heights = tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Piece:
    """One geometry for the graphics.

    kind "mesh": indices (F, 3) int32; "lines": indices (M, 2) int32; "points": indices is None.
    verts: (V, 3) float32, from the entity's origin. normals: (V, 3) float32 unit, or None.
    albedo: (V, 3) float32 sRGB without light, of lines (M, 3). light: how the light changes it, see ``colors``.
    uvs (V, 2) float32 and texture (H, W, 3) uint8, or None: the texture multiplies the colours.
    size: of points, or width of lines, pixels. lifted: drawn a little nearer, over the surface that it lies on.
    xray: shows faintly through what is in front of it.
    """

    kind: Literal["mesh", "points", "lines"]
    verts: Array
    albedo: Array
    indices: Array | None = None
    normals: Array | None = None
    light: Light = "none"
    uvs: Array | None = None
    texture: Array | None = None
    size: float = 1.0
    lifted: bool = False
    xray: bool = False


def limits_of(entity: Entity, style: Style) -> tuple[float, float] | None:
    """The range of the scalar that the entity is coloured by; None when it is not."""
    if isinstance(entity, Mesh | Points) and style.scalar is not None and style.scalar in entity.scalars:
        return style.scalar_range or colormaps.own_range(entity.scalars[style.scalar])
    return None


def pieces(entity: Entity, style: Style, how: Shading, wireframe: bool, memory: Memory) -> list[Piece]:
    """Everything to draw for a visible entity; wireframe: with the edges of every mesh."""
    return [*surfaces(entity, style, how, wireframe, memory), *arrows(entity, style, memory)]


def surfaces(
    entity: Entity,
    style: Style,
    how: Shading,
    wireframe: bool,
    memory: Memory,
    heights: tuple[float, float] | None = None,
) -> list[Piece]:
    """What to draw for a visible entity but for its vector fields.

    heights: the lowest and the highest y of a cloud that the entity is a part of, for the same shades.
    """
    return list(_DRAWERS[type(entity)](entity, style, how, wireframe or style.wireframe, memory, heights))


def arrows(entity: Entity, style: Style, memory: Memory) -> list[Piece]:
    """The vector fields of an entity that the style asks for."""
    if not isinstance(entity, Mesh | Points):
        return []
    stays = entity.faces if isinstance(entity, Mesh) and len(entity.faces) else entity.verts
    return list(_arrows(entity, stays, style, memory))


def follows_camera(piece: Piece, how: Shading) -> Literal["", "turn", "move"]:
    """Whether ``colors`` changes when the camera turns, or with any of its moves."""
    if how == "depth":
        return "move"
    if piece.normals is None or (piece.light != "arrow" and how in ("unlit", "normals")):
        return ""
    return "turn"


def colors(piece: Piece, how: Shading, camera: Camera, origin: Array, near_far: tuple[float, float]) -> Array:
    """(V, 3) float32 sRGB of a piece, of lines (M, 3). origin: (3,) float64, world; near_far: of the depth's greys."""
    if how == "depth":
        at = piece.verts[piece.indices].mean(axis=1) if piece.kind == "lines" else piece.verts
        return shading.by_depth(camera.depth(origin) - at @ camera.axes[:, 2].astype(np.float32), *near_far)
    if piece.normals is None or (how == "unlit" and piece.light != "arrow"):
        return piece.albedo
    if how == "normals" and piece.light != "arrow":
        return shading.by_normal(piece.normals)
    if piece.light == "cloud":
        return shading.lit_points(piece.albedo, piece.normals, camera)
    toward_eye = shading.cosine_to_eye(piece.verts, piece.normals, origin, camera)
    lit = shading.lit(piece.albedo, piece.normals, toward_eye, camera)
    plain = np.float32(_PLAIN[piece.light])
    return lit + (piece.albedo - lit) * plain if plain else lit


# --- meshes -------------------------------------------------------------------------------------------------------


def _draw_mesh(
    mesh: Mesh, style: Style, how: Shading, wireframe: bool, memory: Memory, heights: Heights
) -> Iterator[Piece]:
    if not len(mesh.faces):
        yield from _draw_points(as_cloud(mesh), style, how, wireframe, memory, heights)
        return
    limits = limits_of(mesh, style)
    own = style.color is None and limits is None
    textured = own and mesh.uvs is not None and any(material.texture is not None for material in mesh.materials)
    by_face = own and len(mesh.materials) > 0 and (textured or mesh.colors is None)
    surface = _corners(mesh, style, by_face, memory) if by_face or how == "flat" else _shared(mesh, style)
    surface = replace(_with_normals(surface, mesh, how, memory), light="surface" if limits is None else "data")
    yield from _by_texture(surface, mesh) if textured else [replace(surface, uvs=None)]
    if wireframe:
        yield _wires(mesh, surface.albedo, memory)


def as_cloud(mesh: Mesh) -> Points:
    """The vertices of a mesh that has no faces."""
    return Points(mesh.verts, None, mesh.colors, mesh.scalars, mesh.vectors, mesh.origin)


def _shared(mesh: Mesh, style: Style) -> Piece:
    """The surface with the mesh's own vertices."""
    return Piece("mesh", mesh.verts, _albedo(mesh, style), mesh.faces, light="surface")


def _corners(mesh: Mesh, style: Style, by_face: bool, memory: Memory) -> Piece:
    """The surface with three vertices for each face, which can then have a colour, a normal or texture of its own."""
    corners = mesh.faces.reshape(-1)
    indices = memory.of(mesh.faces, "corners", lambda: np.arange(len(corners), dtype=np.int32).reshape(-1, 3))
    if by_face:
        albedo = np.repeat(material_table(mesh)[face_materials(mesh)], 3, axis=0)
    else:
        albedo = _albedo(mesh, style)[corners]
    uvs = None if mesh.uvs is None else mesh.uvs.reshape(-1, 2)
    return Piece("mesh", mesh.verts[corners], albedo, indices, light="surface", uvs=uvs)


def material_table(mesh: Mesh) -> Array:
    """(M, 3) float32: the colour of each material; white where a texture brings its own."""
    return np.array([(1, 1, 1) if m.texture is not None else m.diffuse for m in mesh.materials], np.float32)


def face_materials(mesh: Mesh) -> Array:
    """(F,) the material of each face; one that is out of range counts as the first."""
    if mesh.face_materials is None:
        return np.zeros(len(mesh.faces), np.int32)
    known = (mesh.face_materials >= 0) & (mesh.face_materials < len(mesh.materials))
    return np.where(known, mesh.face_materials, 0)


def _with_normals(surface: Piece, mesh: Mesh, how: Shading, memory: Memory) -> Piece:
    """The surface with the normals that the shading needs, refined where they would be too far apart."""
    if how == "flat":
        return replace(surface, normals=np.repeat(geometry.face_normals(mesh.verts, mesh.faces), 3, axis=0))
    if how not in ("lit", "normals"):
        return surface
    normals = mesh.normals if mesh.normals is not None else _smooth_normals(mesh, memory)
    if len(surface.verts) != len(mesh.verts) or surface.indices is not mesh.faces:
        normals = normals[mesh.faces.reshape(-1)]
    surface = replace(surface, normals=normals)
    for limit in (_COARSE, _VERY_COARSE):
        if len(mesh.faces) < limit:
            surface = _refined(surface, memory)
    return surface


def _smooth_normals(mesh: Mesh, memory: Memory) -> Array:
    """(V, 3) float32 normals, with those of vertices at the same place in common: a seam is no edge."""
    first, same_as = memory.of(mesh.faces, ("seams", len(mesh.verts)), lambda: geometry.merge_equal(mesh.verts))
    if len(first) == len(mesh.verts):
        return geometry.vertex_normals(mesh.verts, mesh.faces)
    return geometry.vertex_normals(mesh.verts[first], same_as[mesh.faces])[same_as]


def _refined(surface: Piece, memory: Memory) -> Piece:
    """The same surface with four faces for each one, and normals in between: Phong's interpolation, nearly."""
    faces, count = surface.indices, len(surface.verts)
    assert faces is not None
    assert surface.normals is not None
    edges, finer = memory.of(faces, ("refined", count), lambda: refinement(faces, count))
    return replace(
        surface,
        verts=refined(surface.verts, edges),
        albedo=refined(surface.albedo, edges),
        normals=geometry.unit(refined(surface.normals, edges)).astype(np.float32),
        uvs=None if surface.uvs is None else refined(surface.uvs, edges),
        indices=finer,
    )


def _by_texture(surface: Piece, mesh: Mesh) -> Iterator[Piece]:
    """The parts of a surface of corners that have a texture in common."""
    assert surface.indices is not None
    assert surface.uvs is not None
    numbers: dict[int | None, list[int]] = {}
    for number, material in enumerate(mesh.materials):
        numbers.setdefault(None if material.texture is None else id(material.texture), []).append(number)
    of_face = np.repeat(face_materials(mesh), len(surface.indices) // len(mesh.faces))
    for group in numbers.values():
        faces = surface.indices[np.isin(of_face, group)]
        if not len(faces):
            continue
        used, inverse = np.unique(faces, return_inverse=True)
        texture = mesh.materials[group[0]].texture
        yield replace(
            surface,
            verts=surface.verts[used],
            albedo=surface.albedo[used],
            normals=None if surface.normals is None else surface.normals[used],
            uvs=None if texture is None else surface.uvs[used],
            texture=texture,
            indices=inverse.reshape(-1, 3).astype(np.int32),
        )


def _wires(mesh: Mesh, albedo: Array, memory: Memory) -> Piece:
    """The edges of a mesh, in a dark tone of its colour."""
    edges = memory.of(mesh.faces, "edges", lambda: edge_list(mesh.faces))
    tone = albedo.mean(axis=0, dtype=np.float64) * _WIRE_SHARE
    return Piece("lines", mesh.verts, _uniform(tone, len(edges)), edges, size=_WIRE_WIDTH, lifted=True)


# --- points, lines, arrows ----------------------------------------------------------------------------------------


def _draw_points(
    points: Points, style: Style, how: Shading, wireframe: bool, memory: Memory, heights: Heights
) -> Iterator[Piece]:
    if not len(points.verts):
        return
    albedo = _albedo(points, style)
    plain = points.normals is None and limits_of(points, style) is None
    if plain and (points.colors is None or style.color is not None) and how in ("lit", "flat"):
        height = points.verts[:, 1]
        low, high = heights or (float(height.min()), float(height.max()))
        share = (height - np.float32(low)) * np.float32((1 - _LOWEST_SHADE) / max(high - low, 1e-30))
        albedo = albedo * (np.float32(_LOWEST_SHADE) + share)[:, None]
    yield Piece("points", points.verts, albedo, normals=points.normals, light="cloud", size=style.point_size)


def _draw_lines(
    lines: Lines, style: Style, how: Shading, wireframe: bool, memory: Memory, heights: Heights
) -> Iterator[Piece]:
    if len(lines.edges):
        if style.color is None and lines.colors is not None:
            albedo = lines.colors
        else:
            albedo = _uniform(style.color or DEFAULT_COLOR, len(lines.edges))
        yield Piece("lines", lines.verts, albedo, lines.edges, size=_LINE_WIDTH)


def _draw_nothing(
    entity: Entity, style: Style, how: Shading, wireframe: bool, memory: Memory, heights: Heights
) -> Iterator[Piece]:
    """An image has its own pane."""
    return iter(())


def _arrows(entity: Mesh | Points, stays: Array, style: Style, memory: Memory) -> Iterator[Piece]:
    """The vector fields that the style asks for. stays: the array that tells when other vertices are to be chosen."""
    shown = [(name, color) for name, color in style.arrows.items() if name in entity.vectors]
    if not shown or not len(entity.verts):
        return
    chosen = memory.of(stays, ("arrows", len(entity.verts)), lambda: evenly(entity.verts, MOST))
    size = float(np.ptp(entity.verts, axis=0).max())
    for name, color in shown:
        field = entity.vectors[name]
        squares = np.einsum("ij,ij->i", field[chosen], field[chosen])
        squares = squares[np.isfinite(squares) & (squares > 0.0)]
        typical = float(np.sqrt(np.quantile(squares, _TYPICAL_ARROW))) if len(squares) else 0.0
        verts, normals, faces = arrow_mesh(entity.verts[chosen], field[chosen], size, style.arrow_scale, typical)
        if len(faces):
            yield Piece("mesh", verts, _uniform(color, len(verts)), faces, normals, "arrow", xray=True)


# --- colours ------------------------------------------------------------------------------------------------------


def _albedo(entity: Mesh | Points, style: Style) -> Array:
    """(V, 3) float32 sRGB: by scalar, the style's colour, the entity's own colours, or the default grey."""
    limits = limits_of(entity, style)
    if limits is not None and style.scalar is not None:
        return colormaps.apply(style.colormap, entity.scalars[style.scalar], limits)
    if style.color is None and entity.colors is not None:
        return entity.colors
    return _uniform(style.color or DEFAULT_COLOR, len(entity.verts))


def _uniform(color: Any, count: int) -> Array:
    """(count, 3) float32 of one colour."""
    return np.tile(np.asarray(color, np.float32), (count, 1))


_DRAWERS: dict[type, Callable[..., Iterator[Piece]]] = {
    Mesh: _draw_mesh,
    Points: _draw_points,
    Lines: _draw_lines,
    Image: _draw_nothing,
}
