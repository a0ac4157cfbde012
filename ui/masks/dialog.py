"""The mask painter: a photo, the mask over it, and what one paints it with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from lab.photo.messages import Found, Opened
from ui.look.theme import ThemeManager, figures
from ui.masks.canvas import MaskCanvas
from ui.masks.editor import MaskEditor
from ui.masks.helper import MaskHelper
from ui.masks.tools import ToolPanel

_STATE_MS = 60  # after a change, until share and problem are shown
_EMPTY = "The mask is empty: paint the object, or let By background find it."
_WHOLE = "The mask covers the whole photo: take the background away."
_HINT = "Left button: paint.   Wheel: zoom.   Right button or space: move."


class MaskDialog(QDialog):
    """Paints the mask of a photo and saves it as a PNG beside it.

    photo: its file; mask: the one to go on from, "" for none.
    """

    saved = Signal(str)
    """The file that the mask is in now."""

    def __init__(self, photo: str, mask: str, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._target = ""
        self._repeat: Callable[[], None] | None = None  # asks for the last region anew, when the tolerance changes
        self._take: Callable[[Found], None] | None = None  # what to do with the region that is awaited
        self._again = False  # it takes the place of the last one
        self.editor: MaskEditor | None = None
        self.canvas: MaskCanvas | None = None
        self.tools: ToolPanel | None = None
        self.setWindowTitle(f"Mask of {Path(photo).name}")
        self.resize(1180, 780)
        self._state = QTimer(self, singleShot=True, interval=_STATE_MS)
        self._state.timeout.connect(self._show_state)
        self._build()
        self.helper = MaskHelper(self)
        self.helper.opened.connect(self._on_opened)
        self.helper.found.connect(self._on_found)
        self.helper.saved.connect(self._on_saved)
        self.helper.refused.connect(self._on_refused)
        self.helper.died.connect(lambda sentence, _details: self._on_refused(sentence))
        self.helper.busyChanged.connect(self._bar.setVisible)
        self.helper.open(photo, mask, _data_folder())

    def _build(self) -> None:
        self._message = QLabel("Reading the photo …")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setContentsMargins(48, 48, 48, 48)
        self._middle = QWidget()
        self._stack = QStackedLayout(self._middle)
        self._stack.addWidget(self._message)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(120)
        self._status = QLabel()
        self._status.setProperty("role", "muted")
        self._status.setFont(figures(self._status.font()))
        self._status.setMinimumWidth(1)  # long words must not widen the window
        self._box = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._save = self._box.button(QDialogButtonBox.StandardButton.Save)
        self._save.setText("Save mask")
        self._save.setProperty("primary", True)
        self._save.setEnabled(False)
        self._box.accepted.connect(self.save)
        self._box.rejected.connect(self.reject)
        for button in self._box.buttons():
            button.setAutoDefault(False)  # Return in a number's field is not "Save"
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.setSpacing(12)
        foot.addWidget(self._status, 1)
        foot.addWidget(self._bar)
        foot.addWidget(self._box)
        self._panes = QHBoxLayout()
        self._panes.setSpacing(0)
        self._panes.addWidget(self._middle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._panes, 1)
        layout.addLayout(foot)

    # --- the photo --------------------------------------------------------------------------------------------------

    def _on_opened(self, event: Opened) -> None:
        self._target = event.target
        self.editor = editor = MaskEditor(event.mask)
        self.canvas = canvas = MaskCanvas(event.levels, editor, self._themes)
        self.tools = tools = ToolPanel(self._themes, max(event.mask.shape))
        editor.settled.connect(self._state.start)
        editor.settled.connect(lambda: tools.show_undo(editor.can_undo, editor.can_redo))
        editor.changed.connect(lambda _box: self._forget())
        canvas.clicked.connect(self._flood)
        canvas.pointed.connect(lambda words: self._status.setText(words or _HINT))
        tools.toolChosen.connect(canvas.set_tool)
        tools.radiusChanged.connect(canvas.set_radius)
        tools.veiledChanged.connect(canvas.set_veiled)
        tools.toleranceChanged.connect(self._on_tolerance)
        tools.commanded.connect(self._command)
        for keys, do in (("Ctrl+S", self.save), ("+", lambda: canvas.zoom(1)), ("-", lambda: canvas.zoom(-1))):
            QShortcut(QKeySequence(keys), self).activated.connect(do)
        canvas.set_radius(tools.radius)
        tools.choose("brush")
        tools.show_undo(False, False)
        self._stack.addWidget(canvas)
        self._stack.setCurrentWidget(canvas)
        self._panes.addWidget(tools)
        self._save.setEnabled(True)
        self._save.setToolTip(f"Save it as {self._target}")
        self._status.setText(event.note or _HINT)
        self._show_state()
        canvas.setFocus()

    def _show_state(self) -> None:
        if self.editor is None or self.tools is None:
            return
        share = self.editor.share
        problem = _EMPTY if share == 0 else _WHOLE if share == 1 else ""
        self.tools.show_state(share, problem)

    # --- regions ----------------------------------------------------------------------------------------------------

    def _command(self, name: str) -> None:
        editor, canvas = self.editor, self.canvas
        assert editor is not None
        assert canvas is not None
        if name == "background":
            self._ask(self._find_background, lambda found: editor.set_mask(found.box, found.region))
        else:
            {
                "invert": editor.invert,
                "clear": editor.clear,
                "undo": editor.undo,
                "redo": editor.redo,
                "whole": canvas.show_whole,
            }[name]()

    def _find_background(self) -> None:
        assert self.tools is not None
        self.helper.background(self.tools.tolerance.value)

    def _flood(self, row: int, column: int, value: bool) -> None:
        editor, tools = self.editor, self.tools
        assert editor is not None
        assert tools is not None
        self._ask(
            lambda: self.helper.flood(row, column, tools.tolerance.value),
            lambda found: editor.set_region(found.box, found.region, value),
        )

    def _ask(self, question: Callable[[], None], take: Callable[[Found], None]) -> None:
        """Ask for a region, and know how to ask again when the tolerance changes."""
        self._forget()
        self._repeat, self._take = question, take
        question()

    def _on_tolerance(self) -> None:
        if self._repeat is not None:
            self._repeat()

    def _on_found(self, event: Found) -> None:
        """A region that is asked for anew takes the place of the one before."""
        take, repeat, editor = self._take, self._repeat, self.editor
        if take is None or repeat is None or editor is None or editor.painting:
            return
        if self._again:
            editor.undo()
        count = editor.steps
        take(event)
        self._repeat, self._take = repeat, take  # its own change is no reason to forget it
        self._again = editor.steps > count
        if not event.box:
            self._status.setText("Nothing was found. Choose another tolerance, or paint.")

    def _forget(self) -> None:
        """The mask was changed otherwise: a new tolerance is for the next region."""
        self._repeat = self._take = None
        self._again = False

    # --- the end ----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save the mask and close; where it cannot be saved, say so and stay."""
        if self.editor is None or not self._save.isEnabled():
            return
        self.editor.end_stroke()
        if self.editor.share in (0.0, 1.0):
            self._status.setText(_EMPTY if self.editor.share == 0 else _WHOLE)
            return
        self._set_enabled(False)
        self._status.setText(f"Saving {self._target} …")
        self.helper.save(self.editor.mask, self._target)

    def _set_enabled(self, enabled: bool) -> None:
        self._save.setEnabled(enabled)
        for widget in (self.canvas, self.tools):
            if widget is not None:
                widget.setEnabled(enabled)

    def _on_saved(self, file: str) -> None:
        self.saved.emit(file)
        self.accept()

    def _on_refused(self, sentence: str) -> None:
        if self.editor is None:
            self._message.setText(sentence)
        else:
            self._set_enabled(True)
            self._status.setText(sentence)

    def reject(self) -> None:
        """Close without saving; asks first when something was painted."""
        if self.editor is not None and self.editor.modified:
            answer = QMessageBox.question(self, self.windowTitle(), "Close without saving the mask?")
            if answer != QMessageBox.StandardButton.Yes:
                return
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # the dialog's own answer would be to close
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.reject()

    def done(self, result: int) -> None:
        """The dialog is closed, and its process with it."""
        self.helper.close()
        super().done(result)


def _data_folder() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation) + "/masks"
