"""A scan: one number per voxel, and where the voxels are.

Frame: +X is to the right in the picture from the front (a patient's left), +Y is up, +Z is to the front. The middle of
the scan is at the origin. Metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.scene import Array

FINEST = 256
"""The most voxels along a side that are worked on: 256³ float32 values are 64 MiB."""
SMALLEST, LARGEST = 0.03, 0.6
"""Metres: the longest side of a scan, which is shown as ``SHOWN`` where it is less or more."""
SHOWN = 0.24
BLOCK = 8
"""Cells along the edge of a block, whose least and greatest values are known."""

_MOST_COUNTED = 2_000_000  # voxels, for the ends of the values
_TAIL = 0.02  # per cent of the values that lie beyond either end


class ScanError(ValueError):
    """A scan that cannot be read; the message says what was found, where, and what to do."""


@dataclass(frozen=True, eq=False)
class Scan:
    """values: (D, H, W) float32, finite; D counts along z (back to front), H along y (up), W along x.

    spacing: (3,) float64, metres from voxel to voxel along x, y, z. ends: the values between which it is shown. unit:
    of the values. enlarged: by how much it is shown larger than it is. reduced: voxels that became one along a side.
    """

    values: Array
    spacing: Array
    ends: tuple[float, float]
    unit: str = ""
    enlarged: float = 1.0
    reduced: int = 1

    @property
    def sides(self) -> Array:
        """(3,) int: voxels along x, y and z."""
        return np.array(self.values.shape[::-1])

    @property
    def size(self) -> Array:
        """(3,) float64: from the outer faces of the first voxels to those of the last, metres."""
        return np.asarray(self.sides * self.spacing)

    @property
    def lower(self) -> Array:
        """(3,) float64: the centre of voxel [0, 0, 0], world."""
        return np.asarray(-(self.sides - 1) / 2 * self.spacing)

    @property
    def voxel(self) -> float:
        """The least spacing, metres."""
        return float(self.spacing.min())

    @cached_property
    def coarse(self) -> Scan:
        """The same with half as many voxels along each side, for drafts."""
        return reduced(self, 2)

    @cached_property
    def blocks(self) -> tuple[Array, Array]:
        """Least and greatest value in each block of cells, its far faces included: (D', H', W') float32 each."""
        low, high = self.values, self.values
        for axis in range(3):
            low, high = _blockwise(low, axis, np.minimum), _blockwise(high, axis, np.maximum)
        return low, high

    def value(self, share: float) -> float:
        """The value at ``share`` of the way from one end to the other."""
        low, high = self.ends
        return low + share * (high - low)

    def places(self, points: Array) -> Array:
        """(..., 3) float64: where world points (..., 3) are among the voxels, x, y, z."""
        return np.asarray((points - self.lower) / self.spacing)


def scan_of(values: Array, spacing: Array, unit: str = "", ends: tuple[float, float] | None = None) -> Scan:
    """A scan of numbers (D, H, W), made smaller until it has at most FINEST voxels a side. spacing: (3,), metres.

    Raises ScanError where there are fewer than two voxels along a side, or no two different numbers.
    """
    if values.ndim != 3 or min(values.shape) < 2:
        raise ScanError(f"A scan has at least two voxels along each of three axes; here the shape is {values.shape}.")
    factor = -(-max(values.shape) // FINEST)
    spacing = np.asarray(spacing, np.float64)
    if not (np.isfinite(spacing).all() and (spacing > 0).all()):
        raise ScanError(f"The voxels' spacing has to be positive; here it is {spacing.tolist()}.")
    small = _finite(_mean(values, min(factor, min(values.shape) // 2)))
    longest = float((np.array(values.shape[::-1]) * spacing).max())
    enlarged = 1.0 if SMALLEST <= longest <= LARGEST else SHOWN / longest
    used = min(factor, min(values.shape) // 2)
    found = ends or _ends(small)
    if not found[0] < found[1]:
        raise ScanError("All voxels of the scan have the same value, so there is nothing to see: choose another file.")
    return Scan(small, spacing * used * enlarged, found, unit, enlarged, used)


def reduced(scan: Scan, factor: int) -> Scan:
    """The scan with the means of ``factor``³ voxels; voxels left over at the far ends are dropped."""
    if min(scan.values.shape) < 2 * factor:
        return scan
    return Scan(
        _mean(scan.values, factor), scan.spacing * factor, scan.ends, scan.unit, scan.enlarged, scan.reduced * factor
    )


def _mean(values: Array, factor: int) -> Array:
    """(D / f, H / f, W / f) float32: layer by layer, so that large integer files need no copy as floats."""
    if factor <= 1:
        return np.ascontiguousarray(values, np.float32)
    depth, height, width = (side // factor for side in values.shape)
    out = np.empty((depth, height, width), np.float32)
    for layer in range(depth):
        some = values[layer * factor : (layer + 1) * factor, : height * factor, : width * factor].astype(np.float32)
        out[layer] = some.reshape(factor, height, factor, width, factor).mean(axis=(0, 2, 4))
    return out


def _finite(values: Array) -> Array:
    """The values, with the least one in place of what is no number."""
    good = np.isfinite(values)
    if good.all():
        return values
    if not good.any():
        raise ScanError("The scan holds no finite number: choose another file.")
    return np.where(good, values, values[good].min())


def _ends(values: Array) -> tuple[float, float]:
    """The values that all but a few lie between."""
    flat = values.reshape(-1)
    some = flat[:: max(1, len(flat) // _MOST_COUNTED)]
    low, high = np.percentile(some, (_TAIL, 100 - _TAIL))
    if low < high:
        return float(low), float(high)
    return float(flat.min()), float(flat.max())


def _blockwise(values: Array, axis: int, choose: np.ufunc) -> Array:
    """``choose`` over the BLOCK + 1 voxels that the cells of each block touch, along one axis."""
    count = values.shape[axis]
    starts = range(0, max(count - 1, 1), BLOCK)
    parts = [choose.reduce(values.take(range(s, min(s + BLOCK + 1, count)), axis), axis=axis) for s in starts]
    return np.ascontiguousarray(np.stack(parts, axis=axis))
