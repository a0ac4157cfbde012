"""What a camera sees, by ray casting through its intrinsics: any pose, any principal point, any shape of image.

Meshes are cast by Open3D's ``RaycastingScene`` (Embree), points are splatted with a z-buffer. One light stands at the
camera; both sides of a face are lit.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.projection import pixels
from lab.geometry import face_normals, vertex_normals
from lab.open3d_core import o3d
from lab.scene import Array, Geometry, Mesh, Points
from lab.study import Picture

BACKGROUND = (0.30, 0.31, 0.33)  # sRGB, a neutral grey on which light and dark objects stand out
_THREADS = max(1, (os.cpu_count() or 2) // 2)  # as fast as all of them, and the window has the others
_BAND = 60_000  # rays that are cast in one go, some milliseconds
_SURFACE = (0.82, 0.82, 0.84)
_AMBIENT = 0.25  # share of the light that does not depend on the angle
_QUICK_POINTS = 30_000
_SHARP = math.cos(math.radians(40))  # a corner that bends more than this is shaded flat


@dataclass(frozen=True, eq=False)
class Clip:
    """Which depths are drawn, metres along the optical axis: from ``lower`` to ``upper``, cut exactly there."""

    lower: float = 0.0
    upper: float = math.inf


@dataclass(frozen=True, eq=False)
class Shot:
    """pixels: (H, W, 3) uint8 sRGB, row 0 at the top. depth: (H, W) float32, metres along the axis, NaN where empty."""

    pixels: Array
    depth: Array


def pytorch3d_clip(camera: CameraModel, has_near: bool = True) -> Clip:
    """What PyTorch3D's rasteriser keeps (REFERENCE I.3): from znear / 2 on in perspective, all in front otherwise.

    has_near: FoV cameras have a znear, PerspectiveCameras have none. Nothing is ever culled at zfar.
    """
    return Clip(camera.near / 2 if has_near and not camera.orthographic else 0.0)


class Painter:
    """Paints pictures of one geometry after the other. Keeps what depends on the last geometry and size."""

    def __init__(self) -> None:
        self._surface: _Surface | None = None
        self._thinned: tuple[Points, Points] | None = None

    def shoot(
        self,
        geometry: Geometry,
        camera: CameraModel,
        clip: Clip | None = None,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Shot:
        """The picture of ``geometry`` at the camera's image size; ``clip`` is by default all that lies in front.

        checkpoint: called between bands of rows, where it may raise.
        """
        clip = clip or Clip()
        checkpoint()
        if isinstance(geometry, Points):
            return _splat(geometry, camera, clip)
        if self._surface is None or self._surface.mesh is not geometry:
            self._surface = _Surface(geometry)
        rows = max(1, _BAND // camera.width)
        shots = []
        for top in range(0, camera.height, rows):
            band = replace(camera, cy=camera.cy - top, height=min(rows, camera.height - top))
            shots.append(self._surface.cast(band, clip))
            checkpoint()
        return Shot(*(np.concatenate([getattr(shot, name) for shot in shots]) for name in ("pixels", "depth")))

    def shoot_quick(self, geometry: Geometry, camera: CameraModel, longest: int, clip: Clip | None = None) -> Shot:
        """The same picture of at most ``longest`` pixels a side. Of a large cloud it shows some of the points only."""
        if isinstance(geometry, Points) and len(geometry.verts) > _QUICK_POINTS:
            geometry = self._thin(geometry)
        scale = longest / max(camera.width, camera.height)
        if scale >= 1:
            return self.shoot(geometry, camera, clip)
        width, height = (max(1, round(side * scale)) for side in (camera.width, camera.height))
        return self.shoot(geometry, camera.resized(width, height), clip)

    def _thin(self, cloud: Points) -> Points:
        if self._thinned is None or self._thinned[0] is not cloud:
            step = -(-len(cloud.verts) // _QUICK_POINTS)
            colors = None if cloud.colors is None else cloud.colors[::step]
            self._thinned = cloud, Points(cloud.verts[::step], colors=colors, origin=cloud.origin)
        return self._thinned[1]


def shown(shot: Shot, camera: CameraModel) -> Picture:
    """The picture for a board; a quick one stands for the camera's whole image."""
    return Picture(shot.pixels, values=shot.depth, unit="m", stands_for=(camera.width, camera.height))


def quick_is_rough(geometry: Geometry, camera: CameraModel, longest: int) -> bool:
    """Whether ``shoot_quick`` shows less than ``shoot``."""
    many = isinstance(geometry, Points) and len(geometry.verts) > _QUICK_POINTS
    return many or max(camera.width, camera.height) > longest


