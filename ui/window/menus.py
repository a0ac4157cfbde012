"""What the menus of the window do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from lab.examples import examples
from ui.viewport.actions import SHADINGS
from ui.window.actions import EDIT, EXAMPLES, MENUS, RECENT, VIEW, WINDOW, plain
from ui.window.activity_panel import LESSON, PARAMETERS, RESULTS
from ui.window.dialogs import AboutDialog, KeysDialog, ReportDialog

if TYPE_CHECKING:
    from ui.window.window import MainWindow

_VIEWS = ("fit", "front", "back", "right", "left", "top", "bottom", "iso")
_LOOKS = ("orthographic", "wireframe", "grid", "axes", "bounding box")
_VIEW_ICONS = {
    "fit": "fit",
    "front": "view_front",
    "back": "view_back",
    "right": "view_right",
    "left": "view_left",
    "top": "view_top",
    "bottom": "view_bottom",
    "iso": "view_iso",
    "orthographic": "ortho",
    "wireframe": "wireframe",
    "grid": "grid",
    "axes": "axes",
    "bounding box": "box",
}
_MOUSE_KEYS = (
    ("Orbit", "Drag"),
    ("Move", "Shift + drag, or the middle button"),
    ("Zoom to the pointer", "Wheel"),
    ("Turn around a point", "Double click on it"),
)
_TREE_KEYS = (("Show or hide", "Space"), ("Remove", "Del"), ("Fit the view to it", "Enter, or double click"))
_TIMELINE_KEYS = (
    ("Keyframe before, after", "Left, Right"),
    ("First step, newest step", "Home, End"),
    ("Play", "Space"),
)


class WindowMenus(QObject):
    """Fills the menus and carries out what does not belong to a part."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._hidden: list[str] = []
        self.actions = window.actions_by_name
        self.actions.fill(window.menuBar())
        self._fill_edit()
        self._fill_view()
        self._fill_window()
        self._fill_files()
        self.actions.connect(self._handlers())
        self._connect_enabled()
        self._show_theme()

    def _handlers(self) -> dict[str, Callable[[], object]]:
        window = self._window
        shown = window.desk
        return {
            "open": window.files.open,
            "new": window.workspaces.new,
            "save workspace": window.workspaces.save,
            "save workspace as": lambda: window.workspaces.save(ask=True),
            "save": window.opening.save_selected,
            "save recording": lambda: window.files.save_recording(shown.shown),
            "screenshot": window.files.save_picture,
            "adjust": lambda: window.files.adjust(window.scene.selected),
            "quit": window.close,
            "video": lambda: window.files.save_film(shown.shown),
            "curves": lambda: window.files.save_curves(shown.shown),
            "sequence": lambda: window.files.save_sequence(shown.shown),
            "remove": window.tree.remove_selected,
            "toggle": window.tree.toggle_selected,
            "use as target": lambda: window.opening.use_as_target(window.scene.selected or ""),
            "forget run": window.commands.forget,
            "run": window.commands.run,
            "pause": window.commands.toggle_pause,
            "step": window.commands.step,
            "stop": window.controller.stop,
            "restart": window.controller.restart,
            "continue": window.desk.branch_here,
            "parameters": lambda: self._show_panel(PARAMETERS),
            "lesson": lambda: self._show_panel(LESSON),
            "results": lambda: self._show_panel(RESULTS),
            "theme": self._set_theme,
            "full screen": self._set_full_screen,
            "only viewport": self._set_only_viewport,
            "reset layout": window.modes.reset,
            "keys": self._show_keys,
            "report": lambda: ReportDialog(window).show(),
            "about": lambda: AboutDialog(window).show(),
        }

    # --- menus that are not in the table ----------------------------------------------------------------------------

    def _fill_edit(self) -> None:
        stack = self._window.history.stack
        menu = self.actions.menus[EDIT]
        first = menu.actions()[0]
        for action, icon, keys in (
            (stack.createUndoAction(self, "&Undo"), "undo", ("Ctrl+Z",)),
            (stack.createRedoAction(self, "Re&do"), "redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
        ):
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setObjectName(icon.capitalize())  # its text names what would be undone
            self._window.icons.bind(action, icon)
            menu.insertAction(first, action)
        menu.insertSeparator(first)

    def _fill_view(self) -> None:
        actions = self._window.viewport.actions_by_name()
        menu = self.actions.menus[VIEW]
        for name, icon in _VIEW_ICONS.items():
            self._window.icons.bind(actions[name], icon)
        for group in (_VIEWS, _LOOKS):
            for name in group:
                menu.addAction(actions[name])
            menu.addSeparator()
        shading = menu.addMenu("&Shading")
        self._window.icons.bind(shading, "shading")
        for name in SHADINGS:
            shading.addAction(actions[name])
        menu.addSeparator()
        menu.addActions(list(self._window.area.actions_by_name.values()))
        edit = self.actions.menus[EDIT]
        edit.addSeparator()
        edit.addActions(list(self._window.area.tools.actions.values()))
        space = QAction("Pause or go on", self._window.viewport)
        space.setShortcut(QKeySequence(Qt.Key.Key_Space))
        space.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        space.triggered.connect(self._window.commands.toggle_pause)
        self._window.viewport.addAction(space)

    def _fill_window(self) -> None:
        menu = self.actions.menus[WINDOW]
        menu.addSeparator()
        for dock in self._window.docks.values():
            menu.addAction(dock.toggleViewAction())

    def _fill_files(self) -> None:
        for example in examples():
            action = self.actions.menus[EXAMPLES].addAction(example.title)
            action.setToolTip(example.description)
            action.triggered.connect(lambda *_, name=example.name: self._window.opening.open_example(name))
        self.actions.menus[RECENT].aboutToShow.connect(self._fill_recent)

    def _fill_recent(self) -> None:
        menu = self.actions.menus[RECENT]
        menu.clear()
        for file in self._window.settings.recent_files:
            action = menu.addAction(f"{os.path.basename(file)}    {os.path.dirname(file)}".replace("&", "&&"))
            action.setEnabled(os.path.exists(file))
            action.triggered.connect(lambda *_, file=file: self._window.open_files([file]))
        if menu.isEmpty():
            menu.addAction("No files yet").setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction("Forget them").triggered.connect(self._forget_recent)

    def _forget_recent(self) -> None:
        self._window.settings.clear_recent_files()
        self._window.welcome.set_recent_files(())

    # --- what can be done now ---------------------------------------------------------------------------------------

    def _connect_enabled(self) -> None:
        window = self._window
        for signal in (window.scene.added, window.scene.removed, window.scene.selectionChanged):
            signal.connect(self._enable)
        for signal in (window.desk.shownChanged, window.controller.keyframe, window.controller.finished):
            signal.connect(self._enable)
        self._enable()

    def _enable(self, *_: object) -> None:
        window = self._window
        path = window.scene.selected
        geometry = path is not None and window.scene.geometry(path) is not None
        run = window.desk.shown
        kept = run is not None and bool(run.recording.keyframe_steps)
        result = run is not None and window.looks.result_path(run) is not None
        for name, enabled in {
            "save": (path is not None and window.scene.is_input(path)) or result,
            "adjust": path is not None and window.scene.entry(path).source is not None,
            "remove": path is not None,
            "toggle": path is not None,
            "use as target": geometry and bool(window.panel.target),
            "forget run": run is not None and run.ended,
            **dict.fromkeys(("save recording", "video", "curves", "sequence", "continue"), kept),
        }.items():
            self.actions[name].setEnabled(enabled)

    # --- handlers ---------------------------------------------------------------------------------------------------

    def _show_panel(self, page: int) -> None:
        self._window.docks["panel"].show()
        self._window.docks["panel"].raise_()
        self._window.panel.show_page(page)

    def _set_theme(self) -> None:
        name = "light" if self._window.themes.theme.dark else "dark"
        self._window.themes.set_theme(name)
        self._window.settings.theme = name
        self._show_theme()

    def _show_theme(self) -> None:
        """The icon of the theme that a click leads to."""
        icon = "theme_light" if self._window.themes.theme.dark else "theme"
        self._window.icons.rebind(self.actions["theme"], icon)

    def _set_full_screen(self) -> None:
        if self.actions["full screen"].isChecked():
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _set_only_viewport(self) -> None:
        docks = self._window.docks
        if self.actions["only viewport"].isChecked():
            self._hidden = [name for name, dock in docks.items() if not dock.isHidden()]
            for name in self._hidden:
                docks[name].hide()
        else:
            for name in self._hidden:
                docks[name].show()

    def _show_keys(self) -> None:
        groups: list[tuple[str, Sequence[tuple[str, str]]]] = []
        for title in MENUS:
            rows = [_row(action) for action in self.actions.menus[title].actions() if not action.shortcut().isEmpty()]
            if rows:
                groups.append((title.replace("&", ""), rows))
        groups += [("Mouse in the viewport", _MOUSE_KEYS), ("Scene", _TREE_KEYS), ("Timeline", _TIMELINE_KEYS)]
        KeysDialog(groups, self._window).show()


def _row(action: QAction) -> tuple[str, str]:
    keys = (key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
    return action.objectName() or plain(action.text()), ", ".join(keys)
