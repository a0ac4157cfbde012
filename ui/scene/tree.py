"""The list of what stands in the scene: what it is, whether it is seen, and in which colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHeaderView,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from lab.scene import Entity, Field, Image, Lines, Mesh, Points
from ui.look.icons import icon
from ui.look.theme import Theme, ThemeManager, hex_of
from ui.scene.history import History
from ui.scene.model import Entry, SceneModel

_NAME, _EYE, _CHIP = 0, 1, 2
_PATH = Qt.ItemDataRole.UserRole
_CHIP_PIXELS = 14
KIND_ICONS: dict[type[Entity], str] = {
    Mesh: "mesh",
    Points: "points",
    Lines: "lines",
    Image: "image",
    Field: "field",
}
KIND_WORDS: dict[type[Entity], str] = {
    Mesh: "Mesh",
    Points: "Point cloud",
    Lines: "Lines",
    Image: "Picture",
    Field: "Radiance field",
}
DEFAULT_COLOR = (0.8, 0.8, 0.8)


class SceneTree(QTreeWidget):
    """A row for each entity; those of a run stand under the run. All edits go through the history."""

    fitRequested = Signal(str)
    saveRequested = Signal(str)
    targetRequested = Signal(str)
    adjustRequested = Signal(str)

    def __init__(
        self, scene: SceneModel, history: History, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._history = history
        self._themes = themes
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._icons: dict[str, QIcon] = {}
        self._selecting = False
        self._set_up()
        scene.added.connect(self._add)
        scene.removed.connect(self._remove)
        scene.restyled.connect(self._dress_path)
        scene.selectionChanged.connect(self._show_selection)
        themes.changed.connect(self._dress_all)
        for path in scene.paths():
            self._add(path)

    def _set_up(self) -> None:
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setIndentation(16)
        self.setIconSize(QSize(18, 18))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Scene")
        self.setExpandsOnDoubleClick(False)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in (_EYE, _CHIP):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, 30)
        self.customContextMenuRequested.connect(self._show_menu)
        self.itemSelectionChanged.connect(self._select)
        self.itemClicked.connect(self._on_click)
        self.itemDoubleClicked.connect(self._on_double_click)

    # --- what is selected -----------------------------------------------------------------------------------------

    def selected_paths(self) -> tuple[str, ...]:
        """The selected entities; those of a selected run are among them."""
        found: dict[str, None] = {}
        for item in self.selectedItems():
            found.update(dict.fromkeys(_paths(item)))
        return tuple(found)

    def remove_selected(self) -> None:
        """Take the selected entities out of the scene."""
        self._history.remove(self.selected_paths())

    def toggle_selected(self) -> None:
        """Show the selected entities, or hide them if all of them are seen."""
        self._toggle(self.selected_paths())

    def _toggle(self, paths: tuple[str, ...]) -> None:
        visible = all(self._scene.entry(path).style.visible for path in paths)
        styles = {path: replace(self._scene.entry(path).style, visible=not visible) for path in paths}
        self._history.edit_all(styles, "visibility")

    def _select(self) -> None:
        if self._selecting:
            return
        paths = self.selected_paths()
        self._selecting = True
        self._scene.select(paths[0] if paths else None)
        self._selecting = False

    def _show_selection(self, path: str) -> None:
        if self._selecting:
            return
        self._selecting = True
        self.clearSelection()
        if path in self._items:
            self.setCurrentItem(self._items[path])
        self._selecting = False

    # --- rows -----------------------------------------------------------------------------------------------------

    def _add(self, path: str) -> None:
        group, slash, name = path.rpartition("/")
        item = QTreeWidgetItem([name if slash else path])
        item.setData(_NAME, _PATH, path)
        parent = self._group(group) if slash else None
        if parent is None:
            self.insertTopLevelItem(self._place(path), item)
        else:
            parent.addChild(item)
            parent.setExpanded(True)
        self._items[path] = item
        self._dress_path(path)

    def _place(self, path: str) -> int:
        """The row of an entity that is nobody's child: after those that come before it in the scene."""
        for before in reversed(self._scene.paths()[: self._scene.paths().index(path)]):
            item = self._items.get(before)
            if item is not None:
                return 1 + self.indexOfTopLevelItem(item.parent() or item)
        return 0

    def _group(self, name: str) -> QTreeWidgetItem:
        if name not in self._groups:
            item = QTreeWidgetItem([name[:1].upper() + name[1:]])
            item.setIcon(_NAME, self._icon("branch"))
            self._groups[name] = item
            self.addTopLevelItem(item)
        return self._groups[name]

    def _remove(self, path: str) -> None:
        item = self._items.pop(path)
        parent = item.parent()
        if parent is None:
            self.takeTopLevelItem(self.indexOfTopLevelItem(item))
            return
        parent.removeChild(item)
        if parent.childCount() == 0:
            self.takeTopLevelItem(self.indexOfTopLevelItem(parent))
            self._groups = {name: group for name, group in self._groups.items() if group is not parent}
        else:
            self._dress_group(parent)

    def _dress_path(self, path: str) -> None:
        item = self._items.get(path)
        if item is None:  # restyled by somebody who heard of it before us
            return
        entry = self._scene.entry(path)
        theme = self._themes.theme
        kind = type(entry.entity)
        seen = entry.style.visible
        item.setIcon(_NAME, self._icon(KIND_ICONS[kind]))
        item.setIcon(_EYE, self._icon("eye") if seen else self._icon("eye_off", theme.muted))
        item.setIcon(_CHIP, chip(chip_color(entry), theme))
        item.setForeground(_NAME, QColor(theme.text if seen else theme.muted))
        word = KIND_WORDS[kind]
        item.setToolTip(_NAME, f"{word} {path}" + (f"\n{entry.source}" if entry.source else ""))
        item.setToolTip(_EYE, f"{'Hide' if seen else 'Show'} {path} (Space)")
        item.setToolTip(_CHIP, f"Colour of {path}")
        item.setData(_NAME, Qt.ItemDataRole.AccessibleTextRole, f"{word} {path}, {'visible' if seen else 'hidden'}")
        parent = item.parent()
        if parent is not None:
            self._dress_group(parent)

    def _dress_group(self, group: QTreeWidgetItem) -> None:
        seen = any(self._scene.entry(path).style.visible for path in _paths(group) if path in self._scene)
        theme = self._themes.theme
        group.setIcon(_NAME, self._icon("branch"))
        group.setIcon(_EYE, self._icon("eye") if seen else self._icon("eye_off", theme.muted))
        group.setForeground(_NAME, QColor(theme.text if seen else theme.muted))
        group.setToolTip(_EYE, "Hide or show the whole run (Space)")

    def _dress_all(self, theme: Theme) -> None:
        self._icons.clear()
        for path in self._items:
            self._dress_path(path)

    def _icon(self, name: str, color: str | None = None) -> QIcon:
        key = f"{name} {color}"
        if key not in self._icons:
            self._icons[key] = icon(name, self._themes.theme, color=color)
        return self._icons[key]

    # --- what the person does -------------------------------------------------------------------------------------

    def _on_click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _EYE:
            self._toggle(_paths(item))
        elif column == _CHIP and item.data(_NAME, _PATH):
            self.choose_color(item.data(_NAME, _PATH))

    def _on_double_click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _NAME:
            self.fitRequested.emit(_paths(item)[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes, Space shows or hides, the arrows move."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_selected()
        elif event.key() == Qt.Key.Key_Space:
            self.toggle_selected()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected_paths():
            self.fitRequested.emit(self.selected_paths()[0])
        else:
            super().keyPressEvent(event)

    def choose_color(self, path: str) -> None:
        """Let the person choose a colour; it is seen at once, and cancelling takes it back."""
        before = self._scene.entry(path).style
        dialog = QColorDialog(QColor(hex_of(before.color or DEFAULT_COLOR)), self)
        dialog.setWindowTitle(f"Colour of {path}")
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.currentColorChanged.connect(lambda color: self._preview(path, color))
        accepted = dialog.exec()
        after = self._scene.entry(path).style if path in self._scene else before
        if path in self._scene:
            self._scene.set_style(path, before)
            if accepted:
                chosen = dialog.currentColor()
                rgb = (chosen.redF(), chosen.greenF(), chosen.blueF())
                self._history.edit(path, replace(after, color=rgb, scalar=None), "colour")
        dialog.deleteLater()

    def _preview(self, path: str, color: QColor) -> None:
        if path in self._scene:
            rgb = (color.redF(), color.greenF(), color.blueF())
            self._scene.set_style(path, replace(self._scene.entry(path).style, color=rgb, scalar=None))

    def _show_menu(self, at: QPoint) -> None:
        if self.itemAt(at) is not None and self.selected_paths():
            self.menu().exec(self.viewport().mapToGlobal(at))

    def menu(self) -> QMenu:
        """The context menu of what is selected."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        path = self.selected_paths()[0]
        entry = self._scene.entry(path)
        geometry = isinstance(entry.entity, Mesh | Points)
        rows: list[tuple[str, str, Callable[[], None], bool]] = [
            ("fit", "Fit view\tF", lambda: self.fitRequested.emit(path), True),
            ("eye", "Show or hide\tSpace", self.toggle_selected, True),
            ("colour", "Colour…", lambda: self.choose_color(path), not isinstance(entry.entity, Field)),
            ("save", "Save as…", lambda: self.saveRequested.emit(path), self._scene.is_input(path)),
            ("target", "Use as target", lambda: self.targetRequested.emit(path), geometry),
            ("sliders", "Adjust import…", lambda: self.adjustRequested.emit(path), entry.source is not None),
            ("trash", "Remove\tDel", self.remove_selected, True),
        ]
        for name, text, run, enabled in rows:
            action = QAction(self._icon(name), text, menu)
            action.triggered.connect(lambda *_, run=run: run())
            action.setEnabled(enabled)
            menu.addAction(action)
        return menu


def _paths(item: QTreeWidgetItem) -> tuple[str, ...]:
    """The entity of a row, or those of a run's row."""
    own = item.data(_NAME, _PATH)
    if own is not None:
        return (own,)
    children = (item.child(i) for i in range(item.childCount()))
    return tuple(child.data(_NAME, _PATH) for child in children if child is not None)


def chip_color(entry: Entry) -> str | None:
    """The colour that the chip shows; None for colours of its own or of a scalar field."""
    if entry.style.scalar is not None:
        return None
    if entry.style.color is not None:
        return hex_of(entry.style.color)
    own = isinstance(entry.entity, Mesh | Points | Lines) and entry.entity.colors is not None
    textured = isinstance(entry.entity, Mesh) and bool(entry.entity.materials)
    return None if own or textured or isinstance(entry.entity, Field) else hex_of(DEFAULT_COLOR)


def chip(color: str | None, theme: Theme, size: int = _CHIP_PIXELS) -> QIcon:
    """A rounded square in a colour; a rainbow for None."""
    side = size * 3
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.border))
    colors = ("#440154", "#31688e", "#35b779", "#fde725") if color is None else (color,)
    width = (side - 4) / len(colors)
    painter.setBrush(QColor(colors[0]))
    painter.drawRoundedRect(2, 2, side - 4, side - 4, 9, 9)
    painter.setClipRect(2, 2, side - 4, side - 4)
    painter.setPen(Qt.PenStyle.NoPen)
    for i, part in enumerate(colors[1:], 1):
        painter.setBrush(QColor(part))
        painter.drawRoundedRect(round(2 + i * width), 2, round(side - 4 - i * width), side - 4, 9, 9)
    painter.end()
    result = QIcon(picture)
    result.addPixmap(picture, QIcon.Mode.Selected)  # as it is, without a tint
    return result
