"""glTF 2.0's containers: the JSON document, its buffers and accessors, every number checked before it is used."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import struct
from typing import Any, NoReturn
from urllib.parse import unquote

import numpy as np

from lab.formats.base import Source
from lab.formats.beside import BesideError, read_bytes
from lab.scene import Array

_MAGIC = b"glTF"
_JSON_CHUNK, _BINARY_CHUNK = 0x4E4F534A, 0x004E4942
_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_MOST_BUFFER = 1 << 32
_COMPRESSED = {
    "KHR_draco_mesh_compression": "Draco",
    "EXT_meshopt_compression": "meshopt",
    "KHR_meshopt_compression": "meshopt",
}

Node = dict[str, Any]
"""A JSON object of the document."""


class Document:
    """A parsed file. Lookups raise FormatError naming the object that makes no sense."""

    def __init__(self, source: Source) -> None:
        self.source = source
        text, self._binary = _split(source.read(), source)
        try:
            root = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise source.error("JSON", f"it is damaged ({error})", "Get the file again from where it came") from error
        if not isinstance(root, dict):
            raise source.error("JSON", "it is not an object", "Check that it is a glTF file")
        self.root: Node = root
        self._buffers: dict[int, bytes] = {}
        self._accessors: dict[int, Array] = {}
        self._check_version()

    def _check_version(self) -> None:
        version = str(self.get(self.root, "asset", dict, {}, "document").get("version", "?"))
        if not version.startswith("2"):
            raise self.source.error(
                "asset", f"glTF version {version[:16]} is not supported, only 2", "Export it as glTF 2.0"
            )
        required = self.get(self.root, "extensionsRequired", list, [], "document")
        for name in required:
            if name in _COMPRESSED:
                self.refuse_compression(name)

    def refuse_compression(self, extension: str) -> NoReturn:
        """Raises FormatError: the geometry is packed by a method that the lab does not know."""
        method = _COMPRESSED[extension]
        raise self.source.error(
            extension, f"{method} compression is not supported", f"Export it again without {method}"
        )

    # --- checked access -----------------------------------------------------------------------------------------

    def get(self, node: Node, key: str, kind: Any, default: Any, place: str) -> Any:
        """``node[key]``, which must be a ``kind`` (bool is no int); the default where it is missing."""
        value: Any = node.get(key, default)
        if value is default:
            return value
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._refuse(place, f"“{key}” is not {_KINDS[kind]}")
        if kind is int and not 0 <= value < 1 << 48:
            self._refuse(place, f"“{key}” is {str(value)[:24]}, which is out of range")
        return value

    def index(self, node: Node, key: str, place: str) -> int | None:
        """A reference to another object, or None where it is missing."""
        value = self.get(node, key, int, None, place)
        return None if value is None else int(value)

    def objects(self, name: str) -> list[Any]:
        """A list of the document, such as "meshes"."""
        found: list[Any] = self.get(self.root, name, list, [], "document")
        return found

    def object(self, name: str, index: int, place: str) -> Node:
        """An entry of such a list; ``place`` is who refers to it."""
        entries = self.objects(name)
        if index >= len(entries):
            self._refuse(place, f"it refers to entry {index} of “{name}”, but there are only {len(entries)}")
        if not isinstance(entries[index], dict):
            self._refuse(f"{name} {index}", "it is not an object")
        entry: Node = entries[index]
        return entry

    def numbers(self, node: Node, key: str, count: int, place: str) -> list[float] | None:
        """A list of ``count`` finite numbers, or None where it is missing."""
        value = self.get(node, key, list, None, place)
        if value is None:
            return None
        if len(value) != count or not all(_is_finite(item) for item in value):
            self._refuse(place, f"“{key}” is not a list of {count} finite numbers")
        return [float(item) for item in value]

    def _refuse(self, place: str, cause: str) -> NoReturn:
        raise self.source.error(place, cause, "The file is damaged; export it again")

    # --- buffers and accessors ----------------------------------------------------------------------------------

    def view(self, index: int, place: str) -> tuple[bytes, int, int, int | None]:
        """A buffer view: the buffer's bytes, where it starts, its length and its stride."""
        view = self.object("bufferViews", index, place)
        here = f"bufferView {index}"
        for name in self.get(view, "extensions", dict, {}, here):
            if name in _COMPRESSED:
                self.refuse_compression(name)
        buffer = self._buffer(self.index(view, "buffer", here) or 0, here)
        start = self.get(view, "byteOffset", int, 0, here)
        length = self.get(view, "byteLength", int, 0, here)
        if start + length > len(buffer):
            raise self.source.truncated(
                here, f"it ends at byte {start + length:,} of a buffer of {len(buffer):,} bytes"
            )
        return buffer, start, length, self.get(view, "byteStride", int, None, here)

    def count(self, index: int, place: str) -> int:
        """How many elements an accessor has."""
        return int(self.get(self.object("accessors", index, place), "count", int, 0, f"accessor {index}"))

    def accessor(self, index: int, place: str) -> Array:
        """(count, width) numbers; float32 for "normalized" integers, else in the type of the file."""
        if index not in self._accessors:
            self._accessors[index] = self._read_accessor(index, place)
        return self._accessors[index]

    def _read_accessor(self, index: int, place: str) -> Array:
        accessor = self.object("accessors", index, place)
        here = f"accessor {index}"
        if "sparse" in accessor or "bufferView" not in accessor:
            raise self.source.error(
                here, "sparse accessors are not supported", "Export it again without sparse accessors"
            )
        code, shape = accessor.get("componentType"), accessor.get("type")
        if not isinstance(code, int) or code not in _COMPONENTS or not isinstance(shape, str) or shape not in _WIDTHS:
            self._refuse(here, "its type of numbers is unknown")
        dtype, width = np.dtype(_COMPONENTS[code]), _WIDTHS[shape]
        buffer, start, length, stride = self.view(self.index(accessor, "bufferView", here) or 0, here)
        offset = self.get(accessor, "byteOffset", int, 0, here)
        count = self.count(index, here)
        step = stride or dtype.itemsize * width
        if step < dtype.itemsize * width:
            self._refuse(here, f"its stride of {step} bytes is shorter than one element")
        if count and offset + step * (count - 1) + dtype.itemsize * width > length:
            raise self.source.truncated(
                here, f"it declares {count:,} elements, but its buffer view has only {length:,} bytes"
            )
        values = np.ndarray((count, width), dtype, buffer, start + offset if count else 0, (step, dtype.itemsize))
        if accessor.get("normalized") is True and dtype.kind in "iu":
            return np.maximum(values / np.float32(np.iinfo(dtype).max), np.float32(-1)).astype(np.float32)
        return values

    def _buffer(self, index: int, place: str) -> bytes:
        if index not in self._buffers:
            self._buffers[index] = self._read_buffer(index, place)
        return self._buffers[index]

    def _read_buffer(self, index: int, place: str) -> bytes:
        buffer = self.object("buffers", index, place)
        here = f"buffer {index}"
        uri = self.get(buffer, "uri", str, None, here)
        if uri is None:
            if index or self._binary is None:
                self._refuse(here, "its bytes are missing")
            return self._binary
        try:
            data = self.load(uri)
        except BesideError as error:
            advice = "Put the missing part beside the file, or export it as one .glb file"
            raise self.source.error(here, f"the file “{uri[:80]}” cannot be used: {error}", advice) from error
        need = self.get(buffer, "byteLength", int, 0, here)
        if len(data) < need:
            raise self.source.truncated(here, f"it should have {need:,} bytes, but has only {len(data):,}")
        return data

    def load(self, uri: str) -> bytes:
        """The bytes behind a ``data:`` address or a file in the model's folder. Raises BesideError."""
        if uri.startswith("data:"):
            head, _, body = uri.partition(",")
            try:
                return (
                    base64.b64decode(unquote(body))
                    if head.endswith(";base64")
                    else unquote(body).encode("latin-1", "replace")
                )
            except (binascii.Error, ValueError) as error:
                raise BesideError("its data are damaged") from error
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", uri):
            raise BesideError("it is not in the model's own folder")
        return read_bytes(self.source.path.parent, unquote(uri), _MOST_BUFFER)


