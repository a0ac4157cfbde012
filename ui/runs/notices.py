"""Words to the person that do not stand in the way: the doctor's line, and the banner of a failure."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.experiment import Notice
from ui.look.icon_binding import IconBook
from ui.look.icons import pixmap
from ui.look.theme import Theme, ThemeManager

Level = Literal["info", "warning", "error"]
_ICON_SIZE = 18


def level_color(theme: Theme, level: Level) -> str:
    """The colour of a level's icon and edge."""
    return {"info": theme.accent, "warning": theme.warning, "error": theme.danger}[level]


class _Card(QFrame):
    """A box with the level's icon and coloured edge."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._themes = themes
        self._level: Level = "info"
        self._dressed: tuple[Theme, Level] | None = None
        self._icons = IconBook(themes)
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()
        themes.changed.connect(lambda _: self._dress())

    def _dress(self) -> None:
        theme = self._themes.theme
        if self._dressed == (theme, self._level):  # a new style sheet has all within it laid out again
            return
        self._dressed = theme, self._level
        color = level_color(theme, self._level)
        self._icon.setPixmap(pixmap(self._level, theme, _ICON_SIZE, self.devicePixelRatioF(), color=color))
        self.setStyleSheet(
            f"#card {{ background: {theme.field}; border: 1px solid {theme.border}; border-left: 3px solid {color};"
            " border-radius: 4px; }"
        )

    def _close_button(self) -> QToolButton:
        button = QToolButton()
        self._icons.bind(button, "close")
        button.setToolTip("Dismiss")
        button.setAccessibleName("Dismiss")
        button.clicked.connect(self.hide)
        return button


class NoticeBar(_Card):
    """The doctor's line: the newest notice of a run, what to change, and the way to the term it is about."""

    termRequested = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._term: str | None = None
        self._link = QToolButton()
        self._link.setText("Show the term")
        self._link.setToolTip("Go to the slider of the term that this is about.")
        self._link.clicked.connect(self._go)
        self.setAccessibleName("Doctor")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 4, 6)
        layout.setSpacing(8)
        layout.addWidget(self._icon)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._text)
        column.addWidget(self._link, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(column, 1)
        layout.addWidget(self._close_button(), 0, Qt.AlignmentFlag.AlignTop)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in the place of the last one."""
        self._level = notice.level
        self._term = notice.term
        self._link.setVisible(notice.term is not None)
        self._text.setText(f"{notice.text} {notice.advice}".strip())
        self._dress()
        self.show()

    def clear(self) -> None:
        """Nothing to say."""
        self.hide()

    def text(self) -> str:
        """What is shown."""
        return self._text.text()

    def _go(self) -> None:
        if self._term is not None:
            self.termRequested.emit(self._term)


class Banner(_Card):
    """Something went wrong: a sentence, what can be done, and the details for a report behind a button."""

    actionTriggered = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._level = "error"
        self.setAccessibleName("Message")
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setFixedHeight(140)
        self._details.setAccessibleName("Details")
        self._details.hide()
        self._more = QToolButton()
        self._more.setText("Details")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._details.setVisible)
        self._copy = QToolButton()
        self._icons.bind(self._copy, "copy")
        self._copy.setToolTip("Copy the message and its details")
        self._copy.setAccessibleName("Copy the message")
        self._copy.clicked.connect(self._copy_all)
        self._action = QToolButton()
        self._action.setProperty("primary", True)
        self._action.clicked.connect(self.actionTriggered)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        for button in (self._action, self._more, self._copy, self._close_button()):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addLayout(row)
        layout.addWidget(self._details)

    def show_message(self, text: str, details: str = "", action: str = "", level: Level = "error") -> None:
        """Show a sentence; details: for a report; action: the label of a button that emits actionTriggered."""
        self._level = level
        self._text.setText(text)
        self._details.setPlainText(details)
        self._more.setChecked(False)
        self._more.setVisible(bool(details))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._dress()
        self.show()

    def text(self) -> str:
        """What is shown."""
        return self._text.text()

    def _copy_all(self) -> None:
        QApplication.clipboard().setText(f"{self._text.text()}\n\n{self._details.toPlainText()}".strip())
