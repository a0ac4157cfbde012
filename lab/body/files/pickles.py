"""Reads the pickles of body models without trusting them.

A pickle is a program. Here it can build dictionaries, lists, texts, numbers, and the stand-ins of
``lab.body.files.stand_ins`` for arrays, sparse matrices and chumpy's arrays. Any other name that it asks for ends the
reading, and so do instructions that no such file needs.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

from lab.body.files.base import MOST_BYTES, Content, NotABody
from lab.body.files.stand_ins import (
    Chumpy,
    Coo,
    Csc,
    Csr,
    Dtype,
    EmptyBytes,
    Encode,
    FromBuffer,
    Inert,
    Marker,
    NdArray,
    Reconstruct,
    Reconstructor,
    Scalar,
    settled,
)

_MOST_STEPS: Final = 1_000_000  # official files take some thousands
_NUMPY: Final = ("numpy.core.", "numpy._core.")

_NAMES: Final[dict[tuple[str, str], type[Inert]]] = {
    ("numpy", "ndarray"): Marker,
    ("numpy", "dtype"): Dtype,
    **{(f"{module}multiarray", "_reconstruct"): Reconstruct for module in _NUMPY},
    **{(f"{module}multiarray", "scalar"): Scalar for module in _NUMPY},
    **{(f"{module}numeric", "_frombuffer"): FromBuffer for module in _NUMPY},
    ("_codecs", "encode"): Encode,
    **{(module, "bytes"): EmptyBytes for module in ("__builtin__", "builtins")},
    **{(module, "object"): Marker for module in ("__builtin__", "builtins")},
    **{(module, "_reconstructor"): Reconstructor for module in ("copy_reg", "copyreg")},
}

_LAYOUTS: Final[dict[str, type[Inert]]] = {
    f"{layout}_{kind}": holder
    for layout, holder in (("csr", Csr), ("csc", Csc), ("coo", Coo))
    for kind in ("matrix", "array")
}
_SCIPY: Final = {
    "scipy.sparse",
    *(f"scipy.sparse.{dash}{name}" for dash in ("", "_") for name in ("csr", "csc", "coo")),
}

_CALLED: Final = (Reconstruct, Dtype, FromBuffer, Scalar, Encode, EmptyBytes, Reconstructor, Csr, Csc, Coo, Chumpy)
_MADE: Final = (Csr, Csc, Coo, Chumpy)


def read_pickle(path: Path, wanted: Collection[str]) -> Content:
    """The values of the ``wanted`` names in a pickled dictionary.

    Raises NotABody with what is wrong, OSError, and what a damaged pickle makes Python raise (see npz.DAMAGE).
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        whole = _Reader(data).load()
    except (pickle.UnpicklingError, AttributeError, IndexError) as error:
        raise NotABody("it is damaged or is no body model") from error
    if not isinstance(whole, dict):
        raise NotABody("it holds no table of arrays")
    named = {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in whole.items()}
    return {name: settled(named[name], name) for name in sorted(wanted) if name in named}


