"""Scans in NIfTI-1 files (https://nifti.nimh.nih.gov/nifti-1): .nii, and .nii.gz."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from lab.scene import Array
from lab.volumes.scalar.raw import Stored, count_of, from_lps, inflate, read_plain
from lab.volumes.scalar.scan import ScanError

_HEADER = 348
_MOST_BEFORE = 2**20  # bytes before the numbers
_TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
_RAS = np.array([[-1.0], [-1.0], [1.0]])  # of NIfTI's axes: to DICOM's


def read_nifti(path: Path) -> Stored:
    """The numbers of a NIfTI file of three axes, scaled as it says. Raises ScanError and OSError."""
    header = _start(path, _HEADER)
    order = next((o for o in "<>" if struct.unpack_from(o + "i", header)[0] == _HEADER), None)
    if order is None or header[344:347] not in (b"n+1", b"ni1"):
        raise ScanError(f"“{path.name}” has no NIfTI-1 header: it is another kind of file.")
    if header[344:347] == b"ni1":
        raise ScanError(f"“{path.name}” has its numbers in another file (.img): save it as one .nii file.")
    dims = struct.unpack_from(order + "8h", header, 40)
    sides = list(dims[1:4])
    if not 3 <= dims[0] <= 7 or any(side > 1 for side in dims[4 : dims[0] + 1]):
        raise ScanError(f"“{path.name}” has {dims[0]} axes; a scan has three, of one number per voxel.")
    kind = _TYPES.get(struct.unpack_from(order + "h", header, 70)[0])
    if kind is None:
        raise ScanError(f"“{path.name}” holds colours or complex numbers; a scan is of real ones.")
    before = struct.unpack_from(order + "f", header, 108)[0]
    if not _HEADER <= before <= _MOST_BEFORE:
        raise ScanError(f"“{path.name}” says that its numbers begin at byte {before:g}, which cannot be.")
    dtype = np.dtype(order + kind)
    size = count_of(sides, path.name) * dtype.itemsize
    content = _start(path, int(before) + size)[int(before) :]
    values = np.frombuffer(content, dtype).reshape(sides[::-1])
    return Stored(_scaled(values, header, order), None, _frame(header, order))


def _start(path: Path, size: int) -> bytes:
    with path.open("rb") as stream:
        read = inflate if path.name.lower().endswith(".gz") else read_plain
        return read(stream, size, path.name)


def _scaled(values: Array, header: bytes, order: str) -> Array:
    slope, offset = struct.unpack_from(order + "2f", header, 112)
    if not (np.isfinite(slope) and np.isfinite(offset)) or slope == 0.0 or (slope, offset) == (1.0, 0.0):
        return values
    return np.asarray(values.astype(np.float32) * np.float32(slope) + np.float32(offset))


def _frame(header: bytes, order: str) -> Array:
    """Steps along the axes, as in Stored: from the affine (sform), the quaternion (qform), or the spacings alone."""
    quaternion, affine = struct.unpack_from(order + "2h", header, 252)
    pixels = np.array(struct.unpack_from(order + "4f", header, 76))
    if affine > 0:
        return from_lps(np.array(struct.unpack_from(order + "12f", header, 280)).reshape(3, 4)[:, :3] * _RAS)
    steps = np.abs(pixels[1:4])
    if quaternion > 0:
        b, c, d = struct.unpack_from(order + "3f", header, 256)
        a = max(0.0, 1.0 - b * b - c * c - d * d) ** 0.5
        turn = np.array(
            [
                [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
                [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
                [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
            ]
        )
        return from_lps(turn * steps * np.array([1.0, 1.0, -1.0 if pixels[0] < 0 else 1.0]) * _RAS)
    return from_lps(np.diag(steps) * _RAS)
