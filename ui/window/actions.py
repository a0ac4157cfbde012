"""All that can be asked of the window: one action each, with its words, icon and keys, for menus and tool bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from ui.look.icon_binding import IconBook
from ui.look.theme import Theme


@dataclass(frozen=True)
class Row:
    """One action. menu: where it stands, in the order of the rows; a row without text is a line between others."""

    menu: str
    name: str = ""
    text: str = ""
    tip: str = ""
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    color: Callable[[Theme], str] | None = None


MENUS = ("&File", "&Edit", "&View", "&Run", "&Window", "&Help")
FILE, EDIT, VIEW, RUN, WINDOW, HELP = MENUS
EXAMPLES, RECENT, EXPORT = "Open e&xample", "Open &recent", "&Export"

ROWS = (
    Row(FILE, "open", "&Open…", "Open meshes, point clouds, recordings or a workspace", ("Ctrl+O",), "open"),
    Row(FILE, EXAMPLES, icon="mesh"),
    Row(FILE, RECENT, icon="clock"),
    Row(FILE),
    Row(FILE, "new", "&New workspace", "Close everything and begin anew", ("Ctrl+N",), "plus"),
    Row(FILE, "save workspace", "Save &workspace", "Save everything that is open", ("Ctrl+Alt+S",), "save"),
    Row(FILE, "save workspace as", "Save workspace &as…", "Save everything that is open in another file"),
    Row(FILE),
    Row(FILE, "save", "&Save mesh…", "Save the selected object, or the run's result", ("Ctrl+S",), "save"),
    Row(FILE, "save recording", "Save r&ecording…", "Save the whole run, to open it again", ("Ctrl+Shift+S",), "film"),
    Row(FILE, EXPORT, icon="export"),
    Row(FILE, "screenshot", "Screens&hot…", "Save a picture of the viewport at any size", ("F12",), "screenshot"),
    Row(FILE),
    Row(FILE, "adjust", "&Adjust import…", "Put the units or the up-axis of the selected file right", (), "sliders"),
    Row(FILE),
    Row(FILE, "quit", "&Quit", "Close the lab", ("Ctrl+Q",)),
    Row(EXPORT, "video", "&Video…", "Save the run as a film, MP4 or GIF", ("Ctrl+Shift+V",), "film"),
    Row(EXPORT, "curves", "&Curves as CSV…", "Save all metrics of the run as a table", (), "chart"),
    Row(EXPORT, "sequence", "&Meshes of all keyframes…", "Save the result at each keyframe as a PLY file", (), "mesh"),
    Row(EDIT, "remove", "&Remove", "Take the selected objects out of the scene", (), "trash"),
    Row(EDIT, "toggle", "&Show or hide", "Show or hide the selected objects", (), "eye"),
    Row(EDIT, "use as target", "Use as &target", "Let the next run fit the selected object", ("Ctrl+T",), "target"),
    Row(EDIT, "forget run", "&Forget the run", "Delete the run that is looked at, with its recording"),
    Row(RUN, "run", "&Run", "Start a run, or let a paused one go on", ("F5", "Ctrl+R"), "run"),
    Row(RUN, "pause", "&Pause", "Let the run stand still, or go on", ("F6",), "pause", checkable=True),
    Row(RUN, "step", "St&ep", "Make one step and stand still", ("F10",), "step"),
    Row(RUN, "stop", "&Stop", "End the run and keep what there is; twice: at once", ("Shift+F5",), "stop"),
    Row(RUN, "restart", "Res&tart", "The same run again: values, data and seed", ("Ctrl+Shift+R",), "restart"),
    Row(RUN),
    Row(RUN, "continue", "&Continue from here", "Go on from the step shown as a new run", ("Ctrl+B",), "branch"),
    Row(WINDOW, "parameters", "&Parameters", "What the run does", ("Ctrl+P",), "sliders"),
    Row(WINDOW, "lesson", "&Lesson", "What is going on here", ("Ctrl+L",), "lesson"),
    Row(WINDOW, "results", "R&esults", "How good the result is", ("Ctrl+E",), "results"),
    Row(WINDOW),
    Row(WINDOW, "theme", "Light or dark &theme", "Switch between light and dark", ("Ctrl+Shift+T",), "theme"),
    Row(WINDOW, "full screen", "&Full screen", "Use the whole screen", ("F11",), checkable=True),
    Row(WINDOW, "only viewport", "Only the &viewport", "Hide all docks, or bring them back", ("F9",), checkable=True),
    Row(WINDOW, "reset layout", "&Reset layout", "Put all docks back where they were at first"),
    Row(HELP, "keys", "&Keyboard shortcuts", "All keys at a glance", ("F1",), "keyboard"),
    Row(HELP, "report", "&Report for a problem…", "What a report needs: versions, device, missing parts", (), "copy"),
    Row(HELP),
    Row(HELP, "about", "&About DL3D Lab", "Version and licences", (), "info"),
)


class Actions:
    """The actions by name, and the menus that hold them."""

    def __init__(self, owner: QWidget, icons: IconBook) -> None:
        self._icons = icons
        self._actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        for row in ROWS:
            if row.text:
                self._actions[row.name] = self._make(row, owner)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def connect(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """What each action does, by its name; checkable ones are triggered with each change. Raises KeyError."""
        for name, handler in handlers.items():
            self._actions[name].triggered.connect(lambda *_, handler=handler: handler())

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus."""
        for title in MENUS:
            self.menus[title] = bar.addMenu(title)
        for row in ROWS:
            menu = self.menus[row.menu]
            if row.text:
                menu.addAction(self._actions[row.name])
            elif row.name:
                self.menus[row.name] = menu.addMenu(row.name)
                self._icons.bind(self.menus[row.name], row.icon)
            else:
                menu.addSeparator()

    def _make(self, row: Row, owner: QWidget) -> QAction:
        action = QAction(row.text, owner)
        keys = [QKeySequence(key) for key in row.keys]
        action.setShortcuts(keys)
        native = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        action.setToolTip(f"{row.tip} ({native})" if native else row.tip)
        action.setStatusTip(row.tip)
        action.setCheckable(row.checkable)
        if row.icon:
            self._icons.bind(action, row.icon, row.color)
        owner.addAction(action)
        return action


def plain(text: str) -> str:
    """The words of an action without the mark of its key and the dots."""
    return text.replace("&", "").removesuffix("…")
