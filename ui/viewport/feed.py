"""Keeps the scene of a render client as the scene model is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from lab.render.client import RenderClient
from lab.scene import Entity, Field, Image
from ui.scene.model import SceneModel

_PREVIEW = "\npreview"  # follows the path of what is drawn elsewhere for a while; no path can end so


class SceneFeed(QObject):
    """Tells a render client what is added, changed, restyled and removed; pictures are not for it."""

    changed = Signal()
    """Another picture is wanted."""
    began = Signal()
    """The first entity came into an empty scene."""

    def __init__(self, scene: SceneModel, client: RenderClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._client = client
        self._previews: set[str] = set()
        self._empty = True

    def start(self) -> None:
        """Tell of what there is, and of what happens from now on."""
        scene = self._scene
        scene.added.connect(self._on_added)
        scene.changed.connect(self._on_changed)
        scene.restyled.connect(self._on_restyled)
        scene.removed.connect(self._on_removed)
        for path in scene.paths():
            self._on_added(path)

    @property
    def has_fields(self) -> bool:
        """Whether a radiance field is to be seen: drawing one takes far longer than anything else."""
        return any(isinstance(entry.entity, Field) and entry.style.visible for entry in self._scene)

    def stop(self) -> None:
        """Tell of nothing any more."""
        scene = self._scene
        scene.added.disconnect(self._on_added)
        scene.changed.disconnect(self._on_changed)
        scene.restyled.disconnect(self._on_restyled)
        scene.removed.disconnect(self._on_removed)

    def show_preview(self, path: str, entity: Entity | None) -> None:
        """Draw another entity in the place of the one under ``path``, which stays as it is; None ends that."""
        if entity is not None and path in self._scene:
            self._previews.add(path)
            self._client.set_entity(path + _PREVIEW, entity)
        else:
            self._end_preview(path)
        if path in self._scene:
            self._send_style(path)
        self.changed.emit()

    def _on_added(self, path: str) -> None:
        entity = self._scene.entity(path)
        if isinstance(entity, Image):
            return
        self._client.set_entity(path, entity)
        self._send_style(path)
        if self._empty:
            self._empty = False
            self.began.emit()
        self.changed.emit()

    def _on_changed(self, path: str) -> None:
        entity = self._scene.entity(path)
        if not isinstance(entity, Image):
            self._client.set_entity(path, entity)
            self.changed.emit()

    def _on_restyled(self, path: str) -> None:
        self._send_style(path)
        self.changed.emit()

    def _on_removed(self, path: str) -> None:
        self._end_preview(path)
        self._client.remove(path)
        self._empty = not self._scene.inputs(("shape", "field"))
        self.changed.emit()

    def _send_style(self, path: str) -> None:
        style = self._scene.entry(path).style
        if path in self._previews:
            self._client.set_style(path + _PREVIEW, style)
            style = replace(style, visible=False)
        self._client.set_style(path, style)

    def _end_preview(self, path: str) -> None:
        if path in self._previews:
            self._previews.discard(path)
            self._client.remove(path + _PREVIEW)
