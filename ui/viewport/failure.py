"""What stands in the viewport's place when nothing can draw."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

_WIDTH = 480


class FailurePanel(QFrame):
    """The reason in a sentence, the details behind a button, and another try."""

    retry = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("viewportFailure")
        self.setAutoFillBackground(True)
        title = QLabel("The 3D view cannot draw")
        font = title.font()
        font.setPixelSize(17)
        font.setBold(True)
        title.setFont(font)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        rest = QLabel("Everything else works meanwhile: opening, running, recording and saving.")
        rest.setWordWrap(True)
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setAccessibleName("Details")
        self._details.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._details.hide()
        self.retry_button = QPushButton("Try again")
        self.retry_button.setDefault(True)
        self.retry_button.clicked.connect(self.retry)
        self._more = QPushButton("Details")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._details.setVisible)
        buttons = QHBoxLayout()
        buttons.addWidget(self.retry_button)
        buttons.addWidget(self._more)
        buttons.addStretch()
        inner = QVBoxLayout()
        inner.setSpacing(12)
        for widget in (title, self._sentence, rest):
            inner.addWidget(widget)
        inner.addLayout(buttons)
        inner.addWidget(self._details, 1)
        column = QWidget(self)
        column.setLayout(inner)
        column.setMaximumWidth(_WIDTH)
        outer = QHBoxLayout(self)
        outer.addStretch()
        outer.addWidget(column, 1, Qt.AlignmentFlag.AlignVCenter)
        outer.addStretch()
        self.hide()

    def show_reason(self, sentence: str, details: str) -> None:
        """Appear over the whole parent."""
        self._sentence.setText(sentence)
        self._details.setPlainText(details)
        self._more.setVisible(bool(details))
        self._more.setChecked(False)
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence.text()
