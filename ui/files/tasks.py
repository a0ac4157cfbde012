"""File work that goes on beside the window: each task is a job in a process of its own, seen from the UI thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal

from lab.jobs import Job, OnDone, OnFailed, OnProgress


class StartJob(Protocol):
    """Starts a job with these callbacks, which may come from any thread."""

    def __call__(self, *, on_done: OnDone, on_failed: OnFailed, on_progress: OnProgress) -> Job: ...


class Task(QObject):
    """One job. Signals come on the UI thread; exactly one of ``done`` and ``failed``, or ``cancelled``, is the last."""

    progressed = Signal(float, str)
    done = Signal(object)
    failed = Signal(str, str)
    """(a sentence, details)"""
    cancelled = Signal()
    ended = Signal()
    """After whichever of the three came."""
    _progress = Signal(float, str)
    _result = Signal(object)
    _failure = Signal(str, str)

    def __init__(self, title: str, start: StartJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.fraction = 0.0
        self.running = True
        queued = Qt.ConnectionType.QueuedConnection  # the callbacks come from the job's thread
        self._progress.connect(self._on_progress, queued)
        self._result.connect(self._on_done, queued)
        self._failure.connect(self._on_failed, queued)
        self.job = start(on_done=self._result.emit, on_failed=self._failure.emit, on_progress=self._progress.emit)

    def cancel(self) -> None:
        """Kill the job; its files are left as they were before. Nothing happens when it has ended already."""
        if self._end():
            self.job.cancel()
            self.cancelled.emit()
            self.ended.emit()

    def _end(self) -> bool:
        """Whether it was still running."""
        running, self.running = self.running, False
        return running

    def _on_progress(self, fraction: float, text: str) -> None:
        if self.running:
            self.fraction = fraction
            self.progressed.emit(fraction, text)

    def _on_done(self, result: object) -> None:
        if self._end():
            self.done.emit(result)
            self.ended.emit()

    def _on_failed(self, sentence: str, details: str) -> None:
        if self._end():
            self.failed.emit(sentence, details)
            self.ended.emit()


class Tasks(QObject):
    """All tasks that are running."""

    added = Signal(object)
    removed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: list[Task] = []

    @property
    def running(self) -> tuple[Task, ...]:
        """The oldest first."""
        return tuple(self._running)

    def start(self, title: str, start: StartJob) -> Task:
        """Begin a task; connect to its signals at once, they come later."""
        task = Task(title, start, self)
        self._running.append(task)
        task.ended.connect(lambda: self._remove(task))
        self.added.emit(task)
        return task

    def run(self, title: str, function: str, arguments: Mapping[str, Any]) -> Task:
        """Begin a task that calls ``function``, one of lab.jobs.FUNCTIONS."""
        return self.start(title, job(title, function, arguments))

    def cancel_all(self, timeout: float = 2.0) -> None:
        """Kill all of them and wait until their processes and temporary files are gone."""
        jobs = [task.job for task in self._running]
        for task in self.running:
            task.cancel()
        for job in jobs:
            job.wait(timeout)

    def _remove(self, task: Task) -> None:
        self._running.remove(task)
        self.removed.emit(task)
        task.deleteLater()


def job(title: str, function: str, arguments: Mapping[str, Any]) -> StartJob:
    """Starts a job that calls ``function``, one of lab.jobs.FUNCTIONS."""

    def start(*, on_done: OnDone, on_failed: OnFailed, on_progress: OnProgress) -> Job:
        return Job(function, arguments, doing=title, on_done=on_done, on_failed=on_failed, on_progress=on_progress)

    return start
