"""What files of scans have in common: numbers, where the axes point, and reading no more than is expected."""

from __future__ import annotations

import itertools
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from lab.scene import Array
from lab.volumes.scalar.scan import ScanError

MOST_VOXELS = 2**28
"""In a file: 268 million, or 645 a side."""

_PIECE = 2**20  # bytes


@dataclass(frozen=True, eq=False)
class Stored:
    """values: (D, H, W), the fastest axis last. spacing: (3,) mm along W, H, D, None where it is not known.

    frame: (3, 3) mm, None where it is not known: column k is the step along W, H or D for k = 0, 1, 2, in the lab's
    axes: a patient's left, up, front.
    """

    values: Array
    spacing: Array | None
    frame: Array | None


def from_lps(steps: Array) -> Array:
    """(3, 3) in the lab's axes, of columns in DICOM's: left, back, up."""
    return np.asarray(steps)[[0, 2, 1]] * np.array([[1.0], [1.0], [-1.0]])


def axes_of(frame: Array) -> tuple[tuple[int, int, int], Array]:
    """Which stored axis (0, 1, 2: W, H, D) goes most along x, y and z, and (3,) whether with it (1) or against it (-1).

    A scan that lies obliquely is shown along its own axes. Raises ScanError where the axes span no space.
    """
    if not np.isfinite(frame).all() or abs(np.linalg.det(frame)) < 1e-12:
        raise ScanError("The scan's axes span no space: its spacings or directions are wrong.")
    shares = frame / np.linalg.norm(frame, axis=0)
    orders = itertools.permutations(range(3))
    best = max(orders, key=lambda order: sum(abs(shares[k, axis]) for k, axis in enumerate(order)))
    signs = np.array([1 if shares[k, axis] >= 0 else -1 for k, axis in enumerate(best)])
    return (best[0], best[1], best[2]), signs


def count_of(sides: list[int], name: str) -> int:
    """How many voxels there are. Raises ScanError where it are none, or too many."""
    count = 1
    for side in sides:
        if side < 1:
            raise ScanError(f"“{name}” says that it has {side} voxels along one axis.")
        count *= side
        if count > MOST_VOXELS:
            raise ScanError(f"“{name}” says that it has more than {MOST_VOXELS:,} voxels; no more are read.")
    return count


def read_plain(stream: BinaryIO, size: int, name: str) -> bytes:
    """``size`` bytes. Raises ScanError where there are fewer, before there is room made for them."""
    pieces = []
    left = size
    while left:
        piece = stream.read(min(left, _PIECE))
        if not piece:
            raise ScanError(f"“{name}” ends too early: {left:,} of {size:,} bytes are missing.")
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def inflate(stream: BinaryIO, size: int, name: str) -> bytes:
    """The first ``size`` bytes of what gzip packed; no more are unpacked. Raises ScanError."""
    packed = zlib.decompressobj(wbits=31)
    pieces: list[bytes] = []
    left = size
    try:
        while left and not packed.eof:
            source = packed.unconsumed_tail or stream.read(_PIECE)
            if not source:
                break
            piece = packed.decompress(source, min(left, _PIECE))
            pieces.append(piece)
            left -= len(piece)
    except zlib.error as error:
        raise ScanError(f"“{name}” is packed with gzip, and broken: {error}.") from error
    if left:
        raise ScanError(f"“{name}” ends too early: {left:,} of {size:,} bytes are missing.")
    return b"".join(pieces)
