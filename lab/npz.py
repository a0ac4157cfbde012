"""Arrays out of .npz files that come from strangers: sizes are checked before memory is taken, nothing is unpickled."""

from __future__ import annotations

import errno
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Container
from pathlib import Path
from typing import IO, Final

import numpy as np

from lab.scene import Array

_KINDS: Final = "fiubUS"
_CHUNK: Final = 1 << 20
_MOST_BYTES: Final = 1 << 30
_HEADERS: Final = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, NotImplementedError),  # the zip
    *(SyntaxError, tokenize.TokenError, RecursionError, OverflowError),  # the headers of arrays
    *(ValueError, KeyError, TypeError),
)
"""What is raised over a file that is damaged, or made to look so."""


class NpzError(ValueError):
    """What is wrong with a file, as the end of a sentence that begins with its name: "it is damaged"."""


def read_npz(path: Path, wanted: Container[str], most: int = _MOST_BYTES) -> dict[str, Array]:
    """The arrays of the ``wanted`` names that are in the file; others are not even looked at.

    most: bytes of all of them together. Raises NpzError with what is wrong, OSError, and the errors of DAMAGE.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_members(archive, wanted, most)
    except OSError as error:
        if error.errno == errno.EINVAL:  # the zip sends its reader to a place before the file's beginning
            raise NpzError("it is damaged") from error
        raise


def _read_members(archive: zipfile.ZipFile, wanted: Container[str], most: int) -> dict[str, Array]:
    members = {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.removesuffix(".npy") in wanted
    }
    total = sum(info.file_size for info in members.values())
    if total > most:
        raise NpzError(f"its arrays have {total:,} bytes, and at most {most:,} are read")
    return {name: _read_member(archive, info, name) for name, info in members.items()}


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Array:
    if info.flag_bits & 1:
        raise NpzError("it asks for a password")
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        read_header = _HEADERS.get(version)
        if read_header is None:
            raise NpzError(f"its array “{name}” is of an unknown version of .npy")
        shape, fortran, dtype = read_header(file)
        if dtype.hasobject:
            raise NpzError(f"its array “{name}” holds Python objects, which may run anything; save it as plain numbers")
        if dtype.kind not in _KINDS or any(side < 0 for side in shape):
            raise NpzError(f"its array “{name}” is of the type {dtype}, which is not understood")
        return _read_values(file, info.file_size - file.tell(), name, shape, fortran, dtype)


def _read_values(
    file: IO[bytes], available: int, name: str, shape: tuple[int, ...], fortran: bool, dtype: np.dtype
) -> Array:
    """The numbers themselves, once the header agrees with the bytes that are there."""
    expected = math.prod(shape) * dtype.itemsize
    if expected != available:
        raise NpzError(f"its array “{name}” should have {expected:,} bytes and has {available:,}")
    array = np.empty(math.prod(shape), dtype)
    flat = array.view(np.uint8) if expected else array
    done = 0
    while done < expected:
        chunk = file.read(min(_CHUNK, expected - done))  # the last one checks the check sum
        if not chunk:
            raise EOFError
        flat[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
        done += len(chunk)
    return array.reshape(shape, order="F" if fortran else "C")
