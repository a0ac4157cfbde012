"""The experiment "Body in a film": a picture a step, each from the one before, and at the end all of them together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.record import BodyPose
from lab.body.smplify.errors import error
from lab.body.smplify.fit import Body, load_prior
from lab.body.smplify.footage_given import Given, Picture, make_given
from lab.body.smplify.objective import COLLISION, DATA, LIMITS, POSE, SHAPE, TERMS, Look, Objective
from lab.body.smplify.quadratic import Quadratic
from lab.body.smplify.search import search
from lab.body.smplify.smoothing import OWN, Film, Smoother, acceleration_weight, accelerations
from lab.body.smplify.solver import descend
from lab.body.smplify.stages import STAGES
from lab.body.smplify.views import Cutout, Views, camera_lines
from lab.chapters.body.footage import FootageParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.scene import Array, Entity, Snapshot

RESULT = "body"
_STEPS, _LAST = 12, 15
"""Steps for a picture, and for all of them together."""
_TRUST = 0.1
"""Of the smoothness' weight, that of the place to which the motion so far leads: what is known of the motion is noisy,
and errors that are handed on from picture to picture would grow."""


class BodyFootage:
    """Fit a body to each picture of a film. Step k has the body of picture k.

    The checkpoint holds the bodies so far; the pictures are read, or made, again.
    """

    def run(self, params: FootageParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        yield from _Run(params, ctx).steps()


def warm_up() -> None:
    """Compile what skins a body, or load it from the cache."""
    data = load_body("neutral")
    poser = Poser(data)
    poser.pose(poser.shape(()), np.full((24, 3), 0.1))


@dataclass(frozen=True, eq=False)
class _Fitted:
    """One picture's objective and body."""

    objective: Objective
    look: Look
    truth: Array | None


