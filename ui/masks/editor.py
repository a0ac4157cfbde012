"""The mask while it is painted: strokes, regions that were found, and their undoing. It knows no widgets."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from lab.photo.paint import NOTHING, Box, History, stroke
from lab.scene import Array

Place = tuple[float, float]


class MaskEditor(QObject):
    """A mask (H, W) bool, changed in place, in the pixels of its photo."""

    changed = Signal(object)
    """The Box in which the mask is another."""
    settled = Signal()
    """A change is complete: the share of the photo and what can be undone are others."""

    def __init__(self, mask: Array) -> None:
        super().__init__()
        self.mask = np.array(mask, bool)
        self._first = np.packbits(self.mask)
        self._before = self.mask.copy()
        self._history = History()
        self._at: Place | None = None  # of the stroke that is being painted
        self._touched = NOTHING
        self._steps = 0

    @property
    def whole(self) -> Box:
        """All of the photo."""
        return Box(0, 0, *self.mask.shape)

    @property
    def share(self) -> float:
        """Of the photo that the mask covers, in [0, 1]."""
        return int(np.count_nonzero(self.mask)) / self.mask.size

    @property
    def steps(self) -> int:
        """How many changes were made, those that were undone included."""
        return self._steps

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def modified(self) -> bool:
        """Whether the mask is another one than at the beginning."""
        return not np.array_equal(np.packbits(self.mask), self._first)

    @property
    def painting(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._at is not None

    # --- strokes ----------------------------------------------------------------------------------------------------

    def paint_to(self, place: Place, radius: float, value: bool) -> None:
        """Begin a stroke at ``place`` (x, y), or lead it there; it sets the mask to ``value``."""
        if self._at is None:
            np.copyto(self._before, self.mask)
        box = stroke(self.mask, self._at or place, place, radius, value)
        self._at = place
        if box:
            self._touched |= box
            self.changed.emit(box)

    def end_stroke(self) -> None:
        """The brush is lifted."""
        if self._at is not None:
            self._steps += self._history.keep(self._before, self.mask, self._touched)
            self._at, self._touched = None, NOTHING
            self.settled.emit()

    # --- regions ----------------------------------------------------------------------------------------------------

    def set_region(self, box: Box, region: Array, value: bool) -> None:
        """Set the mask to ``value`` where ``region`` (h, w) bool within ``box`` is."""
        after = self.mask[box.slices] | region if value else self.mask[box.slices] & ~region
        self._replace(box, after)

    def set_mask(self, box: Box, region: Array) -> None:
        """The mask is ``region`` within ``box``, and nothing else."""
        after = np.zeros_like(self.mask)
        after[box.slices] = region
        self._replace(self.whole, after)

    def invert(self) -> None:
        """The background becomes the object."""
        self._replace(self.whole, ~self.mask)

    def clear(self) -> None:
        """An empty mask."""
        self._replace(self.whole, np.zeros_like(self.mask))

    def _replace(self, box: Box, after: Array) -> None:
        self.end_stroke()
        if not box:
            return
        np.copyto(self._before, self.mask)
        self.mask[box.slices] = after
        if self._history.keep(self._before, self.mask, box):
            self._steps += 1
            self.changed.emit(box)
            self.settled.emit()

    # --- and back ---------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last change back."""
        self.end_stroke()
        self._tell(self._history.undo(self.mask))

    def redo(self) -> None:
        """Make it again."""
        self.end_stroke()
        self._tell(self._history.redo(self.mask))

    def _tell(self, box: Box) -> None:
        if box:
            self.changed.emit(box)
            self.settled.emit()
