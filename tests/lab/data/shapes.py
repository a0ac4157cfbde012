"""Shapes for the tests of this folder."""

from __future__ import annotations

import numpy as np

from lab.scene import Array

CUBE_VERTS = np.array([[c & 1, c >> 1 & 1, c >> 2 & 1] for c in range(8)], np.float32) * 2 - 1
CUBE_FACES = np.array(
    [
        [0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5], [0, 1, 5], [0, 5, 4],
        [2, 6, 7], [2, 7, 3], [0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6],
    ],
    np.int32,
)  # fmt: skip
"""The cube from -1 to 1, faces outwards."""


def moved(verts: Array, shift: tuple[float, float, float]) -> Array:
    return (verts + np.array(shift)).astype(np.float32)


def joined(*parts: tuple[Array, Array]) -> tuple[Array, Array]:
    """Several meshes as one."""
    verts, faces, offset = [], [], 0
    for part_verts, part_faces in parts:
        verts.append(part_verts)
        faces.append(part_faces + offset)
        offset += len(part_verts)
    return np.concatenate(verts), np.concatenate(faces).astype(np.int32)


def sample_grid(axes: tuple[Array, Array, Array]) -> Array:
    """The positions (D, H, W, 3) float32 of a grid's voxels."""
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    return np.stack([x, y, z], axis=-1).astype(np.float32)
