"""Scans in NRRD files (http://teem.sourceforge.net/nrrd/format.html): raw or gzip, in the file or beside it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from lab.scene import Array
from lab.volumes.scalar.raw import Stored, count_of, from_lps, inflate, read_plain
from lab.volumes.scalar.scan import ScanError

_MOST_LINES, _LONGEST = 1000, 4096
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_SPACES = {
    "left-posterior-superior": (1.0, 1.0, 1.0),
    "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0),
    "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0),
    "las": (1.0, -1.0, 1.0),
}

Fields = dict[str, str]


def read_nrrd(path: Path) -> Stored:
    """The numbers of a NRRD file of three axes. Raises ScanError and OSError."""
    with path.open("rb") as stream:
        fields = _header(stream, path.name)
        sides = _sides(fields, path.name)
        if "data file" in fields or "datafile" in fields:
            beside = _beside(path, fields.get("data file") or fields["datafile"])
            with beside.open("rb") as other:
                values = _values(other, fields, sides, beside.name)
        else:
            values = _values(stream, fields, sides, path.name)
    return Stored(values, _spacing(fields, path.name), _frame(fields, path.name))


def _header(stream: BinaryIO, name: str) -> Fields:
    if not stream.readline(_LONGEST).startswith(b"NRRD000"):
        raise ScanError(f"“{name}” does not begin with NRRD: it is another kind of file.")
    fields: Fields = {}
    for _ in range(_MOST_LINES):
        line = stream.readline(_LONGEST)
        text = line.decode("ascii", "replace").strip()
        if not text:  # an empty line, or the end of a header of its own
            return fields
        if len(line) == _LONGEST:
            break
        key, colon, value = text.partition(": ")
        if colon and not text.startswith("#"):
            fields[key.lower().strip()] = value.strip()
    raise ScanError(f"“{name}” has a header that is too long for a NRRD file.")


def _sides(fields: Fields, name: str) -> list[int]:
    """Voxels along W, H, D."""
    words = fields.get("sizes", "").split()
    if fields.get("dimension") != "3" or len(words) != 3 or not all(word.isdecimal() for word in words):
        raise ScanError(f"“{name}” has sizes “{' '.join(words)[:60]}”; a scan has three axes of one number per voxel.")
    sides = [int(word[:12]) for word in words]
    count_of(sides, name)
    return sides


def _beside(path: Path, told: str) -> Path:
    """The file of the numbers, which has to be in the folder of its header."""
    folder = path.parent.resolve()
    if told.lower().startswith("list") or "%" in told:
        raise ScanError(f"“{path.name}” is spread over several files; only one beside the header is read.")
    found = (folder / told).resolve()
    if not found.is_relative_to(folder):
        raise ScanError(f"“{path.name}” points to “{told}”, outside its own folder; put the numbers beside the header.")
    if not found.is_file():
        raise ScanError(f"“{path.name}” needs “{told}” beside it, and there is no such file.")
    return found


def _values(stream: BinaryIO, fields: Fields, sides: list[int], name: str) -> Array:
    told = fields.get("type", "").lower()
    kind = next((kind for kind, names in _TYPES.items() if told in names), None)
    if kind is None:
        raise ScanError(f"“{name}” holds the type “{told}”, which is no plain number.")
    order = {"big": ">", "little": "<"}.get(fields.get("endian", "little").lower(), "<")
    dtype = np.dtype(order + kind)
    size = count_of(sides, name) * dtype.itemsize
    encoding = fields.get("encoding", "").lower()
    _skip(stream, fields, name)
    if encoding == "raw":
        content = read_plain(stream, size, name)
    elif encoding in ("gzip", "gz"):
        content = inflate(stream, size, name)
    else:
        raise ScanError(f"“{name}” is encoded as “{encoding}”; only raw and gzip are read: save it as one of these.")
    return np.frombuffer(content, dtype).reshape(sides[::-1])


def _skip(stream: BinaryIO, fields: Fields, name: str) -> None:
    skips = [fields.get(key) or fields.get(key.replace(" ", "")) or "0" for key in ("line skip", "byte skip")]
    if any(skip != "0" for skip in skips):
        raise ScanError(f"“{name}” has something before its numbers (line skip, byte skip), which is not read.")


def _spacing(fields: Fields, name: str) -> Array | None:
    if "spacings" not in fields:
        return None
    return _three(np.abs(_numbers(fields["spacings"], name, "spacings")), name)


def _frame(fields: Fields, name: str) -> Array | None:
    """Steps along the axes, as in Stored, from "space" and "space directions"."""
    signs = _SPACES.get(fields.get("space", "").lower())
    if signs is None or "space directions" not in fields:
        return None
    numbers = _numbers(fields["space directions"].translate(str.maketrans("(),", "   ")), name, "space directions")
    if len(numbers) != 9:
        raise ScanError(f"“{name}” has space directions that are not three times three numbers.")
    return from_lps(numbers.reshape(3, 3).T * np.array(signs)[:, None])


def _three(numbers: Array, name: str) -> Array:
    if len(numbers) != 3 or not (np.isfinite(numbers).all() and (numbers > 0).all()):
        raise ScanError(f"“{name}” has spacings that are not three numbers greater than 0.")
    return numbers


def _numbers(text: str, name: str, field: str) -> Array:
    try:
        return np.array([float(word) for word in text.split()])
    except ValueError:
        raise ScanError(f"“{name}” has “{text[:60]}” as its {field}, which are no numbers.") from None
