"""The centre of the window: what is worked on, and the pictures of a run below it or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget

from ui.look.splitter import ShareSplitter
from ui.runs.pictures import RunPictures

_BELOW, _BESIDE = [42, 21], [66, 34]  # shares of the stage and the pictures
_WIDE, _NOT_WIDE = 2.4, 2.1  # width / height, above which they stand side by side, and below which they do not


class Centre(ShareSplitter):
    """The stage and a run's pictures, below it or, where there is much more width than height, beside it.

    The person's sizes are kept for both ways.
    """

    def __init__(self, stage: QStackedWidget, pictures: RunPictures) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.stage = stage
        self.pictures = pictures
        self.add(stage, _BELOW[0])
        self.add(pictures, _BELOW[1])
        self._others = [100 * share for share in _BESIDE]  # the shares of the way in which it does not stand
        pictures.maximisedChanged.connect(lambda on: stage.setVisible(not on))

    @property
    def beside(self) -> bool:
        """Whether the pictures stand beside the stage."""
        return self.orientation() == Qt.Orientation.Horizontal

    def resizeEvent(self, event: QResizeEvent) -> None:
        ratio = self.width() / max(1, self.height())
        beside = ratio > (_NOT_WIDE if self.beside else _WIDE)
        if beside != self.beside:
            self._turn()
        super().resizeEvent(event)

    def _turn(self) -> None:
        """Let the pictures stand on the other side."""
        self.shares, self._others = self._others, self.shares
        self.setOrientation(Qt.Orientation.Vertical if self.beside else Qt.Orientation.Horizontal)
        self.pictures.stand(beside=self.beside)

    def state(self) -> dict[str, Any]:
        """The sizes, as plain data that JSON can hold."""
        ways = {self.beside: list(self.shares), not self.beside: list(self._others)}
        return {"below": ways[False], "beside": ways[True], "pictures": self.pictures.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a remembered ``state``; what is not understood of it is left aside."""
        below, beside, pictures = (state.get(name) for name in ("below", "beside", "pictures"))
        if self.can_have(below) and self.can_have(beside):
            shares = {False: list(below or ()), True: list(beside or ())}
            self.shares, self._others = shares[self.beside], shares[not self.beside]
            self.share_out()
        if isinstance(pictures, dict):
            self.pictures.restore(pictures)

    def reset(self) -> None:
        """The shares as they are at first."""
        self.restore({"below": [100 * share for share in _BELOW], "beside": [100 * share for share in _BESIDE]})
