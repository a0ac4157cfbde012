"""The rows of a form that name objects of the scene: one of them, or several in an order."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QToolButton, QWidget

from lab.params import Param
from lab.scene import Field, is_accepted
from ui.forms.controls import ChoiceBox
from ui.forms.row import Row
from ui.look.icon_binding import IconBook
from ui.look.icons import FOLDER
from ui.look.theme import Theme, ThemeManager
from ui.scene.model import Entry, SceneModel

_NOTHING = "Choose, or drop a file"
_NONE_YET = "Open files, or drop them here"
_MOST_LINES = 7
_LINE = 28  # px


class SceneRow(Row):
    """A row that chooses among the meshes and point clouds of the scene. Files and entities can be dropped on it."""

    fileDropped = Signal(str, str)
    """(parameter name, file): to be loaded, and then chosen."""

    def __init__(self, param: Param, themes: ThemeManager, scene: SceneModel) -> None:
        super().__init__(param, themes)
        self.scene = scene
        self.setAcceptDrops(True)

    def choose(self, path: str) -> None:
        """Take an object of the scene, as if the person had chosen it."""
        raise NotImplementedError

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        self.setAcceptDrops(not locked)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_files(event.mimeData()) or self._dropped_path(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self._dropped_path(event.mimeData())
        if path:
            self.choose(path)
        else:
            self.take_files(_dropped_files(event.mimeData()))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def take_files(self, files: list[str]) -> None:
        """What to do with files that were dropped: the first is asked for."""
        for file in files[:1]:
            self.fileDropped.emit(self.param.name, file)

    def _dropped_path(self, data: QMimeData) -> str:
        """The scene entity of a drop."""
        text = data.text()
        return text if text in self.scene.inputs(self.param.accepts) else ""

    def suits(self, entry: Entry) -> bool:
        """Whether a required geometry may be set to an entry by itself: the person's own, or a run's field."""
        return is_suited(entry, self.param)


class GeometryRow(SceneRow):
    """A mesh or point cloud of the scene."""

    def __init__(self, param: Param, themes: ThemeManager, scene: SceneModel) -> None:
        super().__init__(param, themes, scene)
        self.box = ChoiceBox()
        self.box.setPlaceholderText(_NOTHING)
        self.box.activated.connect(self._activated)
        self.label.setMinimumWidth(92)
        self.line.addWidget(self.box, 1)
        self._fill()
        if not param.optional:
            self._value = next((entry.path for entry in scene if self.suits(entry)), "")
        self.finish()
        scene.added.connect(self._added)
        scene.removed.connect(self._removed)

    def choose(self, path: str) -> None:
        self.edit(path)

    def show_value(self) -> None:
        self.box.setCurrentIndex(self.box.findData(self.value))

    def editors(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def _fill(self) -> None:
        self.box.clear()
        if self.param.optional:
            self.box.addItem("none", "")
        for path in self.scene.inputs(self.param.accepts):
            self.box.addItem(path, path)

    def _activated(self, index: int) -> None:
        self.edit(self.box.itemData(index))

    def _added(self, path: str) -> None:
        """A required geometry takes the first one that the person opens."""
        if self.scene.input(path, self.param.accepts) is None:
            return
        self._fill()
        self.show_value()
        if not (self.value or self.param.optional) and self.suits(self.scene.entry(path)):
            self.edit(path)

    def _removed(self, path: str) -> None:
        self._fill()
        if path == self.value:
            self.edit("")
        self.show_value()


class GeometriesRow(SceneRow):
    """Several meshes and point clouds of the scene: the ticked ones, in the order of the list."""

    def __init__(self, param: Param, themes: ThemeManager, scene: SceneModel) -> None:
        super().__init__(param, themes, scene)
        self._icons = IconBook(themes)
        self._order = list(scene.inputs(param.accepts))
        self.line.addStretch(1)
        self.up = self._button("chevron_up", "Move up (Alt+Up)", -1)
        self.down = self._button("chevron_down", "Move down (Alt+Down)", 1)
        self.list = _CheckList()
        self.list.itemChanged.connect(self._read)
        self.list.currentRowChanged.connect(lambda _: self._show_buttons())
        self.list.model().rowsMoved.connect(lambda *_: QTimer.singleShot(0, self, self._read))
        self.list.moveWanted.connect(self._move)
        self.body.addWidget(self.list)
        if not param.optional:
            self._value = tuple(entry.path for entry in scene if self.suits(entry))[:1]
        self.finish()
        scene.added.connect(self._added)
        scene.removed.connect(self._removed)

    def dress(self) -> None:
        super().dress()
        self.list.dress(self.themes.theme)

    def _button(self, icon: str, words: str, way: int) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(26, 24)
        button.setToolTip(words)
        button.setAccessibleName(f"{self.param.label}: {words}")
        button.clicked.connect(lambda: self._move(way))
        self._icons.bind(button, icon)
        self.line.addWidget(button)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        return button

    def choose(self, path: str) -> None:
        if path not in self.value:
            self.edit((*self.value, path))

    def take_files(self, files: list[str]) -> None:
        for file in files:
            self.fileDropped.emit(self.param.name, file)

    def editors(self) -> tuple[QWidget, ...]:
        return (self.list,)

    def show_value(self) -> None:
        chosen = [path for path in self.value if path in self._order]
        if [path for path in self._order if path in self.value] != chosen:
            self._order = chosen + [path for path in self._order if path not in self.value]
        current = self.list.current_path()
        self.list.fill([(path, path in self.value) for path in self._order], current)
        self._show_buttons()

    def _show_buttons(self) -> None:
        row, count = self.list.currentRow(), self.list.count()
        for button in (self.up, self.down):
            button.setVisible(count > 1)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)

    def _read(self) -> None:
        """The person ticked or moved something."""
        items = self.list.lines()
        self._order = [path for path, _ in items]
        self.edit(tuple(path for path, ticked in items if ticked))
        self._show_buttons()

    def _move(self, way: int) -> None:
        """Move the current line up (-1) or down (1)."""
        path = self.list.current_path()
        if path not in self._order:
            return
        at = self._order.index(path)
        to = at + way
        if 0 <= to < len(self._order):
            self._order.insert(to, self._order.pop(at))
            ticked = tuple(name for name in self._order if name in self.value)
            self.list.fill([(name, name in self.value) for name in self._order], path)
            self._show_buttons()
            self.edit(ticked)

    def _added(self, path: str) -> None:
        """A required list takes the first object that the person opens; further ones wait for a tick."""
        if self.scene.input(path, self.param.accepts) is None:
            return
        self._order.append(path)
        self.show_value()
        if not (self.value or self.param.optional) and self.suits(self.scene.entry(path)):
            self.edit((path,))

    def _removed(self, path: str) -> None:
        if path in self._order:
            self._order.remove(path)
        if path in self.value:
            self.edit(tuple(name for name in self.value if name != path))
        self.show_value()


class _CheckList(QListWidget):
    """Lines that can be ticked and dragged; as high as its lines, up to a limit."""

    moveWanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit()

    def dress(self, theme: Theme) -> None:
        """Boxes to tick as those of the rest of the window."""
        check = (FOLDER / "controls" / theme.name / "check_on_accent.svg").as_posix()
        self.setStyleSheet(
            "QListView { background: transparent; }"
            f"QListView::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.muted};"
            f" background: {theme.field}; border-radius: 4px; }}"
            f"QListView::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};"
            f' image: url("{check}"); }}'
        )

    def fill(self, lines: list[tuple[str, bool]], current: str) -> None:
        """Show (path, ticked) lines; tells nothing."""
        if lines != self.lines():
            self.blockSignals(True)
            self.clear()
            for path, ticked in lines:
                item = QListWidgetItem(path, self)
                item.setToolTip(path)
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.blockSignals(False)
            self._fit()
        names = [path for path, _ in lines]
        if current in names:
            self.setCurrentRow(names.index(current))

    def lines(self) -> list[tuple[str, bool]]:
        """(path, ticked) from top to bottom."""
        items = (self.item(row) for row in range(self.count()))
        return [(item.text(), item.checkState() == Qt.CheckState.Checked) for item in items]

    def current_path(self) -> str:
        """The path of the current line, or ""."""
        item = self.currentItem()
        return "" if item is None else item.text()

    def _fit(self) -> None:
        self.setFixedHeight(_LINE * min(max(1, self.count()), _MOST_LINES) + 2 * self.frameWidth() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count():
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            room = self.viewport().rect().adjusted(6, 0, -6, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, _NONE_YET)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in ways:
            self.moveWanted.emit(ways[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def is_suited(entry: Entry, param: Param) -> bool:
    """Whether an entry may be taken for a parameter unasked: of shapes the person's own only, of fields a run's too."""
    return is_accepted(entry.entity, param.accepts) and (entry.owner == "user" or isinstance(entry.entity, Field))


def _dropped_files(data: QMimeData) -> list[str]:
    """The local files of a drop."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
