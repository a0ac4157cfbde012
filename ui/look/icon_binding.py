"""Keeps the icons of actions and buttons in the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QIcon

from ui.look.icons import icon
from ui.look.theme import Theme, ThemeManager


class HasIcon(Protocol):
    """An action or a button."""

    def setIcon(self, icon: QIcon, /) -> None: ...


class IconBook:
    """Gives icons to widgets, and others when the theme changes. Lives as long as the window."""

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._bound: list[tuple[HasIcon, str, Callable[[Theme], str] | None]] = []
        themes.changed.connect(lambda _: self._dress())

    def bind(self, widget: HasIcon, name: str, color: Callable[[Theme], str] | None = None) -> None:
        """Give the icon called ``name`` to a widget of the window; color: how to find its colour in a theme."""
        self._bound.append((widget, name, color))
        self._set(widget, name, color)

    def rebind(self, widget: HasIcon, name: str) -> None:
        """Give another icon to a widget that has one already."""
        self._bound = [(w, name if w is widget else n, c) for w, n, c in self._bound]
        self._set(widget, name, next((c for w, _, c in self._bound if w is widget), None))

    def _dress(self) -> None:
        for widget, name, color in self._bound:
            self._set(widget, name, color)

    def _set(self, widget: HasIcon, name: str, color: Callable[[Theme], str] | None) -> None:
        theme = self._themes.theme
        widget.setIcon(icon(name, theme, color=color(theme) if color else None))
