"""Light colours for Python code: comments, strings, numbers, keywords."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from ui.look.theme import Theme

_WORDS = "|".join((*keyword.kwlist, "match", "case"))
_TOKENS = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<string>[rbfu]{0,2}(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'))"
    rf"|(?P<keyword>\b(?:{_WORDS})\b)"
    r"|(?P<number>(?<![\w.])(?:0x[0-9a-fA-F]+|\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)(?!\w))"
)


def tokens(line: str) -> list[tuple[int, int, str]]:
    """(begin, length, kind) of what is coloured in one line; kind: comment, string, keyword or number."""
    return [(found.start(), len(found.group()), found.lastgroup or "") for found in _TOKENS.finditer(line)]


class PythonColors(QSyntaxHighlighter):
    """Colours a document that holds Python; leaves it plain while ``enabled`` is False."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self.enabled = False
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; all of them can be read on its fields."""
        colors = {"comment": theme.muted, "string": theme.ok, "keyword": theme.accent, "number": theme.warning}
        for kind, color in colors.items():
            form = self._formats[kind] = QTextCharFormat()
            form.setForeground(QColor(color))
            form.setFontItalic(kind == "comment")
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if self.enabled:
            for begin, length, kind in tokens(text):
                self.setFormat(begin, length, self._formats[kind])
