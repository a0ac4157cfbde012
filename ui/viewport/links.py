"""Cameras that move together."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ui.viewport.viewport import Viewport


class CameraLink(QObject):
    """Links viewports: who orbits, moves, zooms or fits one of them does so in all, while the link is on."""

    switched = Signal(bool)

    def __init__(self, parent: QObject | None = None, *, on: bool = True) -> None:
        super().__init__(parent)
        self._members: dict[Viewport, Callable[[], None]] = {}
        self._on = on
        self._passing = False

    @property
    def members(self) -> tuple[Viewport, ...]:
        """The linked viewports, in the order in which they came."""
        return tuple(self._members)

    @property
    def on(self) -> bool:
        """Whether they move together."""
        return self._on

    def set_on(self, on: bool, like: Viewport | None = None) -> None:
        """Switch the link. On: all see at once what the viewport ``like`` sees, by default the first."""
        if on == self._on:
            return
        self._on = on
        leader = like if like in self._members else next(iter(self._members), None)
        if on and leader is not None:
            self._pass_on(leader)
        self.switched.emit(on)

    def add(self, viewport: Viewport) -> None:
        """Link a viewport; it sees from now on what the first one sees."""
        if viewport in self._members:
            return
        leader = next(iter(self._members), None)

        def moved() -> None:
            self._pass_on(viewport)

        self._members[viewport] = moved
        viewport.cameraMoved.connect(moved)
        viewport.companions = lambda: self.members if self._on else (viewport,)
        if self._on and leader is not None:
            viewport.follow(leader.camera, leader.touched)

    def remove(self, viewport: Viewport) -> None:
        """Let a viewport go its own way."""
        moved = self._members.pop(viewport, None)
        if moved is not None:
            viewport.cameraMoved.disconnect(moved)
            viewport.companions = lambda: (viewport,)

    def _pass_on(self, leader: Viewport) -> None:
        if not self._on or self._passing or leader.locked:
            return
        self._passing = True
        try:
            for member in self._members:
                if member is not leader:
                    member.follow(leader.camera, leader.touched)
        finally:
            self._passing = False
