"""The viewport's actions, for its own keys, and for menus and tool bars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from lab.render.messages import Shading

if TYPE_CHECKING:
    from ui.viewport.canvas import ViewportCanvas

SHADINGS: dict[Shading, str] = {
    "lit": "Lit",
    "flat": "Flat",
    "normals": "Normals",
    "depth": "Depth",
    "unlit": "Unlit",
}


@dataclass(frozen=True)
class _Row:
    """One action. keys: the first is shown in menus; the rest work as well."""

    name: str
    text: str
    tip: str
    keys: tuple[str, ...]
    run: Callable[..., object]
    checkable: bool = False


def make_actions(viewport: ViewportCanvas) -> dict[str, QAction]:
    """All actions by name, added to the viewport; their keys work while it has the focus."""
    actions: dict[str, QAction] = {}
    for row in _rows(viewport):
        action = QAction(row.text, viewport)
        action.setToolTip(row.tip)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setCheckable(row.checkable)
        action.triggered.connect(row.run)
        viewport.addAction(action)
        actions[row.name] = action
    group = QActionGroup(viewport)
    for name in SHADINGS:
        group.addAction(actions[name])
    return actions


def _rows(viewport: ViewportCanvas) -> list[_Row]:
    fit = _Row("fit", "Fit the scene", "See everything, from the same side", ("F", "Home"), viewport.fitWanted.emit)
    rows = [fit]
    for name, text, keys in (
        ("front", "From the front", ("1",)),
        ("back", "From the back", ("Ctrl+1",)),
        ("right", "From the right", ("3",)),
        ("left", "From the left", ("Ctrl+3",)),
        ("top", "From the top", ("7",)),
        ("bottom", "From below", ("Ctrl+7",)),
        ("iso", "From the corner", ("0",)),
    ):
        rows.append(_Row(name, text, text, keys, lambda *_, name=name: viewport.set_standard_view(name)))
    for name, text, tip, keys, switch in (
        ("orthographic", "Orthographic", "Parallel lines stay parallel", ("5",), viewport.set_orthographic),
        ("wireframe", "Wireframe", "Edges over the faces", ("W",), viewport.set_wireframe),
        ("grid", "Grid", "The floor under the scene", ("G",), viewport.set_grid),
        ("axes", "Axes", "The directions of x, y and z", ("A",), viewport.set_axes),
        ("bounding box", "Bounding box", "The box around the scene", ("B",), viewport.set_bounding_box),
    ):
        rows.append(_Row(name, text, tip, keys, switch, checkable=True))
    for shading, text in SHADINGS.items():
        tip = f"{text} shading"
        rows.append(_Row(shading, text, tip, (), lambda *_, s=shading: viewport.set_shading(s), checkable=True))
    moves: tuple[tuple[str, str, tuple[str, ...], Callable[..., object]], ...] = (
        ("zoom in", "Zoom in", ("+", "="), lambda: viewport.zoom(1.0)),
        ("zoom out", "Zoom out", ("-",), lambda: viewport.zoom(-1.0)),
        ("orbit left", "Turn left", ("Left",), lambda: viewport.turn(-1, 0)),
        ("orbit right", "Turn right", ("Right",), lambda: viewport.turn(1, 0)),
        ("orbit up", "Turn up", ("Up",), lambda: viewport.turn(0, 1)),
        ("orbit down", "Turn down", ("Down",), lambda: viewport.turn(0, -1)),
        ("pan left", "Move left", ("Shift+Left",), lambda: viewport.shift(-1, 0)),
        ("pan right", "Move right", ("Shift+Right",), lambda: viewport.shift(1, 0)),
        ("pan up", "Move up", ("Shift+Up",), lambda: viewport.shift(0, -1)),
        ("pan down", "Move down", ("Shift+Down",), lambda: viewport.shift(0, 1)),
    )
    return rows + [_Row(name, text, text, keys, run) for name, text, keys, run in moves]
