"""Checkpoints (``lab.experiment.State``): nested dictionaries of arrays and plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lab.experiment import State
from lab.scene import Array

_PLAIN = (bool, int, float, complex, str, bytes, np.generic, type(None))


def freeze(state: State) -> State:
    """The state with read-only arrays, safe to keep. Raises TypeError naming the place of anything else than data.

    An array that owns its memory is not copied but made read-only, so an experiment that goes on writing to what it
    handed over is told so at once; a view (such as of a tensor's memory) is copied.
    """
    frozen: State = _freeze(state, "state")
    return frozen


def _freeze(value: Any, where: str) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError(f"{where}: expected an array of numbers, found one of Python objects")
        if value.flags.writeable:
            value = value if type(value) is np.ndarray and value.flags.owndata else np.array(value)
            value.flags.writeable = False
        return value
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {key: _freeze(item, f"{where}[{key!r}]") for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_freeze(item, f"{where}[{i}]") for i, item in enumerate(value))
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    raise TypeError(f"{where}: expected an array, a number, a string or a dictionary of these, found {kind}")


def thaw(state: State) -> State:
    """The state with fresh, writable arrays: an experiment may go on with them without changing the recording."""
    thawed: State = _thaw(state)
    return thawed


def _thaw(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Mapping):
        return {key: _thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_thaw(item) for item in value)
    return value


def arrays(value: Any) -> Iterator[Array]:
    """Every array of the state."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from arrays(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from arrays(item)
