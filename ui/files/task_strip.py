"""A line for each file that is being read or written, with its progress and a way to cancel it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.files.tasks import Task, Tasks

_PATIENCE_MS = 300  # what is done sooner is not worth a line


class TaskStrip(QWidget):
    """Stands above the viewport while tasks are running, and takes no room otherwise."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._lines: dict[Task, _Line] = {}
        tasks.added.connect(self._wait)
        tasks.removed.connect(self._remove)

    def _wait(self, task: Task) -> None:
        QTimer.singleShot(_PATIENCE_MS, self, lambda: self._add(task))

    def _add(self, task: Task) -> None:
        if task.running:
            line = self._lines[task] = _Line(task)
            self._layout.addWidget(line)

    def _remove(self, task: Task) -> None:
        line = self._lines.pop(task, None)
        if line is not None:
            self._layout.removeWidget(line)
            line.hide()
            line.deleteLater()


class _Line(QWidget):
    def __init__(self, task: Task) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._title = QLabel(task.title)
        self._text = QLabel()
        self._text.setProperty("role", "muted")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(80)
        self._bar.setAccessibleName(task.title)
        cancel = QPushButton("Cancel")
        cancel.setAccessibleName(f"Cancel: {task.title}")
        cancel.setToolTip("Stop this; files stay as they were")
        cancel.clicked.connect(task.cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._text)
        layout.addWidget(cancel)
        task.progressed.connect(self._show)
        self._show(task.fraction, "")

    def _show(self, fraction: float, text: str) -> None:
        if fraction > 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(min(fraction, 1.0) * 1000))
        self._text.setText(text)
