"""Rows of panes in splitters: some hidden, one maximised, their sizes remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.look.splitter import ShareSplitter
from ui.studies.panes.frame import PaneFrame

_WEIGHTS = {"view": 3, "picture": 3, "table": 2, "text": 2, "plot": 2}


class Arrangement(QWidget):
    """Lays out rows of frames. A row without a visible frame takes no room."""

    def __init__(self, rows: Sequence[Sequence[PaneFrame]]) -> None:
        super().__init__()
        self._frames = {frame.pane.key: frame for row in rows for frame in row}
        self._shown: frozenset[str] = frozenset(self._frames)
        self._maximised = ""
        self._column = ShareSplitter(Qt.Orientation.Vertical)
        self._rows: list[ShareSplitter] = []
        for row in rows:
            splitter = ShareSplitter(Qt.Orientation.Horizontal)
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
        if len(shares) == len(splitters) and all(map(ShareSplitter.can_have, splitters, shares)):
            for splitter, share in zip(splitters, shares, strict=True):
                splitter.shares = list(share)
        maximised = state.get("maximised", "")
        self._maximised = maximised if maximised in self._frames else ""
        self._apply()
