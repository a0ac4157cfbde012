"""The place of the scene's viewports in the window: one, two side by side, or four, with their tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, get_args

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from lab.render.camera import Camera, StandardView
from ui.look.icon_binding import IconBook
from ui.look.theme import ThemeManager
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.viewport.cell import ViewportCell
from ui.viewport.links import CameraLink
from ui.viewport.tool_bar import ToolBar
from ui.viewport.tools import SceneTools
from ui.viewport.viewport import STREAMING_SHARE, Viewport

Layout = Literal["1", "2", "4"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

_FIRST: dict[Layout, tuple[StandardView | None, ...]] = {
    "1": (None,),
    "2": (None, None),
    "4": (None, "front", "right", "top"),
}
_WORDS: dict[Layout, tuple[str, str]] = {
    "1": ("&One view", "Alt+1"),
    "2": ("&Two views", "Alt+2"),
    "4": ("&Four views", "Alt+4"),
}
_MARGIN, _ROW_MARGIN = 12, 5  # pixels around the tools, over one viewport and above several


class ViewportArea(QWidget):
    """Viewports of one scene. The first one is always there; the others come and go with the layout.

    make: makes a further viewport of the scene, drawn under the name that it is given.
    """

    activated = Signal(object)
    """The Viewport that the person works in now."""
    arranged = Signal()
    """Another layout, or the cameras were linked or unlinked."""
    hovered = Signal(object)
    """As of Viewport, from any of them."""
    picked = Signal(object)

    def __init__(
        self,
        first: Viewport,
        make: Callable[[str], Viewport],
        scene: SceneModel,
        history: History,
        themes: ThemeManager,
        icons: IconBook,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._themes = themes
        self._icons = icons
        self._layout: Layout = "1"
        self._alone: Viewport | None = None  # the one that fills the area for a while
        self._cells: list[ViewportCell] = []
        self._active = first
        self._streaming = False
        self._share = STREAMING_SHARE
        self._cameras: dict[int, Camera] = {}
        self.link = CameraLink(self, on=False)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self.tools = SceneTools(scene, history, icons, self)
        self.tools.clip.camera = lambda: self._active.camera
        self._add(first)
        first.acting = lambda: self._active
        self.tool_bar = ToolBar(self.tools, icons, self)
        self.actions_by_name = self._make_actions()
        self.setFocusProxy(first)
        self._arrange()

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """All of them, the first one first."""
        return tuple(cell.viewport for cell in self._cells)

    @property
    def active(self) -> Viewport:
        """The one that the person worked in last."""
        return self._active

    @property
    def arrangement(self) -> Layout:
        """How many there are: "1", "2" or "4"."""
        return self._layout

    def shutdown(self) -> None:
        """Draw nothing any more."""
        self.tools.shutdown()
        for cell in reversed(self._cells):
            cell.viewport.shutdown()

    def fit(self, path: str | None = None) -> None:
        """Let each viewport see all that is visible, or one entity; of linked ones the active one leads."""
        for viewport in (self._active,) if self.link.on else self.viewports:
            viewport.fit(path)

    def set_share(self, share: float) -> None:
        """How much of their time the viewports may draw while a run streams, in (0, 1]."""
        self._share = share
        for viewport in self.viewports:
            viewport.set_share(share)

    def set_streaming(self, on: bool) -> None:
        """A run streams into the scene: leave most of the processor to it."""
        self._streaming = on
        for viewport in self.viewports:
            viewport.set_streaming(on)

    # --- layout -------------------------------------------------------------------------------------------------------

    def _make_actions(self) -> dict[str, QAction]:
        actions: dict[str, QAction] = {}
        group = QActionGroup(self)
        for name in LAYOUTS:
            text, key = _WORDS[name]
            actions[f"views {name}"] = action = QAction(text, self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda *_, name=name: self.set_arrangement(name))
            self._icons.bind(action, f"views_{name}")
            group.addAction(action)
        actions["link"] = link = QAction("&Link the cameras", self)
        link.setToolTip("All views turn, move and zoom together")
        link.setShortcut(QKeySequence("Alt+L"))
        link.triggered.connect(lambda on: self.set_linked(on))
        self._icons.bind(link, "link")
        actions["maximise"] = maximise = QAction("&Maximise the view", self)
        maximise.setShortcut(QKeySequence("Ctrl+Space"))
        maximise.triggered.connect(lambda on: self.maximise(self._active if on else None))
        self._icons.bind(maximise, "maximise")
        for action in actions.values():
            action.setCheckable(True)
            self.addAction(action)
        return actions

    def set_arrangement(self, layout: Layout) -> None:
        """Show one, two or four viewports. Two begin linked; four as perspective, front, right and top, unlinked."""
        if layout != self._layout:
            self._alone = None
            self._layout = layout
            while len(self._cells) > int(layout):
                self._drop()
            self.link.set_on(layout == "2")
            for number in range(len(self._cells), int(layout)):
                self._grow(number, _FIRST[layout][number])
            self.arranged.emit()
        self._arrange()

    def set_linked(self, on: bool) -> None:
        """Let the cameras move together, from what the active viewport sees; or each for itself."""
        self.link.set_on(on, self._active)
        self._arrange()
        self.arranged.emit()

    def maximise(self, viewport: Viewport | None) -> None:
        """Let one viewport fill the area for a while; None brings the others back."""
        self._alone = viewport if len(self._cells) > 1 else None
        self._arrange()

    def restore(self, layout: str, linked: bool) -> None:
        """The layout of the last time."""
        self.set_arrangement(next((one for one in LAYOUTS if one == layout), "1"))
        self.link.set_on(linked and self._layout != "1")
        self._arrange()

    def cameras(self) -> dict[str, Camera]:
        """The camera of each viewport by "view 1", "view 2", ..., for a workspace."""
        return {f"view {number}": cell.viewport.camera for number, cell in enumerate(self._cells, 1)}

    def set_cameras(self, cameras: Mapping[str, Camera]) -> None:
        """The cameras of a workspace; with as many viewports as it had."""
        wanted = [name for name in cameras if name.removeprefix("view ").isdigit()]
        layout: Layout = "4" if len(wanted) > 2 else "2" if len(wanted) == 2 else "1"
        self.set_arrangement(layout)
        linked = len(wanted) > 1 and len({cameras[name] for name in wanted}) == 1
        self.link.set_on(False)
        for number, cell in enumerate(self._cells, 1):
            if f"view {number}" in cameras:
                cell.viewport.set_camera(cameras[f"view {number}"])
        self.link.set_on(linked)
        self._arrange()
        self.arranged.emit()

    def _grow(self, number: int, view: StandardView | None) -> None:
        viewport = self._make(f"view {number + 1}")
        first = self._cells[0].viewport
        viewport.set_look(first.look)
        if view is None:
            viewport.follow(first.camera, first.touched)
        else:
            viewport.follow(replace(first.camera.standard(view), orthographic=True), False)
        viewport.set_share(self._share)
        viewport.set_streaming(self._streaming)
        self._add(viewport)

    def _add(self, viewport: Viewport) -> None:
        cell = ViewportCell(viewport, self._themes, self)
        cell.maximiseWanted.connect(lambda: self.maximise(viewport if self._alone is None else None))
        self._cells.append(cell)
        self.tools.attach(viewport)
        self.link.add(viewport)
        viewport.hovered.connect(self.hovered)
        viewport.picked.connect(self.picked)
        viewport.installEventFilter(self)
        viewport.lookChanged.connect(lambda: self._share_look(viewport))

    def _drop(self) -> None:
        cell = self._cells.pop()
        if self._active is cell.viewport:
            self._activate(self._cells[0].viewport)
        self.link.remove(cell.viewport)
        self.tools.detach(cell.viewport)
        self._grid.removeWidget(cell)
        cell.viewport.shutdown()
        cell.hide()
        cell.deleteLater()

    def _arrange(self) -> None:
        for number, cell in enumerate(self._cells):
            self._grid.addWidget(cell, number // 2, number % 2)
            shown = self._alone in (None, cell.viewport)
            cell.setVisible(shown)
            cell.viewport.set_awake(shown or number == 0)
            cell.show_state(len(self._cells) > 1, cell.viewport is self._active, self._alone is cell.viewport)
        for row, column in ((0, 0), (1, 1)):
            self._grid.setRowStretch(row, 1 if self._has_row(row) else 0)
            self._grid.setColumnStretch(column, 1 if self._has_column(column) else 0)
        actions = self.actions_by_name
        actions[f"views {self._layout}"].setChecked(True)
        actions["link"].setChecked(self.link.on)
        actions["link"].setEnabled(len(self._cells) > 1)
        actions["maximise"].setChecked(self._alone is not None)
        actions["maximise"].setEnabled(len(self._cells) > 1)
        self._place_tools()

    def _has_row(self, row: int) -> bool:
        return any(number // 2 == row and cell.isVisibleTo(self) for number, cell in enumerate(self._cells))

    def _has_column(self, column: int) -> bool:
        return any(number % 2 == column and cell.isVisibleTo(self) for number, cell in enumerate(self._cells))

    # --- who is active ------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice in which viewport the person works."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress) and isinstance(watched, Viewport):
            self._activate(watched)
        return super().eventFilter(watched, event)

    def _activate(self, viewport: Viewport) -> None:
        if viewport is not self._active:
            self._active = viewport
            for cell in self._cells:
                cell.show_active(cell.viewport is viewport)
            self._cells[0].viewport.check_actions()
            self.activated.emit(viewport)

    def _share_look(self, viewport: Viewport) -> None:
        for cell in self._cells:
            if cell.viewport is not viewport and cell.viewport.look != viewport.look:
                cell.viewport.set_look(viewport.look)

    # --- tools --------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_tools()

    def _place_tools(self) -> None:
        several = len(self._cells) > 1
        self.tool_bar.set_in_row(several)
        margin = _ROW_MARGIN if several else _MARGIN
        self.tool_bar.move(margin, margin)
        self._grid.setContentsMargins(0, self.tool_bar.height() + 2 * margin if several else 0, 0, 0)
        self.tool_bar.raise_()