_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}


def _is_finite(value: Any) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value)
    )


def _split(data: bytes, source: Source) -> tuple[bytes, bytes | None]:
    """The JSON text, and the binary chunk of a .glb file."""
    if data[:4] != _MAGIC:
        if data.lstrip()[:1] not in (b"{", b"\xef"):
            raise source.error("byte 0", "it is neither binary glTF nor JSON", "Check what kind of file it is")
        return data, None
    if len(data) < 20:
        raise source.truncated("header", f"a binary glTF file has at least 20 bytes, this one has {len(data)}")
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise source.error("header", f"binary glTF version {version} is not supported, only 2", "Export it as glTF 2.0")
    if length > len(data):
        raise source.truncated("header", f"it declares {length:,} bytes, the file has {len(data):,}")
    chunks: dict[int, bytes] = {}
    position = 12
    while position + 8 <= length:
        size, kind = struct.unpack_from("<II", data, position)
        if size > length - position - 8:
            raise source.truncated(
                f"byte {position:,}", f"a part of {size:,} bytes begins, only {length - position - 8:,} follow"
            )
        chunks.setdefault(kind, data[position + 8 : position + 8 + size])
        position += 8 + size
    if _JSON_CHUNK not in chunks:
        raise source.error("header", "the JSON part is missing", "The file is damaged; export it again")
    return chunks[_JSON_CHUNK], chunks.get(_BINARY_CHUNK)
