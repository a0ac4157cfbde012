"""Where everything stands in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QSplitter, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from ui.window.centre import Centre

if TYPE_CHECKING:
    from ui.window.window import MainWindow

_LEFT, _RIGHT, _BOTTOM = 272, 384, 248
_NARROWEST = 216
_NARROW = 1200  # pixels; below, the side docks give way to the viewport


def arrange(window: MainWindow) -> tuple[Centre, dict[str, QDockWidget]]:
    """Put the widgets into bars, docks and the centre. Returns the centre and the docks."""
    window.addToolBar(window.bar)
    window.timeline_bar = _timeline_bar(window)
    window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, window.timeline_bar)
    window.statusBar().addWidget(window.status, 1)
    window.statusBar().setSizeGripEnabled(False)
    divided, centre = _centre(window)
    window.setCentralWidget(centre)
    window.setDockNestingEnabled(True)
    area, corner = Qt.DockWidgetArea, Qt.Corner
    window.setCorner(corner.BottomLeftCorner, area.LeftDockWidgetArea)
    window.setCorner(corner.BottomRightCorner, area.RightDockWidgetArea)
    scene = QSplitter(Qt.Orientation.Vertical)
    scene.addWidget(window.tree)
    scene.addWidget(window.details)
    scene.setSizes([180, 320])
    scene.setChildrenCollapsible(False)
    docks = {
        "chapters": _dock(window, "Chapters", window.chapter_tree, area.LeftDockWidgetArea),
        "scene": _dock(window, "Scene", scene, area.LeftDockWidgetArea),
        "panel": _dock(window, "Chapter", window.panels, area.RightDockWidgetArea),
        "curves": _dock(window, "Curves", window.curves, area.BottomDockWidgetArea),
        "log": _dock(window, "Log", window.log, area.BottomDockWidgetArea),
    }
    window.chapter_tree.setMinimumHeight(40)
    scene.setMinimumWidth(_NARROWEST)
    window.panels.setMinimumWidth(320)
    return divided, docks


def reset_layout(window: MainWindow) -> None:
    """All docks where they were at first."""
    area = Qt.DockWidgetArea
    places = {
        "chapters": area.LeftDockWidgetArea,
        "scene": area.LeftDockWidgetArea,
        "panel": area.RightDockWidgetArea,
        "curves": area.BottomDockWidgetArea,
        "log": area.BottomDockWidgetArea,
    }
    for name, place in places.items():
        dock = window.docks[name]
        dock.setFloating(False)
        window.addDockWidget(place, dock)
        dock.show()
    window.tabifyDockWidget(window.docks["curves"], window.docks["log"])
    window.docks["curves"].raise_()
    narrow = window.width() < _NARROW
    left, right = (_NARROWEST, 328) if narrow else (_LEFT, _RIGHT)
    chapters = 62 + 24 * window.chapter_tree.rows()
    window.resizeDocks([window.docks["scene"], window.docks["panel"]], [left, right], Qt.Orientation.Horizontal)
    scene = max(900 - chapters, 300)
    window.resizeDocks([window.docks["chapters"], window.docks["scene"]], [chapters, scene], Qt.Orientation.Vertical)
    window.resizeDocks([window.docks["curves"]], [_BOTTOM if not narrow else 168], Qt.Orientation.Vertical)


class LayoutModes:
    """Two layouts of the window, each as the person left it: for experiments, with curves and timeline, and for
    studies, which leave that room to their panes.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._mode = "experiment"
        self._states = {mode: window.settings.layout(mode) for mode in ("experiment", "study")}
        self._ready = False

    def enter(self, mode: str) -> None:
        """Change to a mode. Before ``restore`` it only says which one."""
        if mode == self._mode:
            return
        if self._ready:
            self._states[self._mode] = self._window.saveState()
        self._mode = mode
        if self._ready:
            self.restore()

    def restore(self) -> None:
        """The layout of the mode as it was, or as it is at first."""
        self._ready = True
        if self._states[self._mode].isEmpty() or not self._window.restoreState(self._states[self._mode]):
            self._begin()

    def reset(self) -> None:
        """The layout as it is at first, with the sizes of a run's pictures."""
        self._begin()
        self._window.centre.reset()

    def _begin(self) -> None:
        reset_layout(self._window)
        study = self._mode == "study"
        self._window.timeline_bar.setVisible(not study)
        for name in ("curves", "log"):
            self._window.docks[name].setVisible(not study)

    def save(self) -> None:
        """Keep both in the settings."""
        self._states[self._mode] = self._window.saveState()
        for mode, state in self._states.items():
            self._window.settings.set_layout(mode, state)


def _centre(window: MainWindow) -> tuple[Centre, QWidget]:
    """Messages and tasks above, the viewport or the welcome below them, with the pictures of the run."""
    stage = QStackedWidget()
    stage.addWidget(window.welcome)
    stage.addWidget(window.area)
    divided = Centre(stage, window.pictures)
    centre = QWidget()
    layout = QVBoxLayout(centre)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget, stretch in ((window.banner, 0), (window.task_strip, 0), (divided, 1)):
        layout.addWidget(widget, stretch)
    return divided, centre


def _timeline_bar(window: MainWindow) -> QToolBar:
    bar = QToolBar("Timeline", window)
    bar.setObjectName("timeline_bar")
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addWidget(window.timeline)
    return bar


def _dock(window: MainWindow, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
    dock = QDockWidget(title, window)
    dock.setObjectName(f"dock {title}")
    dock.setWidget(widget)
    window.addDockWidget(area, dock)
    return dock
