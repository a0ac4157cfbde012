"""Drops things on a row of a form, as the mouse does."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget


def drop(row: QWidget, mime: QMimeData) -> bool:
    """Drag something over a row and let it go; whether the row took it."""
    args = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), *args)
    QApplication.sendEvent(row, enter)
    if enter.isAccepted():
        QApplication.sendEvent(row, QDropEvent(QPointF(5, 5), *args))
    return enter.isAccepted()
