"""The object whose picture it is: in a frame of handy size, coloured by a light of its own, and made coarser."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from lab.cameras.model import CameraModel, pose
from lab.cameras.subject import REACH
from lab.experiment import ExperimentError
from lab.geometry import merge_equal, unit, vertex_normals
from lab.scene import Array, Geometry, Mesh, extremes

FINEST = 20_000
"""Faces above which a mesh is made coarser: pictures of a few hundred pixels show no more."""
_LEAST_EXTENT = 0.05  # metres; a smaller object is enlarged


@dataclass(frozen=True)
class Light:
    """A light that stays with the object, so that a surface point has one colour from wherever it is seen.

    position: of a point light (the light comes from that direction when ``far``). ambient, diffuse: its shares.
    sky: the share of a soft light from above, which shades what the point light does not reach.
    """

    position: tuple[float, float, float] = (-0.5, 0.7, 0.6)
    far: bool = True
    ambient: float = 0.2
    diffuse: float = 0.5
    sky: float = 0.3


STUDIO = Light()
COURSE = Light((2.0, 2.0, -2.0), far=False, ambient=0.5, diffuse=0.3, sky=0.0)
"""PyTorch3D's PointLights where the course has put it, without its highlight (REFERENCE II.1, III.2)."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A triangle mesh to be seen. verts: (V, 3) float64, metres, working frame; faces: (F, 3) int32;
    colors: (F, 3, 3) float32 in [0, 1], RGB of each corner as it is lit.
    """

    verts: Array
    faces: Array
    colors: Array

    @cached_property
    def wings(self) -> tuple[Array, Array, Array]:
        """Edges (E, 2), and for each the third corners of its faces: offsets (E + 1,) into corners (3 F,). int32."""
        wide = self.faces.astype(np.int64)
        start = wide.reshape(-1)
        end, opposite = np.roll(wide, -1, axis=1).reshape(-1), np.roll(wide, -2, axis=1).reshape(-1)
        keys = np.minimum(start, end) * np.int64(len(self.verts)) + np.maximum(start, end)
        order = np.argsort(keys, kind="stable")
        once, first = np.unique(keys[order], return_index=True)
        edges = np.stack([once // len(self.verts), once % len(self.verts)], axis=1).astype(np.int32)
        return edges, np.append(first, len(keys)).astype(np.int32), opposite[order].astype(np.int32)

    def coarser(self, count: int) -> Shape:
        """The same with about ``count`` faces at most: vertices in one cell of a grid become their mean."""
        if len(self.faces) <= count:
            return self
        low, high = extremes(self.verts)
        cells, best = 2.0, self
        while True:
            tried = self._clustered(low, float((high - low).max()) / cells)
            if len(tried.faces) > count and best is not self:
                return best
            best, cells = tried, cells * 1.12
            if len(tried.faces) >= count:
                return best

    def _clustered(self, low: Array, cell: float) -> Shape:
        keys = np.floor((self.verts - low) / cell).astype(np.int32)
        first, of = merge_equal(np.ascontiguousarray(keys))
        sizes = np.bincount(of, minlength=len(first)).astype(float)
        verts = np.stack([np.bincount(of, self.verts[:, c], len(first)) / sizes for c in range(3)], axis=1)
        faces = of[self.faces].astype(np.int32)
        kept = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
        corners = self.faces.reshape(-1)
        weights = np.bincount(of[corners], minlength=len(first)).astype(float)
        flat = self.colors.reshape(-1, 3)
        means = np.stack([np.bincount(of[corners], flat[:, c], len(first)) for c in range(3)], axis=1)
        means /= np.maximum(weights, 1.0)[:, None]
        faces = np.ascontiguousarray(faces[kept])
        once, _ = merge_equal(np.sort(faces, axis=1))
        faces = np.ascontiguousarray(faces[once])
        return Shape(verts, faces, means[faces].astype(np.float32))


@dataclass(frozen=True, eq=False)
class Model:
    """An object in its working frame: x_work = scale (x_world - offset). It is the world for objects of a few metres.

    shape: at most FINEST faces. center: (3,) middle of the bounding box; radius: half its diagonal; working frame.
    flipped: whether the faces of a closed mesh are wound inwards; its normals are then turned for the light.
    """

    shape: Shape
    scale: float
    offset: Array
    center: Array
    radius: float
    flipped: bool

    @classmethod
    def of(cls, geometry: Geometry, light: Light = STUDIO) -> Self:
        """Raises ExperimentError for a point cloud, and for a mesh without faces or without extent."""
        if not isinstance(geometry, Mesh):
            raise ExperimentError("The object is a point cloud, which has no outline. Choose a mesh.")
        if not len(geometry.faces):
            raise ExperimentError("The mesh has no faces, so nothing of it can be seen. Choose another one.")
        verts = geometry.verts.astype(np.float64) + geometry.origin
        used = verts[np.unique(geometry.faces)]
        low, high = extremes(used)
        extent = float((high - low).max())
        if not (np.isfinite(used).all() and extent > 0.0):
            raise ExperimentError("The mesh has no extent, or vertices that are no numbers. Choose another one.")
        handy = extent >= _LEAST_EXTENT and float(max(np.abs(low).max(), np.abs(high).max())) <= REACH / 2
        scale, offset = (1.0, np.zeros(3)) if handy else (2.0 / extent, (low + high) / 2)
        work = (verts - offset) * scale
        flipped = signed_volume(work, geometry.faces) < -1e-3 * extent**3 * scale**3
        shape = Shape(work, np.asarray(geometry.faces), lit_colors(geometry, work, light, flipped)).coarser(FINEST)
        low, high = extremes(shape.verts)
        return cls(shape, scale, offset, (low + high) / 2, float(np.linalg.norm(high - low)) / 2, flipped)

    @cached_property
    def coarse(self) -> Shape:
        """About 1,200 faces, for the first refinements."""
        return self.shape.coarser(1200)

    @cached_property
    def rough(self) -> Shape:
        """About 300 faces, to be drawn thousands of times."""
        return self.shape.coarser(300)

    def to_world(self, camera: CameraModel) -> CameraModel:
        """A camera of the working frame in the world."""
        return camera.moved(pose(camera.rotation, self.offset + camera.center / self.scale))

    def points_to_world(self, points: Array) -> Array:
        """Points (N, 3) of the working frame in the world."""
        return np.asarray(points / self.scale + self.offset)


def signed_volume(verts: Array, faces: Array) -> float:
    """The volume that the faces enclose, below 0 when they are wound inwards; metres³. Source: divergence theorem."""
    middle = verts.mean(axis=0)
    a, b, c = (verts[faces[:, k]] - middle for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def lit_colors(mesh: Mesh, verts: Array, light: Light, flipped: bool) -> Array:
    """(F, 3, 3) float32: colour times light at each corner, in [0, 1]. verts: (V, 3) as the light sees them."""
    normals = mesh.normals if mesh.normals is not None else vertex_normals(verts, mesh.faces)
    normals = unit(normals.astype(np.float64)) * (-1.0 if flipped else 1.0)
    source = np.array(light.position)
    towards = unit(np.tile(source, (len(verts), 1)) if light.far else source - verts)
    facing = np.maximum((normals * towards).sum(axis=1), 0.0)
    shade = light.ambient + light.diffuse * facing + light.sky * (0.5 + 0.5 * normals[:, 1])
    colors = base_colors(mesh) * shade[mesh.faces][..., None]
    return np.ascontiguousarray(np.clip(colors, 0.0, 1.0), np.float32)


def base_colors(mesh: Mesh) -> Array:
    """(F, 3, 3): the surface's own colour at each corner: vertex colours, texture or material; white without any."""
    if mesh.colors is not None:
        return np.asarray(mesh.colors[mesh.faces], np.float64)
    colors = np.ones((len(mesh.faces), 3, 3))
    if mesh.face_materials is None:
        return colors
    for number, material in enumerate(mesh.materials):
        mine = mesh.face_materials == number
        colors[mine] = material.diffuse
        if material.texture is not None and mesh.uvs is not None and mine.any():
            colors[mine] = _texels(material.texture, mesh.uvs[mine])
    return colors


def _texels(texture: Array, uvs: Array) -> Array:
    """The texture at corners (F, 3, 2), repeated beyond [0, 1]: nearest texels, as the corners alone are asked."""
    height, width = texture.shape[:2]
    column = np.floor((uvs[..., 0] % 1.0) * width).astype(np.int64).clip(0, width - 1)
    row = np.floor((1.0 - uvs[..., 1] % 1.0) * height).astype(np.int64).clip(0, height - 1)
    return np.asarray(texture[row, column] / 255.0)
