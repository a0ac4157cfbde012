"""The rows of a form for a file, and for words that are typed or pasted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFontDatabase
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from lab.params import Param, ParamError
from ui.forms.row import Row
from ui.look.icon_binding import IconBook
from ui.look.theme import FONT_PIXELS, ThemeManager

_PAUSE_MS = 300  # without a key pressed, until what was typed is taken
_LINES = 6


class FileRow(Row):
    """The path of a file: typed, chosen in a dialog, or dropped. Of a folder as well, where the parameter takes one."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        self._icons = IconBook(themes)
        self.field = QLineEdit()
        self.field.setPlaceholderText(f"Choose, or drop a {'folder' if param.folder else 'file'} here")
        self.field.setClearButtonEnabled(True)
        self.field.setAcceptDrops(False)  # the row takes the path, not the address
        self.field.editingFinished.connect(lambda: self.edit(self.field.text().strip()))
        self.browse = QToolButton()
        self.browse.setText("Browse…")
        self.browse.setToolTip(f"Choose a {'folder' if param.folder else 'file'}")
        self.browse.setAccessibleName(f"{param.label}: browse")
        self.browse.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.browse.setIconSize(QSize(16, 16))
        self.browse.clicked.connect(self._browse)
        self._icons.bind(self.browse, "open")
        self.line.addStretch(1)
        self.line.addWidget(self.browse)
        self.body.addWidget(self.field)
        self.setAcceptDrops(True)
        self.finish()

    def show_value(self) -> None:
        if self.field.text() != self.value:
            self.field.setText(self.value)
        self.field.setToolTip(self.value or self.param.doc)
        self.show_problem(self._missing())

    def _missing(self) -> str:
        """What is wrong with the path, "" for nothing."""
        if not self.value or Path(self.value).is_file() or (self.param.folder and Path(self.value).is_dir()):
            return ""
        kind = "file or folder" if self.param.folder else "file"
        return f"{self.param.label}: there is no {kind} '{self.value}'."

    def editors(self) -> tuple[QWidget, ...]:
        return (self.field,)

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        self.browse.setEnabled(not locked)
        self.setAcceptDrops(not locked)

    def _browse(self) -> None:
        folder = str(Path(self.value).parent) if self.value else ""
        if self.param.folder:  # one of its files can be typed or dropped
            chosen = QFileDialog.getExistingDirectory(self, self.param.label, folder)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, self.param.label, folder)
        if chosen:
            self.edit(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _file_of(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        self.edit(_file_of(event))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()


class TextRow(Row):
    """Several lines of words or numbers, in a fixed width."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        self._icons = IconBook(themes)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._take)
        self.line.addStretch(1)
        self.paste = self._button("paste", "Paste", "Put what was copied elsewhere in the place of all this")
        self.paste.clicked.connect(lambda: self._replace(QApplication.clipboard().text()))
        self.clear = self._button("trash", "Clear", "Empty the field")
        self.clear.clicked.connect(lambda: self._replace(""))
        self.field = QPlainTextEdit()
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(FONT_PIXELS - 1)
        self.field.setFont(font)
        self.field.setTabChangesFocus(True)
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setPlaceholderText("Type or paste here")
        self.field.setFixedHeight(_LINES * self.field.fontMetrics().lineSpacing() + 18)
        self.field.textChanged.connect(self._pause.start)
        self.body.addWidget(self.field)
        self.finish()

    def _button(self, icon: str, words: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(tip)
        button.setAccessibleName(f"{self.param.label}: {words.lower()}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(16, 16))
        self._icons.bind(button, icon)
        self.line.addWidget(button)
        return button

    def show_value(self) -> None:
        if self.field.toPlainText() != self.value:
            self.field.setPlainText(self.value)
        self._pause.stop()

    def editors(self) -> tuple[QWidget, ...]:
        return (self.field,)

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        for button in (self.paste, self.clear):
            button.setEnabled(not locked)

    def _replace(self, text: str) -> None:
        self.field.setPlainText(text)
        self._take()

    def _take(self) -> None:
        """Take what stands in the field, or say why it cannot be taken."""
        self._pause.stop()
        try:
            self.edit(self.field.toPlainText())
        except ParamError as error:
            self.show_problem(str(error))


def _file_of(event: QDropEvent) -> str:
    """The first local file or folder of a drop."""
    return next((url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()), "")
