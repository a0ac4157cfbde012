"""The view pane: a viewport with a scene of its own, with labels and handles that can be dragged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from lab.render.messages import Hit
from lab.scene import Array
from lab.study import Pane, View3D
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel
from ui.studies.framing import Box
from ui.studies.panes.body import PaneBody, copy_image
from ui.studies.panes.pane_scene import PaneScene
from ui.viewport.viewport import Viewport

MakeViewport = Callable[[SceneModel, str], Viewport]
"""A viewport for a scene, drawn under the name of a pane."""


class ViewPane(PaneBody):
    """Shows a View3D."""

    copy_tip = "Copy the view as a picture"
    save_tip = "Save the view as a picture"

    def __init__(self, pane: Pane, themes: ThemeManager, make_viewport: MakeViewport) -> None:
        super().__init__(pane, themes)
        self.scene = PaneScene(self)
        self.viewport = make_viewport(self.scene, pane.key)
        self.viewport.setAccessibleName(pane.title)
        self.setFocusProxy(self.viewport)
        self.viewport.set_awake(False)  # until it is shown
        self._extent: Box | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.viewport)
        self.viewport.handleTaken.connect(self._on_taken)
        self.viewport.handleMoved.connect(lambda _, values: self.valuesWanted.emit(values))
        self.viewport.handleReleased.connect(lambda _: self._on_released())
        self.viewport.picked.connect(self._on_picked)

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    @property
    def extent(self) -> Box | None:
        """What can be seen of the scene; None when it is empty."""
        return self._extent

    def apply(self, content: View3D, before: View3D | None) -> None:
        changed = self.scene.show(content)
        if changed or before is None or content.styles is not before.styles:
            self._extent = self.scene.extent()
        if before is None or content.labels != before.labels:
            self.viewport.set_labels(content.labels)
        if before is None or content.handles != before.handles:
            self.viewport.set_handles(content.handles)
        if before is None or (content.camera, content.aspect) != (before.camera, before.aspect):
            self._look()

    def _look(self) -> None:
        """Look from the content's camera, with the whole width of its picture in view."""
        camera, aspect = self.content.camera, self.content.aspect
        wider = aspect * self.viewport.height() / max(1, self.viewport.width())
        if camera is not None and wider > 1.0:
            half = math.atan(wider * math.tan(math.radians(camera.fov_deg) / 2))
            camera = replace(camera, fov_deg=2 * math.degrees(half))
        self.viewport.set_camera_lock(camera)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.content is not None and self.content.aspect:
            self._look()

    def copy(self) -> None:
        self._shoot(self._copy_pixels)

    def save(self) -> None:
        self._shoot(self.saveWanted.emit)

    def _shoot(self, use: Callable[[Array], None]) -> None:
        ratio = self.devicePixelRatioF()
        size = round(self.viewport.width() * ratio), round(self.viewport.height() * ratio)

        def take(pixels: Array | None, reason: str) -> None:
            if pixels is None:
                self.copied.emit(f"No picture: {reason}")
            else:
                use(pixels)

        self.viewport.screenshot(*size, take)

    def _copy_pixels(self, pixels: Array) -> None:
        copy_image(pixels)
        self.copied.emit("Picture copied")

    def _on_taken(self, key: str, values: dict[str, object]) -> None:
        self.holding = next((handle.label for handle in self.content.handles if handle.key == key), "")
        if values:
            self.valuesWanted.emit(values)

    def _on_released(self) -> None:
        self.released.emit()
        self.holding = ""

    def _on_picked(self, hit: Hit | None) -> None:
        if self.pane.pick and hit is not None and hit.kind != "field":
            self.valuesWanted.emit({self.pane.pick: hit.vertex})
            self.released.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.viewport.set_awake(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.viewport.set_awake(False)

    def shutdown(self) -> None:
        self.viewport.shutdown()
        self.scene.shutdown()
