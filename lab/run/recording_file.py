"""Recordings as files: a ``.dl3d`` is a zip of ``manifest.json`` and ``arrays/N.npy``, each distinct array once.

Files come from strangers. Nothing in one is executed; sizes are checked before memory is taken for them: arrays are
stored uncompressed, so that all of them together cannot be larger than the file.
"""

from __future__ import annotations

import json
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lab.experiment import Notice, Outcome
from lab.files import atomic_write, explain
from lab.run.messages import Keyframe
from lab.run.recorder import BUDGET_BYTES, Header, Recording
from lab.run.tree import KINDS, TreeError, pack, unpack
from lab.scene import Array, Geometry, Image, Lines, Material, Mesh, Points

SUFFIX = ".dl3d"
_FORMAT = "dl3d-recording"
_VERSION = 1
_MANIFEST = "manifest.json"
_MANIFEST_LIMIT = 64 << 20
_SIZE_LIMIT = 8 << 30
_SAME_CONTENT = 1024  # bytes; smaller arrays are stored once by their content, not only by their identity
_CHUNK = 1 << 20
_STEP_LIMIT = 1 << 40

Progress = Callable[[float, str], None]
T = TypeVar("T")


class RecordingError(Exception):
    """A recording cannot be saved or opened; the message names the file, the cause and what to do."""


# --- saving -----------------------------------------------------------------------------------------------------------


def save(path: str | os.PathLike[str], recording: Recording, *, progress: Progress | None = None) -> None:
    """Write a recording; an older file of that name is replaced only by a complete new one. Raises RecordingError.

    For a recording that still grows, save ``recording.copy()`` from the other thread.
    """
    name = Path(path).name
    try:
        with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            arrays = _ArrayWriter(archive)
            manifest = _manifest(recording, arrays.store, progress or _no_progress)
            text = json.dumps(manifest, separators=(",", ":"))
            archive.writestr(_MANIFEST, text, compress_type=zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise RecordingError(f"{name} cannot be saved: {explain(error)}.") from error
    except TreeError as error:
        raise RecordingError(f"{name} cannot be saved: {error}.") from error


def _manifest(recording: Recording, store: Callable[[Array], int], progress: Progress) -> dict[str, Any]:
    def packed(value: Any, where: str) -> Any:
        return pack(value, store, where)

    outcome = recording.outcome
    keyframes = []
    for i, keyframe in enumerate(recording.keyframes):
        parts = {
            "step": keyframe.step,
            "snapshot": keyframe.snapshot,
            "state": keyframe.state,
            "values": keyframe.values,
        }
        keyframes.append(packed(parts, f"keyframe {keyframe.step}"))
        progress((i + 1) / len(recording.keyframes), "Writing keyframes")
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "header": packed(_fields(recording.header), "header"),
        "ending": recording.ending,
        "stride": recording.stride,
        "inputs": packed(recording.inputs, "inputs"),
        "notices": [packed(asdict(notice), "notice") for notice in recording.notices],
        "outcome": None if outcome is None else packed(_fields(outcome), "outcome"),
        "steps": packed(recording.steps, "steps"),
        "seconds": packed(recording.seconds, "seconds"),
        "metrics": packed(recording.metrics, "metrics"),
        "keyframes": keyframes,
    }


def _fields(value: Header | Outcome) -> dict[str, Any]:
    """The fields as they are: ``asdict`` would copy the arrays, and with them lose which ones are the same."""
    return dict(vars(value))


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


def _no_progress(fraction: float, text: str) -> None:
    """Nobody follows."""


# --- opening ----------------------------------------------------------------------------------------------------------


