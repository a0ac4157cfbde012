"""Reading LAS and LAZ laser scans through laspy."""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.formats.base import Raw, Source
from lab.scene import Array

_SMALLEST_HEADER = 227
_VLR_HEADER = 54
_BLOCK = 1_000_000  # points unpacked at a time
_MOST_POINTS_A_BYTE = 20  # a real LAZ file has fewer than one point a byte; this many would be a trap
_SCALARS = ("intensity", "classification")
_POSITION_AND_COLOR = {"X", "Y", "Z", "red", "green", "blue"}


def read_las(source: Source) -> Raw:
    """Points with colours, and intensity and classification as scalars. By the format's rule Z is up."""
    data = source.read()
    _check_header(data, source)
    try:
        scan = _decode(data, source)
    except BaseException as error:  # damaged data make the unpacker panic, and pyo3's panic is no Exception
        if isinstance(error, MemoryError) or not (
            isinstance(error, Exception) or type(error).__name__ == "PanicException"
        ):
            raise
        raise source.truncated(
            "points", f"they cannot be unpacked ({str(error)[:120] or type(error).__name__})"
        ) from error
    raw = Raw(scan.positions, up="z")
    if scan.colors is not None and scan.colors.any():
        full = 65535.0 if scan.colors.max() > 255 else 255.0  # some programs store 8 bits in the 16
        raw.colors = (scan.colors / full).astype(np.float32)
    raw.add_scalars((name, values) for name, values in scan.scalars.items() if values.any())
    raw.dropped += scan.others
    return raw


@dataclass
class _Scan:
    """positions (N, 3) float64; colors (N, 3) uint16 or None; scalars name -> (N,); names of the other dimensions."""

    positions: Array
    colors: Array | None
    scalars: dict[str, Array]
    others: list[str]


def _decode(data: bytes, source: Source) -> _Scan:
    import laspy  # here: only laser scans need it

    with laspy.open(io.BytesIO(data), read_evlrs=False) as reader:
        header = reader.header
        names = list(header.point_format.dimension_names)
        colored = {"red", "green", "blue"} <= set(names)
        blocks = [_Scan(np.zeros((0, 3)), np.zeros((0, 3), np.uint16) if colored else None, {}, [])]
        done = 0
        for points in reader.chunk_iterator(_BLOCK):
            blocks.append(_block(points, header, names, colored))
            done += len(blocks[-1].positions)
            source.progress(0.8 * done / max(header.point_count, 1), "Unpacking the points")
    scalars = {name: np.concatenate([block.scalars[name] for block in blocks[1:]]) for name in blocks[-1].scalars}
    colors = np.concatenate([block.colors for block in blocks if block.colors is not None]) if colored else None
    others = [name for name in names if name not in _POSITION_AND_COLOR and name not in _SCALARS]
    return _Scan(np.concatenate([block.positions for block in blocks]), colors, scalars, others)


def _block(points: Any, header: Any, names: list[str], colored: bool) -> _Scan:
    integers = np.stack([np.asarray(points[axis]) for axis in "XYZ"], axis=1)
    colors = np.stack([np.asarray(points[name]) for name in ("red", "green", "blue")], axis=1) if colored else None
    scalars = {name: np.array(points[name]) for name in _SCALARS if name in names}
    return _Scan(integers * header.scales + header.offsets, colors, scalars, [])


# --- before laspy sees the file: its numbers against the file's size ------------------------------------------------


def _check_header(data: bytes, source: Source) -> None:
    """Raises FormatError when the header declares what the file cannot hold."""
    if data[:4] != b"LASF":
        raise source.error(
            "byte 0", "a LAS or LAZ file begins with “LASF”, this one does not", "Check what kind of file it is"
        )
    if len(data) < _SMALLEST_HEADER:
        raise source.truncated("header", f"it has at least {_SMALLEST_HEADER} bytes, the file has {len(data)}")
    header_size, start, vlrs, kind, size, count = struct.unpack_from("<HIIBHI", data, 94)
    if data[25] >= 4:
        if len(data) < 255:
            raise source.truncated("header", f"it has 255 bytes or more, the file has {len(data)}")
        count = struct.unpack_from("<Q", data, 247)[0]
    if not _SMALLEST_HEADER <= header_size <= start <= len(data) or vlrs * _VLR_HEADER > start - header_size:
        raise source.truncated(
            "header", f"the points begin at byte {start:,}, which does not fit the file's {len(data):,} bytes"
        )
    if not all(math.isfinite(value) for value in struct.unpack_from("<6d", data, 131)):
        raise source.error("header", "scale or offset of the coordinates is not a finite number", "Get the file again")
    if count == 0:
        raise source.error("header", "it declares no points", "Export it again from the program that made it")
    room = len(data) - start
    if kind & 0x80:
        _check_compressed(data, start, count, source)
    elif size == 0 or count * size > room:
        raise source.truncated(
            "header", f"it declares {count:,} points of {size} bytes, but only {room:,} bytes follow"
        )


def _check_compressed(data: bytes, start: int, count: int, source: Source) -> None:
    """The table of compressed chunks: its length decides what the unpacker allocates."""
    room = len(data) - start
    if count > _MOST_POINTS_A_BYTE * room:
        raise source.truncated("header", f"it declares {count:,} points, but only {room:,} bytes follow")
    if room < 8:
        raise source.truncated(f"byte {start:,}", "the packed points are missing")
    table = struct.unpack_from("<q", data, start)[0]
    if table == -1:  # written as a stream: the position is at the very end
        table = struct.unpack_from("<q", data, len(data) - 8)[0]
    if not start + 8 <= table <= len(data) - 8:
        raise source.truncated(
            f"byte {start:,}", f"the table of packed chunks should be at byte {table:,}, outside the file"
        )
    chunks = struct.unpack_from("<I", data, table + 4)[0]
    if chunks > room // 8:
        raise source.truncated(f"byte {table:,}", f"it declares {chunks:,} packed chunks in {room:,} bytes")
