"""Rows of panes in splitters: some hidden, one maximised, their sizes remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ui.studies.panes.frame import PaneFrame

_HANDLE = 6  # px
_WEIGHTS = {"view": 3, "picture": 3, "table": 2, "text": 2, "plot": 2}
_ROOM = 10  # the splitter is given much more than it has, and scales it down by the shares
_MOST = 100_000


class Arrangement(QWidget):
    """Lays out rows of frames. A row without a visible frame takes no room."""

    def __init__(self, rows: Sequence[Sequence[PaneFrame]]) -> None:
        super().__init__()
        self._frames = {frame.pane.key: frame for row in rows for frame in row}
        self._shown: frozenset[str] = frozenset(self._frames)
        self._maximised = ""
        self._column = _Splitter(Qt.Orientation.Vertical)
        self._rows: list[_Splitter] = []
        for row in rows:
            splitter = _Splitter(Qt.Orientation.Horizontal)
            for frame in row:
                splitter.add(frame, _WEIGHTS[frame.pane.kind])
            self._column.add(splitter, max(_WEIGHTS[frame.pane.kind] for frame in row))
            self._rows.append(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._column)

    @property
    def maximised(self) -> str:
        """The key of the pane that has the whole stage, or ""."""
        return self._maximised

    def show_only(self, keys: Set[str]) -> None:
        """Show the panes with these keys; the others are hidden."""
        if keys != self._shown:
            self._shown = frozenset(keys)
            self._apply()

    def maximise(self, key: str) -> None:
        """Give one pane the whole stage, or give it back to all: with "", or if that pane has it already."""
        self._maximised = "" if key == self._maximised else key
        self._apply()

    def _apply(self) -> None:
        alone = self._maximised if self._maximised in self._shown else ""
        for key, frame in self._frames.items():
            frame.setVisible(key == alone if alone else key in self._shown)
            frame.set_maximised(key == alone)
        for row in self._rows:
            row.setVisible(bool(row.shown()))
        for splitter in (self._column, *self._rows):
            splitter.share_out()

    def state(self) -> dict[str, Any]:
        """What is to be remembered, as plain data that JSON can hold."""
        return {
            "rows": list(self._column.shares),
            "columns": [list(row.shares) for row in self._rows],
            "maximised": self._maximised,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a remembered ``state``; one of another arrangement of panes is left aside."""
        rows, columns = state.get("rows"), state.get("columns")
        splitters = (self._column, *self._rows)
        shares = [rows, *columns] if isinstance(columns, list) else []
        if len(shares) == len(splitters) and all(map(_fits, shares, splitters)):
            for splitter, share in zip(splitters, shares, strict=True):
                splitter.shares = [int(part) for part in share]  # type: ignore[union-attr]
        maximised = state.get("maximised", "")
        self._maximised = maximised if maximised in self._frames else ""
        self._apply()


class _Splitter(QSplitter):
    """A splitter that knows the share of each part, also of those that are hidden."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.shares: list[int] = []
        self._parts: list[QWidget] = []
        self.setHandleWidth(_HANDLE)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._learn)

    def add(self, widget: QWidget, weight: int) -> None:
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

    def _learn(self) -> None:
        """The person moved a handle: the shown parts share anew what they had together."""
        shown, sizes = self.shown(), self.sizes()
        before, now = sum(self.shares[place] for place in shown), sum(sizes[place] for place in shown)
        for place in shown:
            self.shares[place] = max(1, round(before * sizes[place] / max(1, now)))


def _fits(shares: object, splitter: _Splitter) -> bool:
    """Whether these can be the shares of a splitter's parts."""
    return (
        isinstance(shares, list)
        and len(shares) == splitter.count()
        and all(isinstance(share, int) and 0 < share <= _MOST for share in shares)
    )
