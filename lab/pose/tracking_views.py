"""What a track shows: the scene with the camera's way, three pictures, and the outcome with all cameras."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.cameras.model import CameraModel, inverse
from lab.experiment import Outcome
from lab.pose import paths
from lab.pose.camera_view import NEAR
from lab.pose.document import camera_document
from lab.pose.drawings import FOUND, LOST, TRUE, camera_lines, joined, overlay, picture, trail_lines
from lab.pose.model import Model
from lab.pose.sequences import BACKGROUND, Frame, MadeSequence, Sequence
from lab.pose.track import Track
from lab.scene import Array, Geometry, Lines, Snapshot

RESULT = "object"
_STATIONS = 12  # cameras that are drawn along the trail
_FRUSTUM = 0.35  # of the object's radius


class TrackingViews:
    """Makes snapshots and the outcome of a track of one object in one sequence."""

    def __init__(self, mesh: Geometry, model: Model, sequence: Sequence) -> None:
        self._mesh, self._model, self._sequence = mesh, model, sequence
        self._origin = mesh.origin
        self._length = _FRUSTUM * model.radius / model.scale
        self._path: Lines | None = None
        if isinstance(sequence, MadeSequence):
            centers = self._centers(sequence.views)
            self._path = trail_lines(centers, np.zeros(len(centers), bool), TRUE, self._origin)

    def snapshot(self, track: Track, frame: Frame) -> Snapshot:
        """The scene at the track's last picture."""
        entry = track.last
        pose = self._sequence.lens.pose(entry.view, self._model)
        drawn = self._sequence.lens.draw(self._model.shape, pose, NEAR * self._model.radius)
        scene: dict[str, Any] = {
            RESULT: self._mesh,
            "camera": self._lines(entry.view, LOST if entry.lost else FOUND),
            "trail": self._trail(track),
            "frame": picture(frame.rgb),
            "overlay": overlay(frame.rgb, frame.mask, drawn.seen),
            "render": picture(np.where(drawn.seen[..., None], drawn.rgb, BACKGROUND)),
        }
        if frame.truth is not None and self._path is not None:
            scene["true camera"] = self._lines(frame.truth, TRUE)
            scene["true path"] = self._path
        return scene

    def outcome(self, track: Track, seconds: list[float]) -> Outcome:
        """The last scene, the figures, and the camera of every picture."""
        if not len(track):
            return Outcome()
        errors = self._errors(track)
        lost = track.lost
        figures: dict[str, float | str | bool] = {"Pictures": float(len(track))}
        good = errors[~lost] if len(errors) else errors
        if len(good):
            figures["Median rotation error (°)"] = float(np.median(good[:, 0]))
            figures["Worst rotation error (°)"] = float(good[:, 0].max())
            figures["Median distance error (%)"] = float(np.median(good[:, 1]))
        overlaps = [entry.iou for entry in track if entry.seen]
        figures["Mean overlap"] = float(np.mean(overlaps)) if overlaps else 0.0
        turned = np.diff(lost.astype(np.int8), prepend=0)
        figures["Lost"] = float((turned > 0).sum())
        figures["Found again"] = float((turned < 0).sum())
        figures["Pictures lost"] = float(lost.sum())
        if seconds:
            figures["Milliseconds per picture"] = 1000 * float(np.median(seconds))
        last = len(track) - 1
        return Outcome(self.snapshot(track, self._sequence.frame(last)), figures, document=self._document(track))

    def _errors(self, track: Track) -> Array:
        """(N, 2): rotation error, degrees, and distance error, %; empty without truth."""
        if not isinstance(self._sequence, MadeSequence):
            return np.zeros((0, 2))
        pairs = zip(track.views, self._sequence.views, strict=False)
        return np.array([paths.errors(view, truth) for view, truth in pairs])

    def _document(self, track: Track) -> dict[str, Any]:
        height, width = self._sequence.size
        frames = [
            {
                "frame": number,
                "lost": entry.lost,
                "overlap": entry.iou,
                "cameras": camera_document(self._camera(entry.view).resized(width, height)),
            }
            for number, entry in enumerate(track)
        ]
        return {"frames": frames}

    def _camera(self, view: Array) -> CameraModel:
        """A view as a camera in world coordinates."""
        lens, model = self._sequence.lens, self._model
        return model.to_world(lens.pose(view, model).camera(lens.size))

    def _lines(self, view: Array, color: tuple[float, float, float]) -> Lines:
        camera = self._camera(view)
        c2w = np.array(camera.c2w)
        c2w[:3, 3] -= self._origin
        return camera_lines(camera.moved(c2w), self._length, color, self._origin)

    def _centers(self, views: Array) -> Array:
        """(N, 3): where the cameras stand, relative to the mesh's origin."""
        places = np.stack([inverse(view)[:3, 3] for view in views])
        return self._model.points_to_world(self._model.center + self._model.radius * places) - self._origin

    def _trail(self, track: Track) -> Lines:
        """The way of the camera, and the camera itself at some places of it."""
        views, lost = track.views, track.lost
        every = max(1, len(views) // _STATIONS)
        stations = [self._lines(views[n], LOST if lost[n] else FOUND) for n in range(0, len(views) - 1, every)]
        return joined([trail_lines(self._centers(views), lost, FOUND, self._origin), *stations], self._origin)
