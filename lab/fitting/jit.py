"""How the kernels of the lab are compiled.

A kernel releases the interpreter lock, so that helper threads of a Crew run kernels side by side, and is cached on
disk, so that only the very first run on a machine compiles. Numba's cache notices changes of a kernel's own file
only: a kernel therefore calls no kernel of another file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """``function``, compiled by Numba on its first call. NaN, infinity and division by zero are as in IEEE 754."""
    compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)
    return cast(F, compiled)


def inlined(function: F) -> F:
    """A small helper of kernels in the same file, copied into them."""
    compiled = njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)
    return cast(F, compiled)
