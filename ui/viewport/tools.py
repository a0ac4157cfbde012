"""The tools of the scene's viewports: select, move, rotate, scale, measure and clip, each with its action."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.look.icon_binding import IconBook
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.scene.mover import Mover
from ui.viewport.clip import ClipLayer, ClipPlane
from ui.viewport.gizmo import MODES, GizmoLayer, Mode, TransformTool
from ui.viewport.layers import Layer
from ui.viewport.measure import MeasureLayer, Measurement
from ui.viewport.viewport import Viewport

_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("select", "Select", "Click an object to select it", "Q"),
    ("move", "Move", "Drag the selected object along its arrows; Ctrl in round steps", "G"),
    ("rotate", "Rotate", "Turn the selected object about x, y or z; Ctrl in steps of 15°", "R"),
    ("scale", "Scale", "Make the selected object larger or smaller about its middle", "S"),
    ("measure", "Measure", "Click points to measure between them; Ctrl: on a vertex, Esc ends, Del clears", "M"),
    ("clip", "Clip", "Cut the scene open with a plane", "C"),
)


class SceneTools(QObject):
    """The tools' state, shared by all viewports of a scene.

    owner: the widget in which their keys work. actions: by name, in the order in which they are shown.
    """

    toolChanged = Signal(str)
    """The tool that takes clicks and drags: "select", "move", "rotate", "scale" or "measure"."""

    def __init__(self, scene: SceneModel, history: History, icons: IconBook, owner: QWidget) -> None:
        super().__init__(owner)
        self.mover = Mover(scene, history, self)
        self.transform = TransformTool(scene, self.mover, self)
        self.measurement = Measurement(scene, self)
        self.clip = ClipPlane(scene, self)
        self.tool = "select"
        self.actions: dict[str, QAction] = {}
        self._layers: dict[Viewport, tuple[GizmoLayer | MeasureLayer | ClipLayer, ...]] = {}
        self._make_actions(icons, owner)
        self.mover.previewed.connect(self._show_preview)
        self.clip.changed.connect(self._show_clip)
        self.measurement.changed.connect(self._follow_measurement)

    def _make_actions(self, icons: IconBook, owner: QWidget) -> None:
        group = QActionGroup(self)
        for name, text, tip, key in _ROWS:
            action = QAction(text, owner)
            action.setToolTip(f"{tip} ({key})")
            action.setStatusTip(tip)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setCheckable(True)
            icons.bind(action, name)
            owner.addAction(action)
            self.actions[name] = action
            if name == "clip":
                action.toggled.connect(self.clip.set_on)
            else:
                group.addAction(action)
                action.triggered.connect(lambda *_, name=name: self.choose(name))
        self.actions["select"].setChecked(True)

    def choose(self, name: str) -> None:
        """Take another tool."""
        if name == self.tool:
            return
        self.tool = name
        self.actions[name].setChecked(True)
        self.measurement.set_active(name == "measure")
        mode: Mode = next((mode for mode in MODES if mode == name), "select")
        self.transform.set_mode(mode)
        self.toolChanged.emit(name)

    def attach(self, viewport: Viewport) -> None:
        """Let the tools work in a viewport."""
        layers = (ClipLayer(self.clip), GizmoLayer(self.transform), MeasureLayer(viewport, self.measurement))
        self._layers[viewport] = layers
        for layer in layers:
            viewport.layers.add(layer)
        viewport.layers.add(_BackToSelect(self))
        viewport.set_clip(self.clip.plane())

    def detach(self, viewport: Viewport) -> None:
        """The viewport goes."""
        for layer in self._layers.pop(viewport, ()):
            layer.close()

    def shutdown(self) -> None:
        """Move nothing any more; waits for nothing."""
        self.mover.shutdown()

    def _show_preview(self, path: str, entity: object) -> None:
        for viewport in self._layers:
            viewport.show_preview(path, entity)  # type: ignore[arg-type]

    def _show_clip(self) -> None:
        self.actions["clip"].setChecked(self.clip.on)
        for viewport in self._layers:
            viewport.set_clip(self.clip.plane())

    def _follow_measurement(self) -> None:
        if not self.measurement.active and self.tool == "measure":
            self.choose("select")


class _BackToSelect(Layer):
    """Escape with nothing to cancel puts the tool away."""

    def __init__(self, tools: SceneTools) -> None:
        self._tools = tools

    def cancel(self) -> bool:
        if self._tools.tool in ("select", "measure"):
            return False
        self._tools.choose("select")
        return True
