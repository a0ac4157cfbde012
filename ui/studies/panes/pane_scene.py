"""The scene of a view pane: filled from boards, with as little sent as has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from lab.geometry import Stats
from lab.render.messages import Style
from lab.scene import Array, Entity, Field, Image, Lines, Mesh, Points
from lab.study import View3D
from ui.scene.model import Owner, SceneModel

_SMALL = 16  # numbers; so few are compared by value
_SAMPLE = 600
_PLAIN = Style()
_UNMEASURED = Stats(0, 0, 0, False, 0, 0, None, np.zeros(3), np.zeros(3), 0.0, 0)


class PaneScene(SceneModel):
    """A scene that nobody asks for statistics: boards come too often to compute them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, tuple[Entity, tuple[Array, ...]]] = {}

    def add(
        self,
        path: str,
        entity: Entity,
        *,
        style: Style | None = None,
        stats: Stats | None = None,
        source: str | None = None,
        owner: Owner = "run",
    ) -> str:
        return super().add(path, entity, style=style, stats=stats or _UNMEASURED, source=source, owner=owner)

    def update(self, path: str, entity: Entity, *, owner: Owner = "run") -> None:
        if path not in self:
            self.add(path, entity, owner=owner)
        elif not same_entity(entity, self.entity(path)):
            self.entry(path).entity = entity
            self.changed.emit(path)

    def show(self, view: View3D) -> bool:
        """Let exactly the view's entities stand in the scene, in its styles; whether any geometry changed."""
        changed = False
        for gone in [path for path in self.paths() if path not in view.entities]:
            self.remove(gone)
            changed = True
        for path, entity in view.entities.items():
            style = view.styles.get(path, _PLAIN)
            if path not in self:
                self.add(path, entity, style=style)
                changed = True
                continue
            before = self.entity(path)
            self.update(path, entity)
            changed = changed or self.entity(path) is not before
            self.set_style(path, style)
        return changed

    def extent(self) -> tuple[Array, Array] | None:
        """Lower and upper corner, each (3,) float64, world, of what can be seen; None when nothing can.

        From a sample of the vertices, as it has to be quick: within a few per cent.
        """
        boxes = {}
        for entry in self:
            entity = entry.entity
            if not isinstance(entity, Image) and entry.style.visible and _there(entity):
                known = self._boxes.get(entry.path)
                kept = known if known is not None and known[0] is entity else None
                boxes[entry.path] = kept or (entity, _corners(entity))
        self._boxes = boxes
        corners = [corner for _, pair in boxes.values() for corner in pair]
        return (np.min(corners, axis=0), np.max(corners, axis=0)) if corners else None


def _there(entity: Mesh | Points | Lines | Field) -> bool:
    return len(entity.density if isinstance(entity, Field) else entity.verts) > 0


def _corners(entity: Mesh | Points | Lines | Field) -> tuple[Array, ...]:
    """Lower and upper corner, of a sample of the vertices; nothing where none is finite."""
    if isinstance(entity, Field):
        return entity.lower, entity.upper
    verts = entity.verts[:: max(1, len(entity.verts) // _SAMPLE)]
    low, high = verts.min(axis=0), verts.max(axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        verts = verts[np.isfinite(verts).all(axis=1)]
        if not len(verts):
            return ()
        low, high = verts.min(axis=0), verts.max(axis=0)
    return entity.origin + low, entity.origin + high


def same_entity(first: Entity, second: Entity) -> bool:
    """Whether two entities are made of the same arrays: then nothing needs to be sent again."""
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    return all(_same(getattr(first, item.name), getattr(second, item.name)) for item in fields(first))


def _same(first: Any, second: Any) -> bool:
    if first is second:
        return True
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return first.size <= _SMALL and first.shape == second.shape and bool(np.array_equal(first, second))
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_same(value, second[key]) for key, value in first.items())
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(_same(a, b) for a, b in zip(first, second, strict=True))
    return isinstance(first, str | int | float) and bool(first == second)
