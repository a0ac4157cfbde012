"""Reading LAS and LAZ laser scans through laspy."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.formats.base import Raw, Source
from lab.formats.las_check import check_las
from lab.scene import Array

_BLOCK = 1_000_000  # points unpacked at a time
_SCALARS = ("intensity", "classification")
_POSITION_AND_COLOR = {"X", "Y", "Z", "red", "green", "blue"}


def read_las(source: Source) -> Raw:
    """Points with colours, and intensity and classification as scalars. By the format's rule Z is up."""
    data = source.read()
    check_las(data, source)
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

    wanted = laspy.DecompressionSelection.base()
    wanted = wanted.decompress_z().decompress_classification().decompress_intensity().decompress_rgb()
    # the parallel unpacker trusts the declared size of a chunk and ends the process when memory does not suffice
    options = {"laz_backend": laspy.LazBackend.Lazrs, "decompression_selection": wanted, "read_evlrs": False}
    with laspy.open(io.BytesIO(data), **options) as reader:
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
