"""Moving, turning and scaling what stands in the scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from lab.render.camera import Vector, about, rotation_matrix
from lab.scene import Array, Lines, Mesh, Points

Movable = Mesh | Points | Lines

_CHUNK = 1 << 16  # rows at a time: they fit the cache, and others may work between them
_FAR = 1e3  # sizes of an object; farther away its place goes into the origin, where it is exact


@dataclass(frozen=True)
class Motion:
    """A similarity of the world: x -> factor · R (x - pivot) + pivot + shift, in metres, float64.

    rotation: (3, 3) proper rotation R for column vectors; factor > 0.
    """

    pivot: Vector = (0.0, 0.0, 0.0)
    shift: Vector = (0.0, 0.0, 0.0)
    rotation: Array = field(default_factory=lambda: np.eye(3))
    factor: float = 1.0

    @property
    def is_identity(self) -> bool:
        """Whether nothing moves."""
        return self.factor == 1.0 and not any(self.shift) and bool((self.rotation == np.eye(3)).all())

    def at(self, points: Array) -> Array:
        """(N, 3) float64: where the points (N, 3) go."""
        pivot = np.array(self.pivot)
        return (np.asarray(points, float) - pivot) @ (self.factor * self.rotation.T) + (pivot + np.array(self.shift))


def turn_xyz(degrees: Vector) -> Array:
    """(3, 3): a turn about the world's x axis, then its y axis, then its z axis, by these angles in degrees."""
    x, y, z = (
        rotation_matrix(about(axis, np.radians(angle)))
        for axis, angle in zip(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), degrees, strict=True)
    )
    return z @ y @ x


def moved(entity: Movable, motion: Motion, tick: Callable[[float], None] | None = None) -> Movable:
    """The entity after a motion; faces, colours and all else that does not move stay the same arrays.

    Vertices go along, normals and the directions of arrows turn and keep their lengths (as in
    lab.formats.transform). An entity with an ``origin`` keeps its vertices small and moves the origin; one without
    gets one only when it goes so far away that float32 could not hold its shape. tick: told the share that is done.
    """
    if motion.is_identity:
        return entity
    shift = motion.at(entity.origin[None])[0]
    origin = shift if entity.origin.any() or _is_far(entity, shift) else np.zeros(3)
    turns = bool((motion.rotation != np.eye(3)).any())
    vectors: Mapping[str, Array] = getattr(entity, "vectors", {}) if turns else {}
    normals: Array | None = getattr(entity, "normals", None) if turns else None
    progress = _Progress(tick, 1 + (normals is not None) + len(vectors))
    verts = _rows(entity.verts, motion.factor * motion.rotation, shift - origin, progress)
    if isinstance(entity, Lines) or not turns:
        return replace(entity, verts=verts, origin=origin)
    still = np.zeros(3)
    return replace(
        entity,
        verts=verts,
        normals=None if normals is None else _rows(normals, motion.rotation, still, progress),
        vectors={name: _rows(values, motion.rotation, still, progress) for name, values in vectors.items()},
        origin=origin,
    )


class _Progress:
    """Counts the arrays that are done, and tells the share of all of them."""

    def __init__(self, tick: Callable[[float], None] | None, arrays: int) -> None:
        self._tick = tick
        self._arrays = arrays
        self._done = 0

    def tell(self, share: float) -> None:
        """So much of the present array is done."""
        if self._tick is not None:
            self._tick((self._done + share) / self._arrays)

    def next(self) -> None:
        """The present array is done."""
        self._done += 1


def _is_far(entity: Movable, shift: Array) -> bool:
    count = len(entity.verts)
    sample = entity.verts[:: max(1, count // 10_000)]
    reach = float(np.abs(sample).max()) if count else 0.0
    return float(np.abs(shift).max()) > _FAR * max(reach, 1e-6)


def _rows(values: Array, matrix: Array, shift: Array, progress: _Progress) -> Array:
    """(N, 3) float32: matrix · row + shift for each row, worked out in float64.

    Column by column, without a matrix product: that would wake the threads of the linear algebra, which wait for each
    other for tens of milliseconds when the processor is busy with drawing.
    """
    result = np.empty_like(values)
    scales = np.array_equal(matrix, matrix[0, 0] * np.eye(3))
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        x, y, z = values[part].T.astype(np.float64)
        for row, ((a, b, c), offset) in enumerate(zip(matrix.tolist(), shift.tolist(), strict=True)):
            result[part, row] = (x, y, z)[row] * matrix[row, row] + offset if scales else a * x + b * y + c * z + offset
        progress.tell(min(1.0, (start + _CHUNK) / len(values)))
    progress.next()
    return result
