"""What stands for the classes and functions that a body's pickle names: inert holders of arrays, which run nothing.

Each is a class of our own with a ``__setstate__``, so that nothing of numpy, scipy or chumpy itself is ever called by a
file. What is not understood is kept as it is, and is told of only if a body needs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from lab.body.files.base import NotABody
from lab.body.files.sparse import SparseParts, csr_of
from lab.scene import Array

_SIMPLE: Final = re.compile(r"[<>|=]?(?:[fiu][1248]|b1|[SU][0-9]{1,4})")
_MOST_AXES: Final = 8
_DEEPEST: Final = 4
_MOST_CHOSEN: Final = 50_000_000


class Inert:
    """A thing in a pickle. Raises NotABody where it is given a state that it cannot have."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        raise NotABody("it sets the state of something that has none")


class Marker(Inert):
    """``numpy.ndarray`` and ``object`` where they are only named."""

    __slots__ = ()


class Dtype(Inert):
    """``numpy.dtype``: .dtype, or None for one that is no plain number or text."""

    __slots__ = ("dtype",)

    def __init__(self, code: object, align: object = False, copy: object = True) -> None:
        text = _text(code)
        self.dtype = np.dtype(text) if _SIMPLE.fullmatch(text) else None

    def __setstate__(self, state: object) -> None:
        """(version, byte order, subtype, names, ...)."""
        if not isinstance(state, tuple) or len(state) < 4:
            raise NotABody("a type of numbers in it is damaged")
        order = _text(state[1])
        if state[2] is not None or state[3] is not None or order not in ("<", ">", "|", "="):
            self.dtype = None
        elif self.dtype is not None and order in ("<", ">"):
            self.dtype = self.dtype.newbyteorder("<" if order == "<" else ">")


class NdArray(Inert):
    """An array: .array, or None for one of Python objects, which is not read."""

    __slots__ = ("array",)

    def __init__(self) -> None:
        self.array: Array | None = None

    def __setstate__(self, state: object) -> None:
        """(version, shape, dtype, whether in Fortran's order, bytes)."""
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            raise NotABody("an array in it is damaged")
        shape, dtype, fortran, raw = state[-4:]
        if isinstance(dtype, Dtype) and dtype.dtype is None:
            return
        self.array = _array(raw, dtype, shape, "F" if fortran else "C")


class Sparse(Inert):
    """A sparse matrix of scipy, of the layout that the class says: .state, its attributes by name."""

    __slots__ = ("state",)
    layout: str = ""

    def __init__(self) -> None:
        self.state: Mapping[str, object] = {}

    def __setstate__(self, state: object) -> None:
        self.state = _attributes(state)


class Csr(Sparse):
    """scipy.sparse.csr_matrix."""

    __slots__ = ()
    layout = "csr"


class Csc(Sparse):
    """scipy.sparse.csc_matrix."""

    __slots__ = ()
    layout = "csc"


class Coo(Sparse):
    """scipy.sparse.coo_matrix."""

    __slots__ = ()
    layout = "coo"


