"""The editor of joints: a photo, the people in it, and what one sets their joints with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from lab.keypoints.messages import FoundPeople, OpenedJoints, OtherJoints
from ui.keypoints.canvas import JointCanvas
from ui.keypoints.editor import JointEditor
from ui.keypoints.helper import JointHelper
from ui.keypoints.panel import JointPanel
from ui.look.theme import ThemeManager, figures

_HINT = "Drag a joint to move it.   Right click: remove it.   Wheel: zoom.   Right button or space: move the photo."
_NOBODY = "Nobody was found. Choose New person, and place each joint by a click."
_EMPTY = "There is no joint to save: let Find people look for them, or choose New person."
_LOOKING = "Looking for people …"


class JointDialog(QDialog):
    """Finds and sets the joints of the people in a photo, and saves them as JSON beside it.

    photo: its file; joints: the file to go on from, "" for none: people are then looked for at once.
    """

    saved = Signal(str)
    """The file that the joints are in now."""

    def __init__(self, photo: str, joints: str, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._target = ""
        self.editor: JointEditor | None = None
        self.canvas: JointCanvas | None = None
        self.panel: JointPanel | None = None
        self.setWindowTitle(f"Joints in {Path(photo).name}")
        self.resize(1180, 780)
        self._build()
        self.helper = JointHelper(self)
        self.helper.opened.connect(self._on_opened)
        self.helper.found.connect(self._on_found)
        self.helper.read.connect(self._on_read)
        self.helper.saved.connect(self._on_saved)
        self.helper.refused.connect(self._on_refused)
        self.helper.died.connect(lambda sentence, _details: self._on_refused(sentence))
        self.helper.busyChanged.connect(self._bar.setVisible)
        self.helper.open(photo, joints, _data_folder())

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
        self._save.setText("Save joints")
        self._save.setProperty("primary", True)
        self._save.setEnabled(False)
        self._box.accepted.connect(self.save)
        self._box.rejected.connect(self.reject)
        for button in self._box.buttons():
            button.setAutoDefault(False)
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

    def _on_opened(self, event: OpenedJoints) -> None:
        self._target = event.target
        self.editor = editor = JointEditor(event.people)
        self.canvas = canvas = JointCanvas(event.levels, editor, self._themes)
        self.panel = panel = JointPanel(self._themes)
        editor.changed.connect(self._show)
        canvas.pointed.connect(self._point)
        canvas.placingChanged.connect(panel.show_placing)
        panel.chosen.connect(editor.choose)
        panel.commanded.connect(self._command)
        for keys, do in (("Ctrl+S", self.save), ("+", lambda: canvas.zoom(1)), ("-", lambda: canvas.zoom(-1))):
            QShortcut(QKeySequence(keys), self).activated.connect(do)
        self._stack.addWidget(canvas)
        self._stack.setCurrentWidget(canvas)
        self._panes.addWidget(panel)
        self._save.setEnabled(True)
        self._save.setToolTip(f"Save them as {self._target}")
        self._status.setText(event.note or _HINT)
        panel.show_placing(False)
        self._show()
        canvas.setFocus()
        if not event.people and not event.note:
            self._find()

    def _show(self) -> None:
        assert self.editor is not None
        assert self.panel is not None
        self.panel.show_people(self.editor.people, self.editor.chosen)
        self.panel.show_undo(self.editor.can_undo, self.editor.can_redo)

    def _point(self, words: str) -> None:
        if words or not self.helper.busy:
            self._status.setText(words or _HINT)

    # --- people -----------------------------------------------------------------------------------------------------

    def _command(self, name: str) -> None:
        editor, canvas, panel = self.editor, self.canvas, self.panel
        assert editor is not None
        assert canvas is not None
        assert panel is not None
        commands: dict[str, Callable[[], None]] = {
            "find": self._find,
            "open": self._open_file,
            "new": self._begin_person,
            "drop": editor.drop,
            "place": lambda: self._place_missing(panel.button("place").isChecked()),
            "skip": canvas.skip,
            "swap": editor.swap_sides,
            "clear": editor.clear,
            "undo": editor.undo,
            "redo": editor.redo,
            "whole": canvas.show_whole,
            "zoom": canvas.fit_person,
        }
        commands[name]()
        canvas.setFocus()

    def _find(self) -> None:
        assert self.panel is not None
        self.panel.button("find").setEnabled(False)
        self._status.setText(_LOOKING)
        self.helper.find()

    def _begin_person(self) -> None:
        assert self.editor is not None
        assert self.canvas is not None
        assert self.panel is not None
        self.editor.add(self.panel.names)
        self.canvas.set_placing(True)

    def _place_missing(self, on: bool) -> None:
        assert self.canvas is not None
        assert self.panel is not None
        self.canvas.set_placing(on)
        if on and not self.canvas.placing:
            self.panel.show_placing(False)
            self._status.setText("All joints of this person are placed.")

    def _open_file(self) -> None:
        folder = str(Path(self._target).parent)
        file, _ = QFileDialog.getOpenFileName(self, "Joints", folder, "JSON (*.json);;All files (*)")
        if file:
            self.helper.read_file(file)

    def _on_found(self, event: FoundPeople) -> None:
        assert self.editor is not None
        assert self.panel is not None
        self.panel.button("find").setEnabled(True)
        if not event.people:
            self._status.setText(_NOBODY)
            return
        self.editor.set_people(event.people)
        count = len(event.people)
        self._status.setText("One person was found." if count == 1 else f"{count} people were found.")

    def _on_read(self, event: OtherJoints) -> None:
        assert self.editor is not None
        self.editor.set_people(event.people)
        self._status.setText(f"The joints are those of {event.name}.")

    # --- the end ----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save the joints and close; where they cannot be saved, say so and stay."""
        if self.editor is None or not self._save.isEnabled():
            return
        self.editor.end()
        people = tuple(person for person in self.editor.people if person.confidence.any())
        if not people:
            self._status.setText(_EMPTY)
            return
        self._set_enabled(False)
        self._status.setText(f"Saving {self._target} …")
        self.helper.save(people, self._target)

    def _set_enabled(self, enabled: bool) -> None:
        self._save.setEnabled(enabled)
        for widget in (self.canvas, self.panel):
            if widget is not None:
                widget.setEnabled(enabled)

    def _on_saved(self, file: str) -> None:
        self.saved.emit(file)
        self.accept()

    def _on_refused(self, sentence: str) -> None:
        if self.panel is None:
            self._message.setText(sentence)
        else:
            self.panel.button("find").setEnabled(True)
            self._set_enabled(True)
            self._status.setText(sentence)
            self._status.setToolTip(sentence)

    def reject(self) -> None:
        """Close without saving; asks first when something was changed."""
        if self.editor is not None and self.editor.modified:
            answer = QMessageBox.question(self, self.windowTitle(), "Close without saving the joints?")
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
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation) + "/keypoints"
