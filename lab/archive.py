"""Archives: what the lab keeps in files of its own, as a zip of ``manifest.json`` and ``arrays/N.npy``.

Each distinct array is there once. Files come from strangers: nothing in one is executed, and sizes are checked before
memory is taken for them: arrays are stored uncompressed, so that all of them together cannot be larger than the file.
"""

from __future__ import annotations

import json
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lab.files import atomic_write, explain
from lab.scene import Array, Field, Image, Lines, Material, Mesh, Points
from lab.tree import KINDS, TreeError, pack, unpack

_MANIFEST = "manifest.json"
_MANIFEST_LIMIT = 64 << 20
_SIZE_LIMIT = 8 << 30
_SAME_CONTENT = 1024  # bytes; smaller arrays are stored once by their content, not only by their identity
_CHUNK = 1 << 20

Progress = Callable[[float, str], None]
Pack = Callable[[Any, str], Any]
"""(value, where it stands) -> what the manifest holds of it."""
T = TypeVar("T")


@dataclass(frozen=True)
class ArchiveKind:
    """A kind of file. format, version: as in its manifest; noun: what people call it; suffix: of its name.

    error: raised with a sentence when one cannot be saved or opened.
    """

    format: str
    version: int
    noun: str
    suffix: str
    error: type[Exception]


def save_archive(path: str | os.PathLike[str], kind: ArchiveKind, content: Callable[[Pack], dict[str, Any]]) -> None:
    """Write an archive; an older file of that name is replaced only by a complete new one. Raises kind.error.

    content: makes the manifest, by packing every value of it.
    """
    name = Path(path).name
    try:
        with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            arrays = _ArrayWriter(archive)
            parts = content(lambda value, where: pack(value, arrays.store, where))
            text = json.dumps({"format": kind.format, "version": kind.version, **parts}, separators=(",", ":"))
            archive.writestr(_MANIFEST, text, compress_type=zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise kind.error(f"{name} cannot be saved: {explain(error)}.") from error
    except TreeError as error:
        raise kind.error(f"{name} cannot be saved: {error}.") from error


def load_archive(
    path: str | os.PathLike[str],
    kind: ArchiveKind,
    understand: Callable[[dict[str, Any]], T],
    progress: Progress | None = None,
) -> T:
    """Open an archive. Its arrays are read-only. Raises kind.error.

    understand: makes the result of the manifest's parts; it raises NotUnderstood, or any error of value or type.
    """
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, os.path.getsize(path))
            manifest = json.loads(_read_manifest(archive))
            _check_version(manifest, kind)
            arrays = _read_arrays(archive, progress or no_progress)
        return understand(_parts(manifest, arrays))
    except OSError as error:
        raise kind.error(f"{name} cannot be opened: {explain(error)}.") from error
    except _NewerVersion as error:
        raise kind.error(f"{name} cannot be opened: {error}. Update DL3D Lab to open it.") from error
    except MemoryError as error:
        raise kind.error(f"{name} cannot be opened: there is not enough memory for it.") from error
    except _DAMAGE as error:
        cause = str(error) if isinstance(error, NotUnderstood | TreeError) else f"it is damaged or is no {kind.noun}"
        advice = f"Choose a {kind.suffix} file saved by DL3D Lab."
        raise kind.error(f"{name} cannot be opened: {cause}. {advice}") from error


def no_progress(fraction: float, text: str) -> None:
    """Nobody follows."""


def _parts(manifest: dict[str, Any], arrays: list[Array]) -> dict[str, Any]:
    def loaded(number: int) -> Array:
        if not 0 <= number < len(arrays):
            raise NotUnderstood(f"it refers to array {number}, and has {len(arrays)}")
        return arrays[number]

    return {key: unpack(value, loaded) for key, value in manifest.items()}


# --- writing --------------------------------------------------------------------------------------------------------


class _ArrayWriter:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._count = 0
        self._by_identity: dict[int, int] = {}
        self._by_content: dict[tuple[str, tuple[int, ...], bytes], int] = {}
        self._alive: list[Array] = []  # so that no other array gets the same id

    def store(self, array: Array) -> int:
        """Write an array unless it is there already; returns its number."""
        known = self._by_identity.get(id(array))
        if known is not None:
            return known
        number = self._count
        if array.nbytes < _SAME_CONTENT:
            number = self._by_content.setdefault((array.dtype.str, array.shape, array.tobytes()), number)
        if number == self._count:
            self._count += 1
            with self._archive.open(_member(number), "w", force_zip64=array.nbytes > 1 << 30) as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)
        self._by_identity[id(array)] = number
        self._alive.append(array)
        return number


def _member(number: int) -> str:
    return f"arrays/{number}.npy"


# --- reading --------------------------------------------------------------------------------------------------------


class NotUnderstood(ValueError):
    """What a file has or lacks that no file of its kind has or lacks."""


class _NewerVersion(Exception):
    """The file is of a version that this program does not know yet."""


