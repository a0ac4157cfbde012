"""The surface of a radiance field, as a mesh or a point cloud that other programs can use."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import label

from lab.data.marching_cubes import marching_cubes
from lab.fields.march import FieldView
from lab.fields.out.reach import optical_depths
from lab.fields.out.refine import decimated, largest_parts, only_used, smoothed
from lab.fitting.sampling import SurfaceSampler
from lab.geometry import vertex_normals
from lab.scene import Array, Field, Mesh, Points

OPACITY = 0.2
"""Of the way from outside to the surface. On a trained field of Spot this is nearest to the truth (REFERENCE III.4)."""

_FAR = 30.0  # raw density of what is certainly full
_BEFORE, _BEHIND = 1.5, 6.0  # cells: where the rays that fetch colours begin, and how far they go on
_UNSEEN = 0.5  # grey, where they meet nothing


def surface(
    field: Field,
    *,
    opacity: float = OPACITY,
    density: float | None = None,
    parts: int = 1,
    closed: bool = True,
    smooth: int = 0,
    faces: int = 0,
    view: FieldView | None = None,
) -> Mesh:
    """A mesh of the field with normals and colours; without vertices where the field is empty. World, metres.

    It is where ``opacity`` of the light from the clearest sides is gone (see ``optical_depths``): what is inside of the
    object does not belong to it, as nobody has seen that. density: take where the density has this value instead, per
    metre, outside and inside. parts: so many connected parts are kept, those with the most faces; 0 keeps all.
    closed: also where the field's box cuts the object off. smooth: rounds of smoothing. faces: about so many of them;
    0 keeps all. view: of the same field, if there is one. The colours are those of rays that meet the surface straight
    on.
    """
    edge = (field.upper - field.lower) / (np.array(field.rows.shape) - 1)
    verts, triangles = _levelled(field, edge, opacity, density)
    if not closed:
        inside = np.all((verts >= 0) & (verts <= np.array(field.rows.shape) - 1), axis=1)
        verts, triangles = only_used(verts, triangles[np.take(inside, triangles).all(axis=1)])
    if parts and len(triangles):
        verts, triangles = largest_parts(verts, triangles, parts)
    world = smoothed(verts * edge + field.lower, triangles, smooth)
    if faces:
        world, triangles = decimated(world, triangles, faces)
    normals = vertex_normals(world, triangles)
    colors = colors_at(view or FieldView(field), world, normals)
    return Mesh(world.astype(np.float32), triangles, normals=normals, colors=colors)


def points(field: Field, count: int, rng: np.random.Generator, **how: int | float | bool | None) -> Points:
    """``count`` points spread evenly over the surface, with normals and colours. how: as ``surface`` takes it.

    Raises ValueError where the field has no surface.
    """
    view = FieldView(field)
    mesh = surface(field, view=view, **how)  # type: ignore[arg-type]
    if not len(mesh.faces):
        raise ValueError("the field has no surface to draw points from")
    samples = SurfaceSampler(mesh.verts, mesh.faces).draw(count, rng)
    places = samples.points(mesh.verts, mesh.faces)
    normals = samples.normals(mesh.verts, mesh.faces)
    return Points(places, normals=normals, colors=colors_at(view, places, normals))


def _levelled(field: Field, edge: Array, opacity: float, density: float | None) -> tuple[Array, Array]:
    """Marching cubes with an empty layer around: verts (V, 3), in cells from the first vertex, and faces."""
    sigma = np.pad(_dense(field), 1)
    values = optical_depths(sigma, edge) if density is None else sigma
    level = -math.log1p(-opacity) if density is None else density
    high = np.minimum(values, 50.0 * level)  # of what is far beyond the level, nothing is left for precision
    verts, faces = marching_cubes(np.ascontiguousarray(-high.transpose(2, 1, 0)), -level)
    return verts - 1.0, faces


def _dense(field: Field) -> Array:
    """(X, Y, Z) float32 density, per metre; without a vertex 0, and full where only full space is around.

    Space within the object that rays never reached has no vertices.
    """
    missing = field.rows < 0
    raw = np.clip(field.density.astype(np.float32), -_FAR, _FAR)
    sigma = np.where(missing, np.float32(0), (field.scale * np.logaddexp(np.float32(0), raw))[field.rows])
    names, count = label(missing)
    if count:
        borders = [
            names[tuple(slice(None) if a != axis else side for a in range(3))] for axis in range(3) for side in (0, -1)
        ]
        outside = np.unique(np.concatenate([border.reshape(-1) for border in borders]))
        sigma[missing & ~np.isin(names, outside)] = field.scale * _FAR
    return sigma


def colors_at(view: FieldView, places: Array, normals: Array) -> Array:
    """(N, 3) float32 in [0, 1]: what rays see that come straight down on places (N, 3) of a surface, world."""
    field = view.field
    cell = float(((field.upper - field.lower) / (np.array(field.rows.shape) - 1)).min())
    origins = np.ascontiguousarray(places + _BEFORE * cell * normals, np.float32)
    limits = np.full(len(origins), (_BEFORE + _BEHIND) * cell, np.float32)
    drawn = view.draw(origins, np.ascontiguousarray(-normals, np.float32), limits=limits, sky=False)
    seen = drawn[:, 3:4]
    color = np.divide(drawn[:, :3], seen, out=np.full((len(drawn), 3), _UNSEEN, np.float32), where=seen > 0)
    return np.clip(color, 0.0, 1.0)
