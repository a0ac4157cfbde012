"""Which point of a mesh each pixel sees, found by a ray for each (Embree); and which points lie in shadow."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.picture import ray_bundle
from lab.geometry import face_normals
from lab.open3d_core import o3d
from lab.scene import Array, Mesh
from lab.shading.lights import DirectionalLights, towards
from lab.shading.surface import Surface

_THREADS = max(1, (os.cpu_count() or 2) // 2)  # as fast as all of them, and the window has the others
_FAR = 1e3  # how many times its direction a directional light is away
_LIFT = 1e-4  # of the mesh's size: how far before the surface a ray to the light begins, against its own face


@dataclass(frozen=True, eq=False)
class Seen:
    """face: (H, W) int32, -1 where there is none. bary: (H, W, 3) float32, in the face. depth: (H, W), NaN if none."""

    face: Array
    bary: Array
    depth: Array


class Caster:
    """Casts rays at one mesh."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=_THREADS)
        verts, faces = np.array(mesh.verts), np.array(mesh.faces).astype(np.uint32)  # Open3D takes writable ones
        self._scene.add_triangles(o3d.core.Tensor(verts), o3d.core.Tensor(faces))
        self.normals = face_normals(mesh.verts, mesh.faces)
        self._lift = _LIFT * float(np.ptp(mesh.verts, axis=0).max(initial=0.0))

    def look(self, camera: CameraModel) -> Seen:
        """What the camera sees through the pixels' centres."""
        bundle = ray_bundle(camera, 0.0, self.mesh.origin)
        found = self._scene.cast_rays(o3d.core.Tensor(bundle))
        depth, uv = found["t_hit"].numpy(), found["primitive_uvs"].numpy()
        hit = np.isfinite(depth)
        face = np.where(hit, found["primitive_ids"].numpy(), 0).astype(np.int32)
        face[~hit] = -1
        bary = np.stack([1 - uv[..., 0] - uv[..., 1], uv[..., 0], uv[..., 1]], axis=-1)
        return Seen(face, bary, np.where(hit, depth, np.nan).astype(np.float32))

    def dark(self, points: Array, towards: Array, normals: Array) -> Array:
        """(N,) bool: whether something stands between points (N, 3), world, and the light.

        towards: (N, 3), from each point to the light; a ray ends where that does. normals: (N, 3) unit.
        """
        side = np.sign(np.einsum("nd,nd->n", normals, towards))[:, None]
        starts = points - self.mesh.origin + self._lift * side * normals
        bundle = np.concatenate([starts, towards], axis=1).astype(np.float32)
        hidden = self._scene.test_occlusions(o3d.core.Tensor(bundle), tnear=0.0, tfar=1.0)
        return np.asarray(hidden.numpy())


def cast_picture(caster: Caster, seen: Seen, surface: Surface, shadows: bool) -> Array:
    """(H, W, 3) float32, linear: what the rays saw, under the surface's look; seen: ``samples`` rays a side of a pixel.

    shadows: what the light does not reach has its ambient term only.
    """
    look, hit = surface.look, seen.face >= 0
    face, bary = seen.face[hit], seen.bary[hit]
    parts = surface.parts(face, bary)
    colors = parts.color
    if shadows:
        lit = np.ones(len(face), bool)
        points = surface.points(face, bary) + caster.mesh.origin
        for light in look.lights:
            away = towards(light, points)
            if away is not None:
                far = _FAR if isinstance(light, DirectionalLights) else 1.0
                lit &= ~caster.dark(points, far * away, caster.normals[face])
        colors = np.where(lit[:, None], colors, parts.ambient)
    image = np.empty((*hit.shape, 3), np.float32)
    image[:] = look.background
    image[hit] = colors
    if look.samples == 1:
        return image
    height, width = (length // look.samples for length in hit.shape)
    return np.asarray(image.reshape(height, look.samples, width, look.samples, 3).mean(axis=(1, 3)))
