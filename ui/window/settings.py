"""What the lab remembers from one start to the next. A damaged settings file costs the memory, never the start."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QByteArray, QSettings

from lab.run.recorder import BUDGET_BYTES

T = TypeVar("T")

VIEW_SHARE, VIEW_SHARES = 50, (10, 90)
"""Percent of the time that the view may draw while a run works: usually, and from least to most."""

_RECENT_COUNT = 10
_SMALLEST_BUDGET, _LARGEST_BUDGET = 16 << 20, 64 << 30
_LARGEST_SEED = 2**31 - 1
_SWITCH = ("true", "false")


class Settings:
    """Typed access to the settings; every value read is checked, and the default taken for one that makes no sense.

    path: an .ini file, for tests; by default the person's own.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        ini = QSettings.Format.IniFormat
        if path is not None:
            self._store = QSettings(os.fspath(path), ini)
        else:
            self._store = QSettings(ini, QSettings.Scope.UserScope, "DL3D Lab", "DL3D Lab")

    def sync(self) -> None:
        """Write what was changed; Qt does it by itself as well, from time to time."""
        self._store.sync()

    # --- files ----------------------------------------------------------------------------------------------------

    @property
    def recent_files(self) -> tuple[str, ...]:
        """Absolute paths, the last one first; they may be gone by now."""
        return self._read("files/recent", (), _paths)

    def add_recent_file(self, path: str) -> None:
        """A file was opened or saved."""
        path = os.path.abspath(path)
        paths = [path, *(other for other in self.recent_files if other != path)]
        self._store.setValue("files/recent", paths[:_RECENT_COUNT])

    def clear_recent_files(self) -> None:
        """Forget them."""
        self._store.remove("files/recent")

    @property
    def folder(self) -> str:
        """Where the file dialogs begin: the folder of the last file, or the person's home."""
        return self._read("files/folder", str(Path.home()), _folder)

    @folder.setter
    def folder(self, path: str) -> None:
        self._store.setValue("files/folder", path)

    # --- the window -----------------------------------------------------------------------------------------------

    @property
    def geometry(self) -> QByteArray:
        """Size and place of the window, as of QWidget.saveGeometry; empty at the first start."""
        return self._read("window/geometry", QByteArray(), _bytes)

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    def layout(self, mode: str) -> QByteArray:
        """Where the docks are in a mode, as of QMainWindow.saveState; empty at the first start."""
        return self._read(f"window/layout {mode}", QByteArray(), _bytes)

    def set_layout(self, mode: str, value: QByteArray) -> None:
        """Keep where the docks are."""
        self._store.setValue(f"window/layout {mode}", value)

    @property
    def stages(self) -> dict[str, dict[str, Any]]:
        """How the panes of each study are arranged, by its key."""
        return self._read("studies/stages", {}, _json)

    @stages.setter
    def stages(self, value: Mapping[str, Mapping[str, Any]]) -> None:
        self._store.setValue("studies/stages", json.dumps(value))

    @property
    def views(self) -> str:
        """How many viewports the scene has: "1", "2" or "4"."""
        return self._read("window/views", "1", lambda value: value if value in ("1", "2", "4") else None)

    @views.setter
    def views(self, number: str) -> None:
        self._store.setValue("window/views", number)

    @property
    def views_linked(self) -> bool:
        """Whether their cameras move together."""
        return self._read("window/views linked", False, lambda value: value == "true" if value in _SWITCH else None)

    @views_linked.setter
    def views_linked(self, on: bool) -> None:
        self._store.setValue("window/views linked", "true" if on else "false")

    @property
    def theme(self) -> str:
        """ "dark" or "light"."""
        return self._read("window/theme", "dark", lambda value: value if value in ("dark", "light") else None)

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("window/theme", name)

    @property
    def activity(self) -> str:
        """The key of the activity that was open; "" at the first start."""
        return self._read("window/activity", "", lambda value: value if isinstance(value, str) else None)

    @activity.setter
    def activity(self, key: str) -> None:
        self._store.setValue("window/activity", key)

    @property
    def autosave_ms(self) -> int:
        """After a change, the time until it is autosaved."""
        return self._read("files/autosave_ms", 20_000, _whole(100, 3_600_000))

    @autosave_ms.setter
    def autosave_ms(self, milliseconds: int) -> None:
        self._store.setValue("files/autosave_ms", milliseconds)

    # --- runs -----------------------------------------------------------------------------------------------------

    @property
    def budget(self) -> int:
        """Bytes for the keyframes of all runs."""
        return self._read("run/budget", BUDGET_BYTES, _whole(_SMALLEST_BUDGET, _LARGEST_BUDGET))

    @budget.setter
    def budget(self, budget_bytes: int) -> None:
        self._store.setValue("run/budget", budget_bytes)

    @property
    def view_share(self) -> int:
        """Percent of the time that the view may draw while a run works."""
        return self._read("run/view share", VIEW_SHARE, _whole(*VIEW_SHARES))

    @view_share.setter
    def view_share(self, percent: int) -> None:
        self._store.setValue("run/view share", percent)

    @property
    def seed(self) -> int:
        """The last seed."""
        return self._read("run/seed", 0, _whole(0, _LARGEST_SEED))

    @seed.setter
    def seed(self, seed: int) -> None:
        self._store.setValue("run/seed", seed)

    def _read(self, key: str, default: T, check: Callable[[Any], T | None]) -> T:
        """The value as ``check`` understands it; the default where it returns None."""
        try:
            value = self._store.value(key)
        except (EOFError, RuntimeError, TypeError, ValueError):  # bytes that are no value of Qt's
            return default
        found = None if value is None else check(value)
        return default if found is None else found


def _paths(value: Any) -> tuple[str, ...] | None:
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str) for path in paths):
        return None
    return tuple(path for path in paths if path and "\0" not in path)[:_RECENT_COUNT]


def _folder(value: Any) -> str | None:
    return value if isinstance(value, str) and "\0" not in value and os.path.isdir(value) else None


def _json(value: Any) -> dict[str, dict[str, Any]] | None:
    try:
        found = json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        return None
    return found


def _bytes(value: Any) -> QByteArray | None:
    return value if isinstance(value, QByteArray) else None


def _whole(low: int, high: int) -> Callable[[Any], int | None]:
    def check(value: Any) -> int | None:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if low <= number <= high else None

    return check
