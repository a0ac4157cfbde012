"""What a study computed the last time, for as long as it is asked the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K")


class Kept:
    """One value a name. The same object comes back while its key stays, so that it is not sent or drawn anew."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[object, object]] = {}

    def equal(self, name: str, key: object, make: Callable[[], T]) -> T:
        """The value of ``name``, made anew when ``key`` is not equal to the last one."""
        kept = self._values.get(name)
        if kept is None or kept[0] != key:
            kept = self._values[name] = (key, make())
        return kept[1]  # type: ignore[return-value]

    def identical(self, name: str, source: K, make: Callable[[K], T]) -> T:
        """The value made from ``source``, anew when that is another object than the last time."""
        kept = self._values.get(name)
        if kept is None or kept[0] is not source:
            kept = self._values[name] = (source, make(source))
        return kept[1]  # type: ignore[return-value]

    def key(self, name: str) -> object:
        """The key that the value of ``name`` was made for, None before there is one."""
        return self._values.get(name, (None, None))[0]
