"""What the person asks of workspaces, and what they are asked before something is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from ui.files.workspaces import Leftover, WorkspaceKeeper
from ui.runs.commands import AT_WORK
from ui.window.session import collect, may_change, restore

if TYPE_CHECKING:
    from ui.window.window import MainWindow

_NAME = "DL3D Lab"


class WorkspaceCommands(QObject):
    """New, open, save, and what was left by a crash. keeper: saves and opens; it is told of every change."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.keeper = WorkspaceKeeper(
            lambda: collect(window), lambda workspace: restore(window, workspace), window.tasks, window.settings, self
        )
        scene = window.scene
        for signal in (scene.added, scene.removed, scene.restyled, scene.changed):
            signal.connect(self._touch)
        window.controller.finished.connect(lambda *_: self.keeper.touch())
        self.keeper.changed.connect(self._show_title)
        self.keeper.failed.connect(lambda text, details: window.show_message(text, details))
        self.keeper.opened.connect(lambda file: window.log.add(f"Opened the workspace {file}."))
        self.keeper.opened.connect(lambda _: window.welcome.set_recent_files(window.settings.recent_files))

    def _touch(self, path: str) -> None:
        """What a run does by itself is kept when it has ended."""
        scene = self._window.scene
        own = path in scene and scene.entry(path).owner == "user"
        if own or self._window.controller.state not in AT_WORK:
            self.keeper.touch()

    def open(self, file: str) -> None:
        """Open a workspace in the place of what is open, after asking when that would lose something."""
        if self._may_replace():
            self.keeper.open(file)

    def new(self) -> None:
        """Begin with nothing, after asking when that would lose something."""
        if self._may_replace():
            self.keeper.new()

    def save(self, *, ask: bool = False) -> None:
        """Save everything that is open, where it was saved last or (ask) elsewhere."""
        file = None if ask else self.keeper.file
        file = file or self._window.files.ask_workspace(self.keeper.file)
        if file:
            self.keeper.save(file)

    def _may_replace(self) -> bool:
        reason = may_change(self._window)
        if reason:
            self._window.show_message(reason, level="info")
            return False
        if not self.keeper.modified or not len(self._window.scene):
            return True
        question = "What is open is closed. Changes since it was last saved are lost."
        return agrees(self._window, "Another workspace", question, "Close it")

    def loss_of_closing(self) -> str:
        """What closing the lab would lose, as a question; "" for nothing."""
        if not self.keeper.modified or self.keeper.file is None:
            return ""
        return f"{Path(self.keeper.file).name} has changes that were not saved. Close the lab without them?"

    def offer_leftovers(self) -> None:
        """Offer what a lab that ended unexpectedly had autosaved, the newest."""
        leftovers = self.keeper.leftovers()
        for older in leftovers[1:]:
            older.leave()
        if leftovers:
            self._offer(leftovers[0])

    def _offer(self, leftover: Leftover) -> None:
        words = f"The lab ended unexpectedly. What was open is kept, as it was on {leftover.when}."
        box = QMessageBox(QMessageBox.Icon.Question, "Unsaved work", words, parent=self._window)
        box.setInformativeText("Restore it? Until you delete it, it is offered at each start.")
        again = box.addButton("Restore", QMessageBox.ButtonRole.AcceptRole)
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Not now", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(again)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def answered() -> None:
            if box.clickedButton() is again:
                self.keeper.restore(leftover)
            elif box.clickedButton() is delete:
                leftover.remove()
            else:
                leftover.leave()

        box.finished.connect(lambda _: answered())
        box.open()

    def _show_title(self) -> None:
        title = self.keeper.title
        self._window.setWindowTitle(f"{title} – {_NAME}" if title else _NAME)
        self._window.setWindowModified(self.keeper.modified and bool(title))


def may_close(window: MainWindow) -> bool:
    """Whether closing the lab loses nothing, or the person does not mind."""
    if window.controller.state in AT_WORK:
        question = "A run is at work. Stop it and close the lab? Its recording is lost unless it was saved."
    elif any(task.title.startswith("Saving") for task in window.tasks.running):
        question = "A file is being saved. Stop that and close the lab? The file stays as it was before."
    elif question := window.workspaces.loss_of_closing():
        return agrees(window, "Close DL3D Lab", question, "Close without saving")
    else:
        return True
    return agrees(window, "Close DL3D Lab", question, "Stop and close")


def agrees(window: QWidget, title: str, question: str, yes: str) -> bool:
    """Whether the person agrees to lose something."""
    box = QMessageBox(QMessageBox.Icon.Question, title, question, parent=window)
    agree = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return box.clickedButton() is agree
