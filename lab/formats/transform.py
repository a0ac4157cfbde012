"""Units and up-axis put right on import."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from lab.formats.base import Up
from lab.scene import Array, Mesh, Points

_ROTATIONS: dict[Up, list[list[int]]] = {
    "x": [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
    "y": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "z": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    "-x": [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
    "-y": [[1, 0, 0], [0, -1, 0], [0, 0, -1]],
    "-z": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
}


def rotation(up: Up) -> Array:
    """The proper rotation (3, 3) float64 for column vectors that turns the axis ``up`` to +Y."""
    if up not in _ROTATIONS:
        raise ValueError(f"up: expected one of {', '.join(_ROTATIONS)}; found {up!r}")
    return np.array(_ROTATIONS[up], np.float64)


def transform(entity: Mesh | Points, *, scale: float = 1.0, up: Up = "y") -> Mesh | Points:
    """``entity`` turned so that its axis ``up`` becomes +Y, and multiplied by ``scale`` (0.001 for millimetres).

    Normals and arrow directions turn along and keep their lengths; faces and their winding stay the same arrays.
    Raises ValueError for a scale that is not a positive finite number.
    """
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale: expected a positive number, found {scale!r}")
    if scale == 1.0 and up == "y":
        return entity
    turn = rotation(up)
    verts = _turned(entity.verts, turn)
    if scale != 1.0:
        verts = (verts * np.float64(scale)).astype(np.float32)
    return dataclasses.replace(
        entity,
        verts=verts,
        normals=None if entity.normals is None else _turned(entity.normals, turn),
        vectors={name: _turned(values, turn) for name, values in entity.vectors.items()},
        origin=turn @ entity.origin * scale,
    )


def _turned(vectors: Array, turn: Array) -> Array:
    """Exact: the rotations only permute the axes and change signs."""
    axes = np.abs(turn).argmax(axis=1)
    return vectors[:, axes] * turn.sum(axis=1).astype(vectors.dtype)
