"""The handles of a study that are no more than dots: many at once, found and painted together."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from lab.study import Handle
from ui.viewport.drags import Pixel, Sight
from ui.viewport.layers import Ink

_RADIUS, _HOT_RADIUS, _REACH = 4.5, 6.5, 10.0  # pixels


class Dots:
    """The handles of the kind "dot" among all."""

    def __init__(self, handles: Iterable[Handle] = ()) -> None:
        self._handles = tuple(handle for handle in handles if handle.kind == "dot")
        self._places = np.array([handle.position for handle in self._handles], float).reshape(-1, 3)

    def at(self, at: Pixel, sight: Sight) -> Handle | None:
        """The dot that is nearest to the mouse, None where none is near enough."""
        if not self._handles:
            return None
        distances = np.linalg.norm(sight.project(self._places)[0] - np.array(at), axis=1)
        distances[~np.isfinite(distances)] = math.inf
        nearest = int(np.argmin(distances))
        return self._handles[nearest] if distances[nearest] <= _REACH else None

    def paint(self, painter: QPainter, sight: Sight, ink: Ink, hot: str) -> None:
        """All of them, the farthest first; hot: the key of the one under the mouse or held, "" for none."""
        if not self._handles:
            return
        pixels, depths = sight.project(self._places)
        painter.setPen(QPen(QColor(ink.theme.viewport), 1.5))
        for index in np.argsort(-depths).tolist():
            handle, (x, y) = self._handles[index], pixels[index].tolist()
            if not (math.isfinite(x) and math.isfinite(y)):
                continue
            painter.setBrush(ink.hot if handle.key == hot else ink.color(handle.color))
            radius = _HOT_RADIUS if handle.key == hot else _RADIUS
            painter.drawEllipse(QPointF(x, y), radius, radius)
