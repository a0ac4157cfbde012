"""Values of points inside faces, from values of vertices or of corners."""

from __future__ import annotations

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array


def interpolate(values: Array, faces: Array, face: Array, bary: Array) -> Array:
    """(N, C): the vertices' ``values`` (V, C) at points inside faces, in the dtype of ``bary``.

    faces: (F, 3). face: (N,), the face of each point. bary: (N, 3), the weights of its corners.
    """
    found = np.empty((len(face), values.shape[1]), bary.dtype)
    index = np.int32
    bary = np.ascontiguousarray(bary)
    _interpolate(
        np.ascontiguousarray(values, bary.dtype),
        np.ascontiguousarray(faces, index),
        np.ascontiguousarray(face, index),
        bary,
        found,
    )
    return found


def interpolate_corners(values: Array, face: Array, bary: Array) -> Array:
    """(N, C): as ``interpolate``, of values that each face's corners have of their own, (F, 3, C)."""
    count = len(values)
    return interpolate(values.reshape(3 * count, -1), np.arange(3 * count, dtype=np.int32).reshape(-1, 3), face, bary)


@kernel
def _interpolate(values: Array, faces: Array, face: Array, bary: Array, out: Array) -> None:
    for i in range(len(face)):
        a, b, c = faces[face[i], 0], faces[face[i], 1], faces[face[i], 2]
        u, v, w = bary[i, 0], bary[i, 1], bary[i, 2]
        for k in range(values.shape[1]):
            out[i, k] = u * values[a, k] + v * values[b, k] + w * values[c, k]
