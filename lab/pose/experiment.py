"""The experiment "Find the camera": the search from anywhere, or Adam from one start, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from lab.chapters.pose.estimate import BACKGROUNDS, ONE_START, PoseParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.kernels.crew import Crew
from lab.motions import so3
from lab.pose.descent import pose_of, state_of
from lab.pose.doctor import Doctor
from lab.pose.document import camera_document
from lab.pose.engines import Anywhere, Engine, OneStart
from lab.pose.estimate_views import (
    MOVING,
    TRUE,
    camera_lines,
    difference,
    overlay,
    picture,
    start_points,
    trail_lines,
)
from lab.pose.given import Given, make_given
from lab.pose.model import COURSE, STUDIO, Model
from lab.pose.objective import Evaluation, Look, Objective, Reduction
from lab.pose.scenes import see
from lab.pose.search import find_pose
from lab.pose.target import Target
from lab.pose.variables import Pose, pose_errors
from lab.scene import Image, Mesh, Snapshot

RESULT = "object"
TERMS = ("silhouette", "rgb", "distance")
_SEEDS = 2**63
_WHOLE = 160
"""Pixels of a side up to which the search's losses are shown at full resolution."""


class EstimatePose:
    """Find the camera of ``inputs["mesh"]`` in a picture.

    Step k is the pose after k steps of the search or of Adam. The checkpoint holds the engine's own state, the trail
    and the best pose; the picture is made again, or read again, from the same parameters and seed.
    """

    def run(self, params: PoseParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    verts = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    model = Model.of(Mesh(verts, faces))
    start = Pose.looking_at([1.5, 2.0, 2.5], model.center, 1.7)
    target = see(model, start, (32, 32), (1.0, 1.0, 1.0))
    objective = Objective(model.shape.verts, model.shape.faces, target, corner_colors=model.shape.colors)
    objective.evaluate(start, {"silhouette": 1.0, "rgb": 1.0})
    find_pose(model, target, start)


class _Run:
    """One run."""

    def __init__(self, params: PoseParams, ctx: RunContext, crew: Crew) -> None:
        self._params, self._ctx = params, ctx
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "engine", "trail", "best", "doctor"}:
            raise ExperimentError("The checkpoint is not one of a pose estimate, so the run cannot go on from it.")
        ctx.report(None, "Preparing the object and the picture")
        self._mesh = ctx.inputs["mesh"]
        self._model = Model.of(self._mesh, COURSE if params.light == "course" else STUDIO)
        self._given: Given = make_given(params, self._model, ctx.seed % _SEEDS)
        self._single = params.method == ONE_START
        self._objective = _objective(params, self._model, self._given, crew)
        self._engine: Engine = (
            OneStart(params, self._model, self._given, self._objective)
            if self._single
            else Anywhere(params, self._model, self._given, crew)
        )
        self._doctor = Doctor()
        self._first, self._trail = 0, np.zeros((0, 3))
        self._best, self._best_loss = self._engine.pose, np.inf
        self._target_image = picture(self._given.target)
        true = self._given.true
        self._true_lines = None if true is None else camera_lines(self._model, true, self._given.target.size, TRUE)
        self._skipped = 0
        if state is not None:
            self._restore(state)
        else:
            self._tell_of_input()

    def _tell_of_input(self) -> None:
        if self._model.flipped:
            text = "The faces of the mesh are wound inwards. Its light is computed as if they were turned."
            self._ctx.notice(Notice(0, "info", text, "Flip the faces in the inspector of chapter 1."))
        if self._given.target.cut:
            text = "The object reaches the border of the picture, so that some of its outline is not to be seen."
            self._ctx.notice(Notice(0, "info", text, "The rest may do; a picture with all of it is better."))

    # --- the steps ------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index, began = self._first, time.monotonic()
        while True:
            evaluation, drawn = self._look()
            metrics = self._examine(index, evaluation, drawn)
            done = self._engine.done
            yield Step(index, metrics, self._shown(drawn), self._state(index), last=done)
            if done or index >= self._params.steps or self._ctx.stop_requested:
                break
            self._engine.advance(self._ctx.params, evaluation)
            self._ctx.checkpoint()
            index += 1
        self._finish(index, time.monotonic() - began)

    def _weights(self) -> dict[str, float]:
        params: PoseParams = self._ctx.params
        return {
            "silhouette": params.silhouette_weight,
            "rgb": params.rgb_weight if self._given.colored else 0.0,
            "distance": params.distance_weight if self._single else 0.0,
        }

    def _look(self) -> tuple[Evaluation, Target]:
        """The losses and their gradient where the engine stands, and the hard picture from there."""
        coarser = not self._single and min(self._given.target.size) > _WHOLE and self._objective.levels > 1
        level = 1 if coarser else self._engine.level
        evaluation = self._objective.evaluate(self._engine.pose, self._weights(), level)
        return evaluation, self._draw(self._engine.pose)

    def _draw(self, pose: Pose) -> Target:
        return see(self._model, pose, self._given.target.size, BACKGROUNDS[self._params.background])

    def _examine(self, index: int, evaluation: Evaluation, drawn: Target) -> dict[str, float]:
        """The metrics of a step; the best pose is kept, and what the doctor finds is told."""
        pose, weights = self._engine.pose, self._weights()
        self._trail = np.concatenate([self._trail, pose.center[None]])
        shared, mine = overlap(drawn, self._given.target)
        metrics = {"loss": evaluation.value}
        for name in TERMS:
            if name in evaluation.terms and (weights[name] > 0.0 or name == "silhouette"):
                metrics[name] = evaluation.terms[name]
                metrics[f"{name} (weighted)"] = weights[name] * evaluation.terms[name]
        metrics["IoU"] = shared
        if self._given.true is not None:
            turn, distance = pose_errors(pose, self._given.true, self._model.center)
            metrics |= {"rotation error (°)": turn, "distance error (%)": distance}
        if not self._single or (self._engine.level == 0 and evaluation.value < self._best_loss):
            self._best, self._best_loss = pose, evaluation.value
        skipped = self._engine.skipped if isinstance(self._engine, OneStart) else 0
        for notice in self._doctor.look(
            index, evaluation.value, shared, mine, weights["rgb"] > 0.0, skipped - self._skipped, single=self._single
        ):
            self._ctx.notice(notice)
        self._skipped = skipped
        return metrics

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _shown(self, drawn: Target) -> Callable[[], Snapshot]:
        return lambda: self._snapshot(self._engine.pose, drawn)

    def _snapshot(self, pose: Pose, drawn: Target) -> Snapshot:
        size = self._given.target.size
        shown: dict[str, Any] = {RESULT: self._mesh, "camera": camera_lines(self._model, pose, size, MOVING)}
        if self._true_lines is not None:
            shown["true camera"] = self._true_lines
        if len(self._trail) > 1:
            shown["trail"] = trail_lines(self._model, self._trail)
        candidates = self._engine.candidates()
        if candidates:
            shown["starts"] = start_points(self._model, candidates)
        return shown | self._pictures(drawn)

    def _pictures(self, drawn: Target) -> dict[str, Image]:
        target = self._given.target
        return {
            "target": self._target_image,
            "render": picture(drawn),
            "difference": difference(drawn, target),
            "overlay": overlay(drawn, target),
        }

    def _state(self, index: int) -> Callable[[], dict[str, Any]]:
        return lambda: {
            "step": index,
            "engine": self._engine.state(),
            "trail": self._trail[:-1].copy(),
            "best": {"pose": state_of(self._best), "loss": float(self._best_loss)},
            "doctor": self._doctor.state(),
        }

    def _restore(self, state: Mapping[str, Any]) -> None:
        try:
            self._engine.restore(state["engine"])
        except KeyError:
            text = "The checkpoint is of the other method, so the run cannot go on from it. Set the method as it was."
            raise ExperimentError(text) from None
        self._first, self._trail = int(state["step"]), np.array(state["trail"]).reshape(-1, 3)
        self._best, self._best_loss = pose_of(state["best"]["pose"]), float(state["best"]["loss"])
        self._doctor.restore(state["doctor"])
        self._skipped = self._engine.skipped if isinstance(self._engine, OneStart) else 0

    def _finish(self, index: int, seconds: float) -> None:
        """The best pose, in figures and in every convention."""
        pose, model, given = self._best, self._model, self._given
        drawn = self._draw(pose)
        shared, _ = overlap(drawn, given.target)
        height, width = given.size
        camera = model.to_world(pose.camera(given.target.size)).resized(width, height)
        figures: dict[str, float | str | bool] = {"IoU": shared, "Loss": float(self._best_loss)}
        if given.true is not None:
            turn, distance = pose_errors(pose, given.true, model.center)
            figures |= {"Rotation error (°)": turn, "Distance error (%)": distance}
        figures["Camera"] = ", ".join(f"{value:.4f}" for value in camera.center)
        figures["Distance (m)"] = float(np.linalg.norm(pose.view(model.center))) / model.scale
        short = 1 if given.target.size[0] <= given.target.size[1] else 0
        figures["Field of view (°)"] = float(np.degrees(2 * np.arctan(1.0 / pose.focal[short])))
        figures["Steps"] = float(index)
        self._other_answers(index, shared, figures)
        document: dict[str, Any] = {"camera": camera_document(camera), "iou": shared, "seconds": seconds}
        if given.true is not None:
            document["true camera"] = camera_document(model.to_world(given.true.camera(given.target.size)))
        self._ctx.outcome(Outcome(self._snapshot(pose, drawn), figures, document=document))

    def _other_answers(self, index: int, shared: float, figures: dict[str, float | str | bool]) -> None:
        """What else a finished search has found."""
        if not isinstance(self._engine, Anywhere) or not self._engine.done:
            return
        search = self._engine.search
        best, rivals = search.best, search.rivals
        if best is None:
            return
        for notice in (self._doctor.compare(index, best, rivals), self._doctor.poor(index, shared)):
            if notice is not None:
                self._ctx.notice(notice)
        for rival in rivals:
            turn = float(np.degrees(so3.angle_between(best.pose.R, rival.pose.R)))
            if turn > 5.0:
                figures["Other answer"] = f"turned by {turn:.0f}°, IoU {rival.score:.3f}"
                return


def _objective(params: PoseParams, model: Model, given: Given, crew: Crew) -> Objective:
    reduction: Reduction = "mean" if params.reduction == "mean" else "sum"
    look = Look(params.sigma, params.gamma, BACKGROUNDS[params.background], reduction=reduction)
    shape = model.shape
    return Objective(shape.verts, shape.faces, given.target, corner_colors=shape.colors, look=look, crew=crew)


def overlap(drawn: Target, target: Target) -> tuple[float, float]:
    """(Intersection over union of two masks, area of the drawn one in areas of the target's)."""
    mine, theirs = drawn.mask > 0.5, target.mask > 0.5
    union = int((mine | theirs).sum())
    return float((mine & theirs).sum()) / max(union, 1), float(mine.sum()) / max(int(theirs.sum()), 1)