_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError),  # the zip
    *(SyntaxError, tokenize.TokenError, RecursionError, OverflowError),  # the headers of arrays, the manifest
    *(ValueError, KeyError, TypeError),  # what is in it
)
"""What is raised over a file that is damaged, or made to look so."""


def _check_sizes(archive: zipfile.ZipFile, file_bytes: int) -> None:
    """Nothing in the archive may be larger than it claims, nor all of it larger than the file."""
    stored = 0
    for info in archive.infolist():
        if info.flag_bits & 1:
            raise NotUnderstood("it asks for a password")
        if info.filename == _MANIFEST:
            if info.file_size > _MANIFEST_LIMIT:
                raise NotUnderstood(f"its {_MANIFEST} is too large ({info.file_size:,} bytes)")
        elif info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise NotUnderstood(f"{info.filename!r} in it is compressed")
        else:
            stored += info.file_size
    if stored > min(file_bytes, _SIZE_LIMIT):
        raise NotUnderstood(f"it declares {stored:,} bytes of arrays, in a file of {file_bytes:,} bytes")


def _read_manifest(archive: zipfile.ZipFile) -> bytes:
    try:
        return archive.read(_MANIFEST)
    except KeyError:
        raise NotUnderstood(f"it has no {_MANIFEST}") from None


def _check_version(manifest: Any, kind: ArchiveKind) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != kind.format:
        raise NotUnderstood(f"it is no {kind.noun}")
    version = manifest.get("version")
    if not isinstance(version, int) or version > kind.version:
        raise _NewerVersion(f"it is of version {version}, this program knows version {kind.version}")


def _read_arrays(archive: zipfile.ZipFile, progress: Progress) -> list[Array]:
    names = [info.filename for info in archive.infolist() if info.filename != _MANIFEST]
    if sorted(names) != sorted(_member(number) for number in range(len(names))):
        raise NotUnderstood("its arrays are not numbered from 0 on")
    arrays = []
    for number in range(len(names)):
        arrays.append(_read_array(archive, number))
        progress((number + 1) / len(names), "Reading")
    return arrays


def _read_array(archive: zipfile.ZipFile, number: int) -> Array:
    """One array, its header checked against the size of the member before memory is taken."""
    info = archive.getinfo(_member(number))
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise NotUnderstood(f"array {number} in it is of an unknown version")
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(file)
        if dtype.kind not in KINDS or fortran or any(side < 0 for side in shape):
            raise NotUnderstood(f"array {number} in it is of a kind that the lab does not keep ({dtype})")
        expected, found = math.prod(shape) * dtype.itemsize, info.file_size - file.tell()
        if expected != found:
            raise NotUnderstood(f"array {number} in it should have {expected:,} bytes and has {found:,}")
        array = np.empty(shape, dtype)
        flat = array.reshape(-1).view(np.uint8) if expected else array
        done = 0
        while done < expected:
            chunk = file.read(min(_CHUNK, expected - done))  # the last one checks the check sum
            if not chunk:
                raise EOFError
            flat[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
            done += len(chunk)
    array.flags.writeable = False
    return array


# --- what a manifest may hold ---------------------------------------------------------------------------------------


def check_entity(entity: Any) -> None:
    """Shapes were checked by the entity itself; its indices must point into it, or a renderer would crash."""
    of_kind(Mesh | Points | Lines | Image | Field, entity, "scene")
    if isinstance(entity, Mesh):
        _check_indices(entity.faces, len(entity.verts))
        if entity.face_materials is not None:
            _check_indices(entity.face_materials, len(entity.materials))
        for material in entity.materials:
            _check_material(material)
    if isinstance(entity, Lines):
        _check_indices(entity.edges, len(entity.verts))
    if isinstance(entity, Field):
        _check_indices(entity.rows + 1, len(entity.density) + 1)  # -1 is no vertex


def _check_material(material: Any) -> None:
    texture = of_kind(Material, material, "scene").texture
    if texture is not None:
        of_kind(np.ndarray, texture, "texture")
        if texture.dtype != np.uint8 or texture.ndim != 3 or texture.shape[2] != 3:
            raise NotUnderstood("a texture in it is no picture")
    of_kind(str, material.name, "material")
    if len(of_kind(tuple, material.diffuse, "material")) != 3:
        raise NotUnderstood("a colour in it has no three parts")
    for part in material.diffuse:
        of_kind(float | int, part, "material")


def _check_indices(indices: Array, count: int) -> None:
    if indices.size and not (indices.min() >= 0 and indices.max() < count):
        raise NotUnderstood(f"an index in it is outside of 0 to {count - 1}")


def of_kind(kind: Any, value: T, where: str) -> Any:
    """``value`` if it is of this kind. Raises NotUnderstood."""
    if not isinstance(value, kind):
        raise NotUnderstood(f"the {where} in it makes no sense ({type(value).__name__})")
    return value
