"""The viewport's actions, for its own keys, and for menus and tool bars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from lab.render.messages import Shading

if TYPE_CHECKING:
    from ui.viewport.surface import ViewportSurface

SHADINGS: dict[Shading, str] = {
    "lit": "Lit",
    "flat": "Flat",
    "normals": "Normals",
    "depth": "Depth",
    "unlit": "Unlit",
}

_Run = Callable[["ViewportSurface", bool], object]


@dataclass(frozen=True)
class _Row:
    """One action. keys: the first is shown in menus; the rest work as well. run: (viewport, whether it is checked)."""

    name: str
    text: str
    tip: str
    keys: tuple[str, ...]
    run: _Run
    checkable: bool = False


def make_actions(viewport: ViewportSurface) -> dict[str, QAction]:
    """All actions by name, added to the viewport; their keys work while it has the focus.

    They act on ``viewport.acting()``: of several viewports of one scene, the one that the person works in.
    """
    actions: dict[str, QAction] = {}
    for row in _rows():
        action = QAction(row.text, viewport)
        action.setToolTip(row.tip)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setCheckable(row.checkable)
        action.triggered.connect(lambda on=False, run=row.run: run(viewport.acting(), on))
        viewport.addAction(action)
        actions[row.name] = action
    group = QActionGroup(viewport)
    for name in SHADINGS:
        group.addAction(actions[name])
    return actions


def _rows() -> list[_Row]:
    rows = [_Row("fit", "Fit the scene", "See everything, from the same side", ("F", "Home"), _fit)]
    for name, text, keys in (
        ("front", "From the front", ("1",)),
        ("back", "From the back", ("Ctrl+1",)),
        ("right", "From the right", ("3",)),
        ("left", "From the left", ("Ctrl+3",)),
        ("top", "From the top", ("7",)),
        ("bottom", "From below", ("Ctrl+7",)),
        ("iso", "From the corner", ("0",)),
    ):
        rows.append(_Row(name, text, text, keys, lambda view, _, name=name: view.set_standard_view(name)))
    switches: tuple[tuple[str, str, str, str, _Run], ...] = (
        ("orthographic", "Orthographic", "Parallel lines stay parallel", "5", lambda v, on: v.set_orthographic(on)),
        ("wireframe", "Wireframe", "Edges over the faces", "W", lambda view, on: view.set_wireframe(on)),
        ("grid", "Grid", "The floor under the scene", "Shift+G", lambda view, on: view.set_grid(on)),
        ("axes", "Axes", "The directions of x, y and z", "A", lambda view, on: view.set_axes(on)),
        ("bounding box", "Bounding box", "The box around the scene", "B", lambda v, on: v.set_bounding_box(on)),
    )
    rows += [_Row(name, text, tip, (key,), run, checkable=True) for name, text, tip, key, run in switches]
    for shading, text in SHADINGS.items():
        tip = f"{text} shading"
        rows.append(_Row(shading, text, tip, (), lambda view, _, s=shading: view.set_shading(s), checkable=True))
    moves: tuple[tuple[str, str, tuple[str, ...], _Run], ...] = (
        ("zoom in", "Zoom in", ("+", "="), lambda view, _: view.zoom(1.0)),
        ("zoom out", "Zoom out", ("-",), lambda view, _: view.zoom(-1.0)),
        ("orbit left", "Turn left", ("Left",), lambda view, _: view.turn(-1, 0)),
        ("orbit right", "Turn right", ("Right",), lambda view, _: view.turn(1, 0)),
        ("orbit up", "Turn up", ("Up",), lambda view, _: view.turn(0, 1)),
        ("orbit down", "Turn down", ("Down",), lambda view, _: view.turn(0, -1)),
        ("pan left", "Move left", ("Shift+Left",), lambda view, _: view.shift(-1, 0)),
        ("pan right", "Move right", ("Shift+Right",), lambda view, _: view.shift(1, 0)),
        ("pan up", "Move up", ("Shift+Up",), lambda view, _: view.shift(0, -1)),
        ("pan down", "Move down", ("Shift+Down",), lambda view, _: view.shift(0, 1)),
    )
    return rows + [_Row(name, text, text, keys, run) for name, text, keys, run in moves]


def _fit(view: ViewportSurface, _: bool) -> None:
    view.fitWanted.emit()
