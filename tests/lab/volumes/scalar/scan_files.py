"""Files of scans, written by hand."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

from lab.scene import Array


def numbers(dtype: str = "<i2") -> Array:
    """(D, H, W) = (4, 3, 2): a hundred times the place along D, ten times along H, once along W."""
    d, h, w = np.meshgrid(range(4), range(3), range(2), indexing="ij")
    return (100 * d + 10 * h + w).astype(dtype)


NRRD = {
    "type": "short",
    "dimension": "3",
    "sizes": "2 3 4",
    "encoding": "raw",
    "endian": "little",
}


def write_nrrd(path: Path, content: bytes | None = None, **fields: str | None) -> Path:
    """A header with NRRD's fields, "_" for a space in their names (None leaves one out), and the numbers."""
    told = {**NRRD, **{name.replace("_", " "): value for name, value in fields.items()}}
    lines = ["NRRD0004", "# a comment"] + [f"{name}: {value}" for name, value in told.items() if value is not None]
    body = numbers().tobytes() if content is None else content
    if told["encoding"] == "gzip" and content is None:
        body = gzip.compress(body)
    path.write_bytes("\n".join(lines).encode() + b"\n\n" + body)
    return path


def nifti(
    *,
    sides: tuple[int, ...] = (3, 2, 3, 4),
    kind: int = 4,
    affine: Array | None = None,
    quaternion: tuple[float, float, float] | None = None,
    slope: tuple[float, float] = (0.0, 0.0),
    start: float = 352.0,
    magic: bytes = b"n+1\0",
) -> bytes:
    """A NIfTI-1 header, sides: how many axes, and the sides of them, and ``numbers`` of the type ``<i2``."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, *sides, *[1] * (8 - len(sides)))
    struct.pack_into("<hh", header, 70, kind, 16)
    struct.pack_into("<4f", header, 76, 1.0, 1.0, 2.0, 3.0)
    struct.pack_into("<3f", header, 108, start, *slope)
    struct.pack_into("<2h", header, 252, int(quaternion is not None), int(affine is not None))
    if quaternion is not None:
        struct.pack_into("<3f", header, 256, *quaternion)
    if affine is not None:
        struct.pack_into("<12f", header, 280, *np.asarray(affine, float).reshape(-1))
    header[344:348] = magic
    return bytes(header) + numbers().tobytes()