def load(
    path: str | os.PathLike[str], *, budget_bytes: int = BUDGET_BYTES, progress: Progress | None = None
) -> Recording:
    """Open a recording. Its arrays are read-only. Raises RecordingError."""
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, os.path.getsize(path))
            manifest = json.loads(_read_manifest(archive))
            _check_version(manifest)
            arrays = _read_arrays(archive, progress or _no_progress)
        return _recording(manifest, arrays, budget_bytes)
    except OSError as error:
        raise RecordingError(f"{name} cannot be opened: {explain(error)}.") from error
    except _NewerVersion as error:
        raise RecordingError(f"{name} cannot be opened: {error}. Update DL3D Lab to open it.") from error
    except MemoryError as error:
        raise RecordingError(f"{name} cannot be opened: there is not enough memory for it.") from error
    except _DAMAGE as error:
        cause = str(error) if isinstance(error, _NotARecording | TreeError) else "it is damaged or is no recording"
        raise RecordingError(f"{name} cannot be opened: {cause}. Choose a .dl3d file saved by DL3D Lab.") from error


class _NotARecording(ValueError):
    """What a file has or lacks that no recording has or lacks."""


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
            raise _NotARecording("it asks for a password")
        if info.filename == _MANIFEST:
            if info.file_size > _MANIFEST_LIMIT:
                raise _NotARecording(f"its {_MANIFEST} is too large ({info.file_size:,} bytes)")
        elif info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise _NotARecording(f"{info.filename!r} in it is compressed")
        else:
            stored += info.file_size
    if stored > min(file_bytes, _SIZE_LIMIT):
        raise _NotARecording(f"it declares {stored:,} bytes of arrays, in a file of {file_bytes:,} bytes")


def _read_manifest(archive: zipfile.ZipFile) -> bytes:
    try:
        return archive.read(_MANIFEST)
    except KeyError:
        raise _NotARecording(f"it has no {_MANIFEST}") from None


def _check_version(manifest: Any) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise _NotARecording("it is no recording of a run")
    version = manifest.get("version")
    if not isinstance(version, int) or version > _VERSION:
        raise _NewerVersion(f"it is of version {version}, this program knows version {_VERSION}")


def _read_arrays(archive: zipfile.ZipFile, progress: Progress) -> list[Array]:
    names = [info.filename for info in archive.infolist() if info.filename != _MANIFEST]
    if sorted(names) != sorted(_member(number) for number in range(len(names))):
        raise _NotARecording("its arrays are not numbered from 0 on")
    arrays = []
    for number in range(len(names)):
        arrays.append(_read_array(archive, number))
        progress((number + 1) / len(names), "Reading keyframes")
    return arrays


def _read_array(archive: zipfile.ZipFile, number: int) -> Array:
    """One array, its header checked against the size of the member before memory is taken."""
    info = archive.getinfo(_member(number))
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise _NotARecording(f"array {number} in it is of an unknown version")
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(file)
        if dtype.kind not in KINDS or fortran or any(side < 0 for side in shape):
            raise _NotARecording(f"array {number} in it is of a kind that recordings do not have ({dtype})")
        expected, found = math.prod(shape) * dtype.itemsize, info.file_size - file.tell()
        if expected != found:
            raise _NotARecording(f"array {number} in it should have {expected:,} bytes and has {found:,}")
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


def _recording(manifest: dict[str, Any], arrays: list[Array], budget_bytes: int) -> Recording:
    def loaded(number: int) -> Array:
        if not 0 <= number < len(arrays):
            raise _NotARecording(f"it refers to array {number}, and has {len(arrays)}")
        return arrays[number]

    parts = {key: unpack(value, loaded) for key, value in manifest.items()}
    header = Header(**_of(dict, parts["header"], "header"))
    for value, kind in ((header.activity, str), (header.values, dict), (header.seed, int), (header.device, str)):
        _of(kind, value, "header")
    for value, kind in ((header.versions, dict), (header.label, str)):
        _of(kind, value, "header")
    inputs = _of(dict, parts["inputs"], "inputs")
    for entity in inputs.values():
        _check_entity(_of(Geometry, entity, "inputs"))
    stride = _of(int, parts["stride"], "stride")
    recording = Recording(header, inputs, keyframe_every=stride, budget_bytes=budget_bytes)
    recording.ending = _of(str, parts["ending"], "ending")
    recording.notices = [_notice(one) for one in _of(list, parts["notices"], "notices")]
    recording.outcome = None if parts["outcome"] is None else _outcome(parts["outcome"])
    recording.add_columns(*_metrics(parts))
    keyframes = _of(list, parts["keyframes"], "keyframes")
    recording.restore_keyframes(_keyframe(_of(dict, keyframe, "keyframe")) for keyframe in keyframes)
    return recording


