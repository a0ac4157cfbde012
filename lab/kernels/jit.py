"""How the kernels of the lab are compiled.

A kernel releases the interpreter lock, so that helper threads of a Crew run kernels side by side, and is cached on
disk, so that only the very first run on a machine compiles. Numba's cache notices changes of a kernel's own file
only: a kernel that calls functions of another file therefore names that module in ``uses``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """``function``, compiled by Numba on its first call. NaN, infinity and division by zero are as in IEEE 754."""
    compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)
    return cast(F, compiled)


def kernel_with(*uses: ModuleType) -> Callable[[F], F]:
    """A decorator like ``kernel`` for functions that call ``inlined`` ones of other modules.

    What is cached is found by the function's qualified name, so that gets a digest of those modules' source.
    """
    source = b"".join(Path(cast(str, module.__file__)).read_bytes() for module in uses)
    digest = hashlib.sha256(source).hexdigest()[:12]

    def compile_(function: F) -> F:
        function.__qualname__ += f"_{digest}"
        return kernel(function)

    return compile_


def inlined(function: F) -> F:
    """A small helper of kernels, copied into them: of those in the same file, or in files that name its module."""
    compiled = njit(inline="always", error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)
    return cast(F, compiled)
