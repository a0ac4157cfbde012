"""The colour that a mesh brings along at any of its points: texture, colours of vertices or materials, or white.

Colours are taken as the files have them, with no display curve, as PyTorch3D does.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array, Mesh
from lab.shading.interpolate import interpolate, interpolate_corners
from lab.shading.lights import RGB

Wrap = Literal["repeat", "clamp"]

PLAIN: RGB = (1.0, 1.0, 1.0)
"""The colour of a mesh that has none."""


class Texels:
    """The colours of one mesh. ``textured`` False: ``plain`` everywhere.

    Coordinates outside of [0, 1] repeat the texture, as OBJ and glTF mean them, or take its border (``wrap`` "clamp",
    PyTorch3D's padding). Within [0, 1] the outermost pixels' centres lie on 0 and 1, as in PyTorch3D (align_corners).
    """

    def __init__(self, mesh: Mesh, textured: bool = True, plain: RGB = PLAIN, wrap: Wrap = "repeat") -> None:
        self._mesh, self._wrap = mesh, wrap
        self._materials: Array | None = None  # (F,)
        self.verts: Array | None = None
        """(V, 3) float32 where the colours are the vertices' own, or one for all; None where faces have theirs."""
        self._mapped = mesh.uvs is not None and any(material.texture is not None for material in mesh.materials)
        self._one = not textured or not (mesh.materials or mesh.colors is not None)
        if self._one:
            self.verts = np.broadcast_to(np.array(plain, np.float32), mesh.verts.shape)
        elif mesh.materials and (self._mapped or mesh.colors is None):
            self._materials = _face_materials(mesh)
            by_map = [self._mapped and material.texture is not None for material in mesh.materials]
            diffuse = [PLAIN if m else material.diffuse for m, material in zip(by_map, mesh.materials, strict=True)]
            self._diffuse = np.array(diffuse, np.float32)
        else:
            self.verts = mesh.colors

    def at(self, face: Array, bary: Array) -> Array:
        """(N, 3), in the dtype of ``bary``: the colours of points in faces (N,) with barycentrics (N, 3)."""
        if self._one and self.verts is not None:
            return np.broadcast_to(self.verts[:1].astype(bary.dtype), (len(face), 3))
        if self._materials is None:
            assert self.verts is not None
            return interpolate(self.verts, self._mesh.faces, face, bary)
        material = self._materials[face]
        colors = self._diffuse[material].astype(bary.dtype)
        if self._mapped and self._mesh.uvs is not None:
            uv = interpolate_corners(self._mesh.uvs, face, bary)
            for number in np.unique(material):
                texture = self._mesh.materials[number].texture
                if texture is not None:
                    here = material == number
                    colors[here] = sample(texture, uv[here], self._wrap)
        return colors


def sample(texture: Array, uv: Array, wrap: Wrap = "repeat") -> Array:
    """(N, 3) in [0, 1], in the dtype of ``uv``: the texture (H, W, 3) uint8, row 0 at the top, between its pixels.

    uv: (N, 2), origin at the bottom left. Bilinear; (0, 1) is the centre of the first pixel, (1, 0) of the last.
    """
    out = np.empty((len(uv), 3), uv.dtype)
    _bilinear(np.ascontiguousarray(texture), np.ascontiguousarray(uv), wrap == "repeat", out)
    return out


def _face_materials(mesh: Mesh) -> Array:
    """(F,) int32: the material of each face; one out of range counts as the first."""
    if mesh.face_materials is None:
        return np.zeros(len(mesh.faces), np.int32)
    known = (mesh.face_materials >= 0) & (mesh.face_materials < len(mesh.materials))
    return np.where(known, mesh.face_materials, 0).astype(np.int32)


@kernel
def _bilinear(texture: Array, uv: Array, repeat: bool, out: Array) -> None:
    height, width = texture.shape[0], texture.shape[1]
    for i in range(len(uv)):
        u, v = uv[i, 0], uv[i, 1]
        if not np.isfinite(u):
            u = 0.0
        if not np.isfinite(v):
            v = 0.0
        if repeat and (u < 0.0 or u > 1.0):
            u -= np.floor(u)
        if repeat and (v < 0.0 or v > 1.0):
            v -= np.floor(v)
        x = min(max(u, 0.0), 1.0) * (width - 1)
        y = (1.0 - min(max(v, 0.0), 1.0)) * (height - 1)
        left, top = min(int(x), max(width - 2, 0)), min(int(y), max(height - 2, 0))
        right, low = min(left + 1, width - 1), min(top + 1, height - 1)
        s, t = x - left, y - top
        for k in range(3):
            upper = texture[top, left, k] * (1 - s) + texture[top, right, k] * s
            lower = texture[low, left, k] * (1 - s) + texture[low, right, k] * s
            out[i, k] = (upper * (1 - t) + lower * t) / 255.0
