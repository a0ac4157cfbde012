"""What is open in the window, as a workspace, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray

from lab.chapter import activities
from lab.workspace import Item, KeptRun, Workspace
from ui.runs.commands import AT_WORK
from ui.viewport.actions import SHADINGS

if TYPE_CHECKING:
    from ui.window.window import MainWindow

_CENTRE = "centre"  # among the settings: the sizes of the viewport and of a run's pictures, as JSON
_SWITCHES = ("wireframe", "grid", "axes", "bounding_box")


def may_change(window: MainWindow) -> str:
    """Why another workspace cannot be opened now, "" if it can."""
    if window.controller.state in AT_WORK:
        return "A run is at work. Stop it first (Shift+F5), then open another workspace."
    return ""


def collect(window: MainWindow) -> Workspace:
    """Everything that is open. Cheap: arrays are shared, not copied."""
    view = window.viewport.view()
    runs = [run for run in window.controller.runs.values() if run.recording.keyframes]
    return Workspace(
        items=tuple(
            Item(entry.path, entry.entity, entry.style, entry.source) for entry in window.scene if entry.owner == "user"
        ),
        selected=window.scene.selected,
        activity=window.panel.activity.key,
        values=window.panels.values(),
        cameras=dict(window.area.cameras()),
        looks={"shading": view.shading} | {name: getattr(view, name) for name in _SWITCHES},
        layout=bytes(window.saveState().data()),
        settings={
            "seed": window.bar.seed.value(),
            "device": window.bar.device.currentText(),
            _CENTRE: json.dumps(window.centre.state()),
        },
        runs=tuple(
            KeptRun(
                run.recording.copy(),
                {
                    name: window.scene.entry(path).style
                    for name, path in window.controller.scene_paths(run.run_id).items()
                    if path in window.scene
                },
            )
            for run in runs
        ),
    )


def restore(window: MainWindow, workspace: Workspace) -> None:
    """Open a workspace in the place of what is open. No run may be at work."""
    _clear(window)
    for item in workspace.items:
        window.scene.add(item.path, item.entity, style=item.style, source=item.source)
    for kept in workspace.runs:
        run_id = window.controller.adopt(kept.recording, "", kept.recording.header.label)
        for name, path in window.controller.scene_paths(run_id).items():
            if name in kept.styles:
                window.scene.set_style(path, kept.styles[name])
    for item in workspace.items:  # a run that was adopted hides others
        window.scene.set_style(item.path, item.style)
    _restore_panels(window, workspace)
    _restore_view(window, workspace)
    if workspace.selected in window.scene.paths():
        window.scene.select(workspace.selected)


def _clear(window: MainWindow) -> None:
    for run_id in list(window.controller.runs):
        window.controller.remove(run_id)
    window.scene.select(None)
    for path in window.scene.paths():
        window.scene.remove(path)
    window.history.stack.clear()


def _restore_panels(window: MainWindow, workspace: Workspace) -> None:
    known = {key: values for key, values in workspace.values.items() if key in activities()}
    window.panels.set_values(known)
    if workspace.activity in activities():
        window.open_activity(workspace.activity)
    seed = workspace.settings.get("seed")
    if isinstance(seed, int) and 0 <= seed < 2**31:
        window.bar.seed.setValue(seed)
    window.bar.device.setCurrentText(str(workspace.settings.get("device", "cpu")))


def _restore_view(window: MainWindow, workspace: Workspace) -> None:
    if workspace.layout:
        window.restoreState(QByteArray(workspace.layout))
    _restore_centre(window, workspace.settings.get(_CENTRE))
    looks: Mapping[str, Any] = workspace.looks
    viewport = window.viewport
    if looks.get("shading") in SHADINGS:
        viewport.set_shading(looks["shading"])
    for name, change in (
        ("wireframe", viewport.set_wireframe),
        ("grid", viewport.set_grid),
        ("axes", viewport.set_axes),
        ("bounding_box", viewport.set_bounding_box),
    ):
        if isinstance(looks.get(name), bool):
            change(looks[name])
    window.area.set_cameras(workspace.cameras)


def _restore_centre(window: MainWindow, words: object) -> None:
    try:
        state = json.loads(words) if isinstance(words, str) else None
    except (ValueError, RecursionError):
        return
    if isinstance(state, dict):
        window.centre.restore(state)
