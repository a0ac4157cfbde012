"""The objects that pictures are made of: any mesh, at a size that cameras expect, and one that is hard to rebuild."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lab.posed.images import PosedError
from lab.scene import Array, Material, Mesh

Sheet = tuple[Array, Array, Array]
"""(R, C, 3) places, (R, C, 3) unit normals, (R, C, 2) texture coordinates."""

_TEXTURE = 512  # pixels a side
_BRIGHT = 0.94
"""Of the pattern: with it, black pictures of spot on the course's circle score 16.9 dB, so that figures compare."""


def prepared(mesh: Mesh, pattern: bool = True) -> Mesh:
    """The mesh as the course has it (REFERENCE III.3): the mean of its vertices at 0, the largest coordinate 1 m.

    pattern: colours for a mesh that has none. Raises PosedError for a mesh without faces or without any size.
    """
    if not len(mesh.faces):
        raise PosedError("The object has no faces, only points: choose a mesh, as only faces can be rendered.")
    verts = np.asarray(mesh.verts, np.float64)
    verts = verts - verts.mean(axis=0)
    largest = float(np.abs(verts).max())
    if not 0 < largest < np.inf:
        raise PosedError("The object has no size: all of its vertices are at one place, or are no numbers.")
    verts = (verts / largest).astype(np.float32)
    shown = replace(mesh, verts=verts, origin=np.zeros(3), scalars={}, vectors={})
    if pattern and mesh.colors is None and not mesh.materials:
        shown = replace(shown, colors=colors_at(verts))
    return shown


def colors_at(verts: Array) -> Array:
    """(V, 3) float32 in [0, 1]: a pattern of waves through space, in places finer and in places coarser. verts: (V, 3).

    The waves are longer than a tenth of the object, so that vertices of an ordinary mesh can carry them.
    """
    x, y, z = np.asarray(verts, np.float64).T
    red = 0.55 + 0.30 * np.sin(7.0 * x + 2.0 * np.sin(4.0 * y)) + 0.12 * np.sin(19.0 * z)
    green = 0.50 + 0.28 * np.sin(8.0 * y + 1.5 * np.cos(5.0 * z)) + 0.12 * np.sin(17.0 * x)
    blue = 0.50 + 0.30 * np.sin(6.0 * z - 2.0 * np.sin(5.0 * x)) + 0.12 * np.sin(21.0 * y)
    return (_BRIGHT * np.clip(np.stack([red, green, blue], axis=1), 0.0, 1.0)).astype(np.float32)


def harder_object() -> Mesh:
    """A textured ball within three thin rings, on thin bars, which coarse grids lose; highlights wander over it."""
    ring_planes = ((0, 1), (1, 2), (2, 0))
    sheets = [_ball(np.zeros(3), 0.42, 48, 96)]
    for number, plane in enumerate(ring_planes):
        angle = np.linspace(0, 2 * np.pi, 121)
        line = np.zeros((len(angle), 3))
        radius = 0.92 - 0.1 * number
        line[:, plane[0]], line[:, plane[1]] = radius * np.cos(angle), radius * np.sin(angle)
        sheets.append(_tube(line, 0.022))
    for direction in np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]]) / np.sqrt(3):
        sheets.append(_tube(np.linspace(-0.75, 0.75, 25)[:, None] * direction, 0.014))
        sheets += [_ball(end * direction, 0.07, 16, 32) for end in (-0.75, 0.75)]
    return _mesh(sheets)


def _ball(center: Array, radius: float, rows: int, columns: int) -> Sheet:
    polar, azimuth = np.meshgrid(np.linspace(0, np.pi, rows + 1), np.linspace(0, 2 * np.pi, columns + 1), indexing="ij")
    normals = np.stack([np.sin(polar) * np.sin(azimuth), np.cos(polar), np.sin(polar) * np.cos(azimuth)], axis=-1)
    uv = np.stack([azimuth / (2 * np.pi), 1 - polar / np.pi], axis=-1)
    return center + radius * normals, normals, uv


def _tube(line: Array, radius: float, columns: int = 12) -> Sheet:
    """Around a line (R, 3) that lies in a plane, or is straight."""
    along = np.gradient(line, axis=0)
    if np.allclose(line[0], line[-1]):
        along[0] = along[-1] = line[1] - line[-2]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    flat = np.linalg.svd(line - line.mean(axis=0), full_matrices=True)[2][2]  # across the plane of the line
    side = np.cross(along, flat)
    angle = np.linspace(0, 2 * np.pi, columns + 1)[:, None]
    normals = np.cos(angle) * flat + np.sin(angle) * side[:, None]
    share = np.broadcast_to(np.linspace(0, 4, len(line))[:, None], normals.shape[:2])
    around = np.broadcast_to(np.linspace(0, 0.25, columns + 1), normals.shape[:2])
    return line[:, None] + radius * normals, normals, np.stack([share, around], axis=-1)


def _mesh(sheets: list[Sheet]) -> Mesh:
    """All sheets as one mesh with the pattern as its texture; faces are counter-clockwise about the normals."""
    verts, normals, faces, uvs, base = [], [], [], [], 0
    for places, directions, uv in sheets:
        rows, columns = places.shape[:2]
        number = np.arange(rows * columns).reshape(rows, columns)
        a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
        both = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
        flat, outward = places.reshape(-1, 3), directions.reshape(-1, 3)
        corner = flat[both]
        turn = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        inward = np.einsum("fd,fd->f", turn, outward[both].sum(axis=1)) < 0
        both[inward] = both[inward][:, ::-1]
        both = both[np.linalg.norm(turn, axis=1) > 1e-12]  # the poles of balls
        verts.append(flat)
        normals.append(outward)
        uvs.append(uv.reshape(-1, 2)[both])
        faces.append(both + base)
        base += len(flat)
    material = Material("pattern", texture=_texture())
    return Mesh(
        np.concatenate(verts).astype(np.float32),
        np.concatenate(faces).astype(np.int32),
        normals=np.concatenate(normals).astype(np.float32),
        uvs=np.concatenate(uvs).astype(np.float32),
        face_materials=np.zeros(sum(map(len, faces)), np.int32),
        materials=(material,),
    )


def _texture() -> Array:
    """(512, 512, 3) uint8: tiles of many colours with fine stripes in every second one."""
    rng = np.random.default_rng(7)
    tiles = rng.uniform(0.25, 0.95, (16, 32, 3))
    row, column = np.meshgrid(np.arange(_TEXTURE), np.arange(_TEXTURE), indexing="ij")
    i, j = row * 16 // _TEXTURE, column * 32 // _TEXTURE
    shade = np.where((i + j) % 2 == 0, 1.0, 0.72 + 0.28 * np.sin(2 * np.pi * (row + 2 * column) / 24))
    return np.asarray(np.clip(tiles[i, j] * shade[..., None] * 255 + 0.5, 0, 255).astype(np.uint8))
