"""The row for a file that is the mask of a photo: as any file, and painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton

from lab.params import Param
from ui.forms.text_rows import FileRow
from ui.look.theme import ThemeManager
from ui.masks.dialog import MaskDialog


class MaskRow(FileRow):
    """The path of a mask, with a button that opens the mask painter for the photo that another row names."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        self.paint = QToolButton()
        self.painter: MaskDialog | None = None
        """The painter while it is open."""
        self._photo: Callable[[], str] = lambda: ""
        self._photo_label = "photo"
        self.paint.setText("Paint…")
        self.paint.setToolTip("Paint the mask over the photo, or have it found by the colour of the background")
        self.paint.setAccessibleName(f"{param.label}: paint")
        self.paint.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.paint.setIconSize(QSize(16, 16))
        self.paint.clicked.connect(self._open)
        self._icons.bind(self.paint, "brush")
        self.line.insertWidget(self.line.indexOf(self.browse), self.paint)

    def follow_photo(self, label: str, path: Callable[[], str]) -> None:
        """Where the photo is told: the label of its row, and what returns its path, "" for none."""
        self._photo_label, self._photo = label, path

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        self.paint.setEnabled(not locked)

    def _open(self) -> None:
        photo = self._photo()
        if not photo:
            self.show_problem(f"{self.param.label}: choose a file for “{self._photo_label}” first.")
            return
        if not Path(photo).is_file():
            self.show_problem(f"{self.param.label}: there is no file '{photo}'.")
            return
        if self.painter is None:
            self.show_problem("")
            mask = self.value if Path(self.value).is_file() else ""
            painter = self.painter = MaskDialog(photo, mask, self.themes, self.window())
            painter.saved.connect(self._take)
            painter.finished.connect(self._on_closed)
            painter.open()

    def _take(self, file: str) -> None:
        """The painted mask; one that was painted further has the same path, and is told all the same."""
        if file == self.value:
            self.changed.emit()
        else:
            self.edit(file)

    def _on_closed(self) -> None:
        if self.painter is not None:
            self.painter.deleteLater()
            self.painter = None
