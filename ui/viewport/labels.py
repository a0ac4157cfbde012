"""Words at places of the world, over the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from lab.scene import Array
from lab.study import Label
from ui.viewport.drags import Sight, vector
from ui.viewport.layers import Ink, Layer

_DOT, _GAP = 2.5, 7.0


class LabelLayer(Layer):
    """Paints labels: a dot at the place, the words beside it."""

    def __init__(self) -> None:
        self._labels: tuple[Label, ...] = ()
        self._places: Array = np.zeros((0, 3))

    @property
    def labels(self) -> tuple[Label, ...]:
        """What is shown."""
        return self._labels

    def set_labels(self, labels: Sequence[Label]) -> None:
        """Show others."""
        found = tuple(replace(label, position=vector(label.position)) for label in labels)
        if found != self._labels:
            self._labels = found
            self._places = np.array([label.position for label in found], float).reshape(-1, 3)
            self.repaint()

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        if not self._labels:
            return
        pixels, depths = sight.project(self._places)
        for index in np.argsort(-depths):  # the nearest last, over the others
            label, (x, y) = self._labels[index], pixels[index]
            if not (np.isfinite(x) and -200 < x < sight.width + 50 and -50 < y < sight.height + 50):
                continue
            color = QColor(ink.theme.text) if label.color is None else ink.color(label.color)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
            ink.words(painter, (float(x) + _GAP, float(y)), label.text, color)
