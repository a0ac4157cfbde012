"""What can be undone: imports, removals, corrections and changes of style."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtGui import QUndoCommand, QUndoStack

from lab.geometry import Stats
from lab.render.messages import Style
from lab.scene import Entity
from ui.scene.model import SceneModel

_STYLE_COMMAND = 1
_ONE_GESTURE = 1.0  # seconds; changes of the same thing in quicker succession are undone together


class AddEntity(QUndoCommand):
    """An import. ``path`` is where it stands, once it was done."""

    def __init__(
        self, scene: SceneModel, name: str, entity: Entity, stats: Stats | None, source: str | None, style: Style
    ) -> None:
        super().__init__(f"import of {name}")
        self._scene = scene
        self.path = scene.unique(name)
        self._arguments = (entity, style, stats, source)

    def redo(self) -> None:
        entity, style, stats, source = self._arguments
        self._scene.add(self.path, entity, style=style, stats=stats, source=source)

    def undo(self) -> None:
        entry = self._scene.remove(self.path)
        self._arguments = (entry.entity, entry.style, entry.stats, entry.source)


class RemoveEntities(QUndoCommand):
    """Some entities are taken out of the scene."""

    def __init__(self, scene: SceneModel, paths: Iterable[str]) -> None:
        self._paths = tuple(paths)
        what = self._paths[0] if len(self._paths) == 1 else f"{len(self._paths)} objects"
        super().__init__(f"removal of {what}")
        self._scene = scene
        self._entries = tuple(scene.entry(path) for path in self._paths)

    def redo(self) -> None:
        self._entries = tuple(self._scene.remove(path) for path in self._paths if path in self._scene)

    def undo(self) -> None:
        for entry in self._entries:
            if entry.path not in self._scene:
                self._scene.restore(entry)


class EditStyle(QUndoCommand):
    """One entity is drawn differently. what: the property; a slider's many values are one edit of it."""

    def __init__(self, scene: SceneModel, path: str, style: Style, what: str) -> None:
        super().__init__(f"{what} of {path}")
        self._scene = scene
        self._path = path
        self._what = what
        self._before = scene.entry(path).style
        self._after = style
        self._time = time.monotonic()

    def id(self) -> int:
        return _STYLE_COMMAND

    def redo(self) -> None:
        self._apply(self._after)

    def undo(self) -> None:
        self._apply(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        assert isinstance(other, EditStyle)
        same = (other._path, other._what) == (self._path, self._what)
        if not same or other._time - self._time > _ONE_GESTURE:
            return False
        self._after, self._time = other._after, other._time
        return True

    def _apply(self, style: Style) -> None:
        if self._path in self._scene:
            self._scene.set_style(self._path, style)


class ReplaceEntity(QUndoCommand):
    """An import was corrected: the same file with other units or another up-axis."""

    def __init__(self, scene: SceneModel, path: str, entity: Entity, stats: Stats | None) -> None:
        super().__init__(f"import correction of {path}")
        self._scene = scene
        self._path = path
        entry = scene.entry(path)
        self._before = (entry.entity, entry.stats)
        self._after = (entity, stats)

    def redo(self) -> None:
        self._apply(*self._after)

    def undo(self) -> None:
        self._apply(*self._before)

    def _apply(self, entity: Entity, stats: Stats | None) -> None:
        if self._path in self._scene:
            self._scene.update(self._path, entity)
            if stats is not None:
                self._scene.set_stats(self._path, stats)


class History:
    """The person's own edits of the scene, each of which can be undone."""

    def __init__(self, scene: SceneModel) -> None:
        self.stack = QUndoStack(scene)
        self._scene = scene

    def add(
        self,
        name: str,
        entity: Entity,
        *,
        stats: Stats | None = None,
        source: str | None = None,
        style: Style | None = None,
    ) -> str:
        """Import an entity; returns its path."""
        command = AddEntity(self._scene, name, entity, stats, source, style or Style())
        self.stack.push(command)
        return command.path

    def remove(self, paths: Iterable[str]) -> None:
        """Take entities out of the scene."""
        known = [path for path in paths if path in self._scene]
        if known:
            self.stack.push(RemoveEntities(self._scene, known))

    def edit(self, path: str, style: Style, what: str) -> None:
        """Draw an entity differently; ``what`` names the property, as in "opacity"."""
        if style != self._scene.entry(path).style:
            self.stack.push(EditStyle(self._scene, path, style, what))

    def replace(self, path: str, entity: Entity, stats: Stats | None) -> None:
        """Put a corrected import in the place of an entity."""
        self.stack.push(ReplaceEntity(self._scene, path, entity, stats))
