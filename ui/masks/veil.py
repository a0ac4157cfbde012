"""The mask as it is laid over the photo on the screen: one byte a screen pixel, arithmetic only."""

from __future__ import annotations

import numpy as np

from lab.scene import Array
from ui.studies.panes.zoom import Placement

CLEAR, TINT, EDGE = 0, 1, 2
"""What a screen pixel shows: the photo, the object's tint, the outline."""


class Veil:
    """(h, w) uint8 of CLEAR, TINT and EDGE for the screen pixels of a widget; kept in memory that a QImage can share.

    ratio: screen pixels for one of the widget's.
    """

    def __init__(self, placement: Placement, ratio: float) -> None:
        width, height = (max(1, round(side * ratio)) for side in placement.room)
        self.pixels = np.zeros((height, width), np.uint8)
        columns = (np.arange(-1, width + 1) + 0.5) / ratio
        rows = (np.arange(-1, height + 1) + 0.5) / ratio
        self._columns = np.floor((columns - placement.left) / placement.scale).astype(np.int64)
        self._rows = np.floor((rows - placement.top) / placement.scale).astype(np.int64)

    def show(self, mask: Array, box: tuple[int, int, int, int] | None = None) -> None:
        """Take the mask (H, W) bool, in the screen pixels of ``box`` (top, left, bottom, right) or in all."""
        height, width = self.pixels.shape
        top, left, bottom, right = box or (0, 0, height, width)
        top, left, bottom, right = max(0, top), max(0, left), min(height, bottom), min(width, right)
        if top >= bottom or left >= right:
            return
        around = self._sample(mask, self._rows[top : bottom + 2], self._columns[left : right + 2])
        inside = around[1:-1, 1:-1]
        inner = inside & around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
        self.pixels[top:bottom, left:right] = inside.view(np.uint8) + (inside & ~inner).view(np.uint8)

    @staticmethod
    def _sample(mask: Array, rows: Array, columns: Array) -> Array:
        """The mask at the pixels of the photo; False beside it."""
        height, width = mask.shape
        row_in, column_in = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
        found = np.zeros((len(rows), len(columns)), bool)
        seen = mask[rows[row_in]][:, columns[column_in]]
        found[np.ix_(np.flatnonzero(row_in), np.flatnonzero(column_in))] = seen
        return found
