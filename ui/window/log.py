"""The log: what happened, line by line, for whoever wants to read or report it."""

from __future__ import annotations

import time
from collections import deque
from typing import Literal

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from ui.look.icon_binding import IconBook
from ui.look.theme import ThemeManager, figures

Level = Literal["info", "warning", "error"]
_MOST_LINES = 2000


class LogView(QWidget):
    """Timestamped lines, the last ones kept; warnings and errors in their colours and with their word."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._lines: deque[tuple[str, Level]] = deque(maxlen=_MOST_LINES)
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
        clear.clicked.connect(self.clear)
        column = QVBoxLayout()
        column.addWidget(copy)
        column.addWidget(clear)
        column.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._text, 1)
        layout.addLayout(column)
        themes.changed.connect(lambda _: self._dress())

    def add(self, text: str, level: Level = "info") -> None:
        """Write a line; the view follows it unless the person scrolled up."""
        bar = self._text.verticalScrollBar()
        follows = bar.value() >= bar.maximum()
        word = "" if level == "info" else f"{level.capitalize()}: "
        line = f"{time.strftime('%H:%M:%S')}  {word}{text}"
        self._lines.append((line, level))
        self._write(line, level)
        if follows:
            bar.setValue(bar.maximum())

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()
        self._text.clear()

    def _write(self, line: str, level: Level) -> None:
        theme = self._themes.theme
        look = QTextCharFormat()
        look.setForeground(QColor({"info": theme.text, "warning": theme.warning, "error": theme.danger}[level]))
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(line if self._text.document().isEmpty() else f"\n{line}", look)

    def _dress(self) -> None:
        """Write all lines again, in the colours of the new theme."""
        bar = self._text.verticalScrollBar()
        place = bar.value()
        self._text.clear()
        for line, level in self._lines:
            self._write(line, level)
        bar.setValue(place)

    def text(self) -> str:
        """All lines."""
        return self._text.toPlainText()
