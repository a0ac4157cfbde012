"""Tracking as an experiment: a picture per step, predicted from the motion so far, corrected, and found when lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lab.chapters.pose.tracking import FOLDER, KNOWN, MADE, MASKS, ORBIT, VIDEO, WOBBLE, TrackingParams
from lab.experiment import ExperimentError, RunContext, Step
from lab.kernels.crew import Crew
from lab.motions import se3
from lab.pose import paths
from lab.pose.camera_view import Lens, view_of
from lab.pose.follow import COLOR_GAIN, Followed, Follower, Following
from lab.pose.footage import Reading, read_folder, read_video
from lab.pose.model import Model
from lab.pose.search import Search, find
from lab.pose.sequences import Frame, MadeSequence, Sequence, Trouble
from lab.pose.target import Target
from lab.pose.track import Entry, Track
from lab.pose.tracking_doctor import TrackingDoctor
from lab.pose.tracking_views import TrackingViews
from lab.scene import Array, Mesh

_SEEN = 0.002
"""A mask that covers less of the picture than this shows nothing."""
_MOSTLY_COVERED = 0.6
"""Of the object: beyond, a correction is not believed at all."""
_PATIENCE = 2
"""Pictures in a row that must fit badly until the track counts as lost."""
_SURER = 0.05
"""By so much more the silhouettes must share until a lost track counts as found."""
_SEARCH_EVERY = 4
_TURNS = 2000
_OFF_DEG, _OFF_SHARE = 3.0, 0.02
"""How far the known first pose is off the true one, degrees and radii."""
_SEEDS = 2**63


class Tracking:
    """Follow ``inputs["mesh"]`` through a sequence. Step k has the pose of picture k.

    The checkpoint holds the track so far, the doctor and what the tracker remembers; pictures are made or read again.
    """

    def run(self, params: TrackingParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    verts = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
    model = Model.of(Mesh(verts, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)))
    lens = Lens.of(50.0, (32, 32))
    views = paths.orbit(1, 3.0, 3.0)
    frame = MadeSequence(model, lens, views, Trouble(), 0).frame(0)
    Follower(model, model.shape, lens).follow(lens.pose(views[0], model), frame, Following(), colors=True)


class _Run:
    """One run."""

    def __init__(self, params: TrackingParams, ctx: RunContext, crew: Crew) -> None:
        self._ctx, self._crew, self._params = ctx, crew, params
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "track", "doctor", "low", "searched"}:
            raise ExperimentError("The checkpoint is not one of a track, so the run cannot go on from it.")
        ctx.report(None, "Preparing the object")
        self._model = Model.of(ctx.inputs["mesh"])
        self._sequence = make_sequence(params, self._model, ctx)
        self._colors = self._sequence.lit
        self._last = min(params.frames, len(self._sequence) - 1)
        self._follower = Follower(self._model, self._model.shape, self._sequence.lens)
        self._views = TrackingViews(ctx.inputs["mesh"], self._model, self._sequence)
        self._track, self._doctor = Track(), TrackingDoctor()
        self._low, self._searched, self._first = 0, -_SEARCH_EVERY, 0
        self._seconds: list[float] = []
        if state is not None:
            self._track.restore(state["track"])
            self._doctor.restore(state["doctor"])
            self._low, self._searched, self._first = int(state["low"]), int(state["searched"]), int(state["step"])

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        if len(self._track):
            yield self._step(self._first, self._sequence.frame(self._first), tell=False)
        for index in range(len(self._track), self._last + 1):
            if self._ctx.stop_requested:
                break
            frame = self._sequence.frame(index)
            began = time.perf_counter()
            self._track.add(self._entry(index, frame))
            self._seconds.append(time.perf_counter() - began)
            yield self._step(index, frame)
            self._ctx.checkpoint()
        self._ctx.outcome(self._views.outcome(self._track, self._seconds))

    # --- a picture ------------------------------------------------------------------------------------------------

    def _entry(self, index: int, frame: Frame) -> Entry:
        """The pose of a picture, and how it was come by."""
        lost = index > 0 and self._track.last.lost
        expected = self._expected(index, frame)
        if float(frame.mask.mean()) < _SEEN:
            self._low = 0
            return Entry(expected, 0.0, 0.0, 0.0, True, False)
        if index == 0 and (frame.truth is None or self._params.start != KNOWN):
            found = self._found(index, frame)
            self._low = 0 if found.iou >= self._ctx.params.lost_below else _PATIENCE
        else:
            found = self._followed(expected, frame)
            bad = found.iou < self._ctx.params.lost_below + (_SURER if lost else 0.0)
            self._low = self._low + 1 if bad else 0
            if self._ctx.params.search and (lost or self._low >= _PATIENCE):
                found = self._looked_around(index, frame, found)
        lost = self._low >= _PATIENCE or (lost and self._low > 0)
        view = view_of(found.pose, self._model)
        if found.covered > 0.0 and index > 0:
            view = _believed(expected, view, found.covered)
        color = 0.0 if found.color is None else found.color
        return Entry(view, found.iou, found.outline, color, lost, True)

    def _expected(self, index: int, frame: Frame) -> Array:
        """The view (4, 4) that the motion so far leads to."""
        if index == 0:
            if frame.truth is None:
                return paths.view_from(3.0, 20.0, 0.0)
            rng = np.random.default_rng([self._ctx.seed % _SEEDS, 77])
            off = rng.normal(size=6) * np.repeat([_OFF_SHARE, np.radians(_OFF_DEG)], 3) / np.sqrt(3)
            return np.asarray(frame.truth @ se3.exp(np.concatenate([np.zeros(3), off[3:]])) + _shift(off[:3]))
        return self._track.predicted(self._ctx.params.prediction)

    def _followed(self, view: Array, frame: Frame) -> Followed:
        pose = self._sequence.lens.pose(view, self._model)
        return self._follower.follow(pose, frame, self._how(), colors=self._use_colors)

    def _looked_around(self, index: int, frame: Frame, found: Followed) -> Followed:
        """``found``, or what a search over all views finds, if that is better; not at every picture."""
        if index - self._searched < _SEARCH_EVERY and self._track.last.seen:
            return found
        other = self._found(index, frame)
        if _worth(other) <= _worth(found):
            return found
        if other.iou >= self._ctx.params.lost_below + _SURER:
            self._low = 0
        return other

    def _found(self, index: int, frame: Frame) -> Followed:
        """What a search over all views finds in a picture."""
        self._searched = index
        self._ctx.report(None, "Looking for the object from all sides")
        lens = self._sequence.lens
        target = Target(frame.mask, frame.rgb if self._use_colors else None)
        pose = lens.pose(paths.view_from(3.0, 0.0, 0.0), self._model)
        color = COLOR_GAIN * self._ctx.params.color_weight if self._use_colors else 0.0
        best = pose
        for candidate in find(Search(self._model, target, pose, color=color, count=_TURNS, crew=self._crew)):
            best = candidate.pose
            self._ctx.checkpoint()
        return self._follower.follow(best, frame, self._how(), colors=self._use_colors)

    @property
    def _use_colors(self) -> bool:
        return self._colors and self._ctx.params.color_weight > 0.0

    def _how(self) -> Following:
        params: TrackingParams = self._ctx.params
        return Following(params.outline_weight, params.color_weight, params.reach, params.robust, params.iterations)

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _step(self, index: int, frame: Frame, *, tell: bool = True) -> Step:
        entry, params = self._track.last, self._ctx.params
        metrics = {"outline": entry.outline, "color": COLOR_GAIN * entry.color**2, "iou": entry.iou}
        metrics["outline (weighted)"] = params.outline_weight * metrics["outline"]
        metrics["color (weighted)"] = params.color_weight * metrics["color"]
        metrics["loss"] = metrics["outline (weighted)"] + metrics["color (weighted)"]
        turn = None
        if frame.truth is not None:
            turn, apart = paths.errors(entry.view, frame.truth)
            metrics |= {"rotation_error": turn, "distance_error": apart}
        if tell:
            for notice in self._doctor.look(
                index, lost=entry.lost, seen=entry.seen, iou=entry.iou, turn_deg=turn, mask=frame.mask
            ):
                self._ctx.notice(notice)
        track = self._track.snapshot()
        ended = index == self._last < self._params.frames
        return Step(index, metrics, lambda: self._views.snapshot(track, frame), self._state(index), last=ended)

    def _state(self, index: int) -> Callable[[], dict[str, Any]]:
        track, doctor = self._track.snapshot(), self._doctor.state()
        low, searched = self._low, self._searched
        return lambda: {
            "step": index, "track": track.state(), "doctor": doctor, "low": low, "searched": searched,
        }  # fmt: skip


def make_sequence(params: TrackingParams, model: Model, ctx: RunContext) -> Sequence:
    """The pictures that the parameters ask for. Raises ExperimentError when they cannot be had."""
    if params.source in (VIDEO, FOLDER):
        reading = Reading(
            params.frames + 1, params.skip, params.size, params.fov, MASKS[params.masks], params.tolerance
        )
        return (read_video if params.source == VIDEO else read_folder)(params.video, reading, ctx.report)
    assert params.source == MADE
    count, rng = params.frames + 1, np.random.default_rng(ctx.seed % _SEEDS)
    if params.path == ORBIT:
        views = paths.orbit(count, params.speed, params.distance)
    elif params.path == WOBBLE:
        views = paths.wobble(count, params.speed, params.distance)
    else:
        views = paths.random(count, params.speed, params.distance, rng)
    trouble = Trouble(params.noise / 100, params.blur, params.occlusion / 100, params.hidden)
    lens = Lens.of(params.fov, (params.size, params.size))
    return MadeSequence(model, lens, views, trouble, ctx.seed % _SEEDS)


def _believed(expected: Array, view: Array, covered: float) -> Array:
    """Between the expected view and the corrected one: the more is covered, the less the correction is believed.

    It is less certain, and a pose gains by moving parts that do not fit behind what covers it.
    """
    share = max(0.0, 1.0 - covered / _MOSTLY_COVERED) ** 2
    return np.asarray(se3.exp(share * se3.log(view @ se3.inverse(expected))) @ expected)


def _shift(by: Array) -> Array:
    """What is added to a view to shift it by (3,)."""
    out = np.zeros((4, 4))
    out[:3, 3] = by
    return out


def _worth(found: Followed) -> float:
    """How well a pose explains its picture: the overlap, less what the colours are off."""
    return found.iou - 2.0 * (found.color or 0.0)
