"""The basin map as an experiment: a step is a start that has come to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from lab.chapters.pose.basins import BasinParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.kernels.crew import Crew
from lab.pose import paths
from lab.pose.basin_views import BasinViews
from lab.pose.camera_view import NEAR, Lens, view_of
from lab.pose.document import camera_document
from lab.pose.model import Model
from lab.pose.sequences import seen_through
from lab.pose.single_start import Ending, SingleStart
from lab.pose.target import Target
from lab.scene import Array, Mesh

_A_THREAD = 4
"""Starts that each thread makes before the steps are handed out."""
_SAME_OUTLINE = 0.9
_MANY = 0.1
NUMBERS = ("error", "distance", "loss", "overlap", "angle")


class Basins:
    """One run of the optimiser from each of ``params.starts`` cameras on a sphere about ``inputs["mesh"]``.

    The starts come in an order that the seed decides, so that the whole sphere fills at once. Step k has the endings of
    the first k of them; the checkpoint holds these.
    """

    def run(self, params: BasinParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    verts = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
    model = Model.of(Mesh(verts, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)))
    lens = Lens.of(50.0, (32, 32))
    pose = lens.pose(paths.view_from(3.0, 20.0, 30.0), model)
    target = Target(seen_through(lens, model.shape, pose, NEAR)[1])
    SingleStart(model, model.shape, lens, target, BasinParams(iterations=5)).run(pose)


class _Run:
    """One run."""

    def __init__(self, params: BasinParams, ctx: RunContext, crew: Crew) -> None:
        self._params, self._ctx, self._crew = params, ctx, crew
        if ctx.resume is not None and not ctx.resume.keys() >= {"order", "numbers", "trails"}:
            raise ExperimentError("The checkpoint is not one of a basin map, so the run cannot go on from it.")
        ctx.report(None, "Preparing the object")
        self._model = model = Model.of(ctx.inputs["mesh"])
        shape = model.shape.coarser(params.faces)
        self._lens = Lens.of(params.fov, (params.size, params.size))
        self._truth = paths.view_from(params.distance, params.elevation, params.azimuth)
        self._true_pose = self._lens.pose(self._truth, model)
        _, seen = seen_through(self._lens, shape, self._true_pose, NEAR * model.radius)
        target = Target(seen)
        if not seen.any() or seen.all():
            raise ExperimentError(
                "The object does not show an outline in the target. Change distance or field of view."
            )
        self._optimiser = SingleStart(model, shape, self._lens, target, params)
        self._directions = paths.fibonacci(params.starts)
        self._order = np.random.default_rng(ctx.seed % 2**63).permutation(params.starts)
        self._numbers = np.full((params.starts, len(NUMBERS)), np.nan)
        self._trails: dict[int, Array] = {}
        self._done = 0
        if ctx.resume is not None:
            self._restore(ctx.resume)
        distance = params.distance * params.start_distance
        self._views = BasinViews(
            ctx.inputs["mesh"], model, self._true_camera(), target, self._directions, distance
        )  # fmt: skip

    def _true_camera(self) -> Any:
        return self._model.to_world(self._true_pose.camera(self._lens.size))

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        yield self._step(self._done)
        while self._done < self._params.starts and not self._ctx.stop_requested:
            batch = self._order[self._done : self._done + _A_THREAD * self._crew.threads]
            for start, ending in zip(batch, self._endings(batch), strict=True):
                self._take(int(start), ending)
                self._done += 1
                yield self._step(self._done)
                if self._ctx.stop_requested:
                    break
            self._ctx.checkpoint()
        self._finish()

    def _endings(self, batch: Array) -> list[Ending]:
        """Where these starts end, worked out side by side."""
        found: dict[int, Ending] = {}
        distance = self._params.distance * self._params.start_distance

        def task(start: int) -> Callable[[], None]:
            view = paths.view_along(self._directions[start], distance)

            def make() -> None:
                found[start] = self._optimiser.run(self._lens.pose(view, self._model))

            return make

        self._crew.share([task(int(start)) for start in batch])
        return [found[int(start)] for start in batch]

    def _take(self, start: int, ending: Ending) -> None:
        turn, apart = paths.errors(view_of(ending.pose, self._model), self._truth)
        towards = self._truth[:3, :3].T @ -self._truth[:3, 3]
        cosine = self._directions[start] @ towards / np.linalg.norm(towards)
        angle = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
        self._numbers[start] = turn, apart, ending.loss, ending.overlap, angle
        self._trails[start] = self._model.points_to_world(ending.trail)

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _step(self, index: int) -> Step:
        numbers, trails = self._numbers.copy(), dict(self._trails)
        good = self._ctx.params.good_angle
        metrics: dict[str, float] = {}
        if index:
            last = dict(zip(NUMBERS, numbers[self._order[index - 1]].tolist(), strict=True))
            share = float((numbers[self._order[:index], 0] <= good).mean())
            metrics = {"loss": last["loss"], "error": last["error"], "converged": 100 * share}
        return Step(
            index,
            metrics,
            lambda: self._views.snapshot(numbers[:, 0], trails, good),
            self._state(index, numbers, trails),
        )

    def _state(self, index: int, numbers: Array, trails: Mapping[int, Array]) -> Callable[[], dict[str, Any]]:
        return lambda: {
            "order": self._order[:index].copy(),
            "numbers": numbers,
            "trails": {str(start): trail for start, trail in trails.items()},
        }

    def _restore(self, state: Mapping[str, Any]) -> None:
        self._done = len(state["order"])
        if state["numbers"].shape != self._numbers.shape or self._done > self._params.starts:
            raise ExperimentError("The checkpoint has another number of starts. Set 'Starts' as it was.")
        self._order[: self._done] = state["order"]
        self._numbers[:] = state["numbers"]
        self._trails = {int(start): trail for start, trail in state["trails"].items()}

    def _finish(self) -> None:
        done = self._order[: self._done]
        if not len(done):
            return
        good = self._ctx.params.good_angle
        error, _, _, overlap, angle = self._numbers[done].T
        found, alike = error <= good, (error > good) & (overlap >= _SAME_OUTLINE)
        figures: dict[str, float | str | bool] = {
            "Starts": float(len(done)),
            "Converged (%)": 100 * float(found.mean()),
            "Worst rotation error (°)": float(error.max()),
            "Median rotation error (°)": float(np.median(error)),
            "Look-alike (%)": 100 * float(alike.mean()),
        }
        if found.any():
            figures["Farthest start that converged (°)"] = float(angle[found].max())
        if not found.all():
            figures["Nearest failure (°)"] = float(angle[~found].min())
        self._tell(float(found.mean()), float(alike.mean()))
        scene = self._views.snapshot(self._numbers[:, 0].copy(), dict(self._trails), good)
        self._ctx.outcome(Outcome(scene, figures, document=self._document(done)))

    def _tell(self, found: float, alike: float) -> None:
        if found == 0.0:
            advice = "Widen the first sigma, make more iterations, or start nearer."
            self._ctx.notice(Notice(self._done, "warning", "No start reached the true camera.", advice))
        elif alike >= _MANY:
            text = f"{alike:.0%} of the starts cover the silhouette from another side: the outline looks alike."
            self._ctx.notice(Notice(self._done, "info", text, "Only colours could tell these views apart."))

    def _document(self, done: Array) -> dict[str, Any]:
        rows = [
            {"direction": self._directions[start].tolist()}
            | dict(zip(NUMBERS, self._numbers[start].tolist(), strict=True))
            for start in sorted(int(start) for start in done)
        ]
        return {"true camera": camera_document(self._true_camera()), "starts": rows}
