"""What can be undone: imports, additions, removals, corrections, motions and changes of style."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from PySide6.QtGui import QUndoCommand, QUndoStack

from lab.geometry import Stats
from lab.render.messages import Style
from lab.scene import Entity
from ui.scene.model import SceneModel

_STYLE_COMMAND = 1
_ONE_GESTURE = 1.0  # seconds; changes of the same thing in quicker succession are undone together
_SLIDERS = frozenset({"opacity", "point size", "range"})  # what changes many times in one gesture


class AddEntity(QUndoCommand):
    """Something new in the scene. ``path`` is where it stands, once it was done."""

    def __init__(
        self,
        scene: SceneModel,
        name: str,
        entity: Entity,
        stats: Stats | None,
        source: str | None,
        style: Style,
        text: str,
    ) -> None:
        super().__init__(text)
        self._scene = scene
        self.path = scene.unique(name)
        self._arguments = (entity, style, stats, source)

    def redo(self) -> None:
        entity, style, stats, source = self._arguments
        self._scene.add(self.path, entity, style=style, stats=stats, source=source)

    def undo(self) -> None:
        if self.path in self._scene:
            entry = self._scene.remove(self.path)
            self._arguments = (entry.entity, entry.style, entry.stats, entry.source)


class RemoveEntities(QUndoCommand):
    """Some entities are taken out of the scene; they come back where they were in its list."""

    def __init__(self, scene: SceneModel, paths: Iterable[str]) -> None:
        self._paths = tuple(paths)
        super().__init__(f"removal of {_these(self._paths)}")
        self._scene = scene
        self._removed = tuple((scene.paths().index(path), scene.entry(path)) for path in self._paths)

    def redo(self) -> None:
        known = [path for path in self._paths if path in self._scene]
        places = [self._scene.paths().index(path) for path in known]
        self._removed = tuple((place, self._scene.remove(path)) for place, path in zip(places, known, strict=True))

    def undo(self) -> None:
        for place, entry in sorted(self._removed, key=lambda item: item[0]):
            if entry.path not in self._scene:
                self._scene.restore(entry, place)


class EditStyles(QUndoCommand):
    """Entities are drawn differently. what: the property; a slider's many values are one edit of it."""

    def __init__(self, scene: SceneModel, styles: Mapping[str, Style], what: str) -> None:
        super().__init__(f"{what} of {_these(tuple(styles))}")
        self._scene = scene
        self._what = what
        self._before = {path: scene.entry(path).style for path in styles}
        self._after = dict(styles)
        self._time = time.monotonic()

    def id(self) -> int:
        return _STYLE_COMMAND if self._what in _SLIDERS else -1

    def redo(self) -> None:
        self._apply(self._after)

    def undo(self) -> None:
        self._apply(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        assert isinstance(other, EditStyles)
        same = (tuple(other._after), other._what) == (tuple(self._after), self._what)
        if not same or other._time - self._time > _ONE_GESTURE:
            return False
        self._after, self._time = other._after, other._time
        return True

    def _apply(self, styles: Mapping[str, Style]) -> None:
        for path, style in styles.items():
            if path in self._scene:
                self._scene.set_style(path, style)


class ReplaceEntity(QUndoCommand):
    """There is another entity in the place of one: the same file read again, or the same object moved."""

    def __init__(self, scene: SceneModel, path: str, entity: Entity, stats: Stats | None, text: str) -> None:
        super().__init__(text)
        self._scene = scene
        self._path = path
        entry = scene.entry(path)
        self._before = (entry.entity, entry.stats)
        self._after = (entity, stats)

    def redo(self) -> None:
        self._apply(*self._after)

    def undo(self) -> None:
        if self._after[1] is None and self._path in self._scene:
            self._after = (self._after[0], self._scene.entry(self._path).stats)
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
        what: str = "import",
    ) -> str:
        """Put an entity into the scene; returns its path. what: the word for the menu, as in "conversion"."""
        text = f"{what} of {name}"
        command = AddEntity(self._scene, name, entity, stats, source, style or Style(), text)
        self.stack.push(command)
        return command.path

    def remove(self, paths: Iterable[str]) -> None:
        """Take entities out of the scene."""
        known = [path for path in paths if path in self._scene]
        if known:
            self.stack.push(RemoveEntities(self._scene, known))

    def edit(self, path: str, style: Style, what: str) -> None:
        """Draw an entity differently; ``what`` names the property, as in "opacity"."""
        self.edit_all({path: style}, what)

    def edit_all(self, styles: Mapping[str, Style], what: str) -> None:
        """Draw several entities differently, as one edit."""
        others = {path: style for path, style in styles.items() if style != self._scene.entry(path).style}
        if others:
            self.stack.push(EditStyles(self._scene, others, what))

    def replace(self, path: str, entity: Entity, stats: Stats | None, what: str = "import correction") -> None:
        """Put another entity in the place of one."""
        self.stack.push(ReplaceEntity(self._scene, path, entity, stats, f"{what} of {path}"))


def _these(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths)} objects"
