"""What stands in the scene and how it is drawn: the one model behind the viewport, the tree, the forms and the runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from lab.geometry import Stats, stats
from lab.render.messages import Style
from lab.scene import Entity, Geometry, Input, Mesh, Points, is_accepted

Owner = Literal["user", "run"]
_POLL_MS = 50
_AT_MOST_EVERY = 1.0  # seconds, for an entity that changes with every frame


@dataclass
class Entry:
    """One entity of the scene. source: the file that it came from; owner: who put it there; stats: None until known."""

    path: str
    entity: Entity
    style: Style
    stats: Stats | None = None
    source: str | None = None
    owner: Owner = "user"


class SceneModel(QObject):
    """The entities by path, in the order in which they came. Lives on the UI thread; entities are shared."""

    added = Signal(str)
    changed = Signal(str)
    """The entity under the path is another one (a run's next frame)."""
    restyled = Signal(str)
    removed = Signal(str)
    """The entry is gone already."""
    statsChanged = Signal(str)
    selectionChanged = Signal(str)
    """The selected path, "" for none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: dict[str, Entry] = {}
        self._selected: str | None = None
        self._stats = _StatsQueue(self)

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def paths(self) -> tuple[str, ...]:
        """All paths, oldest first."""
        return tuple(self._entries)

    def geometry_paths(self) -> tuple[str, ...]:
        """The paths of meshes and point clouds."""
        return self.inputs(("shape",))

    def inputs(self, accepts: tuple[str, ...]) -> tuple[str, ...]:
        """The paths of what a parameter can be set to that ``accepts`` "shape", "field" or both; see lab.params."""
        return tuple(path for path, entry in self._entries.items() if is_accepted(entry.entity, accepts))

    def input(self, path: str, accepts: tuple[str, ...]) -> Input | None:
        """The entity under a path if a parameter that ``accepts`` these kinds can be set to it."""
        entry = self._entries.get(path)
        return entry.entity if entry is not None and is_accepted(entry.entity, accepts) else None  # type: ignore[return-value]

    def is_input(self, path: str) -> bool:
        """Whether there is a mesh, a point cloud or a radiance field under a path."""
        return self.input(path, ("shape", "field")) is not None

    def entry(self, path: str) -> Entry:
        """The entry under a path. Raises KeyError."""
        return self._entries[path]

    def entity(self, path: str) -> Entity:
        """The entity under a path. Raises KeyError."""
        return self._entries[path].entity

    def geometry(self, path: str) -> Geometry | None:
        """The mesh or point cloud under a path; None if there is none."""
        entry = self._entries.get(path)
        return entry.entity if entry is not None and isinstance(entry.entity, Mesh | Points) else None

    def add(
        self,
        path: str,
        entity: Entity,
        *,
        style: Style | None = None,
        stats: Stats | None = None,
        source: str | None = None,
        owner: Owner = "user",
    ) -> str:
        """Put an entity into the scene; returns its path, made unique ("spot 2") where ``path`` is taken."""
        path = self.unique(path)
        self._entries[path] = Entry(path, entity, style or Style(), stats, source, owner)
        self.added.emit(path)
        if stats is None:
            self._stats.ask(path)
        return path

    def unique(self, path: str) -> str:
        """``path``, or the first of "path 2", "path 3", ... that is free."""
        number, free = 1, path
        while free in self._entries:
            number += 1
            free = f"{path} {number}"
        return free

    def update(self, path: str, entity: Entity, *, owner: Owner = "run") -> None:
        """The newest entity under a path; adds it, as ``owner``'s, where there is none."""
        entry = self._entries.get(path)
        if entry is None:
            self.add(path, entity, owner=owner)
            return
        if entity is not entry.entity:
            entry.entity = entity
            self.changed.emit(path)
            self._stats.ask(path)

    def set_style(self, path: str, style: Style) -> None:
        """Draw an entity differently. Raises KeyError."""
        entry = self._entries[path]
        if style != entry.style:
            entry.style = style
            self.restyled.emit(path)

    def remove(self, path: str) -> Entry:
        """Take an entity out of the scene and return its entry, for an undo. Raises KeyError."""
        entry = self._entries.pop(path)
        if self._selected == path:
            self.select(None)
        self.removed.emit(path)
        return entry

    def restore(self, entry: Entry, place: int | None = None) -> None:
        """Put a removed entry back under its own path, as the ``place``-th of all, by default as the last.

        Raises ValueError when the path is taken by now.
        """
        if entry.path in self._entries:
            raise ValueError(f"there is another '{entry.path}' in the scene")
        entries = list(self._entries.items())
        entries.insert(len(entries) if place is None else place, (entry.path, entry))
        self._entries = dict(entries)
        self.added.emit(entry.path)

    @property
    def selected(self) -> str | None:
        """The selected path."""
        return self._selected

    def select(self, path: str | None) -> None:
        """Select one entity, or none. Raises KeyError for an unknown path."""
        if path is not None and path not in self._entries:
            raise KeyError(path)
        if path != self._selected:
            self._selected = path
            self.selectionChanged.emit(path or "")

    def shutdown(self) -> None:
        """Compute no more statistics; waits for nothing."""
        self._stats.shutdown()

    def set_stats(self, path: str, stats: Stats) -> None:
        """What was found out about an entity; ignored for one that is gone."""
        entry = self._entries.get(path)
        if entry is not None:
            entry.stats = stats
            self.statsChanged.emit(path)


class _StatsQueue:
    """Computes statistics one after another in a thread of its own; of an entity that changes often, only the newest.

    A timer on the UI thread collects the results, so that nothing of Qt is touched from the other thread.
    """

    def __init__(self, scene: SceneModel) -> None:
        self._scene = scene
        self._waiting: dict[str, float] = {}  # path -> not before this time
        self._began: dict[str, float] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stats")
        self._now: tuple[str, Future[Stats]] | None = None
        self._timer = QTimer(scene)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._collect)

    def ask(self, path: str) -> None:
        if isinstance(self._scene.entity(path), Mesh | Points):
            self._waiting[path] = self._began.get(path, -_AT_MOST_EVERY) + _AT_MOST_EVERY
            if not self._timer.isActive():
                self._timer.start()

    def shutdown(self) -> None:
        self._timer.stop()
        self._waiting.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _collect(self) -> None:
        if self._now is not None:
            path, future = self._now
            if not future.done():
                return
            self._now = None
            self._scene.set_stats(path, future.result())
        now = time.monotonic()
        for path in [path for path, due in self._waiting.items() if due <= now]:
            del self._waiting[path]
            entity = self._scene.geometry(path)
            if entity is not None:
                self._began[path] = now
                self._now = (path, self._thread.submit(stats, entity))
                return
            self._began.pop(path, None)
        if not self._waiting:
            self._timer.stop()
