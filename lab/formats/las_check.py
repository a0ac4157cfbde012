"""Before laspy sees a LAS or LAZ file: the numbers in it against its size, as they decide what will be allocated.

Layout: ASPRS LAS 1.4 R15, sections 2.4 and 2.5; the LAZ part as in the LASzip specification.
"""

from __future__ import annotations

import math
import struct

from lab.formats.base import Source

_SMALLEST_HEADER = 227
_VLR_HEADER = 54
_MOST_POINTS_A_BYTE = 20  # a real LAZ file has fewer than one point a byte; this many would be a trap
_LAZ_RECORD = (b"laszip encoded", 22204)
_LAYERED = 3  # the compressor of LAS 1.4's points: each part of a point in a layer of its own
_LAYERS = {10: 9, 11: 1, 12: 2, 13: 1}  # item type -> layers; type 14, extra bytes, has one a byte
_EXTRA_BYTES = 14


def check_las(data: bytes, source: Source) -> None:
    """Raises FormatError when the file declares what it cannot hold."""
    if data[:4] != b"LASF":
        cause = "a LAS or LAZ file begins with “LASF”, this one does not"
        raise source.error("byte 0", cause, "Check what kind of file it is")
    if len(data) < _SMALLEST_HEADER or (data[25] >= 4 and len(data) < 255):
        raise source.truncated("header", f"it has more bytes than the file's {len(data)}")
    header_size, start, vlrs, kind, size, count = struct.unpack_from("<HIIBHI", data, 94)
    if data[25] >= 4:
        count = struct.unpack_from("<Q", data, 247)[0]
    if not _SMALLEST_HEADER <= header_size <= start <= len(data) or vlrs * _VLR_HEADER > start - header_size:
        cause = f"the points begin at byte {start:,}, which does not fit the file's {len(data):,} bytes"
        raise source.truncated("header", cause)
    if not all(math.isfinite(value) for value in struct.unpack_from("<6d", data, 131)):
        raise source.error("header", "scale or offset of the coordinates is not a finite number", "Get the file again")
    if count == 0:
        raise source.error("header", "it declares no points", "Export it again from the program that made it")
    room = len(data) - start
    if kind & 0x80:
        _check_compressed(data, header_size, start, vlrs, count, source)
    elif size == 0 or count * size > room:
        raise source.truncated(
            "header", f"it declares {count:,} points of {size} bytes, but only {room:,} bytes follow"
        )


def _check_compressed(data: bytes, header_size: int, start: int, vlrs: int, count: int, source: Source) -> None:
    room = len(data) - start
    if count > _MOST_POINTS_A_BYTE * room:
        raise source.truncated("header", f"it declares {count:,} points, but only {room:,} bytes follow")
    if room < 8:
        raise source.truncated(f"byte {start:,}", "the packed points are missing")
    table = struct.unpack_from("<q", data, start)[0]
    if table == -1:  # written as a stream: the position is at the very end
        table = struct.unpack_from("<q", data, len(data) - 8)[0]
    if not start + 8 <= table <= len(data) - 8:
        cause = f"the table of packed chunks should be at byte {table:,}, outside the file"
        raise source.truncated(f"byte {start:,}", cause)
    chunks = struct.unpack_from("<I", data, table + 4)[0]
    if chunks > room // 8:
        raise source.truncated(f"byte {table:,}", f"it declares {chunks:,} packed chunks in {room:,} bytes")
    record = _laz_record(data, header_size, start, vlrs)
    if record is None:
        raise source.error("header", "the record that says how the points are packed is missing", "Get the file again")
    items = _items(record)
    if items is None:
        raise source.error("header", "the record that says how the points are packed is damaged", "Get the file again")
    if struct.unpack_from("<H", record, 0)[0] == _LAYERED:
        _check_layers(data, start + 8, table, items, source)


def _laz_record(data: bytes, position: int, end: int, vlrs: int) -> bytes | None:
    """The variable-length record of LASzip."""
    for _ in range(vlrs):
        if position + _VLR_HEADER > end:
            return None
        user, number, length = struct.unpack_from("<2x16sHH", data, position)
        position += _VLR_HEADER + length
        if (user.rstrip(b"\0"), number) == _LAZ_RECORD:
            return data[position - length : min(position, end)]
    return None


def _items(record: bytes) -> list[tuple[int, int]] | None:
    """(type, bytes) of each part of a point, or None when the record is too short for them."""
    if len(record) < 34:
        return None
    count = struct.unpack_from("<H", record, 32)[0]
    if count == 0 or len(record) < 34 + 6 * count:
        return None
    return [struct.unpack_from("<HH", record, 34 + 6 * index) for index in range(count)]


def _check_layers(data: bytes, position: int, end: int, items: list[tuple[int, int]], source: Source) -> None:
    """A chunk is its first point, the number of its points, the bytes of each layer, and the layers."""
    first = sum(size for _, size in items)
    layers = struct.Struct(f"<{sum(_LAYERS.get(kind, size if kind == _EXTRA_BYTES else 0) for kind, size in items)}I")
    while position < end:
        if position + first + 4 + layers.size > end:
            raise source.truncated(f"byte {position:,}", "a packed chunk is cut off")
        need = sum(layers.unpack_from(data, position + first + 4))
        body = position + first + 4 + layers.size
        if need > end - body:
            cause = f"a packed chunk declares {need:,} bytes, but only {end - body:,} follow"
            raise source.truncated(f"byte {position:,}", cause)
        position = body + need