def _notice(parts: Any) -> Notice:
    notice = Notice(**_of(dict, parts, "notice"))
    _of(int, notice.step, "notice")
    for text in (notice.level, notice.text, notice.advice):
        _of(str, text, "notice")
    _of(str | None, notice.term, "notice")
    return notice


def _metrics(parts: Mapping[str, Any]) -> tuple[Array, Array, Mapping[str, Array]]:
    steps, seconds = _of(np.ndarray, parts["steps"], "steps"), _of(np.ndarray, parts["seconds"], "seconds")
    columns = _of(dict, parts["metrics"], "metrics")
    wanted = [(steps, "i"), (seconds, "f"), *((_of(np.ndarray, column, "metrics"), "f") for column in columns.values())]
    for array, kind in wanted:
        if array.dtype.kind != kind or array.shape != (len(steps),):
            raise _NotARecording("its metrics are not as long as its steps")
    return steps, seconds, columns


def _outcome(parts: Any) -> Outcome:
    outcome = Outcome(**_of(dict, parts, "outcome"))
    for entity in _of(dict, outcome.entities, "outcome").values():
        _check_entity(entity)
    for figure in _of(dict, outcome.figures, "outcome").values():
        _of(str | bool | int | float, figure, "outcome")
    for x, y in _of(dict, outcome.curves, "outcome").values():
        if _of(np.ndarray, x, "outcome").shape != _of(np.ndarray, y, "outcome").shape:
            raise _NotARecording("a curve of its outcome is not as long as its axis")
    return outcome


def _keyframe(parts: dict[str, Any]) -> Keyframe:
    snapshot = _of(dict, parts["snapshot"], "keyframe")
    for entity in snapshot.values():
        _check_entity(entity)
    values = _of(dict, parts["values"], "keyframe")
    step, state = _of(int, parts["step"], "keyframe"), _of(dict, parts["state"], "keyframe")
    if not 0 <= step < _STEP_LIMIT:
        raise _NotARecording(f"it has a keyframe of step {step}")
    return Keyframe(0, step, snapshot, state, values)


def _check_entity(entity: Any) -> None:
    """Shapes were checked by the entity itself; its indices must point into it, or a renderer would crash."""
    _of(Mesh | Points | Lines | Image, entity, "scene")
    if isinstance(entity, Mesh):
        _check_indices(entity.faces, len(entity.verts))
        if entity.face_materials is not None:
            _check_indices(entity.face_materials, len(entity.materials))
        for material in entity.materials:
            _check_material(material)
    if isinstance(entity, Lines):
        _check_indices(entity.edges, len(entity.verts))


def _check_material(material: Any) -> None:
    texture = _of(Material, material, "scene").texture
    if texture is not None:
        _of(np.ndarray, texture, "texture")
        if texture.dtype != np.uint8 or texture.ndim != 3 or texture.shape[2] != 3:
            raise _NotARecording("a texture in it is no picture")
    _of(str, material.name, "material")
    if len(_of(tuple, material.diffuse, "material")) != 3:
        raise _NotARecording("a colour in it has no three parts")
    for part in material.diffuse:
        _of(float | int, part, "material")


def _check_indices(indices: Array, count: int) -> None:
    if indices.size and not (indices.min() >= 0 and indices.max() < count):
        raise _NotARecording(f"an index in it is outside of 0 to {count - 1}")


def _of(kind: Any, value: T, where: str) -> Any:
    if not isinstance(value, kind):
        raise _NotARecording(f"the {where} in it makes no sense ({type(value).__name__})")
    return value
