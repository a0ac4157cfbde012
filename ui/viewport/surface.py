"""What a viewport looks at and how: its camera, its look, and the actions that change them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from lab.render.camera import Camera, StandardView
from lab.render.messages import Color, Shading, View
from ui.look.theme import ThemeManager, rgb
from ui.viewport.actions import make_actions
from ui.viewport.drags import Sight
from ui.viewport.mouse import Navigation

_TURN = 10.0  # degrees, for a press of an arrow key
_SHIFT = 0.08  # of the view, for a press of an arrow key


@dataclass(frozen=True)
class Look:
    """How the whole scene is drawn. background: sRGB, None: the theme's."""

    shading: Shading = "lit"
    wireframe: bool = False
    grid: bool = True
    axes: bool = True
    bounding_box: bool = False
    background: Color | None = None


class ViewportSurface(QWidget):
    """The camera and the look of a viewport. The mouse and the picture are the business of ViewportCanvas."""

    lookChanged = Signal()
    """Shading, grid, axes or another property of the view changed."""
    fitWanted = Signal()
    """The person wants to see everything."""
    viewChanged = Signal()
    """The camera moved, or the look changed: another picture is wanted."""
    cameraMoved = Signal()
    """The camera moved by itself, not by following another viewport."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._navigation = Navigation(Camera().standard("iso"))
        self._lock: Camera | None = None
        self._look = Look()
        self._clip: tuple[float, float, float, float] | None = None
        self.touched = False  # whether the person moved the camera since it was last fitted
        self.acting: Callable[[], ViewportSurface] = lambda: self
        self._set_up_widget()
        self._actions: dict[str, QAction] = make_actions(self)
        self.check_actions()
        themes.changed.connect(self.viewChanged)

    def _set_up_widget(self) -> None:
        self.setObjectName("viewport")
        self.setAccessibleName("3D view")
        self.setAccessibleDescription(
            "Drag to orbit, with Shift to move; the wheel zooms. F fits the scene, 1, 3 and 7 look from its sides."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    def actions_by_name(self) -> dict[str, QAction]:
        """The viewport's actions by name, for menus and tool bars; see ui.viewport.actions."""
        return self._actions

    # --- camera ---------------------------------------------------------------------------------------------------

    @property
    def camera(self) -> Camera:
        """Where the scene is seen from."""
        return self._lock or self._navigation.camera

    def set_camera(self, camera: Camera) -> None:
        """See the scene from somewhere else; not while the view shows what a certain camera sees."""
        if not self.locked:
            self._navigation.camera = camera
            self._moved()

    def follow(self, camera: Camera, touched: bool) -> None:
        """See what another viewport sees, without telling anybody. touched: whether the person chose that view."""
        if camera != self._navigation.camera:
            self._navigation.camera = camera
            self.check_actions()
            self.viewChanged.emit()
        self.touched = touched

    def set_camera_lock(self, camera: Camera | None) -> None:
        """Show what a certain camera sees, which nobody moves here; None gives the view back to the person."""
        if camera != self._lock:
            self._lock = camera
            self._navigation.release()
            self.viewChanged.emit()

    @property
    def locked(self) -> bool:
        """Whether the view shows what a certain camera sees."""
        return self._lock is not None

    def sight(self) -> Sight:
        """The camera with the widget's size, in logical pixels."""
        return Sight(self.camera, *self._size())

    def set_standard_view(self, name: StandardView) -> None:
        """Look at the same point from "front", "back", "left", "right", "top", "bottom" or "iso"."""
        self.set_camera(self.camera.standard(name))

    def set_orthographic(self, on: bool) -> None:
        """Parallel in place of perspective projection."""
        self.set_camera(replace(self.camera, orthographic=on))

    def zoom(self, steps: float) -> None:
        """Nearer by a number of wheel notches, to the middle of the view."""
        if not self.locked:
            self._navigation.wheel(steps, self.width() / 2, self.height() / 2, *self._size())
            self._moved()

    def turn(self, right: int, up: int) -> None:
        """The camera one step around its pivot."""
        self.set_camera(self.camera.orbit(np.radians(_TURN) * right, np.radians(_TURN) * up))

    def shift(self, right: int, down: int) -> None:
        """The camera one step sideways."""
        step = _SHIFT * self.height()
        self.set_camera(self.camera.pan(-right * step, -down * step, self._size()[1]))

    def _moved(self, *, touched: bool = True) -> None:
        self.touched = touched
        self.check_actions()
        self.viewChanged.emit()
        self.cameraMoved.emit()

    def _size(self) -> tuple[int, int]:
        return max(1, self.width()), max(1, self.height())

    @property
    def dragging(self) -> bool:
        """Whether the person holds the view."""
        return self._navigation.dragging

    # --- look -----------------------------------------------------------------------------------------------------

    @property
    def look(self) -> Look:
        """How the whole scene is drawn."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Draw the whole scene differently."""
        if look != self._look:
            self._look = look
            self.viewChanged.emit()
        self.check_actions()
        self.lookChanged.emit()

    def set_shading(self, shading: Shading) -> None:
        """Draw surfaces "lit", "flat", by "normals", by "depth" or "unlit"."""
        self.set_look(replace(self._look, shading=shading))

    def set_wireframe(self, on: bool) -> None:
        """Edges over all meshes."""
        self.set_look(replace(self._look, wireframe=on))

    def set_grid(self, on: bool) -> None:
        """The floor under the scene."""
        self.set_look(replace(self._look, grid=on))

    def set_axes(self, on: bool) -> None:
        """The directions of x, y and z, at the top right and on the floor."""
        self.set_look(replace(self._look, axes=on))

    def set_bounding_box(self, on: bool) -> None:
        """The box around all that is visible."""
        self.set_look(replace(self._look, bounding_box=on))

    def set_clip(self, plane: tuple[float, float, float, float] | None) -> None:
        """Cut away what is beyond a plane (nx, ny, nz, d): n · x + d >= 0 is kept, metres, world. None for nothing."""
        if plane != self._clip:
            self._clip = plane
            self.viewChanged.emit()

    def set_background(self, color: Color | None) -> None:
        """An sRGB background in place of the theme's; None for that."""
        self.set_look(replace(self._look, background=color))

    def check_actions(self) -> None:
        """Let the actions show what is switched on."""
        look = self._look
        states = {
            "orthographic": self.acting().camera.orthographic,
            "wireframe": look.wireframe,
            "grid": look.grid,
            "axes": look.axes,
            "bounding box": look.bounding_box,
            look.shading: True,
        }
        for name, on in states.items():
            self._actions[name].setChecked(on)

    def view(self) -> View:
        """What the viewport shows, in device pixels."""
        ratio = self.devicePixelRatioF()
        theme, look = self._themes.theme, self._look
        return View(
            self.camera,
            max(1, round(self.width() * ratio)),
            max(1, round(self.height() * ratio)),
            look.shading,
            look.wireframe,
            look.grid,
            look.axes,
            look.bounding_box,
            look.background or rgb(theme.viewport),
            rgb(theme.grid) if look.background is None else None,
            ratio,
            self._clip,
        )
