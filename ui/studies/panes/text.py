"""The text pane: code and raw text in a fixed width, words in the window's own font."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout

from lab.study import Pane, Text
from ui.look.theme import FONT_PIXELS, ThemeManager
from ui.studies.panes.body import PaneBody, copy_text
from ui.studies.panes.python_colors import PythonColors

_COLOURED = 30_000  # characters; to colour more would take longer than a frame


class TextPane(PaneBody):
    """Shows a Text. ``language`` "python" is coloured; any other but "" is shown in a fixed width, unwrapped."""

    copy_tip = "Copy the whole text"

    def __init__(self, pane: Pane, themes: ThemeManager) -> None:
        super().__init__(pane, themes)
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setStyleSheet(
            "QPlainTextEdit { border: none; border-radius: 0; padding: 4px 8px; background: transparent; }"
            "QAbstractScrollArea::corner { background: transparent; border: none; }"
        )
        self.view.setAccessibleName(pane.title)
        self.view.setPlaceholderText("Nothing to read here yet.")
        self.setFocusProxy(self.view)
        self._words = self.view.font()
        self._code = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self._code.setPixelSize(FONT_PIXELS)
        self._colors = PythonColors(self.view.document(), themes.theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setMinimumSize(120, 72)
        themes.changed.connect(self._colors.set_theme)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def apply(self, content: Text, before: Text | None) -> None:
        coloured = content.language == "python" and len(content.text) <= _COLOURED
        if before is None or content.language != before.language or coloured != self._colors.enabled:
            self._set_language(content.language, coloured)
        if before is None or content.text != before.text:
            bars = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
            places = [bar.value() for bar in bars]
            self.view.setPlainText(content.text)
            for bar, place in zip(bars, places, strict=True):
                bar.setValue(place)

    def _set_language(self, language: str, coloured: bool) -> None:
        code = bool(language)
        self._colors.enabled = coloured
        self.view.setFont(self._code if code else self._words)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode[("WidgetWidth", "NoWrap")[code]])
        self.view.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._colors.rehighlight()

    def copy(self) -> None:
        copy_text(self.view.toPlainText())
        self.copied.emit("Copied")