class _Run:
    """One run."""

    def __init__(self, params: FootageParams, ctx: RunContext) -> None:
        self._params, self._ctx = params, ctx
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "xs", "betas"}:
            raise ExperimentError("The checkpoint is not one of a body in a film, so the run cannot go on from it.")
        self._given: Given = make_given(params, ctx.seed, ctx.report)
        self._body, self._prior = Body.of(load_body(params.model)), load_prior("")
        self._poser = Poser(self._body.data)
        self._xs: list[Array] = []
        self._betas, self._scale_px, self._lift = np.zeros(self._body.model.betas), 0.0, 0.0
        self._fitted: list[_Fitted] = []
        self._seconds: list[float] = []
        self._known: Array = np.zeros((0, OWN))
        if state is not None:
            self._known, self._betas = np.array(state["xs"]).reshape(-1, OWN), np.array(state["betas"])
        self._views: Views | None = None
        self._unseen = 0

    # --- the steps ------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """The steps; then all pictures are fitted together and the outcome is handed over."""
        first = max(len(self._known) - 1, 0)
        for index, picture in enumerate(self._given.pictures):
            began = time.perf_counter()
            self._add(index, picture)
            self._seconds.append(time.perf_counter() - began)
            if index < first:
                continue
            yield Step(index, self._metrics(), self._shown(picture, index), self._state(index))
            self._ctx.checkpoint()
            if self._ctx.stop_requested or index >= self._params.frames:
                break
        if not self._fitted:
            raise ExperimentError(f"{self._given.name} holds no pictures. Choose another file.")
        self._finish(picture)

    def _add(self, index: int, picture: Picture) -> None:
        """The body of the next picture."""
        sure = picture.confidence
        if index == 0 or bool(np.any(sure > 0.0)):
            objective = self._objective(picture, index)
        else:
            self._unseen += 1
            before = self._fitted[-1].objective
            nothing = replace(before.observed, weight=np.zeros_like(before.observed.weight))
            objective = Objective(self._body.model, self._prior, self._body.spheres, nothing, self._given.lens)
        if index < len(self._known):
            x = self._known[index]
        elif index == 0:
            x = self._begin(objective)
        else:
            x = self._follow(objective)
        if index == 0:
            verts = self._verts(x)
            self._lift = -float(verts[:, 1].min())
        self._xs.append(x)
        look = objective.evaluate(np.concatenate([x, self._betas]), self._weights())
        self._fitted.append(_Fitted(objective, look, picture.truth))

    def _objective(self, picture: Picture, index: int) -> Objective:
        """Too few joints are no reason to stop, but at the first picture."""
        try:
            objective = self._body.objective(
                self._prior, picture.names, picture.xy, picture.confidence, self._given.lens, scale=self._scale_px
            )
        except ExperimentError:
            if index == 0:
                raise
            return self._fitted[-1].objective
        self._scale_px = objective.observed.scale
        return objective

    def _begin(self, objective: Objective) -> Array:
        """The first picture's, searched; its shape is that of all until the end."""

        def tell(share: float) -> None:
            self._ctx.report(share, "Trying poses and both facings in the first picture")

        found = search(objective, self._scale(), tell=tell)
        if not found.answers:
            raise ExperimentError("No body fits the joints of the first picture. Choose a film that begins clearer.")
        self._betas = found.best.x[OWN:].copy()
        return found.best.x[:OWN].copy()

    def _follow(self, objective: Objective) -> Array:
        """From where the body was, drawn to where its motion leads."""
        x = np.concatenate([self._xs[-1], self._betas])
        weights, free = self._weights(), np.arange(OWN)
        last = [fitted.look.places.points[:24] for fitted in self._fitted[-2:]]
        expected = 2.0 * last[-1] - last[0] if len(last) == 2 else last[-1]
        jerk = _TRUST * self._jerk()
        return descend(x, lambda at: _drawn(objective.evaluate(at, weights), objective, expected, jerk), _STEPS,
                       free=free).x[:OWN]  # fmt: skip

    def _jerk(self) -> float:
        return float(np.sqrt(self._ctx.params.smooth_weight)) * acceleration_weight(self._given.fps)

    def _scale(self) -> dict[str, float]:
        params: FootageParams = self._ctx.params
        return {
            DATA: params.data_weight,
            POSE: params.pose_weight,
            LIMITS: params.limits_weight,
            COLLISION: params.collision_weight,
            SHAPE: params.shape_weight,
        }

    def _weights(self) -> dict[str, float]:
        return STAGES[-1].weights(self._scale())

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _metrics(self) -> dict[str, float]:
        fitted, weights = self._fitted[-1], self._weights()
        metrics = {}
        for name in TERMS:
            metrics[name] = fitted.look.terms[name]
            metrics[f"{name} (weighted)"] = weights[name] * fitted.look.terms[name]
        smooth = accelerations([one.look.places for one in self._fitted[-3:]])
        metrics["smooth"] = float(np.square(acceleration_weight(self._given.fps) * smooth).sum())
        metrics["smooth (weighted)"] = self._ctx.params.smooth_weight * metrics["smooth"]
        metrics["loss"] = fitted.look.value + metrics["smooth (weighted)"]
        metrics["mean residual (px)"] = float(fitted.look.apart.mean())
        if fitted.truth is not None:
            metrics["error (mm)"] = error(fitted.look.places.points[:24], fitted.truth)
        return metrics

    def _verts(self, x: Array) -> Array:
        return self._poser.pose(self._poser.shape(self._betas), x[:72].reshape(24, 3), x[72:]).verts

    def _shown(self, picture: Picture, index: int) -> Callable[[], Snapshot]:
        return lambda: self._snapshot(picture, index)

    def _snapshot(self, picture: Picture, index: int) -> dict[str, Entity]:
        fitted, verts = self._fitted[index], self._verts(self._xs[index])
        observed = fitted.objective.observed
        views = Views(self._body.data, Cutout.of(picture.photo, observed, self._given.lens), observed, self._views)
        self._views = views
        return {
            RESULT: views.mesh(verts, self._lift),
            "camera": camera_lines(self._given.lens, self._lift),
            "overlay": views.overlay(verts),
            "joints": views.joints(self._given.lens.project(observed.matrix @ fitted.look.places.points)),
        }

    def _state(self, index: int) -> Callable[[], dict[str, Any]]:
        xs, betas = list(self._xs), self._betas
        return lambda: {"step": index, "xs": np.stack(xs), "betas": betas.copy()}

    def _finish(self, picture: Picture) -> None:
        """All pictures together; the motion in AMASS's names."""
        before = self._told()
        film = self._together()
        self._xs, self._betas = list(film.xs), film.betas
        self._fitted = [replace(one, look=look) for one, look in zip(self._fitted, film.looks, strict=True)]
        after = self._told()
        figures: dict[str, float | str | bool] = {"Pictures": float(len(self._xs))}
        for name, value in after.items():
            figures[name] = value
            figures[f"{name}, before"] = before[name]
        figures["Milliseconds"] = 1000.0 * float(np.median(self._seconds))
        if self._unseen:
            text = f"In {self._unseen} pictures nobody was found; there the body goes on as it moved."
            self._ctx.notice(Notice(len(self._xs) - 1, "warning", text, "Give joints of your own for them.", DATA))
        lift = np.array([0.0, self._lift, 0.0])
        last = BodyPose(self._params.model, self._betas, film.xs[-1][:72].reshape(24, 3), film.xs[-1][72:] + lift)
        arrays = dict(last.to_data().values) | {
            "poses": film.xs[:, :72].copy(),
            "trans": film.xs[:, 72:] + lift,
            "mocap_framerate": self._given.fps,
        }
        entities = self._snapshot(picture, len(self._xs) - 1)
        self._ctx.outcome(Outcome(entities, figures, document={"figures": dict(figures)}, arrays=arrays))

    def _together(self) -> Film:
        smoother = Smoother([one.objective for one in self._fitted], self._weights(), self._jerk())
        film = smoother.look(np.stack(self._xs), self._betas)
        for number in range(_LAST):
            self._ctx.report(number / _LAST, "Fitting all pictures together")
            film = smoother.step(film)
            if film.done:
                break
        return film

    def _told(self) -> Mapping[str, float]:
        """Figures of the bodies as they are."""
        places = [one.look.places for one in self._fitted]
        told = {"Mean residual (px)": float(np.mean([one.look.apart.mean() for one in self._fitted]))}
        if len(places) > 2:
            speed = np.linalg.norm(accelerations(places), axis=-1).mean() * self._given.fps**2
            told["Acceleration (m/s²)"] = float(speed)
        errors = [error(one.look.places.points[:24], one.truth) for one in self._fitted if one.truth is not None]
        if errors:
            told["Error (mm)"] = float(np.mean(errors))
        return told


def _drawn(look: Look, objective: Objective, expected: Array, jerk: float) -> Look:
    """The objective, and jerk² times the squared distances of the joints from where their motion leads."""
    if not np.isfinite(look.value) or jerk <= 0.0:
        return look
    residuals = jerk * (look.places.points[:24] - expected).ravel()
    unknowns = objective.model.unknowns
    jacobian = jerk * objective.model.jacobian(look.places)[:24].reshape(72, -1)
    term = Quadratic.of(residuals, jacobian, slice(None), unknowns)
    return replace(
        look,
        value=look.value + term.value,
        gradient=look.gradient + term.gradient,
        hessian=look.hessian + term.hessian,
    )
