"""The experiment "Body from a photo": the search first, then its best start again, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from lab.body.files.base import BodyFileError
from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.smplify.fit import Body, Descent, load_prior
from lab.body.smplify.given import Given, make_given
from lab.body.smplify.objective import COLLISION, DATA, LIMITS, POSE, SHAPE, TERMS, Look, Objective
from lab.body.smplify.report import SHOWN, arrays, describe, figures, others
from lab.body.smplify.search import Answer, Found, search, shown_start
from lab.body.smplify.stages import STAGES
from lab.body.smplify.views import Cutout, Views, camera_lines, camera_of, skeleton
from lab.chapters.body.smplify import SmplifyParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.formats.base import FormatError
from lab.palette import surface
from lab.pose.document import camera_document
from lab.scene import Array, Entity, Snapshot

RESULT = "body"
_UNSURE = 0.15
"""Of E_J: a facing that is not better by more than that is a guess."""
_POOR = 0.08
"""Of the person's height: where the joints are farther off on the mean, the body does not explain the photo."""


class Smplify:
    """Fit a body to the joints of a photo.

    Step k is the body after k steps of Levenberg and Marquardt's method. The checkpoint holds the unknowns, the damping
    and what the search found; the photo is read again.
    """

    def run(self, params: SmplifyParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        yield from _Run(params, ctx).steps()


def warm_up() -> None:
    """Compile what draws and skins, or load it from the cache."""
    data = load_body("neutral")
    poser = Poser(data)
    poser.pose(poser.shape(()), np.full((24, 3), 0.1))
    load_prior("")


class _Run:
    """One run."""

    def __init__(self, params: SmplifyParams, ctx: RunContext) -> None:
        self._params, self._ctx = params, ctx
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "descent", "answers"}:
            raise ExperimentError("The checkpoint is not one of a body from a photo, so the run cannot go on from it.")
        ctx.report(None, "Looking for the person" if not params.keypoints else "Reading the photo")
        self._given: Given = make_given(params)
        self._body, prior = _load(params)
        person = self._given.person
        self._objective: Objective = self._body.objective(
            prior, person.names, person.xy, person.confidence, self._given.lens, hips=params.hips_weight
        )
        self._poser = Poser(self._body.data)
        cutout = Cutout.of(self._given.photo, self._objective.observed, self._given.lens)
        self._views = Views(self._body.data, cutout, self._objective.observed)
        self._stages = STAGES if params.stages else STAGES[-1:]
        self._first = 0
        if state is None:
            self._found = self._search()
            self._tell()
        else:
            self._first, self._found = int(state["step"]), _restored(state["answers"])
        best = self._found.best
        better = best.x if params.many_starts else None
        start = shown_start(self._objective, best) if params.many_starts else best.start
        self._descent = Descent(self._objective, start, self._stages, better)
        if state is not None:
            self._descent.restore(state["descent"])
        self._lift = -float(self._verts(best.x)[:, 1].min())
        self._camera = camera_lines(self._given.lens, self._lift)

    def _search(self) -> Found:
        def tell(share: float) -> None:
            self._ctx.report(share, "Trying poses and both facings")

        return search(self._objective, self._scale(), self._stages, many=self._params.many_starts, tell=tell)

    def _tell(self) -> None:
        """What the search has to say of the photo."""
        found, notice = self._found, self._ctx.notice
        if not found.answers:
            raise ExperimentError("No body fits these joints. Look at them under 'Joints', and set wrong ones by hand.")
        if np.isfinite(found.margin) and found.margin < _UNSURE * found.best.data:
            text = f"The photo hardly says which way the person faces: {found.best.facing} is the better guess."
            notice(Notice(0, "warning", text, "Joints of face and feet would tell; set them under 'Joints'.", DATA))
        elif found.margin < 0.0:
            text = "The joints alone would rather face the other way; the pose prior decided."
            notice(Notice(0, "info", text, "Look at the body from the side.", DATA))
        seen = self._objective.observed
        missing = [name for name, sure in zip(seen.names, seen.weight, strict=True) if sure < 0.05 and _limb(name)]
        if missing:
            named = ", ".join(describe(name).lower() for name in missing[:4])
            text = f"Not to be seen: {named}. There the pose is that of the prior."
            notice(Notice(0, "info", text, "Set joints that you can see under 'Joints'.", POSE))

    # --- the steps ------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index, began = self._first, time.monotonic()
        stage = -1
        while True:
            look = self._descent.look(self._scale())
            if not np.isfinite(look.value):
                raise ExperimentError("The body has left the picture. Raise the weights of the priors.")
            if self._descent.number != stage:
                stage = self._descent.number
                text = f"Stage {stage + 1} of {len(self._stages)}: {self._descent.stage.title}."
                self._ctx.notice(Notice(index, "info", text))
            done = self._descent.done
            state = self._descent.state()
            yield Step(index, self._metrics(look), self._shown(look, state["x"]), self._state(index, state), last=done)
            if done or index >= self._params.steps or self._ctx.stop_requested:
                break
            self._descent.advance(self._scale(), self._ctx.params.stride)
            self._ctx.checkpoint()
            index += 1
        self._finish(index, look, time.monotonic() - began)

    def _scale(self) -> dict[str, float]:
        params: SmplifyParams = self._ctx.params
        return {
            DATA: params.data_weight,
            POSE: params.pose_weight,
            LIMITS: params.limits_weight,
            COLLISION: params.collision_weight,
            SHAPE: params.shape_weight,
        }

    def _metrics(self, look: Look) -> dict[str, float]:
        weights = self._descent.stage.weights(self._scale())
        metrics = {"loss": look.value}
        for name in TERMS:
            metrics[name] = look.terms[name]
            metrics[f"{name} (weighted)"] = weights[name] * look.terms[name]
        metrics["mean residual (px)"] = self._mean_residual(look)
        metrics["stage"] = float(self._descent.number + 1)
        return metrics

    def _mean_residual(self, look: Look) -> float:
        weight = self._objective.observed.weight
        return float((weight @ look.apart) / weight.sum())

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _verts(self, x: Array) -> Array:
        pose, transl, betas = self._objective.split(x)
        return self._poser.pose(self._poser.shape(betas), pose, transl).verts

    def _shown(self, look: Look, x: Array) -> Callable[[], Snapshot]:
        return lambda: self._snapshot(look, x)

    def _snapshot(self, look: Look, x: Array) -> dict[str, Entity]:
        verts = self._verts(x)
        seen = self._objective.observed.matrix @ look.places.points
        return {
            RESULT: self._views.mesh(verts, self._lift),
            "camera": self._camera,
            "overlay": self._views.overlay(verts),
            "joints": self._views.joints(self._given.lens.project(seen)),
        }

    def _state(self, index: int, descent: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
        return lambda: {"step": index, "descent": dict(descent), "answers": _kept(self._found)}

    def _finish(self, index: int, look: Look, seconds: float) -> None:
        """The body, what is known of it, and what is not."""
        x = self._descent.x
        pose, transl, betas = self._objective.split(x)
        record = arrays(self._params.model, pose, transl, betas, self._given.lens, self._lift)
        found = figures(self._body.data, self._objective, look, self._found, betas)
        found["Mean residual (px)"] = self._mean_residual(look)
        found["Focal length"] = f"{self._given.lens.focal:.0f} px, {self._given.focal_from}"
        found["Steps"] = float(index)
        if self._mean_residual(look) * self._objective.observed.scale > _POOR * 500.0:
            text = "The joints of the body are far from those of the photo."
            advice = "Look at the joints in the picture; a wrong one can be moved by hand."
            self._ctx.notice(Notice(index, "warning", text, advice, DATA))
        document = {
            "body": record.to_document(),
            "camera": camera_document(camera_of(self._given.lens, self._lift)),
            "residuals (px)": dict(zip(self._objective.observed.names, map(float, look.apart), strict=True)),
            "other answers": [
                {"E": answer.energy, "E_J": answer.data, "facing": answer.facing} for answer in self._found.answers[1:]
            ],
            "seconds": seconds,
        }
        entities = self._snapshot(look, x) | self._others(look)
        self._ctx.outcome(Outcome(entities, found, document=document, arrays=record.to_data().values))

    def _others(self, look: Look) -> dict[str, Entity]:
        """What else explains the photo, as skeletons at the same place."""
        pelvis = look.places.points[0]
        return {
            f"other answer {number}": skeleton(
                answer.points + pelvis, self._body.model.parents, self._lift, surface(number)
            )
            for number, answer in enumerate(others(self._found)[:SHOWN], start=1)
        }


def _load(params: SmplifyParams) -> tuple[Body, Any]:
    try:
        return Body.of(load_body(params.model)), load_prior(params.prior)
    except (BodyFileError, FormatError) as error:
        raise ExperimentError(str(error)) from None


def _limb(name: str) -> bool:
    return name.split("_")[-1] in ("elbow", "wrist", "knee", "ankle", "shoulder")


def _kept(found: Found) -> dict[str, Any]:
    """What a checkpoint keeps of the search."""
    kept = {
        str(number): {
            "x": answer.x.copy(), "start": answer.start.copy(), "energy": answer.energy, "data": answer.data,
            "facing": answer.facing, "points": answer.points.copy(),
        }
        for number, answer in enumerate(found.answers)
    }  # fmt: skip
    return {"margin": float(found.margin), "count": len(kept), "each": kept}


def _restored(state: Mapping[str, Any]) -> Found:
    answers = []
    for number in range(int(state["count"])):
        kept = state["each"][str(number)]
        answers.append(
            Answer(
                np.array(kept["x"]),
                np.array(kept["start"]),
                float(kept["energy"]),
                float(kept["data"]),
                str(kept["facing"]),
                np.array(kept["points"]),
            )
        )
    return Found(tuple(answers), float(state["margin"]))
