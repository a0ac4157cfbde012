"""The surface of a radiance field, as a mesh that other programs can use."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import label
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from lab.data.marching_cubes import marching_cubes
from lab.geometry import vertex_normals
from lab.scene import Array, Field, Mesh

_FAR = 30.0  # raw density of what is certainly full, and negative of what is certainly empty


def surface(field: Field, *, opacity: float = 0.5, parts: int = 1) -> Mesh:
    """The closed surface on which a way of one cell would hide ``opacity`` of the light, with colours.

    parts: so many connected parts are kept, those with the most faces; 0 keeps all. Space within the object that rays
    never reached counts as full. The colours are those of rays that meet the surface straight on. The mesh is empty
    where the field is. World, metres.
    """
    edge = (field.upper - field.lower) / (np.array(field.rows.shape) - 1)
    sigma = -math.log(1.0 - opacity) / float(edge.min())
    level = math.log(math.expm1(min(sigma / field.scale, 500.0)))
    raw = np.pad(_dense(field), 1, constant_values=-_FAR)
    verts, faces = marching_cubes(np.ascontiguousarray(-raw.transpose(2, 1, 0)), -level)
    if parts and len(faces):
        faces = _largest(faces, len(verts), parts)
        used, faces = np.unique(faces, return_inverse=True)
        verts, faces = verts[used], faces.reshape(-1, 3).astype(np.int32)
    verts = verts - 1.0  # the layer around it
    world = verts * edge + field.lower
    normals = vertex_normals(world, faces)
    inside = verts - 0.5 * normals * (edge.min() / edge)
    return Mesh(world.astype(np.float32), faces, normals=normals, colors=_colors(field, inside, -normals))


def _dense(field: Field) -> Array:
    """(X, Y, Z) float32 raw density; without a vertex empty outside, and full where only full space is around."""
    missing = field.rows < 0
    raw = np.full(field.rows.shape, -_FAR, np.float32)
    raw[~missing] = np.clip(field.density[field.rows[~missing]].astype(np.float32), -_FAR, _FAR)
    names, count = label(missing)
    if count:
        borders = [
            names[tuple(slice(None) if a != axis else side for a in range(3))] for axis in range(3) for side in (0, -1)
        ]
        outside = np.unique(np.concatenate([border.reshape(-1) for border in borders]))
        raw[missing & ~np.isin(names, outside)] = _FAR
    return raw


def _largest(faces: Array, verts: int, parts: int) -> Array:
    """The faces of the connected parts that have the most of them."""
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), shape=(verts, verts))
    of_vert = connected_components(graph, directed=False)[1]
    of_face = of_vert[faces[:, 0]]
    kept = np.argsort(np.bincount(of_face))[::-1][:parts]
    return np.asarray(faces[np.isin(of_face, kept)])


def _colors(field: Field, places: Array, directions: Array) -> Array:
    """(N, 3) float32 in [0, 1]: the colour at places (N, 3), in grid coordinates, seen along unit directions."""
    count = field.color.shape[2]
    x, y, z = directions.T
    terms = [np.ones_like(x), x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]
    basis = np.stack(terms[:count], axis=1)
    low = np.clip(np.floor(places).astype(int), 0, np.array(field.rows.shape) - 2)
    part = places - low
    total, weights = np.zeros((len(places), 3)), np.zeros(len(places))
    for corner in range(8):
        side = np.array([corner >> 2, (corner >> 1) & 1, corner & 1])
        row = field.rows[tuple((low + side).T)]
        weight = np.where(side, part, 1 - part).prod(axis=1) * (row >= 0)
        total += weight[:, None] * np.einsum("nck,nk->nc", field.color[row].astype(np.float32), basis)
        weights += weight
    raw = total / np.maximum(weights, 1e-9)[:, None]
    return np.asarray(1 / (1 + np.exp(-raw)), np.float32)
