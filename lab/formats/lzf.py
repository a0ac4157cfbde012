"""LZF, the compression inside binary_compressed PCD files (Marc Lehmann's LibLZF format)."""

from __future__ import annotations

_HIGHEST_RATIO = 132  # a back reference of two bytes copies at most 264


def decompress(data: bytes, size: int) -> bytes:
    """The ``size`` bytes packed in ``data``. Raises ValueError when the data are damaged."""
    if size > len(data) * _HIGHEST_RATIO:
        raise ValueError("more bytes are declared than could be packed in it")
    out = bytearray()
    position, end = 0, len(data)
    while position < end:
        control = data[position]
        position += 1
        if control < 32:  # that many bytes and one, as they are
            out += data[position : position + control + 1]
            position += control + 1
            continue
        length = control >> 5
        if length == 7:
            if position >= end:
                break
            length += data[position]
            position += 1
        if position >= end:
            break
        start = len(out) - ((control & 31) << 8) - data[position] - 1
        position += 1
        if start < 0:
            raise ValueError("it refers to bytes before its beginning")
        _repeat(out, start, length + 2)
        if len(out) > size:
            break
    if len(out) != size or position != end:
        raise ValueError(f"it unpacks to {len(out):,} bytes, {size:,} were declared")
    return bytes(out)


def _repeat(out: bytearray, start: int, length: int) -> None:
    """Append ``length`` bytes from ``start`` on; they may overlap the end, then the copied bytes repeat."""
    available = len(out) - start
    if available >= length:
        out += out[start : start + length]
        return
    piece = bytes(out[start:])
    out += (piece * (length // available + 1))[:length]
