"""Depth images of a mesh by ray casting. Apart from ``lab.data.depth``, because loading Open3D takes over a second."""

from __future__ import annotations

import numpy as np

from lab.data.depth import DepthCamera
from lab.open3d_core import o3d
from lab.scene import Array


class Caster:
    """A mesh for rays (Open3D's ray casting scene, which is Intel's Embree). verts (V, 3) metres, faces (F, 3)."""

    def __init__(self, verts: Array, faces: Array) -> None:
        self._scene = o3d.t.geometry.RaycastingScene()
        self._scene.add_triangles(
            np.ascontiguousarray(verts, np.float32).copy(), np.ascontiguousarray(faces, np.uint32).copy()
        )

    def depth(self, camera: DepthCamera) -> tuple[Array, Array]:
        """What a depth camera sees: depths (H, W) float32, infinity where nothing is, and the faces (H, W) uint32."""
        directions = camera.rays()
        origins = np.broadcast_to(camera.eye, directions.shape)
        rays = np.concatenate([origins, directions], axis=-1).astype(np.float32)
        answer = self._scene.cast_rays(o3d.core.Tensor(rays))  # t_hit counts in lengths of the direction: the depth
        return answer["t_hit"].numpy(), answer["primitive_ids"].numpy()
