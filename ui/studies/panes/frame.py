"""The frame around a pane: a slim caption with its title, what lies under the pointer, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lab.study import Pane
from ui.look.icons import icon
from ui.look.theme import Theme, ThemeManager, figures
from ui.studies.panes.body import PaneBody

_SAID_MS = 1500  # how long "Copied" stands
_HEIGHT = 28
_ICON, _BUTTON, _GAP = 16, 24, 2
_LEFT, _RIGHT, _AFTER_TITLE = 10, 4, 8
_EDGES = _LEFT + _RIGHT + _AFTER_TITLE + 3 * _GAP
_NARROWEST = 72


class PaneFrame(QFrame):
    """A body under its caption."""

    maximiseToggled = Signal(str)
    """The pane's key: it shall take the whole stage, or give it back."""
    saveWanted = Signal(object, str)
    """(pixels (H, W, 3) uint8, the pane's title)."""

    def __init__(self, pane: Pane, body: PaneBody, themes: ThemeManager) -> None:
        super().__init__()
        self.pane = pane
        self.body = body
        self.setProperty("role", "panel")
        self.setAccessibleName(pane.title)
        self.caption = _Caption(pane, body, themes)
        self.caption.doubleClicked.connect(lambda: self.maximiseToggled.emit(pane.key))
        self.caption.maximise.clicked.connect(lambda: self.maximiseToggled.emit(pane.key))
        body.readout.connect(self.caption.show_readout)
        body.copied.connect(self.caption.say)
        body.saveWanted.connect(lambda pixels: self.saveWanted.emit(pixels, pane.title))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.caption)
        layout.addWidget(body, 1)

    def set_maximised(self, maximised: bool) -> None:
        """Whether the pane has the whole stage."""
        self.caption.set_maximised(maximised)


class _Caption(QWidget):
    """Title, readout and buttons. What was done last is said in the place of the readout.

    In a narrow pane the title has precedence over all buttons but the last: a pane that is maximised has all of them.
    """

    doubleClicked = Signal()

    def __init__(self, pane: Pane, body: PaneBody, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._icons: dict[QToolButton, str] = {}
        self._readout = ""
        self._said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._said.timeout.connect(self._show)
        self.setFixedHeight(_HEIGHT)
        if pane.tip:
            self.setToolTip(f"<p>{pane.tip}</p>")
        self._name = pane.title
        self.title = QLabel(pane.title)
        self.title.setMinimumWidth(1)  # it may be cut
        self.title.setStyleSheet("font-weight: 600;")
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.words.setFont(figures(self.words.font()))
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setAccessibleName(f"{pane.title}: under the pointer")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_LEFT, 0, _RIGHT, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self.title)
        layout.addSpacing(_AFTER_TITLE)
        layout.addWidget(self.words, 1)
        self.copy = self._button("copy", body.copy_tip, f"{pane.title}: copy")
        self.copy.clicked.connect(body.copy)
        layout.addWidget(self.copy)
        self._spare = [self.copy]
        if body.save_tip:
            self.save = self._button("save", body.save_tip, f"{pane.title}: save")
            self.save.clicked.connect(body.save)
            layout.addWidget(self.save)
            self._spare.append(self.save)
        self.maximise = self._button("maximise", "", "")
        layout.addWidget(self.maximise)
        self.set_maximised(False)
        themes.changed.connect(self._dress)  # a method of a widget: the connection ends with the stage

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        words = self.title.fontMetrics().horizontalAdvance(self._name)
        room = self.width() - _EDGES - _BUTTON
        shown = room >= words + len(self._spare) * (_BUTTON + _GAP)
        for button in self._spare:
            button.setVisible(shown)
        self.title.setText(self.title.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, max(0, room)))

    def _dress(self, theme: Theme) -> None:
        for button, name in self._icons.items():
            button.setIcon(icon(name, theme, color=theme.muted))

    def _set_icon(self, button: QToolButton, name: str) -> None:
        if self._icons.get(button) != name:
            self._icons[button] = name
            button.setIcon(icon(name, self._themes.theme, color=self._themes.theme.muted))

    def _button(self, picture: str, tip: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(_ICON, _ICON))
        button.setFixedSize(_BUTTON, _BUTTON)
        button.setStyleSheet("QToolButton { padding: 2px; }")
        button.setToolTip(tip)
        button.setAccessibleName(name)
        self._set_icon(button, picture)
        return button

    def set_maximised(self, maximised: bool) -> None:
        self._set_icon(self.maximise, "restore" if maximised else "maximise")
        words = "Show all panes again" if maximised else "Give this pane the whole stage"
        self.maximise.setToolTip(f"{words} (double click on the caption)")
        self.maximise.setAccessibleName(f"{self._name}: {words.lower()}")

    def show_readout(self, text: str) -> None:
        if text != self._readout:
            self._readout = text
            if not self._said.isActive():
                self._show()

    def say(self, text: str) -> None:
        """Words that stand for a moment."""
        self.words.setText(text)
        self._said.start()

    def _show(self) -> None:
        self.words.setText(self._readout)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.doubleClicked.emit()
