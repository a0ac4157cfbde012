"""Trees of arrays and plain values as JSON plus numbered arrays, exactly: types, dtypes, NaN, tuples and all.

JSON holds strings, booleans, null, numbers, lists and dictionaries with string keys as they are. Everything else is a
dictionary with one key that begins with "$":

    {"$array": n}          the array number n
    {"$tuple": [...]}      a tuple
    {"$items": [[k, v]]}   a dictionary with other keys than plain strings, or one whose keys begin with "$"
    {"$scalar": [d, hex]}  a numpy scalar of dtype d
    {"$nan": hex}          a not-a-number, with its sign
    {"$complex": [re, im]}, {"$bytes": hex}
    {"$entity": {...}}     an entity of lab.scene; its "type" and its fields
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from lab.scene import Array, Field, Image, Lines, Material, Mesh, Points

_ENTITIES: Mapping[str, type[Any]] = MappingProxyType(
    {"Mesh": Mesh, "Points": Points, "Lines": Lines, "Image": Image, "Field": Field, "Material": Material}
)
KINDS = "biufcSU"
"""The dtypes that are kept: boolean, whole, real and complex numbers, bytes and text."""


class TreeError(ValueError):
    """A tree that cannot be packed, or does not make sense; the message says where and why."""


def pack(value: Any, store: Callable[[Array], int], where: str = "") -> Any:
    """What JSON can hold; ``store`` is given each array and returns its number. Raises TreeError."""
    if type(value) is float and value != value:
        return {"$nan": struct.pack("<d", value).hex()}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in KINDS:
            raise TreeError(f"{where}: an array of {value.dtype} cannot be kept")
        return {"$array": store(value)}
    if isinstance(value, Mapping):
        return _pack_dictionary(value, store, where)
    if type(value) in (list, tuple):
        items = [pack(item, store, f"{where}[{i}]") for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, np.generic) and value.dtype.kind in KINDS:
        return {"$scalar": [value.dtype.str, value.tobytes().hex()]}
    if isinstance(value, complex):
        return {"$complex": [value.real, value.imag]}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if type(value) in _ENTITIES.values():
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {"$entity": {"type": type(value).__name__, **_pack_plain(parts, store, where)}}
    raise TreeError(f"{where}: a value of type {type(value).__name__} cannot be kept")


def _pack_dictionary(value: Mapping[Any, Any], store: Callable[[Array], int], where: str) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return _pack_plain(value, store, where)
    pairs = [[pack(key, store, where), pack(item, store, f"{where}[{key!r}]")] for key, item in value.items()]
    return {"$items": pairs}


def _pack_plain(value: Mapping[str, Any], store: Callable[[Array], int], where: str) -> dict[str, Any]:
    return {key: pack(item, store, f"{where}/{key}") for key, item in value.items()}


def unpack(value: Any, load: Callable[[int], Array]) -> Any:
    """The tree again; ``load`` returns the array of a number. Raises TreeError."""
    if isinstance(value, list):
        return [unpack(item, load) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        key, inner = next(iter(value.items()))
        if key.startswith("$"):
            return _unpack_marked(key, inner, load)
    return {key: unpack(item, load) for key, item in value.items()}


def _unpack_marked(mark: str, inner: Any, load: Callable[[int], Array]) -> Any:
    try:
        match mark, inner:
            case "$array", int(number):
                return load(number)
            case "$tuple", list(items):
                return tuple(unpack(item, load) for item in items)
            case "$items", list(pairs):
                return {unpack(key, load): unpack(item, load) for key, item in pairs}
            case "$scalar", [str(dtype), str(data)]:
                return _scalar(np.dtype(dtype), bytes.fromhex(data))
            case "$complex", [float(real) | int(real), float(imaginary) | int(imaginary)]:
                return complex(real, imaginary)
            case "$nan", str(data):
                return float(struct.unpack("<d", bytes.fromhex(data))[0])
            case "$bytes", str(data):
                return bytes.fromhex(data)
            case "$entity", {"type": str(kind)}:
                parts = {name: unpack(part, load) for name, part in inner.items() if name != "type"}
                return _ENTITIES[kind](**parts)
    except TreeError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError, struct.error) as error:
        raise TreeError(f"the {mark[1:]} in it makes no sense ({type(error).__name__}: {error})") from error
    raise TreeError(f"{mark!r} in it makes no sense")


def _scalar(dtype: np.dtype[Any], data: bytes) -> Any:
    if dtype.kind not in KINDS or len(data) != dtype.itemsize:
        raise TreeError(f"a scalar of {dtype} makes no sense")
    return np.frombuffer(data, dtype)[0]
