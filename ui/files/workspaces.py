"""Workspaces: saving everything that is open, restoring it, and a copy that survives a crash."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal

from lab.workspace import SUFFIX, Workspace
from ui.files.tasks import Task, Tasks, job
from ui.window.settings import Settings

FILTER = f"Workspace (*{SUFFIX})"
_SHARE = 0.05  # of its time that autosaving may take
_LARGEST = 4 << 30  # bytes; runs are left out of an autosave that would be larger
_numbers = itertools.count(1)


class Leftover:
    """What a lab that ended unexpectedly had autosaved, locked by us while it is looked at."""

    def __init__(self, path: Path, lock: QLockFile) -> None:
        self.path = path
        self._lock = lock

    @property
    def when(self) -> str:
        """Day and time of its last change."""
        return time.strftime("%d %B, %H:%M", time.localtime(self.path.stat().st_mtime))

    def leave(self) -> None:
        """Keep it, to be offered again."""
        self._lock.unlock()

    def remove(self) -> None:
        """Delete it."""
        self.path.unlink(missing_ok=True)
        self._lock.unlock()


class WorkspaceKeeper(QObject):
    """Knows the workspace's file and whether it is up to date; saves and loads beside the window.

    collect: the workspace as it is now; apply: open another one. folder: for autosaves, by default the person's own.
    """

    changed = Signal()
    """``file`` or ``modified`` is another."""
    opened = Signal(str)
    """A workspace was opened from this file."""
    saved = Signal(str, str)
    """(file, a sentence for the log)"""
    failed = Signal(str, str)
    """(a sentence, details)"""

    def __init__(
        self,
        collect: Callable[[], Workspace],
        apply: Callable[[Workspace], None],
        tasks: Tasks,
        settings: Settings,
        parent: QObject | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._collect = collect
        self._apply = apply
        self._tasks = tasks
        self._settings = settings
        self._folder = folder or _autosave_folder()
        self._file: str | None = None
        self._modified = False
        self._changes = 0
        self._applying = False
        self._own: Leftover | None = None
        self._saving: Task | None = None
        self._interval = settings.autosave_ms
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._autosave)

    @property
    def file(self) -> str | None:
        """Where the workspace was saved or opened; None for nowhere yet."""
        return self._file

    @property
    def modified(self) -> bool:
        """Whether something changed since."""
        return self._modified

    @property
    def title(self) -> str:
        """For the window: the name of the workspace, "" for none, and Qt's mark of changes."""
        return f"{Path(self._file).stem}[*]" if self._file is not None else ""

    def touch(self) -> None:
        """Something that a workspace holds has changed."""
        if self._applying:
            return
        self._changes += 1
        if not self._timer.isActive():
            self._timer.start(self._interval)
        self._set(self._file, True)

    # --- saving and opening -----------------------------------------------------------------------------------------

    def save(self, file: str) -> Task:
        """Save everything that is open."""
        changes = self._changes
        task = self._tasks.run(
            f"Saving {Path(file).name}", "lab.workspace:save", {"path": file, "workspace": self._collect()}
        )

        def done(_: object) -> None:
            self._settings.add_recent_file(file)
            self._set(file, self._changes != changes)
            self.saved.emit(file, f"Saved the workspace {Path(file).name} in {Path(file).parent}.")

        task.done.connect(done)
        task.failed.connect(self.failed)
        return task

    def open(self, file: str) -> Task:
        """Open a workspace in the place of what is open."""
        task = self._load(file)

        def done(workspace: Workspace) -> None:
            self._take(workspace, file)
            self._settings.add_recent_file(file)
            self.opened.emit(file)

        task.done.connect(done)
        return task

    def new(self) -> None:
        """Begin with nothing."""
        self._take(Workspace(), None)

    def _load(self, file: str) -> Task:
        task = self._tasks.run(f"Loading {Path(file).name}", "lab.workspace:load", {"path": file})
        task.failed.connect(self.failed)
        return task

    def _take(self, workspace: Workspace, file: str | None) -> None:
        self._applying = True
        try:
            self._apply(workspace)
        finally:
            self._applying = False
        self._set(file, False)

    def _set(self, file: str | None, modified: bool) -> None:
        if (file, modified) != (self._file, self._modified):
            self._file, self._modified = file, modified
            self.changed.emit()

    # --- a copy for the case of a crash -----------------------------------------------------------------------------

    def leftovers(self) -> list[Leftover]:
        """What was left by labs that ended unexpectedly, the newest first."""
        found = []
        for path in self._folder.glob(f"[!.]*{SUFFIX}") if self._folder.is_dir() else ():
            lock = _lock(path)
            if lock.tryLock(0):  # a lab that lives holds the lock of its own
                found.append(Leftover(path, lock))
        return sorted(found, key=lambda one: one.path.stat().st_mtime, reverse=True)

    def restore(self, leftover: Leftover) -> Task:
        """Open what was left; it is deleted once it is open, as it is then autosaved anew."""
        task = self._load(str(leftover.path))

        def done(workspace: Workspace) -> None:
            self._take(workspace, None)
            self.touch()
            self._autosave()
            leftover.remove()

        task.done.connect(done)
        task.failed.connect(lambda *_: leftover.leave())
        return task

    def close(self) -> None:
        """The lab ends as it should: there is nothing to restore."""
        self._timer.stop()
        if self._own is not None:
            self._own.remove()
            self._own = None

    def _autosave(self) -> None:
        """Quietly, in a process beside: what cannot be autosaved is no reason to disturb the person."""
        if self._saving is not None:
            self._timer.start(self._interval)
            return
        own = self._own_file()
        if own is None:
            return
        began = time.monotonic()
        workspace = self._collect()
        if workspace.nbytes > _LARGEST:
            workspace = replace(workspace, runs=())
        arguments = {"path": str(own), "workspace": workspace}
        self._saving = task = Task("Autosave", job("Autosaving", "lab.workspace:save", arguments), self)

        def ended() -> None:
            self._saving = None
            spent = time.monotonic() - began
            self._interval = max(self._settings.autosave_ms, round(1000 * spent / _SHARE))
            if self._timer.isActive():
                self._timer.start(self._interval)
            task.deleteLater()

        task.ended.connect(ended)

    def _own_file(self) -> Path | None:
        """Our autosave, locked as long as we live; None where nothing can be written."""
        if self._own is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError:
                return None
            path = self._folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_numbers)}{SUFFIX}"
            lock = _lock(path)
            if not lock.tryLock(0):
                return None
            self._own = Leftover(path, lock)
        return self._own.path


def is_workspace(file: str) -> bool:
    """Whether a file is one, by its name."""
    return Path(file).suffix.lower() == SUFFIX


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)  # only the death of its process makes it stale
    return lock


def _autosave_folder() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "autosave"
