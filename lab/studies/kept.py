"""What a study remembers from question to question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class Kept:
    """The last result of each name, made anew only when what it depends on is something else.

    So an array that did not change stays the same object, and is neither sent nor uploaded again.
    """

    def __init__(self) -> None:
        self._results: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def get(self, name: str, depends_on: tuple[Any, ...], make: Callable[[], T]) -> T:
        """The result of ``make()`` for these values. Arrays and entities are compared by identity."""
        if not self.has(name, depends_on):
            self._results.pop(name, None)  # its memory is free before the next one is made
            self._results[name] = depends_on, make()
        result: T = self._results[name][1]
        return result

    def last(self, name: str, depends_on: tuple[Any, ...]) -> Any:
        """The result that there is. Raises KeyError where ``has`` says that there is none."""
        if not self.has(name, depends_on):
            raise KeyError(name)
        return self._results[name][1]

    def has(self, name: str, depends_on: tuple[Any, ...]) -> bool:
        """Whether ``get`` would make nothing."""
        before = self._results.get(name)
        return (
            before is not None
            and len(before[0]) == len(depends_on)
            and all(_same(a, b) for a, b in zip(before[0], depends_on, strict=True))
        )


def _same(before: Any, now: Any) -> bool:
    return before is now or (not isinstance(now, np.ndarray) and bool(before == now))