class Chumpy(Inert):
    """An expression of chumpy: .state, its attributes by name. Plain ones (Ch) have their array in ``x``."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: Mapping[str, object] = {}

    def __setstate__(self, state: object) -> None:
        self.state = _attributes(state)


class Reconstruct(Inert):
    """``numpy.core.multiarray._reconstruct``: an array before its state."""

    __slots__ = ()

    def __new__(cls, kind: object, shape: object, code: object) -> NdArray:  # type: ignore[misc]
        if kind is not Marker:
            raise NotABody("it makes an array of an unknown kind")
        return NdArray()


class FromBuffer(Inert):
    """``numpy.core.numeric._frombuffer``: an array of protocol 5."""

    __slots__ = ()

    def __new__(cls, raw: object, dtype: object, shape: object, order: object) -> NdArray:  # type: ignore[misc]
        made = NdArray()
        made.__setstate__((shape, dtype, _text(order) == "F", raw))
        return made


class Scalar(Inert):
    """``numpy.core.multiarray.scalar``: a single number, as an array without axes."""

    __slots__ = ()

    def __new__(cls, dtype: object, raw: object = b"") -> NdArray:  # type: ignore[misc]
        made = NdArray()
        made.__setstate__(((), dtype, False, raw))
        return made


class Encode(Inert):
    """``_codecs.encode``: how Python 3 writes bytes for Python 2."""

    __slots__ = ()

    def __new__(cls, text: object, encoding: object = "latin1") -> bytes:  # type: ignore[misc]
        if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
            raise NotABody("it encodes a text in a way that no array needs")
        return text.encode("latin1")


class EmptyBytes(Inert):
    """``bytes`` called without arguments: how Python 3 writes empty bytes for Python 2."""

    __slots__ = ()

    def __new__(cls) -> bytes:  # type: ignore[misc]
        return b""


class Reconstructor(Inert):
    """``copy_reg._reconstructor``: how Python 2 writes an object of a class before its state."""

    __slots__ = ()

    def __new__(cls, kind: object, base: object, state: object) -> Inert:  # type: ignore[misc]
        if kind not in (Csr, Csc, Coo, Chumpy) or base is not Marker or state is not None:
            raise NotABody("it makes an object of an unknown kind")
        made: Inert = kind()  # type: ignore[operator]
        return made


def settled(value: object, name: str, depth: int = 0) -> object:
    """What a stand-in holds: an array, a checked sparse matrix, or the value itself if it is a text or a number.

    Raises NotABody, naming it ``name``, for what is not understood.
    """
    if isinstance(value, NdArray):
        if value.array is None:
            raise NotABody(f"its “{name}” holds Python objects and no plain numbers")
        return value.array
    if isinstance(value, Sparse):
        return _sparse(value, name)
    if isinstance(value, Chumpy):
        return _chumpy(value, name, depth)
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, list):  # SMPL's ``bs_type`` and the like are texts, but some tools write lists of numbers
        return _listed(value, name)
    raise NotABody(f"its “{name}” is of a kind that is not understood")


def _sparse(value: Sparse, name: str) -> object:
    state = value.state
    shape = _shape(state.get("_shape", state.get("shape")), f"“{name}”")
    keys = {"csr": ("indices", "indptr"), "csc": ("indices", "indptr"), "coo": ("row", "col")}[value.layout]
    if value.layout == "coo" and isinstance(coords := state.get("coords"), tuple) and len(coords) == 2:
        state = {**state, "row": coords[0], "col": coords[1]}
    arrays = [settled(state.get(key), name) for key in ("data", *keys)]
    data, first, second = (array if isinstance(array, np.ndarray) else np.empty((0, 0)) for array in arrays)
    if len(shape) != 2:
        raise NotABody(f"its “{name}” is a sparse matrix without two sides")
    return csr_of(SparseParts(value.layout, (shape[0], shape[1]), data, first, second), name)  # type: ignore[arg-type]


def _chumpy(value: Chumpy, name: str, depth: int) -> object:
    """The array of a ``Ch``, or of a ``Select`` some of another's numbers; other expressions are not worked out."""
    state = value.state
    if depth < _DEEPEST and "x" in state:
        return settled(state["x"], name, depth + 1)
    if depth < _DEEPEST and "a" in state and "idxs" in state:
        source, chosen = settled(state["a"], name, depth + 1), settled(state["idxs"], name, depth + 1)
        if isinstance(source, np.ndarray) and isinstance(chosen, np.ndarray) and chosen.dtype.kind in "ui":
            return _selected(source.reshape(-1), chosen.reshape(-1), state.get("preferred_shape"), name)
    raise NotABody(f"its “{name}” is an expression of chumpy that has no array; save its value as an array")


def _selected(source: Array, chosen: Array, shape: object, name: str) -> Array:
    if chosen.size > _MOST_CHOSEN or (chosen.size and (int(chosen.min()) < 0 or int(chosen.max()) >= source.size)):
        raise NotABody(f"its “{name}” chooses numbers that are not there")
    picked = source[chosen]
    if shape is None:
        return picked
    sides = _shape(settled_shape(shape), f"“{name}”")
    if math.prod(sides) != picked.size:
        raise NotABody(f"its “{name}” has {picked.size:,} numbers for the shape {sides}")
    return picked.reshape(sides)


def settled_shape(shape: object) -> object:
    """A shape as a tuple, also where it is kept as an array."""
    return tuple(shape.array.tolist()) if isinstance(shape, NdArray) and shape.array is not None else shape


def _listed(values: list[object], name: str) -> Array:
    if not all(isinstance(value, int | float) for value in values):
        raise NotABody(f"its “{name}” is a list of what are no numbers")
    return np.array(values, np.float64)


def _array(raw: object, dtype: object, shape: object, order: str) -> Array:
    """An array over the bytes that are there: no memory is taken that the file does not have."""
    if isinstance(raw, str):  # Python 2's text, read as Latin 1
        raw = raw.encode("latin1")
    if not isinstance(dtype, Dtype) or dtype.dtype is None or not isinstance(raw, bytes | bytearray):
        raise NotABody("an array in it is damaged")
    sides = _shape(shape, "an array")
    if math.prod(sides) * dtype.dtype.itemsize != len(raw):
        raise NotABody(f"an array in it declares the shape {sides} and has {len(raw):,} bytes")
    array = np.frombuffer(raw, dtype.dtype).reshape(sides, order="F" if order == "F" else "C")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _shape(value: object, what: str) -> tuple[int, ...]:
    ok = isinstance(value, tuple | list) and len(value) <= _MOST_AXES
    if not ok or not all(isinstance(side, int) and 0 <= side < 1 << 40 for side in value):  # type: ignore[attr-defined]
        raise NotABody(f"the shape of {what} in it makes no sense")
    return tuple(value)  # type: ignore[arg-type]


def _attributes(state: object) -> dict[str, object]:
    """The attributes of an object: a dictionary, or (dictionary, slots) of newer Pythons."""
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], dict):
        state = state[0]
    if not isinstance(state, dict):
        raise NotABody("an object in it is damaged")
    return {_text(key): value for key, value in state.items()}


def _text(value: object) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else value if isinstance(value, str) else ""
