"""Where runs stand in the scene: each run's entities under "run N/", the newest or the scrubbed ones."""

from __future__ import annotations

from dataclasses import replace

from lab.scene import Snapshot
from ui.scene.model import SceneModel


class RunScene:
    """Puts snapshots of runs into the scene and takes them out again. What the person removes stays away."""

    def __init__(self, scene: SceneModel) -> None:
        self._scene = scene
        self._paths: dict[int, dict[str, str]] = {}  # run -> path in its snapshot -> path in the scene
        self._removing = False
        self._dismissed: set[str] = set()
        scene.removed.connect(self._on_removed)
        scene.added.connect(self._on_added)

    def show(self, run_id: int, snapshot: Snapshot) -> None:
        """Let the run stand as in ``snapshot``; what is not in it any more goes."""
        paths = self._paths.setdefault(run_id, {})
        for gone in [name for name in paths if name not in snapshot]:
            self._remove(paths.pop(gone))
        for name, entity in snapshot.items():
            path = paths.get(name)
            if path is None:
                paths[name] = self._scene.add(f"run {run_id}/{name}", entity, owner="run")
            elif path not in self._dismissed:
                self._scene.update(path, entity)

    def hide_all(self) -> None:
        """Close the eye of every run so far: a new one takes the stage."""
        for paths in self._paths.values():
            for path in paths.values():
                if path in self._scene:
                    self._scene.set_style(path, replace(self._scene.entry(path).style, visible=False))

    def remove(self, run_id: int) -> None:
        """Take all of a run out of the scene."""
        for path in self._paths.pop(run_id, {}).values():
            self._remove(path)

    def paths(self, run_id: int) -> dict[str, str]:
        """The run's paths in the scene, by their paths in its snapshots."""
        return dict(self._paths.get(run_id, {}))

    def _remove(self, path: str) -> None:
        self._removing = True
        try:
            if path in self._scene:
                self._scene.remove(path)
        finally:
            self._removing = False
        self._dismissed.discard(path)

    def _on_added(self, path: str) -> None:
        self._dismissed.discard(path)  # an undo brought it back

    def _on_removed(self, path: str) -> None:
        if not self._removing and any(path in paths.values() for paths in self._paths.values()):
            self._dismissed.add(path)
