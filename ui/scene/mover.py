"""Moves objects of the scene as the person drags them: a light copy meanwhile, the full data at the end."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from lab.render.coarse import clustered
from lab.scene import Array, Entity, Field, Image, Lines, Mesh, Points
from ui.scene.history import History
from ui.scene.model import SceneModel
from ui.scene.motion import Motion, Movable, moved

AT_ONCE = 50_000  # vertices that are moved on the UI thread, within a few milliseconds
_PREVIEW_FACES = 60_000
_PREVIEW_MS = 15
_LOOKED_AT = 100_000  # vertices, for the middle of an object
_POLL_MS = 15


@dataclass
class _Job:
    """A motion that is worked out in the thread. share: how much of it is done."""

    path: str
    before: Movable
    result: Future[Movable] | None = None
    share: float = 0.0


class Mover(QObject):
    """Previews motions and carries them out, each as one edit of the history. The UI thread never waits for one."""

    previewed = Signal(str, object)
    """(path, the entity to draw in its place); None ends the preview."""
    progressed = Signal(str, float)
    """(path, share in [0, 1]) of a motion that takes longer; 1 at its end."""
    refused = Signal(str)
    """Why an object did not move, in a sentence."""

    def __init__(self, scene: SceneModel, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._history = history
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="motion")
        self._light: tuple[Movable, Future[Movable]] | None = None  # an entity, and its light copy in the making
        self._middle: tuple[Movable, Array] | None = None
        self._next: tuple[str, Motion] | None = None
        self._shown: str | None = None
        self._job: _Job | None = None
        self._pace = QTimer(self, singleShot=True, interval=_PREVIEW_MS)
        self._pace.timeout.connect(self._preview_now)
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self._collect)

    def shutdown(self) -> None:
        """Move nothing any more; waits for nothing."""
        self._pace.stop()
        self._poll.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def busy(self) -> bool:
        """Whether a motion is being worked out."""
        return self._job is not None

    def movable(self, path: str | None) -> Movable | None:
        """The entity under a path if the person may move it: no picture, no field, and not what a run shows."""
        if path is None or path not in self._scene:
            return None
        entry = self._scene.entry(path)
        return None if isinstance(entry.entity, Image | Field) or entry.owner == "run" else entry.entity

    def middle(self, path: str | None) -> Array | None:
        """(3,) float64, world: the middle of an object's bounds, about which it turns; None for nothing to move."""
        entity = self.movable(path)
        if entity is None or not len(entity.verts):
            return None
        if self._middle is None or self._middle[0] is not entity:
            self._middle = (entity, middle_of(entity))
        return self._middle[1]

    # --- while it is dragged ------------------------------------------------------------------------------------------

    def prepare(self, path: str) -> None:
        """The person may be about to drag this object: make its light copy."""
        entity = self.movable(path)
        if entity is None or len(entity.verts) <= AT_ONCE or (self._light is not None and self._light[0] is entity):
            return
        self._light = (entity, self._thread.submit(light_copy, entity))

    def preview(self, path: str, motion: Motion) -> None:
        """Show an object elsewhere, without changing it. Of many calls the newest counts."""
        self._next = (path, motion)
        if not self._pace.isActive():
            self._pace.start()

    def cancel(self, path: str) -> None:
        """Show the object where it is."""
        self._next = None
        self._pace.stop()
        if self._shown is not None:
            self._shown = None
            self.previewed.emit(path, None)

    def _preview_now(self) -> None:
        wanted, self._next = self._next, None
        if wanted is None:
            return
        path, motion = wanted
        entity = self.movable(path)
        if entity is not None:
            self._shown = path
            self.previewed.emit(path, moved(self._light_of(path, entity), motion))

    def _light_of(self, path: str, entity: Movable) -> Movable:
        if len(entity.verts) <= AT_ONCE:
            return entity
        self.prepare(path)
        if self._light is not None and self._light[0] is entity and self._light[1].done():
            return self._light[1].result()
        return some_points(entity)

    # --- at the end ---------------------------------------------------------------------------------------------------

    def apply(self, path: str, motion: Motion, what: str = "transform") -> None:
        """Carry a motion out; what: its word in the menu. A large object stays in its preview until it is done."""
        entity = self.movable(path)
        if entity is None or motion.is_identity or self.busy:
            self.cancel(path)
            return
        if len(entity.verts) <= AT_ONCE:
            self._finish(path, entity, moved(entity, motion), what)
            return
        if self._next is not None:
            self._preview_now()
        job = self._job = _Job(path, entity)

        def tick(share: float) -> None:
            job.share = share

        job.result = self._thread.submit(moved, entity, motion, tick)
        self._what = what
        self._poll.start()
        self.progressed.emit(path, 0.0)

    def _collect(self) -> None:
        job = self._job
        if job is None or job.result is None:
            self._poll.stop()
        elif not job.result.done():
            self.progressed.emit(job.path, job.share)
        else:
            self._poll.stop()
            self._job = None
            self.progressed.emit(job.path, 1.0)
            self._finish(job.path, job.before, job.result.result(), self._what)

    def _finish(self, path: str, before: Entity, after: Entity, what: str) -> None:
        if path in self._scene and self._scene.entity(path) is before:
            self._history.replace(path, after, None, what)
        else:
            self.refused.emit(f"{path} changed while it was being moved, so it stays where it is.")
        self.cancel(path)


def middle_of(entity: Movable) -> Array:
    """(3,) float64, world: the middle of the bounds of an entity, of a large one those of a part of its vertices."""
    verts = entity.verts[:: max(1, len(entity.verts) // _LOOKED_AT)]
    verts = verts[np.isfinite(verts).all(axis=1)]
    if not len(verts):
        return np.asarray(entity.origin)
    middle: Array = entity.origin + (verts.min(axis=0).astype(float) + verts.max(axis=0)) / 2
    return middle


def some_points(entity: Movable, most: int = AT_ONCE) -> Movable:
    """At most ``most`` vertices of an entity as a point cloud, evenly from its list."""
    step = max(1, -(-len(entity.verts) // most))
    normals: Array | None = getattr(entity, "normals", None)
    colors: Array | None = None if isinstance(entity, Lines) else entity.colors
    scalars = {} if isinstance(entity, Lines) else {name: values[::step] for name, values in entity.scalars.items()}
    return Points(
        entity.verts[::step],
        None if normals is None else normals[::step],
        None if colors is None else colors[::step],
        scalars,
        origin=entity.origin,
    )


def light_copy(entity: Movable) -> Movable:
    """A copy that looks like the entity and is quick to move: fewer points, fewer faces, every few lines."""
    if isinstance(entity, Mesh):
        used, faces = clustered(entity.verts, entity.faces, _PREVIEW_FACES)
        return Mesh(
            entity.verts[used],
            faces,
            None if entity.normals is None else entity.normals[used],
            None if entity.colors is None else entity.colors[used],
            scalars={name: values[used] for name, values in entity.scalars.items()},
            origin=entity.origin,
        )
    if isinstance(entity, Lines):
        step = max(1, -(-len(entity.edges) // AT_ONCE))
        used, edges = np.unique(entity.edges[::step], return_inverse=True)
        colors = None if entity.colors is None else entity.colors[::step]
        return replace(entity, verts=entity.verts[used], edges=edges.reshape(-1, 2).astype(np.int32), colors=colors)
    return some_points(entity)