class _Surface:
    """A mesh that rays can be cast at."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._empty = not len(mesh.faces)
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=_THREADS)
        if not self._empty:
            verts, faces = np.array(mesh.verts), np.array(mesh.faces).astype(np.uint32)  # Open3D takes writable ones
            self._scene.add_triangles(o3d.core.Tensor(verts), o3d.core.Tensor(faces))
        self._normals = _corner_normals(mesh)
        self._colors = _corner_colors(mesh)

    def cast(self, camera: CameraModel, clip: Clip) -> Shot:
        shape = (camera.height, camera.width)
        if self._empty:
            return _empty(shape)
        bundle = ray_bundle(camera, clip.lower, self.mesh.origin).reshape(-1, 6)
        found = self._scene.cast_rays(o3d.core.Tensor(bundle))
        depth = found["t_hit"].numpy() + np.float32(clip.lower)
        seen = np.flatnonzero(depth <= min(clip.upper, np.finfo(np.float32).max))
        face = found["primitive_ids"].numpy()[seen].astype(np.int64)
        uv = found["primitive_uvs"].numpy()[seen]
        weights = np.stack([1 - uv.sum(axis=1), uv[:, 0], uv[:, 1]], axis=1)
        normals = np.einsum("nc,ncd->nd", weights, self._normals[face])
        view = bundle[seen, 3:]
        cosine = np.abs(np.einsum("nd,nd->n", normals, view)) / (_length(normals) * _length(view))
        color = self._colors if self._colors.ndim == 1 else np.einsum("nc,ncd->nd", weights, self._colors[face])
        image = np.full((len(bundle), 3), np.round(255 * np.array(BACKGROUND)), np.uint8)
        image[seen] = _lit(color, cosine)
        z = np.full(len(bundle), np.nan, np.float32)
        z[seen] = depth[seen]
        return Shot(image.reshape(*shape, 3), z.reshape(shape))


def ray_bundle(camera: CameraModel, start: float, origin: Array) -> Array:
    """(H, W, 6) float32: origin and direction of the ray through each pixel's centre, from ``start`` metres ahead on.

    A step of 1 goes 1 m along the optical axis. Positions are relative to ``origin`` (3,). As ``projection.rays``, but
    a row and a column are added up for each pixel, which is ten times as fast.
    """
    right, up, back = camera.rotation.T
    x = ((np.arange(camera.width) + 0.5 - camera.cx) / camera.fx)[:, None] * right
    y = ((camera.cy - np.arange(camera.height) - 0.5) / camera.fy)[:, None] * up
    bundle = np.empty((camera.height, camera.width, 6), np.float32)
    place = (camera.center - origin).astype(np.float32)
    if camera.orthographic:
        bundle[..., :3] = (y + place - start * back)[:, None].astype(np.float32) + x.astype(np.float32)
        bundle[..., 3:] = -back
    else:
        bundle[..., 3:] = (y - back)[:, None].astype(np.float32) + x.astype(np.float32)
        bundle[..., :3] = bundle[..., 3:] * np.float32(start) + place
    return bundle


def _length(vectors: Array) -> Array:
    return np.sqrt(np.einsum("nd,nd->n", vectors, vectors)) + 1e-12


def _lit(color: Array, cosine: Array) -> Array:
    """(N, 3) uint8: surface colours, (3,) or (N, 3), under a light at the camera."""
    share = (_AMBIENT + (1 - _AMBIENT) * cosine)[:, None]
    return np.asarray(np.clip(255 * color * share + 0.5, 0, 255).astype(np.uint8))


def _corner_normals(mesh: Mesh) -> Array:
    """(F, 3, 3) float32: a normal for each corner, smooth where the surface is, flat at sharp edges."""
    if mesh.normals is not None:
        return np.asarray(mesh.normals[mesh.faces])
    flat = face_normals(mesh.verts, mesh.faces)[:, None]
    smooth = vertex_normals(mesh.verts, mesh.faces)[mesh.faces]
    bent = np.einsum("fcd,fcd->fc", np.broadcast_to(flat, smooth.shape), smooth) < _SHARP
    return np.where(bent[..., None], flat, smooth)


def _corner_colors(mesh: Mesh) -> Array:
    """(F, 3, 3) float32 colours of the corners, or (3,) float32, one for all."""
    if mesh.colors is not None:
        return np.asarray(mesh.colors[mesh.faces])
    if mesh.face_materials is not None and mesh.materials:
        diffuse = np.array([material.diffuse for material in mesh.materials], np.float32)
        return np.repeat(diffuse[np.clip(mesh.face_materials, 0, len(diffuse) - 1)][:, None], 3, axis=1)
    return np.array(_SURFACE, np.float32)


def _splat(cloud: Points, camera: CameraModel, clip: Clip) -> Shot:
    """Each point as a square of pixels, the nearest on top."""
    shape = (camera.height, camera.width)
    shot = _empty(shape)
    at, depth = pixels(camera, cloud.verts + cloud.origin)
    radius = max(0, round(min(shape) / 320))
    inside = (depth > max(clip.lower, 0)) & (depth <= clip.upper) & np.isfinite(at).all(axis=1)
    inside &= ((at > -radius) & (at < np.array([camera.width, camera.height]) + radius)).all(axis=1)
    order = np.flatnonzero(inside)
    order = order[np.argsort(-depth[order], kind="stable")]  # the last one written is the nearest
    columns, rows = np.floor(at[order]).astype(np.int64).T
    colors = np.asarray(cloud.colors)[order] if cloud.colors is not None else np.array(_SURFACE, np.float32)
    painted = _lit(colors, np.ones(len(order)))
    winner = np.full(shape, -1, np.int64)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            x, y = columns + dx, rows + dy
            kept = np.flatnonzero((x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0]))
            layer = np.full(shape, -1, np.int64)
            layer[y[kept], x[kept]] = kept  # of equal places the last one counts
            np.maximum(winner, layer, out=winner)
    hit = winner >= 0
    shot.pixels[hit] = painted[winner[hit]]
    shot.depth[hit] = depth[order][winner[hit]]
    return shot


def _empty(shape: tuple[int, int]) -> Shot:
    image = np.full((*shape, 3), np.round(255 * np.array(BACKGROUND)), np.uint8)
    return Shot(image, np.full(shape, np.nan, np.float32))
