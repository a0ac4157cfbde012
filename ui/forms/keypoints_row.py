"""The row for a file with the joints of people in a photo: as any file, and set in the editor of joints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton

from lab.params import Param
from ui.forms.text_rows import FileRow
from ui.keypoints.dialog import JointDialog
from ui.look.theme import ThemeManager


class KeypointsRow(FileRow):
    """The path of a file of joints, with a button that opens the editor for the photo that another row names."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        self.set_joints = QToolButton()
        self.editor: JointDialog | None = None
        """The editor while it is open."""
        self._photo: Callable[[], str] = lambda: ""
        self._photo_label = "photo"
        self.set_joints.setText("Find, edit…")
        self.set_joints.setToolTip("Find the people in the photo, and move or place their joints")
        self.set_joints.setAccessibleName(f"{param.label}: find and edit")
        self.set_joints.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.set_joints.setIconSize(QSize(16, 16))
        self.set_joints.clicked.connect(self._open)
        self._icons.bind(self.set_joints, "target")
        self.line.insertWidget(self.line.indexOf(self.browse), self.set_joints)

    def follow_photo(self, label: str, path: Callable[[], str]) -> None:
        """Where the photo is told: the label of its row, and what returns its path, "" for none."""
        self._photo_label, self._photo = label, path

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        self.set_joints.setEnabled(not locked)

    def _open(self) -> None:
        photo = self._photo()
        if not photo:
            self.show_problem(f"{self.param.label}: choose a file for “{self._photo_label}” first.")
            return
        if not Path(photo).is_file():
            self.show_problem(f"{self.param.label}: there is no file '{photo}'.")
            return
        if self.editor is None:
            self.show_problem("")
            joints = self.value if Path(self.value).is_file() else ""
            editor = self.editor = JointDialog(photo, joints, self.themes, self.window())
            editor.saved.connect(self._take)
            editor.finished.connect(self._on_closed)
            editor.open()

    def _take(self, file: str) -> None:
        """The file that was saved; one that was changed further has the same path, and is told all the same."""
        if file == self.value:
            self.changed.emit()
        else:
            self.edit(file)

    def _on_closed(self) -> None:
        if self.editor is not None:
            self.editor.deleteLater()
            self.editor = None
