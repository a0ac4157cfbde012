"""What rays march through: a grid of voxels as PyTorch3D's ``Volumes`` has it, or a radiance field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lab.scene import Array, Field
from lab.volumes.marching.kernels import sample_field, sample_grid


@dataclass(frozen=True, eq=False)
class Corners:
    """The eight voxels around a point, and how much of each the point has.

    index: (8, 3) int64, counting along x, y, z; centres: (8, 3) float64, world; weights: (8,), sum to 1; values: (8,)
    float64, the density of each, 0 outside.
    """

    index: Array
    centres: Array
    weights: Array
    values: Array


class Medium(Protocol):
    """Something with a density and a colour at each point of the world."""

    @property
    def box(self) -> tuple[Array, Array]:
        """Lower and upper corner, each (3,) float64, world, of the outermost voxel centres."""
        ...

    @property
    def voxel(self) -> float:
        """From one voxel centre to the next, metres; the least of the three axes."""
        ...

    def sample(self, first: int, last: int, origins: Array, directions: Array, lengths: Array, out: Array) -> None:
        """Fill out (R, S, 4) float32, density and colour at origin + length * direction, for rays first to last."""
        ...

    def corners(self, point: Array) -> Corners:
        """The voxels around ``point`` (3,), world."""
        ...


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels with density and colour, placed in the world as PyTorch3D does it (REFERENCE III.3).

    values: (D, H, W, 4) float32, density and colour; D counts along z. size: the argument ``voxel_size``, metres.
    align_corners: whether the local coordinates -1 and 1 are the centres of the outermost voxels, else their outer
    faces. The world is ``local * (N - 1) / 2 * size`` in either case. The middle is at the origin.
    """

    values: Array
    size: float
    align_corners: bool = True

    @property
    def sides(self) -> Array:
        """(3,) int: voxels along x, y and z."""
        return np.array(self.values.shape[2::-1])

    @property
    def extent(self) -> Array:
        """(3,) float64: where the local coordinate 1 is, metres."""
        return np.asarray((self.sides - 1) * self.size / 2)

    @property
    def voxel(self) -> float:
        """From one voxel centre to the next, metres: less than ``size`` unless corners are aligned."""
        shares = 1.0 if self.align_corners else (self.sides - 1) / self.sides
        return float(np.min(self.size * shares))

    @property
    def placement(self) -> tuple[Array, Array]:
        """Scale and offset, each (3,) float64: a point's place among the voxels is scale * point + offset."""
        cells = self.sides - 1 if self.align_corners else self.sides
        return cells / (2 * self.extent), (self.sides - 1) / 2.0

    @property
    def box(self) -> tuple[Array, Array]:
        """Lower and upper corner, each (3,) float64, world, of the outermost voxel centres."""
        return self.world(np.zeros(3)), self.world(self.sides - 1.0)

    def world(self, places: Array) -> Array:
        """(..., 3) float64, metres, of places among the voxels (..., 3), x, y, z."""
        scale, offset = self.placement
        return np.asarray((places - offset) / scale)

    def sample(self, first: int, last: int, origins: Array, directions: Array, lengths: Array, out: Array) -> None:
        """As in Medium; a voxel outside counts as 0."""
        sample_grid(first, last, origins, directions, lengths, self.values, *self.placement, out)

    def corners(self, point: Array) -> Corners:
        """The voxels around ``point`` (3,), world; some may lie outside."""
        scale, offset = self.placement
        index, weights = _around(scale * point + offset)
        inside = ((index >= 0) & (index < self.sides)).all(axis=1)
        x, y, z = np.clip(index, 0, self.sides - 1).T
        values = np.where(inside, self.values[z, y, x, 0], 0.0)
        return Corners(index, self.world(index), weights, values)


class FieldMedium:
    """A radiance field, whose raw density is interpolated before it becomes a density per metre."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._packed = np.concatenate([field.density[:, None], field.color.reshape(len(field.density), -1)], axis=1)
        self._packed = self._packed.astype(np.float32)
        self._edges = (field.upper - field.lower) / (np.array(field.rows.shape) - 1)
        if int(field.rows.max()) >= len(field.density):
            raise ValueError(f"Field.rows: expected less than {len(field.density)}, found {int(field.rows.max())}")

    @property
    def box(self) -> tuple[Array, Array]:
        """Lower and upper corner of the field, each (3,) float64, world."""
        return self.field.lower, self.field.upper

    @property
    def voxel(self) -> float:
        """The shortest edge of a cell, metres."""
        return float(self._edges.min())

    def sample(self, first: int, last: int, origins: Array, directions: Array, lengths: Array, out: Array) -> None:
        """As in Medium; the density is per metre, and 0 in cells that are not there."""
        field = self.field
        sample_field(
            first, last, origins, directions, lengths,
            field.rows, self._packed, field.lower, 1.0 / self._edges, field.scale, out,
        )  # fmt: skip

    def corners(self, point: Array) -> Corners:
        """The vertices around ``point`` (3,), world, with their own densities per metre."""
        field, sides = self.field, np.array(self.field.rows.shape)
        index, weights = _around((point - field.lower) / self._edges)
        inside = ((index >= 0) & (index < sides)).all(axis=1)
        rows = np.where(inside, field.rows[tuple(np.clip(index, 0, sides - 1).T)], -1)
        raw = self._packed[np.maximum(rows, 0), 0].astype(np.float64)
        values = np.where(rows >= 0, field.scale * np.logaddexp(0.0, raw), 0.0)
        return Corners(index, field.lower + index * self._edges, weights, values)


def _around(place: Array) -> tuple[Array, Array]:
    """The eight whole places around ``place`` (3,), (8, 3) int64, and their weights (8,), the first axis fastest."""
    base = np.floor(place).astype(np.int64)
    steps = np.array([[c & 1, c >> 1 & 1, c >> 2] for c in range(8)])
    share = place - base
    return base + steps, np.prod(np.where(steps == 1, share, 1.0 - share), axis=1)
