"""A splitter that shares its room out: each part keeps its share when the room changes, or while it is hidden."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_HANDLE = 6  # px
_ROOM = 10  # the splitter is given much more than it has, and scales it down by the shares
_MOST = 100_000


class ShareSplitter(QSplitter):
    """A splitter that knows the share of each part, also of those that are hidden."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.shares: list[int] = []
        self._parts: list[QWidget] = []
        self.setHandleWidth(_HANDLE)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._learn)

    def add(self, widget: QWidget, weight: int) -> None:
        """Another part at the end. weight: its share at first, against those of the others."""
        self.addWidget(widget)
        self._parts.append(widget)
        self.setStretchFactor(self.count() - 1, weight)
        self.shares.append(100 * weight)
        self.share_out()

    def share_out(self) -> None:
        """Give each part its share of the room."""
        self.setSizes([_ROOM * share for share in self.shares])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_out()

    def shown(self) -> list[int]:
        """The places of the parts that are not hidden."""
        return [place for place, part in enumerate(self._parts) if not part.isHidden()]

    def can_have(self, shares: object) -> bool:
        """Whether these can be the shares of the parts: what was remembered may be of other parts, or damaged."""
        return (
            isinstance(shares, list)
            and len(shares) == self.count()
            and all(type(share) is int and 0 < share <= _MOST for share in shares)
        )

    def _learn(self) -> None:
        """The person moved a handle: the shown parts share anew what they had together."""
        shown, sizes = self.shown(), self.sizes()
        before, now = sum(self.shares[place] for place in shown), sum(sizes[place] for place in shown)
        for place in shown:
            self.shares[place] = max(1, round(before * sizes[place] / max(1, now)))
