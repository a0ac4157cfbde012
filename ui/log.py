"""The log: what happened, line by line, for whoever wants to read or report it."""

from __future__ import annotations

import time
from typing import Literal

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from ui.icon_binding import IconBook
from ui.theme import ThemeManager, figures

Level = Literal["info", "warning", "error"]
_MOST_LINES = 2000


class LogView(QWidget):
    """Timestamped lines, the last ones kept; warnings and errors in their colours and with their word."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(_MOST_LINES)
        self._text.setPlaceholderText("What happens is written here: files opened, runs, warnings.")
        self._text.setFont(figures(self._text.font()))
        self._text.setAccessibleName("Log")
        icons = IconBook(themes)
        self._icons = icons
        copy, clear = QToolButton(), QToolButton()
        for button, icon, name in ((copy, "copy", "Copy the log"), (clear, "trash", "Clear the log")):
            icons.bind(button, icon)
            button.setToolTip(name)
            button.setAccessibleName(name)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text()))
        clear.clicked.connect(self._text.clear)
        column = QVBoxLayout()
        column.addWidget(copy)
        column.addWidget(clear)
        column.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._text, 1)
        layout.addLayout(column)

    def add(self, text: str, level: Level = "info") -> None:
        """Write a line; the view follows it unless the person scrolled up."""
        bar = self._text.verticalScrollBar()
        follows = bar.value() >= bar.maximum()
        word = "" if level == "info" else f"{level.capitalize()}: "
        theme = self._themes.theme
        line = QTextCharFormat()
        line.setForeground(QColor({"info": theme.text, "warning": theme.warning, "error": theme.danger}[level]))
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        start = "" if self._text.document().isEmpty() else "\n"
        cursor.insertText(f"{start}{time.strftime('%H:%M:%S')}  {word}{text}", line)
        if follows:
            bar.setValue(bar.maximum())

    def text(self) -> str:
        """All lines."""
        return self._text.toPlainText()