class _Reader(pickle._Unpickler):  # type: ignore[name-defined]
    """Python's own reader in Python, whose instructions can be chosen; the one in C takes them all.

    Its memo is a dictionary, so that a file cannot ask for a huge one.
    """

    dispatch: dict[int, Callable[[Any], None]] = {}  # noqa: RUF012 - filled below, as in the class above

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), fix_imports=False, encoding="bytes")
        self._steps = 0
        self._bytes = 0

    def find_class(self, module: str, name: str) -> type[Inert]:
        """The stand-in for a name. Raises NotABody for any that a body model does not need."""
        found = _NAMES.get((module, name))
        if found is None and module in _SCIPY:
            found = _LAYOUTS.get(name)
        if found is None and (module == "chumpy" or module.startswith("chumpy.")):
            found = Chumpy
        if found is None:
            asked = f"{module}.{name}"[:80]
            raise NotABody(f"it asks to run “{asked}”, which no body model needs. Nothing was run")
        return found

    def count(self) -> None:
        """One more instruction. Raises NotABody when there are too many."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise NotABody("it has more parts than any body model")

    def count_bytes(self, made: object) -> None:
        """So many more bytes were made, perhaps from the same few over and over. Raises NotABody when too many."""
        array = made.array if isinstance(made, NdArray) else None
        self._bytes += array.nbytes if array is not None else len(made) if isinstance(made, bytes) else 0
        if self._bytes > MOST_BYTES:
            raise NotABody(f"its arrays have more than {MOST_BYTES:,} bytes")

    def make(self, kind: object, arguments: object) -> Any:
        """Call a stand-in. Raises NotABody for anything else."""
        if not isinstance(kind, type) or kind not in _CALLED or not isinstance(arguments, tuple):
            raise NotABody("it calls what is not to be called. Nothing was run")
        if kind in _MADE and arguments:
            raise NotABody("it makes an object in a way that no body model needs")
        made = kind(*arguments)
        self.count_bytes(made)
        return made


def _reduce(reader: Any) -> None:
    arguments = reader.stack.pop()
    reader.stack[-1] = reader.make(reader.stack[-1], arguments)


def _instance(reader: Any) -> None:
    module, name = reader.readline()[:-1].decode("ascii"), reader.readline()[:-1].decode("ascii")
    arguments = reader.pop_mark()
    reader.append(reader.make(reader.find_class(module, name), tuple(arguments)))


def _object(reader: Any) -> None:
    kind, *arguments = reader.pop_mark()
    reader.append(reader.make(kind, tuple(arguments)))


def _build(reader: Any) -> None:
    state = reader.stack.pop()
    target = reader.stack[-1]
    if not isinstance(target, Dtype | NdArray | Csr | Csc | Coo | Chumpy):
        raise NotABody("it sets the state of something that has none")
    target.__setstate__(state)
    reader.count_bytes(target)


def _set_item(reader: Any) -> None:
    value, key = reader.stack.pop(), reader.stack.pop()
    _put(reader.stack[-1], key, value)


def _set_items(reader: Any) -> None:
    items = reader.pop_mark()
    for key, value in zip(items[::2], items[1::2], strict=True):
        _put(reader.stack[-1], key, value)


def _put(target: object, key: object, value: object) -> None:
    """Keys are texts or numbers: the hash of nested tuples may take for ever."""
    if not isinstance(target, dict) or not isinstance(key, str | bytes | int | float | type(None)):
        raise NotABody("it has a table with keys that are no names")
    target[key] = value


def _marked_dict(reader: Any) -> None:
    items = reader.pop_mark()
    made: dict[Any, Any] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        _put(made, key, value)
    reader.append(made)


def _appends(reader: Any) -> None:
    items = reader.pop_mark()
    if not isinstance(reader.stack[-1], list):
        raise NotABody("it appends to what is no list")
    reader.stack[-1].extend(items)


def _append(reader: Any) -> None:
    item = reader.stack.pop()
    if not isinstance(reader.stack[-1], list):
        raise NotABody("it appends to what is no list")
    reader.stack[-1].append(item)


def _bytearray(reader: Any) -> None:
    size = int.from_bytes(reader.read(8), "little")
    reader.append(reader.read(size))  # as bytes, and no more of them than there are


_PLAIN: Final = (
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.POP, pickle.POP_MARK, pickle.DUP),
    *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE),
    *(pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG, pickle.LONG1, pickle.LONG4),
    *(pickle.FLOAT, pickle.BINFLOAT, pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING),
    *(pickle.UNICODE, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8),
    *(pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8),
    *(pickle.TUPLE, pickle.EMPTY_TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.EMPTY_LIST, pickle.LIST, pickle.EMPTY_DICT),
    *(pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE, pickle.GET, pickle.BINGET, pickle.LONG_BINGET),
    *(pickle.GLOBAL, pickle.STACK_GLOBAL),
)
"""The instructions that are Python's own: values, the memo, and names, which go through ``find_class``."""

_OURS: Final[dict[bytes, Callable[[Any], None]]] = {
    pickle.REDUCE: _reduce,
    pickle.NEWOBJ: _reduce,
    pickle.INST: _instance,
    pickle.OBJ: _object,
    pickle.BUILD: _build,
    pickle.SETITEM: _set_item,
    pickle.SETITEMS: _set_items,
    pickle.DICT: _marked_dict,
    pickle.APPEND: _append,
    pickle.APPENDS: _appends,
    pickle.BYTEARRAY8: _bytearray,
}


def _counted(step: Callable[[Any], None]) -> Callable[[Any], None]:
    def counted(reader: Any) -> None:
        reader.count()
        step(reader)

    return counted


_Reader.dispatch.update({code[0]: _counted(pickle._Unpickler.dispatch[code[0]]) for code in _PLAIN})  # type: ignore[attr-defined]
_Reader.dispatch.update({code[0]: _counted(step) for code, step in _OURS.items()})
